"""config.pbtxt and configs/gpu.pbtxt of a model, and their comparison with its graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx

from wurstwerk_export import onnxfile, pbtxt
from wurstwerk_export.errors import ExportError
from wurstwerk_export.graphs import Graph, TensorSpec
from wurstwerk_export.pbtxt import Name

_ONNX_TYPES = {
    "TYPE_INT64": onnx.TensorProto.INT64,
    "TYPE_FP32": onnx.TensorProto.FLOAT,
    "TYPE_FP16": onnx.TensorProto.FLOAT16,
    "TYPE_BF16": onnx.TensorProto.BFLOAT16,
    "TYPE_UINT8": onnx.TensorProto.UINT8,
}


def cpu(model: str, graph: Graph, max_batch_size: int, batching: bool, parameters: dict[str, str]) -> str:
    """The config of 1/model.onnx on Triton's ONNX Runtime backend, without a GPU."""
    instances = [{"kind": Name("KIND_CPU"), "count": 1}]
    return _text(model, {"backend": "onnxruntime"}, graph, max_batch_size, instances, batching, parameters)


def gpu(
    model: str, graph: Graph, max_batch_size: int, batching: bool, parameters: dict[str, str], profiles: int = 1
) -> str:
    """The config of 1/model.plan on Triton's TensorRT backend, with the types of the graph that it is built from."""
    instance: dict[str, Any] = {"kind": Name("KIND_GPU"), "count": 1}
    if profiles > 1:
        instance["profile"] = [str(index) for index in range(profiles)]
        # Memory for the profile in use only, and not for all of them.
        parameters = parameters | {"execution_context_allocation_strategy": "ON_PROFILE_CHANGE"}
    return _text(model, {"platform": "tensorrt_plan"}, graph, max_batch_size, [instance], batching, parameters)


def check(text: str, graph_path: Path) -> None:
    """Compares a config with the inputs and outputs of the ONNX graph: names, types, ranks and fixed dimensions."""
    config = pbtxt.load(text)
    graph = onnxfile.load_structure(graph_path).graph
    if config["max_batch_size"][0] < 1:
        raise ExportError("max_batch_size is not positive")
    for kind, values in (("input", graph.input), ("output", graph.output)):
        written = {tensor["name"][0]: tensor for tensor in config[kind]}
        found = {value.name: value.type.tensor_type for value in values}
        if set(written) != set(found):
            raise ExportError(f"the config has the {kind}s {sorted(written)}, the graph {sorted(found)}")
        for name, tensor in written.items():
            _check_tensor(name, tensor, found[name])


def _check_tensor(name: str, tensor: dict[str, list[Any]], found: Any) -> None:
    data_type = tensor["data_type"][0].text
    if _ONNX_TYPES.get(data_type) != found.elem_type:
        raise ExportError(f"{name} is {data_type} in the config, ONNX type {found.elem_type} in the graph")
    dims = tensor["reshape"][0].get("shape", []) if "reshape" in tensor else tensor["dims"]
    expected = [-1, *dims]
    actual = [d.dim_value if d.HasField("dim_value") else -1 for d in found.shape.dim]
    if expected != actual:
        raise ExportError(f"{name} has the shape {expected} in the config, {actual} in the graph (-1 is dynamic)")


def _text(
    model: str,
    engine: dict[str, str],
    graph: Graph,
    max_batch_size: int,
    instances: list[dict[str, Any]],
    batching: bool,
    parameters: dict[str, str],
) -> str:
    message: dict[str, Any] = {
        "name": model,
        **engine,
        "max_batch_size": max_batch_size,
        "input": [_tensor(spec) for spec in graph.inputs],
        "output": [_tensor(graph.output)],
        "instance_group": instances,
    }
    if batching:
        message["dynamic_batching"] = {}
    message["parameters"] = [
        {"key": key, "value": {"string_value": value}} for key, value in sorted(parameters.items())
    ]
    return pbtxt.dump(message)


def _tensor(spec: TensorSpec) -> dict[str, Any]:
    dims = [-1 if isinstance(dim, str) else dim for dim in spec.dims]
    tensor: dict[str, Any] = {"name": spec.name, "data_type": Name(f"TYPE_{spec.dtype}"), "dims": dims or [1]}
    if not dims:
        # Triton has no tensor without dimensions beside the batch: [B, 1] on the wire, [B] in the graph.
        tensor["reshape"] = {"shape": []}
    return tensor
