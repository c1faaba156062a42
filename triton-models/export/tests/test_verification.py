"""Broken graphs and configs: each is refused, and nothing is left at the destination."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from test_export import export

from wurstwerk_export import cli, config, graphs, verify
from wurstwerk_export.errors import ExportError


def spoiled(monkeypatch: pytest.MonkeyPatch, model_output: str, spoil: Callable[[onnx.ModelProto], None]) -> None:
    """Lets the exporter write its graph and then changes the file, for CPU graphs with the named output."""
    write = graphs.write_onnx

    def write_and_spoil(graph: graphs.Graph, example: tuple[torch.Tensor, ...], path: Path) -> None:
        write(graph, example, path)
        if graph.output.name == model_output and graph.dtype == torch.float32:
            model = onnx.load(path)
            spoil(model)
            onnx.save(model, path)

    monkeypatch.setattr(graphs, "write_onnx", write_and_spoil)


def refusal(capsys: pytest.CaptureFixture[str], pristine: Path, tmp_path: Path) -> str:
    assert export(pristine, tmp_path / "out") == 1
    assert list(tmp_path.iterdir()) == []
    return capsys.readouterr().err


def test_a_graph_with_one_changed_weight_is_refused(monkeypatch, capsys, pristine: Path, tmp_path: Path) -> None:
    def change(model: onnx.ModelProto) -> None:
        weight = next(i for i in model.graph.initializer if i.name.endswith("blocks.0.depthwise.weight"))
        array = numpy_helper.to_array(weight).copy()
        array.flat[0] += 0.01
        weight.CopyFrom(numpy_helper.from_array(array, weight.name))

    spoiled(monkeypatch, "eps", change)
    assert "differs from torch by" in refusal(capsys, pristine, tmp_path)


def test_a_graph_with_a_baked_batch_is_refused(monkeypatch, capsys, pristine: Path, tmp_path: Path) -> None:
    def bake(model: onnx.ModelProto) -> None:
        output = model.graph.output[0].name
        node = next(n for n in model.graph.node if output in n.output)
        node.output[0] = "unbaked"
        model.graph.initializer.append(numpy_helper.from_array(np.array([2, 77, 32]), "baked"))
        model.graph.node.append(onnx.helper.make_node("Reshape", ["unbaked", "baked"], [output]))

    spoiled(monkeypatch, "last_hidden_state", bake)
    assert "does not run with input_ids[1, 77]" in refusal(capsys, pristine, tmp_path)


def test_a_graph_that_ignores_the_mask_is_refused(monkeypatch, capsys, pristine: Path, tmp_path: Path) -> None:
    def ignore(model: onnx.ModelProto) -> None:
        for node in model.graph.node:
            for index, name in enumerate(node.input):
                if name == "attention_mask":
                    node.input[index] = "all_ones"
        model.graph.node.insert(0, onnx.helper.make_node("Shape", ["attention_mask"], ["mask_shape"]))
        one = numpy_helper.from_array(np.array([1], dtype=np.int64))
        model.graph.node.insert(1, onnx.helper.make_node("ConstantOfShape", ["mask_shape"], ["all_ones"], value=one))

    spoiled(monkeypatch, "last_hidden_state", ignore)
    assert "differs from torch by" in refusal(capsys, pristine, tmp_path)


def test_pictures_two_levels_off_are_refused(monkeypatch, capsys, pristine: Path, tmp_path: Path) -> None:
    def brighten(model: onnx.ModelProto) -> None:
        weight = next(i for i in model.graph.initializer if i.name.endswith("out_block.0.bias"))
        array = numpy_helper.to_array(weight) + np.float32(2 / 255)
        weight.CopyFrom(numpy_helper.from_array(array, weight.name))

    spoiled(monkeypatch, "image", brighten)
    assert "2 levels" in refusal(capsys, pristine, tmp_path)


def test_a_file_that_is_no_graph_is_refused(pristine: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    graph = graphs.Graph(torch.nn.Identity(), (), graphs.TensorSpec("y", "FP32", ()))
    with pytest.raises(ExportError, match="cannot be loaded by ONNX Runtime"):
        verify.compare(graph, tmp_path / "model.onnx", [])


def test_a_module_in_train_mode_is_exported_in_eval_mode_all_the_same(pristine: Path, tmp_path: Path) -> None:
    prior = cli.read_prior(pristine / "prior").prior
    assert prior.config.dropout > 0
    graph = graphs.stage_c(prior)
    graph.module.train()
    case = torch.randn(3, 16, 3, 6), torch.rand(3), torch.randn(3, 77, 32)
    graphs.write_onnx(graph, (torch.randn(2, 16, 3, 3), torch.rand(2), torch.randn(2, 77, 32)), tmp_path / "m.onnx")
    assert not prior.training
    assert verify.compare(graph, tmp_path / "m.onnx", [case])[0].figure <= verify.EXACT.relative


def test_exporting_leaves_the_module_as_it_was(pristine: Path, tmp_path: Path) -> None:
    decoder = cli.read_decoder(pristine / "decoder").decoder
    graph = graphs.stage_b(decoder)
    case = torch.randn(1, 4, 32, 32), torch.rand(1), torch.randn(1, 16, 3, 3), torch.randn(1, 77, 32)
    with torch.no_grad():
        before = graph.module(*case)
        graphs.write_onnx(graph, case, tmp_path / "m.onnx")
        assert torch.equal(graph.module(*case), before)


CONFIG_FAULTS = {
    'name: "eps"': ('name: "noise"', "the config has the outputs"),
    "TYPE_FP32 dims: [ 1 ]": ("TYPE_FP16 dims: [ 1 ]", "r is TYPE_FP16"),
    "dims: [ 77, 32 ]": ("dims: [ 77, 64 ]", "c has the shape"),
    "dims: [ 16, -1, -1 ]": ("dims: [ 16, -1 ]", "x has the shape"),
    "reshape { shape: [ ] }": ("", "r has the shape"),
    "max_batch_size: 16": ("max_batch_size: 0", "max_batch_size"),
}


@pytest.mark.parametrize("right", CONFIG_FAULTS)
def test_a_config_that_does_not_fit_its_graph_is_refused(pristine: Path, tmp_path: Path, right: str) -> None:
    graph = graphs.stage_c(cli.read_prior(pristine / "prior").prior)
    path = tmp_path / "m.onnx"
    graphs.write_onnx(graph, (torch.randn(2, 16, 3, 3), torch.rand(2), torch.randn(2, 77, 32)), path)
    text = config.cpu("stage_c_base", graph, 16, True, {})
    config.check(text, path)
    wrong, message = CONFIG_FAULTS[right]
    assert right in text
    with pytest.raises(ExportError, match=message):
        config.check(text.replace(right, wrong, 1), path)
