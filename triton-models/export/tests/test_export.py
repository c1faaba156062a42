"""Whole exports of the tiny checkpoint through the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from diffusers.pipelines.wuerstchen import WuerstchenPrior
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import CLIPTextModel, CLIPTokenizerFast

from wurstwerk_export import cli, graphs, pbtxt

MODELS = {
    "text_encoder_prior", "text_encoder_decoder", "stage_c_base", "stage_c_interpolated", "stage_c_finetuned",
    "stage_b", "stage_a",
}  # fmt: skip
SIZES = ["--min-side", "128", "--max-side", "384", "--default-width", "256", "--default-height", "128"]


def export(checkpoint: Path, output: Path, *more: str, prior: list[str] | None = None) -> int:
    priors = prior or [str(checkpoint / "prior")]
    return cli.main(
        ["--prior", *priors, "--decoder", str(checkpoint / "decoder"), "--output", str(output), *SIZES, *more]
    )


def parameters(config: Path) -> dict[str, str]:
    entries = pbtxt.load(config.read_text())["parameters"]
    return {entry["key"][0]: entry["value"][0]["string_value"][0] for entry in entries}


def tensors(config: Path, kind: str) -> dict[str, tuple[str, list[int]]]:
    return {
        tensor["name"][0]: (tensor["data_type"][0].text, tensor["dims"])
        for tensor in pbtxt.load(config.read_text())[kind]
    }


@pytest.fixture(scope="module")
def exported(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("exported") / "repository"
    assert export(pristine, output, "--negative-prompt", 'base=low "quality"\nblurry') == 0
    return output


def test_a_repository_has_every_model_with_two_configs_and_one_tokenizer(exported: Path) -> None:
    files = {str(path.relative_to(exported)) for path in exported.rglob("*") if path.is_file()}
    each = ("config.pbtxt", "configs/gpu.pbtxt", "1/model.onnx", "gpu/model.onnx", "gpu/profiles.txt", "gpu/SHA256SUMS")
    assert files == {f"{m}/{f}" for m in MODELS for f in each} | {"text_encoder_prior/tokenizer.json"}


def test_graphs_for_tensorrt_can_be_left_out(pristine: Path, tmp_path: Path) -> None:
    assert export(pristine, tmp_path / "out", "--no-gpu-graphs") == 0
    assert not list((tmp_path / "out").glob("*/gpu"))
    assert tensors(tmp_path / "out/stage_b/configs/gpu.pbtxt", "input")["x"] == ("TYPE_FP16", [4, -1, -1])


def test_the_cpu_config_is_float32_and_the_gpu_config_half_but_for_r_and_effnet(exported: Path) -> None:
    cpu, gpu = exported / "stage_b/config.pbtxt", exported / "stage_b/configs/gpu.pbtxt"
    assert tensors(cpu, "input") == {
        "x": ("TYPE_FP32", [4, -1, -1]),
        "r": ("TYPE_FP32", [1]),
        "effnet": ("TYPE_FP32", [16, -1, -1]),
        "clip": ("TYPE_FP32", [77, 32]),
    }
    assert tensors(gpu, "input") == {
        "x": ("TYPE_FP16", [4, -1, -1]),
        "r": ("TYPE_FP32", [1]),
        "effnet": ("TYPE_FP32", [16, -1, -1]),
        "clip": ("TYPE_FP16", [77, 32]),
    }
    assert tensors(gpu, "output") == {"eps": ("TYPE_FP16", [4, -1, -1])}
    assert tensors(exported / "stage_a/configs/gpu.pbtxt", "output") == {"image": ("TYPE_UINT8", [-1, -1, 3])}
    written = pbtxt.load(gpu.read_text())
    assert written["platform"] == ["tensorrt_plan"]
    assert written["dynamic_batching"] == [{}]
    assert written["instance_group"][0]["kind"][0].text == "KIND_GPU"


def test_the_client_constants_are_those_of_the_pipelines_and_the_options(exported: Path) -> None:
    found = parameters(exported / "stage_c_base/config.pbtxt")
    assert len(found.pop("model_sha256")) == 64
    assert found == {
        "latent_mean": "42.0",
        "latent_std": "1.0",
        "resolution_multiple": "42.67",
        "default_guidance_scale": "8.0",
        "recommended_negative_prompt": 'low "quality"\nblurry',
        "min_side": "128",
        "max_side": "384",
        "side_multiple": "128",
        "default_width": "256",
        "default_height": "128",
    }
    other = parameters(exported / "stage_c_finetuned/configs/gpu.pbtxt")
    assert (other["default_guidance_scale"], other["recommended_negative_prompt"]) == ("4.0", "")
    assert parameters(exported / "stage_b/config.pbtxt")["latent_dim_scale"] == "10.67"


def test_the_graphs_name_their_dynamic_dimensions(exported: Path) -> None:
    graph = onnx.load(exported / "stage_a/1/model.onnx").graph
    dims = [d.dim_param or d.dim_value for d in graph.output[0].type.tensor_type.shape.dim]
    assert dims == ["batch", "image_height", "image_width", 3]


def test_the_written_tokenizer_pads_and_truncates_as_the_checkpoint_does(exported: Path, pristine: Path) -> None:
    written = Tokenizer.from_file(str(exported / "text_encoder_prior/tokenizer.json"))
    original = CLIPTokenizerFast.from_pretrained(pristine / "prior/tokenizer")
    for text in ("", "a red bicycle", "Zebra-42 on a wall, café ☕", "harbor " * 200):
        expected = original(text, padding="max_length", max_length=77, truncation=True)
        assert written.encode(text).ids == expected.input_ids
        assert written.encode(text).attention_mask == expected.attention_mask


def test_two_exports_give_the_same_bytes(exported: Path, pristine: Path, tmp_path: Path) -> None:
    assert export(pristine, tmp_path / "again", "--negative-prompt", 'base=low "quality"\nblurry') == 0
    for path in (p for p in exported.rglob("*") if p.is_file()):
        assert (tmp_path / "again" / path.relative_to(exported)).read_bytes() == path.read_bytes(), path


def test_three_priors_become_three_different_graphs(checkpoint: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(checkpoint / "prior", checkpoint / "base"))
    change_weights(base / "prior", WuerstchenPrior)
    priors = [str(checkpoint / "prior"), f"base={base}"]
    assert export(checkpoint, tmp_path / "out", prior=priors) == 0
    first, second, third = (
        (tmp_path / "out" / f"stage_c_{name}" / "1" / "model.onnx").read_bytes()
        for name in ("interpolated", "finetuned", "base")
    )
    assert first == second
    assert first != third
    session = onnxruntime.InferenceSession(third)
    inputs = graphs.stage_c(WuerstchenPrior.from_pretrained(base / "prior").eval())
    x, r, c = torch.randn(2, 16, 3, 3), torch.tensor([1.0, 0.3]), torch.randn(2, 77, 32)
    with torch.no_grad():
        expected = inputs.module(x, r, c).numpy()
    (found,) = session.run(None, {"x": x.numpy(), "r": r.numpy(), "c": c.numpy()})
    np.testing.assert_allclose(found, expected, atol=5e-6 * np.abs(expected).max())


def change_weights(folder: Path, model_class: type) -> None:
    model = model_class.from_pretrained(folder)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.01
    model.save_pretrained(folder)


def refused(capsys: pytest.CaptureFixture[str], checkpoint: Path, output: Path, *more: str, **kwargs) -> str:
    """Exports, expects a refusal that leaves nothing behind, and returns its message."""
    before = set(output.parent.iterdir())
    assert export(checkpoint, output, *more, **kwargs) == 1
    assert set(output.parent.iterdir()) == before
    return capsys.readouterr().err


def edit_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_different_tokenizers_are_refused(checkpoint: Path, tmp_path: Path, capsys) -> None:
    path = checkpoint / "decoder/tokenizer/tokenizer.json"
    tokenizer = json.loads(path.read_text())
    merges = tokenizer["model"]["merges"]
    merges[0], merges[1] = merges[1], merges[0]
    path.write_text(json.dumps(tokenizer))
    assert "tokenizers of prior and decoder differ" in refused(capsys, checkpoint, tmp_path / "out")


def test_another_pad_token_is_a_different_tokenizer(checkpoint: Path, tmp_path: Path, capsys) -> None:
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        edit_json(checkpoint / "decoder/tokenizer" / name, pad_token="!")
    assert "tokenizers of prior and decoder differ" in refused(capsys, checkpoint, tmp_path / "out")


def test_priors_with_different_text_encoders_are_refused(checkpoint: Path, tmp_path: Path, capsys) -> None:
    base = Path(shutil.copytree(checkpoint / "prior", checkpoint / "base"))
    change_weights(base / "text_encoder", CLIPTextModel)
    message = refused(capsys, checkpoint, tmp_path / "out", prior=[str(checkpoint / "prior"), f"base={base}"])
    assert "text encoder of the base prior" in message


@pytest.mark.parametrize(
    "missing",
    [
        "prior/model_index.json",
        "prior/scheduler/scheduler_config.json",
        "prior/prior/config.json",
        "prior/prior/diffusion_pytorch_model.safetensors",
        "prior/text_encoder/model.safetensors",
        "decoder/tokenizer/tokenizer_config.json",
        "decoder/vqgan/config.json",
        "decoder/decoder/diffusion_pytorch_model.safetensors",
    ],
)
def test_a_missing_file_is_named(checkpoint: Path, tmp_path: Path, capsys, missing: str) -> None:
    (checkpoint / missing).unlink()
    message = refused(capsys, checkpoint, tmp_path / "out")
    # For weights, the library's own message names the file; ours names the folder.
    assert str(checkpoint / missing) in message or (
        str((checkpoint / missing).parent) in message and Path(missing).name in message
    )


WEIGHTS = [
    "prior/prior/diffusion_pytorch_model.safetensors",
    "decoder/vqgan/diffusion_pytorch_model.safetensors",
    "decoder/text_encoder/model.safetensors",
]


@pytest.mark.parametrize("weights", WEIGHTS)
def test_truncated_weights_are_refused(checkpoint: Path, tmp_path: Path, capsys, weights: str) -> None:
    path = checkpoint / weights
    path.write_bytes(path.read_bytes()[:-100])
    assert str(path.parent) in refused(capsys, checkpoint, tmp_path / "out")


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_missing_weight_is_refused_and_not_left_random(
    checkpoint: Path, tmp_path: Path, capsys, weights: str
) -> None:
    path = checkpoint / weights
    tensors = load_file(path)
    gone = sorted(tensors)[-1]
    del tensors[gone]
    save_file(tensors, path, metadata={"format": "pt"})
    assert gone in refused(capsys, checkpoint, tmp_path / "out")


def test_swapped_folders_are_recognised(checkpoint: Path, tmp_path: Path, capsys) -> None:
    message = refused(capsys, checkpoint, tmp_path / "out", prior=[str(checkpoint / "decoder")])
    assert "prior and decoder swapped" in message


def test_another_schedule_is_refused(checkpoint: Path, tmp_path: Path, capsys) -> None:
    edit_json(checkpoint / "prior/scheduler/scheduler_config.json", s=0.01)
    assert "scheduler has s 0.01" in refused(capsys, checkpoint, tmp_path / "out")


def test_scales_that_do_not_fit_the_sides_are_refused(checkpoint: Path, tmp_path: Path, capsys) -> None:
    edit_json(checkpoint / "decoder/model_index.json", latent_dim_scale=8.0)
    assert "a side of 128 pixels would come out as 96" in refused(capsys, checkpoint, tmp_path / "out")


def test_sides_off_the_grid_are_refused(checkpoint: Path, tmp_path: Path, capsys) -> None:
    message = refused(capsys, checkpoint, tmp_path / "out", "--max-side", "500")
    assert "max_side is 500" in message


def test_guidance_that_no_request_may_have_is_refused(checkpoint: Path, tmp_path: Path, capsys) -> None:
    assert "outside 0..30" in refused(capsys, checkpoint, tmp_path / "out", "--guidance-scale", "31")


def test_an_existing_destination_is_left_alone(checkpoint: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("keep")
    assert "exists already" in refused(capsys, checkpoint, tmp_path / "out")
    assert (tmp_path / "out" / "mine").read_text() == "keep"
