"""Graphs for TensorRT: precise where they must be, with nothing that its parser does not document."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from test_export import export, parameters, tensors

from wurstwerk_export import cli, graphs, half, onnxfile, pbtxt, profiles, tensorrt, verify
from wurstwerk_export.errors import ExportError
from wurstwerk_export.profiles import Size, SizeRange

SIDES = {3: 32, 6: 64, 9: 96}


@pytest.fixture(scope="module")
def exported(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("gpu") / "repository"
    assert export(pristine, output, "--gpu-sizes", "128x128-256x256", "384x128", "--max-batch", "stage_b=3") == 0
    return output


def stage_b(pristine: Path) -> graphs.Graph:
    return graphs.stage_b(cli.read_decoder(pristine / "decoder").decoder)


def stage_b_case(batch: int, height: int, width: int) -> tuple[torch.Tensor, ...]:
    random = torch.Generator().manual_seed(batch)
    x = torch.randn(batch, 4, SIDES[height], SIDES[width], generator=random)
    effnet = torch.randn(batch, 16, height, width, generator=random) * 42 - 1
    return x, torch.rand(batch, generator=random), effnet, torch.randn(batch, 77, 32, generator=random)


def relative(found: np.ndarray, expected: torch.Tensor) -> float:
    return float(np.abs(found.astype(np.float32) - expected.numpy()).max() / expected.abs().max())


def test_half_precision_costs_less_than_two_thousandths(pristine: Path, tmp_path: Path) -> None:
    graph = stage_b(pristine)
    cases = [stage_b_case(1, 3, 9), stage_b_case(2, 9, 6)]
    expected = verify.reference(graph, cases)
    converted = half.convert(graph, torch.float16, SIDES)
    graphs.write_onnx(converted, half.example(converted, stage_b_case(2, 6, 3)), tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    assert [value.type for value in session.get_inputs()] == [
        "tensor(float16)", "tensor(float)", "tensor(float)", "tensor(float16)",
    ]  # fmt: skip
    for inputs, result in zip(cases, expected, strict=True):
        feed = {s.name: t.numpy() for s, t in zip(converted.inputs, half.example(converted, inputs), strict=True)}
        (found,) = session.run(None, feed)
        assert found.dtype == np.float16
        assert relative(found, torch.from_numpy(result)) < 2e-3


def test_timesteps_in_half_precision_would_ruin_stage_c(pristine: Path) -> None:
    """Why `r` stays float32: the same graph with its timesteps rounded to half is off by tenths."""
    graph = graphs.stage_c(cli.read_prior(pristine / "prior").prior)
    random = torch.Generator().manual_seed(3)
    x, r, c = (torch.randn(4, 16, 6, 6, generator=random), torch.rand(4, generator=random),
               torch.randn(4, 77, 32, generator=random))  # fmt: skip
    with torch.no_grad():
        exact, rounded = graph.module(x, r, c), graph.module(x, r.half().float(), c)
    assert relative(rounded.numpy(), exact) > 0.02


def test_stage_b_has_its_interpolation_as_tables_and_no_operator_that_computes_sizes(exported: Path) -> None:
    operators = Counter(node.op_type for node in onnx.load(exported / "stage_b/gpu/model.onnx").graph.node)
    assert not operators.keys() & {"Range", "Where", "Less", "Resize", "ScatterND", "NonZero", "Loop", "If"}
    on_cpu = Counter(node.op_type for node in onnx.load(exported / "stage_b/1/model.onnx").graph.node)
    assert {"Range", "Where", "Less"} <= on_cpu.keys()


def test_the_tables_give_the_interpolation_of_every_side(pristine: Path, tmp_path: Path) -> None:
    """In float32, so that nothing but the tables could differ."""
    graph = stage_b(pristine)
    sized = replace(graph, interpolate=half.SizedInterpolation(SIDES))
    graphs.write_onnx(sized, stage_b_case(2, 3, 6), tmp_path / "m.onnx")
    cases = [stage_b_case(1, height, width) for height in SIDES for width in SIDES]
    for comparison in verify.compare(graph, tmp_path / "m.onnx", cases):
        assert comparison.figure <= verify.EXACT.relative


def test_bfloat16_is_for_stage_b_and_what_its_text_encoder_gives_stays_half(pristine: Path, tmp_path: Path) -> None:
    assert export(pristine, tmp_path / "out", "--gpu-stage-b", "bf16") == 0
    gpu = tmp_path / "out/stage_b/configs/gpu.pbtxt"
    assert tensors(gpu, "input") == {
        "x": ("TYPE_BF16", [4, -1, -1]),
        "r": ("TYPE_FP32", [1]),
        "effnet": ("TYPE_FP32", [16, -1, -1]),
        "clip": ("TYPE_BF16", [77, 32]),
    }
    assert tensors(gpu, "output") == {"eps": ("TYPE_BF16", [4, -1, -1])}
    encoder = tmp_path / "out/text_encoder_decoder/configs/gpu.pbtxt"
    assert tensors(encoder, "output") == {"last_hidden_state": ("TYPE_FP16", [77, 32])}
    assert onnxfile.load_structure(tmp_path / "out/stage_b/gpu/model.onnx").opset_import[0].version == 22


def test_large_weights_lie_beside_the_graph_and_it_still_runs(pristine: Path, tmp_path: Path) -> None:
    graph = stage_b(pristine)
    graphs.write_onnx(graph, stage_b_case(2, 6, 3), tmp_path / "model.onnx", external_above=0)
    assert sorted(path.name for path in (tmp_path / "model.onnx").iterdir()) == ["model.onnx", "model.onnx.data"]
    structure = onnxfile.load_structure(tmp_path / "model.onnx")
    outside = [tensor for tensor in structure.graph.initializer if tensor.data_location == TensorProto.EXTERNAL]
    assert len(outside) > 50
    for tensor in outside:
        places = {entry.key: entry.value for entry in tensor.external_data}
        assert int(places["offset"]) % onnxfile.ALIGNMENT == 0
    assert verify.compare(graph, tmp_path / "model.onnx", [stage_b_case(1, 9, 3)])[0].figure < 5e-6
    inside = tmp_path / "one.onnx"
    onnxfile.save(structure, tmp_path / "model.onnx", inside, external=False)
    assert verify.compare(graph, inside, [stage_b_case(1, 3, 9)])[0].figure < 5e-6


@pytest.mark.parametrize("external", [True, False])
def test_constants_that_the_exporter_put_outside_come_back_in(tmp_path: Path, external: bool) -> None:
    """As it does once a graph passes 2 GB; initializers stay outside, or all comes into one file."""
    source = tmp_path / "source"
    source.mkdir()
    constant, weight = np.arange(16, dtype=np.float32), np.arange(1024, dtype=np.float32)
    tensors = {}
    for name, array in (("constant", constant), ("weight", weight)):
        (source / name).write_bytes(array.tobytes())
        tensors[name] = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=array.shape)
        tensors[name].data_location = TensorProto.EXTERNAL
        tensors[name].external_data.add(key="location", value=name)
    nodes = [
        helper.make_node("Constant", [], ["c"], value=tensors["constant"]),
        helper.make_node("Reshape", ["weight", "shape"], ["w"]),
        helper.make_node("Mul", ["x", "c"], ["y0"]),
        helper.make_node("MatMul", ["y0", "w"], ["y"]),
    ]
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [16, 64])
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 16])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 64])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializer=[tensors["weight"], shape])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnxfile.save(model, source, tmp_path / "model.onnx", external=external)
    onnx.checker.check_model(str(onnxfile.graph_file(tmp_path / "model.onnx")), full_check=True)
    session = onnxruntime.InferenceSession(onnxfile.graph_file(tmp_path / "model.onnx"))
    (found,) = session.run(None, {"x": np.ones((1, 16), np.float32)})
    np.testing.assert_allclose(found[0], constant @ weight.reshape(16, 64), rtol=1e-6)


def test_a_widened_bfloat16_graph_keeps_weights_outside_when_they_were(pristine: Path, tmp_path: Path) -> None:
    graph = stage_b(pristine)
    case = stage_b_case(1, 3, 9)
    expected = verify.reference(graph, [case])
    converted = half.convert(graph, torch.bfloat16, SIDES)
    graphs.write_onnx(converted, half.example(converted, stage_b_case(2, 6, 3)), tmp_path / "b", external_above=0)
    onnxfile.widen(tmp_path / "b", tmp_path / "wide")
    assert (tmp_path / "wide" / onnxfile.DATA).is_file()
    (comparison,) = verify.compare(converted, tmp_path / "wide", [case], expected, verify.BFLOAT16)
    assert 1e-5 < comparison.figure < 1e-2


def test_profiles_are_the_shapes_of_the_sizes_and_the_batches_of_the_config(exported: Path) -> None:
    assert (exported / "stage_b/gpu/profiles.txt").read_text().splitlines()[1:] == [
        "--profile=0",
        "--minShapes=x:1x4x32x32,r:1,effnet:1x16x3x3,clip:1x77x32",
        "--optShapes=x:1x4x32x64,r:1,effnet:1x16x3x6,clip:1x77x32",
        "--maxShapes=x:3x4x64x64,r:3,effnet:3x16x6x6,clip:3x77x32",
        "--profile=1",
        "--minShapes=x:1x4x32x96,r:1,effnet:1x16x3x9,clip:1x77x32",
        "--optShapes=x:1x4x32x96,r:1,effnet:1x16x3x9,clip:1x77x32",
        "--maxShapes=x:3x4x32x96,r:3,effnet:3x16x3x9,clip:3x77x32",
    ]
    assert (exported / "text_encoder_prior/gpu/profiles.txt").read_text().splitlines()[1:] == [
        "--profile=0",
        "--minShapes=input_ids:1x77,attention_mask:1x77",
        "--optShapes=input_ids:2x77,attention_mask:2x77",
        "--maxShapes=input_ids:16x77,attention_mask:16x77",
    ]


def test_the_gpu_config_names_its_profiles_and_the_sizes_they_serve(exported: Path) -> None:
    several = pbtxt.load((exported / "stage_c_base/configs/gpu.pbtxt").read_text())
    assert several["instance_group"][0]["profile"] == ["0", "1"]
    found = parameters(exported / "stage_c_base/configs/gpu.pbtxt")
    assert found["image_sizes"] == "128x128-256x256 384x128"
    assert found["execution_context_allocation_strategy"] == "ON_PROFILE_CHANGE"
    one = pbtxt.load((exported / "text_encoder_prior/configs/gpu.pbtxt").read_text())
    assert "profile" not in one["instance_group"][0]
    assert "image_sizes" not in parameters(exported / "stage_c_base/config.pbtxt")
    batch = pbtxt.load((exported / "stage_b/config.pbtxt").read_text())["max_batch_size"]
    assert batch == pbtxt.load((exported / "stage_b/configs/gpu.pbtxt").read_text())["max_batch_size"] == [3]


def test_the_sizes_of_the_model_card_are_the_default() -> None:
    assert [str(each) for each in profiles.default_ranges(1024, 2048)] == [
        "1024x1024-1536x1536", "1024x2048", "2048x1024",
    ]  # fmt: skip
    assert [str(each) for each in profiles.default_ranges(128, 512)] == ["128x128-512x512"]
    assert SizeRange.parse("1024x1024-1536x1536").best(Size(2048, 512)) == Size(1536, 1024)


@pytest.mark.parametrize(
    "size, message",
    [("1024", "no size"), ("256x256-128x384", "ends before it begins"), ("100x128", "side of 100"), ("128x640", "640")],
)
def test_sizes_that_cannot_be_are_refused(pristine: Path, tmp_path: Path, capsys, size: str, message: str) -> None:
    assert export(pristine, tmp_path / "out", "--gpu-sizes", size) == 1
    assert message in capsys.readouterr().err


def test_the_sums_are_those_of_the_files(exported: Path) -> None:
    folder = exported / "stage_a/gpu"
    assert (folder / "SHA256SUMS").read_text() == (
        f"{hashlib.sha256((folder / 'model.onnx').read_bytes()).hexdigest()}  model.onnx\n"
    )
    subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def test_every_exported_graph_passes_the_linter_and_the_cpu_graph_of_a_resize_does_not(
    exported: Path, tmp_path: Path, capsys
) -> None:
    assert tensorrt.main([str(exported)]) == 0
    assert capsys.readouterr().out.count("only what TensorRT's ONNX parser documents") == 7
    resize = helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="cubic")
    path = save(tmp_path, [resize], initializer=[helper.make_tensor("scales", TensorProto.FLOAT, [4], [1, 1, 2, 2])])
    assert tensorrt.main([str(path)]) == 1
    assert "Resize in a form that is not documented as supported" in capsys.readouterr().err


def save(folder: Path, nodes: list[onnx.NodeProto], opset: int = 17, dtype: int = TensorProto.FLOAT, **more) -> Path:
    value = helper.make_tensor_value_info("x", dtype, [1, 1, 4, 4])
    output = helper.make_tensor_value_info("y", more.pop("output", dtype), None)
    graph = helper.make_graph(nodes, "g", [value], [output], **more)
    path = folder / "lint.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)]), path)
    return path


FAULTS = {
    "the operator NonMaxSuppression2": ([helper.make_node("NonMaxSuppression2", ["x"], ["y"])], {}),
    "the operator Det": ([helper.make_node("Det", ["x"], ["y"])], {}),
    "Sin of DOUBLE": ([helper.make_node("Sin", ["x"], ["y"])], {"dtype": TensorProto.DOUBLE}),
    "opset 8": ([helper.make_node("Sin", ["x"], ["y"])], {"opset": 8}),
    "UINT8 inside the graph": (
        [helper.make_node("Cast", ["x"], ["u"], to=TensorProto.UINT8),
         helper.make_node("Cast", ["u"], ["y"], to=TensorProto.FLOAT)], {}),
    "TopK, whose restrictions are not looked at": (
        [helper.make_node("TopK", ["x", "k"], ["y", "i"])],
        {"initializer": [helper.make_tensor("k", TensorProto.INT64, [1], [2])]}),
    "ReduceMean in a form": (
        [helper.make_node("Shape", ["x"], ["s"]), helper.make_node("ReduceMean", ["x", "s"], ["y"])], {"opset": 18}),
}  # fmt: skip


@pytest.mark.parametrize("message", FAULTS)
def test_what_the_parser_does_not_document_is_refused(tmp_path: Path, message: str) -> None:
    nodes, more = FAULTS[message]
    with pytest.raises(ExportError, match=message):
        tensorrt.check(save(tmp_path, nodes, **more))


def test_the_operator_table_names_operators_that_exist_and_none_that_is_documented_as_unsupported() -> None:
    table = tensorrt.documented()
    assert table.opsets == (9, 24)
    # The parser knows some that ONNX had before opset 9, or never.
    known = {schema.name for schema in onnx.defs.get_all_schemas_with_history()}
    known |= {"ImageScaler", "ParametricSoftplus", "ScaledTanh"}
    assert table.operators.keys() <= known
    assert table.restricted <= table.operators.keys()
    assert table.operators["ConvTranspose"] == {"FP32", "FP16", "BF16"}
    unsupported = {"Det", "DFT", "BitShift", "Compress", "Unique", "QLinearConv", "SequenceAt", "Multinomial", "Col2Im"}
    assert not unsupported & table.operators.keys()
