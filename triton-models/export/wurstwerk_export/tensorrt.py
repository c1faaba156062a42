"""What TensorRT's ONNX parser takes: a linter for the graphs that plans are built from.

`python -m wurstwerk_export.tensorrt REPOSITORY_OR_GRAPH ...` checks graphs that are written already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import onnx
from onnx import NodeProto, TensorProto

from wurstwerk_export import onnxfile
from wurstwerk_export.errors import ExportError

_TYPES = {
    TensorProto.FLOAT: "FP32", TensorProto.FLOAT16: "FP16", TensorProto.BFLOAT16: "BF16", TensorProto.INT32: "INT32",
    TensorProto.INT64: "INT64", TensorProto.BOOL: "BOOL", TensorProto.UINT8: "UINT8", TensorProto.INT8: "INT8",
    TensorProto.DOUBLE: "DOUBLE",
}  # fmt: skip
# Where the type that the table speaks of is that of the first input and not of the output.
_BY_INPUT = {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "IsNaN", "IsInf", "Shape", "Size", "NonZero",
             "ArgMax", "ArgMin"}  # fmt: skip


@dataclass(frozen=True)
class Documented:
    """The document, as tensorrt_operators.txt keeps it."""

    opsets: tuple[int, int]
    types: frozenset[str]
    operators: dict[str, frozenset[str]]
    restricted: frozenset[str]


@cache
def documented() -> Documented:
    text = resources.files(__package__).joinpath("tensorrt_operators.txt").read_text(encoding="utf-8")
    opsets, types, operators, restricted = (0, 0), frozenset[str](), {}, set()
    for line in text.splitlines():
        words = line.split()
        if words[0] == "opset":
            opsets = int(words[1]), int(words[2])
        elif words[0] == "types":
            types = frozenset(words[1:])
        elif words[0] != "#":
            allowed, _, names = line.partition(":")
            for name in names.split():
                operators[name.rstrip("!")] = frozenset(allowed.split())
                if name.endswith("!"):
                    restricted.add(name[:-1])
    return Documented(opsets, types, operators, frozenset(restricted))


def check(path: Path) -> None:
    """Raises ExportError with every finding when a graph has what the parser does not document."""
    findings = list(dict.fromkeys(find(onnxfile.load_structure(path))))
    if findings:
        raise ExportError(f"{path} is not for TensorRT: {'; '.join(findings)}")


def find(model: onnx.ModelProto) -> Iterator[str]:
    """What TensorRT's parser would not take, or only under conditions that were not looked at."""
    table = documented()
    for opset in model.opset_import:
        if opset.domain not in ("", "ai.onnx"):
            yield f"operators of the domain {opset.domain}"
        elif not table.opsets[0] <= opset.version <= table.opsets[1]:
            yield f"opset {opset.version}, outside {table.opsets[0]}..{table.opsets[1]}"
    types = _value_types(model)
    constants = {tensor.name for tensor in model.graph.initializer}
    constants |= {node.output[0] for node in model.graph.node if node.op_type == "Constant"}
    results = {value.name for value in model.graph.output}
    for node in model.graph.node:
        yield from _node(node, table, types, constants, results)
    for value in (*model.graph.input, *model.graph.output):
        if types[value.name] not in table.types:
            yield f"{value.name} of type {types[value.name]}"


def _node(
    node: NodeProto, table: Documented, types: dict[str, str], constants: set[str], results: set[str]
) -> Iterator[str]:
    operator = node.op_type
    if operator not in table.operators:
        yield f"the operator {operator}"
        return
    tensor = node.input[0] if operator in _BY_INPUT else node.output[0]
    found = types.get(tensor)
    if found is None:
        yield f"{operator} at {tensor}, whose type is not known"
    elif found not in table.operators[operator]:
        yield f"{operator} of {found}"
    if found == "UINT8" and tensor not in results:
        yield f"UINT8 inside the graph, at {tensor}"
    if operator in table.restricted:
        if operator not in _RESTRICTIONS:
            yield f"{operator}, whose restrictions are not looked at here"
        elif not _RESTRICTIONS[operator](node, constants):
            yield f"{operator} in a form that is not documented as supported, at {node.output[0]}"


def _value_types(model: onnx.ModelProto) -> dict[str, str]:
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=False, data_prop=False).graph
    types = {
        value.name: _TYPES.get(value.type.tensor_type.elem_type, "an unknown type")
        for value in (*inferred.input, *inferred.output, *inferred.value_info)
    }
    return types | {tensor.name: _TYPES.get(tensor.data_type, "an unknown type") for tensor in model.graph.initializer}


def _attribute(node: NodeProto, name: str, default: object) -> object:
    for attribute in node.attribute:
        if attribute.name == name:
            return onnx.helper.get_attribute_value(attribute)
    return default


def _constant_axes(node: NodeProto, constants: set[str]) -> bool:
    """Axes are an attribute, left out, or a constant second input."""
    return len(node.input) < 2 or not node.input[1] or node.input[1] in constants


def _numeric_constant(node: NodeProto, constants: set[str]) -> bool:
    return not any(a.name in ("sparse_value", "value_string", "value_strings") for a in node.attribute)


def _first_output_only(node: NodeProto, constants: set[str]) -> bool:
    return not any(node.output[1:])


def _plain_resize(node: NodeProto, constants: set[str]) -> bool:
    mode = _attribute(node, "mode", b"nearest")
    return mode in (b"nearest", b"linear") and not _attribute(node, "antialias", 0)


def _no_reduction(node: NodeProto, constants: set[str]) -> bool:
    return _attribute(node, "reduction", b"none") == b"none"


_RESTRICTIONS: dict[str, Callable[[NodeProto, set[str]], bool]] = {
    "Constant": _numeric_constant, "Squeeze": _constant_axes, "Unsqueeze": _constant_axes,
    "LayerNormalization": _first_output_only, "Resize": _plain_resize, "ScatterND": _no_reduction,
    **dict.fromkeys(("ReduceL2", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"), _constant_axes),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    names = sys.argv[1:] if arguments is None else arguments
    if not names:
        print("usage: python -m wurstwerk_export.tensorrt REPOSITORY_OR_GRAPH ...", file=sys.stderr)
        return 2
    failed = False
    for path in (found for name in names for found in _graphs(Path(name))):
        try:
            check(path)
            print(f"{path}: only what TensorRT's ONNX parser documents")
        except (ExportError, OSError) as error:
            failed = True
            print(error, file=sys.stderr)
    return 1 if failed else 0


def _graphs(path: Path) -> list[Path]:
    """The GPU graphs of a repository; a graph is itself."""
    if path.is_file():
        return [path]
    found = sorted(path.glob("*/gpu/model.onnx"))
    return found or [path]


if __name__ == "__main__":
    sys.exit(main())
