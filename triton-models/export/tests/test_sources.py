"""Where priors come from: folders, the hub, bare networks, LoRA weights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from diffusers import WuerstchenPriorPipeline
from safetensors.torch import load_file, save_file
from test_export import change_weights, export, refused

from wurstwerk_export import cli, lora, source
from wurstwerk_export.checkpoint import read_prior
from wurstwerk_export.errors import ExportError
from wurstwerk_export.lora import Lora

RANK = 4
LAYERS = ("to_q", "to_k", "to_v", "to_out.0")


def attentions(prior: torch.nn.Module) -> list[str]:
    return [name for name, module in prior.named_modules() if name.endswith(".attention")]


def lora_weights(prior: torch.nn.Module, spelling: str = "prior.{}.lora.{}.weight") -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(5)
    weights = {}
    for attention in attentions(prior):
        for layer in LAYERS:
            out, into = prior.get_submodule(f"{attention}.{layer}").weight.shape
            weights[spelling.format(f"{attention}.{layer}", "down")] = torch.randn(RANK, into, generator=random) / 5
            weights[spelling.format(f"{attention}.{layer}", "up")] = torch.randn(out, RANK, generator=random) / 5
    return weights


def by_processor(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """As diffusers wrote them before it used peft."""
    renamed = {}
    for name, tensor in weights.items():
        attention, _, rest = name.removeprefix("prior.").partition(".attention.")
        layer, _, part = rest.partition(".lora.")
        renamed[f"{attention}.attention.processor.{layer.removesuffix('.0')}_lora.{part}"] = tensor
    return renamed


def fused_by_diffusers(folder: Path, weights: Path, scale: float) -> dict[str, torch.Tensor]:
    pipeline = WuerstchenPriorPipeline.from_pretrained(folder)
    pipeline.load_lora_weights(weights.parent, weight_name=weights.name)
    pipeline.fuse_lora(components=["prior"], lora_scale=scale)
    pipeline.unload_lora_weights()
    return dict(pipeline.prior.named_parameters())


@pytest.mark.parametrize("scale", [1.0, 0.6])
def test_lora_weights_are_merged_as_diffusers_fuses_them(pristine: Path, tmp_path: Path, scale: float) -> None:
    checkpoint = read_prior(pristine / "prior")
    path = tmp_path / lora.FILE_NAME
    save_file(lora_weights(checkpoint.prior), path)
    expected = fused_by_diffusers(pristine / "prior", path, scale)
    plain = dict(checkpoint.prior.named_parameters())
    found = dict(checkpoint.with_lora(Lora(path, scale)).prior.named_parameters())
    assert found.keys() == expected.keys()
    changed = 0
    for name, parameter in found.items():
        torch.testing.assert_close(parameter, expected[name], rtol=0, atol=1e-6)
        changed += not torch.equal(parameter, plain[name])
    assert changed == len(attentions(checkpoint.prior)) * len(LAYERS)


def test_every_spelling_of_diffusers_means_the_same(pristine: Path, tmp_path: Path) -> None:
    prior = read_prior(pristine / "prior").prior
    spellings = [
        lora_weights(prior),
        lora_weights(prior, "unet.{}.lora.{}.weight"),
        by_processor(lora_weights(prior)),
        {key.replace("lora.down", "lora_A").replace("lora.up", "lora_B"): value
         for key, value in lora_weights(prior).items()},
    ]  # fmt: skip
    merged = []
    for index, weights in enumerate(spellings):
        save_file(weights, tmp_path / f"{index}.safetensors")
        merged.append(read_prior(pristine / "prior").with_lora(Lora(tmp_path / f"{index}.safetensors")).prior)
    for other in merged[1:]:
        for expected, found in zip(merged[0].parameters(), other.parameters(), strict=True):
            assert torch.equal(expected, found)


def test_alpha_scales_by_the_rank(pristine: Path, tmp_path: Path) -> None:
    checkpoint = read_prior(pristine / "prior")
    weights = lora_weights(checkpoint.prior)
    save_file(weights, tmp_path / "plain.safetensors")
    names = {key.rpartition(".lora.")[0] for key in weights}
    save_file(weights | {f"{name}.alpha": torch.tensor(2.0) for name in names}, tmp_path / "alpha.safetensors")
    half = checkpoint.with_lora(Lora(tmp_path / "plain.safetensors", 0.5)).prior
    alpha = checkpoint.with_lora(Lora(tmp_path / "alpha.safetensors")).prior
    for expected, found in zip(half.parameters(), alpha.parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-7)


FAULTS = {
    "text_encoder.layers.0.q_proj.lora.down.weight": (torch.zeros(4, 4), "only one of the two matrices|does not have"),
    "prior.blocks.0.depthwise.lora.down.weight": (torch.zeros(4, 4), "does not have"),
    "prior.blocks.2.attention.to_q.weight": (torch.zeros(4, 4), "no LoRA weight"),
    "prior.blocks.2.attention.to_q.lora.down.weight": (torch.zeros(4, 7), "is it of another model"),
}


@pytest.mark.parametrize("key", FAULTS)
def test_lora_weights_of_another_model_are_refused(pristine: Path, tmp_path: Path, key: str) -> None:
    checkpoint = read_prior(pristine / "prior")
    tensor, message = FAULTS[key]
    save_file(lora_weights(checkpoint.prior) | {key: tensor}, tmp_path / "lora.safetensors")
    with pytest.raises(ExportError, match=message):
        _ = checkpoint.with_lora(Lora(tmp_path / "lora.safetensors")).prior


def test_a_lora_for_one_prior_changes_that_graph_only(pristine: Path, tmp_path: Path) -> None:
    save_file(lora_weights(read_prior(pristine / "prior").prior), tmp_path / lora.FILE_NAME)
    assert export(pristine, tmp_path / "out", "--no-gpu-graphs", "--lora", f"finetuned={tmp_path}") == 0
    base, interpolated, finetuned = (
        (tmp_path / "out" / f"stage_c_{name}/1/model.onnx").read_bytes() for name in cli.PRIORS
    )
    assert base == interpolated
    assert base != finetuned


def test_a_missing_lora_file_is_named(checkpoint: Path, tmp_path: Path, capsys) -> None:
    message = refused(capsys, checkpoint, tmp_path / "out", "--lora", str(tmp_path / "nowhere.safetensors"))
    assert "nowhere.safetensors is missing" in message


def test_a_prior_by_itself_takes_its_text_encoder_from_the_pipeline(checkpoint: Path, tmp_path: Path) -> None:
    bare = Path(shutil.copytree(checkpoint / "prior/prior", checkpoint / "bare"))
    change_weights(bare, type(read_prior(checkpoint / "prior").prior))
    priors = [str(checkpoint / "prior"), f"base={bare}"]
    assert export(checkpoint, tmp_path / "out", "--no-gpu-graphs", prior=priors) == 0
    written = [(tmp_path / "out" / f"stage_c_{name}/1/model.onnx").read_bytes() for name in cli.PRIORS]
    assert written[0] != written[1] == written[2]


def test_a_prior_by_itself_is_not_enough(checkpoint: Path, tmp_path: Path, capsys) -> None:
    message = refused(capsys, checkpoint, tmp_path / "out", prior=[str(checkpoint / "prior/prior")])
    assert "give a WuerstchenPriorPipeline for one of the priors too" in message


def test_a_hub_that_cannot_be_reached_is_said_with_what_to_do(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "wurstwerk_export", "--prior", "warp-ai/wuerstchen-prior", "--decoder",
         "warp-ai/wuerstchen", "--output", str(tmp_path / "out")],
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "cache")},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 1
    assert "warp-ai/wuerstchen-prior is no folder here and could not be fetched from the Hugging Face hub" in run.stderr
    assert "download it elsewhere and give the folder" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()


def test_a_hub_name_is_fetched_with_its_revision_and_without_reduced_copies(monkeypatch, tmp_path: Path) -> None:
    asked = {}

    def snapshot(repository: str, **options: object) -> str:
        asked.update(options, repository=repository)
        return str(tmp_path)

    monkeypatch.setattr(source, "snapshot_download", snapshot)
    assert source.folder("warp-ai/wuerstchen-prior@v1.0") == tmp_path
    assert (asked["repository"], asked["revision"]) == ("warp-ai/wuerstchen-prior", "v1.0")
    assert "*.safetensors" in asked["allow_patterns"]
    assert "*.fp16.*" in asked["ignore_patterns"]


def test_a_name_that_is_neither_is_refused() -> None:
    with pytest.raises(ExportError, match="is no folder"):
        source.folder("no such folder")


def test_text_encoders_are_compared_weight_by_weight(checkpoint: Path) -> None:
    other = Path(shutil.copytree(checkpoint / "prior", checkpoint / "other"))
    first, second = read_prior(checkpoint / "prior"), read_prior(other)
    assert first.same_text_encoder(second)
    path = other / "text_encoder/model.safetensors"
    weights = load_file(path)
    name = max(weights)
    weights[name] = weights[name] + 1e-6
    save_file(weights, path, metadata={"format": "pt"})
    assert not first.same_text_encoder(second)
