"""Writes the graphs of src/test/resources/repository. usage: make_models.py <repository>

The config.pbtxt files beside them are written by hand. Needs onnx 1.16 or newer.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

REPOSITORY = pathlib.Path(sys.argv[1])


def value(name, kind, shape):
    return h.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return nh.from_array(np.asarray(array), name)


def save(model, nodes, inputs, outputs, constants=()):
    graph = h.make_graph(nodes, model, inputs, outputs, list(constants))
    proto = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(proto)
    folder = REPOSITORY / model / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))


# y = 2 x + r, r being one number per item that the graph sees without its last dimension.
save(
    "affine",
    [
        h.make_node("Mul", ["x", "two"], ["double"]),
        h.make_node("Reshape", ["r", "column"], ["shift"]),
        h.make_node("Add", ["double", "shift"], ["y"]),
        h.make_node("Neg", ["r"], ["s"]),
    ],
    [value("x", T.FLOAT, ["b", 4, "w"]), value("r", T.FLOAT, ["b"])],
    [value("y", T.FLOAT, ["b", 4, "w"]), value("s", T.FLOAT, ["b"])],
    [constant("two", np.float32(2)), constant("column", np.array([-1, 1, 1], np.int64))],
)

# The same number in and out: what is lost is lost at the edge. Served as FP16 and as BF16.
for model in ("half", "brain"):
    save(model, [h.make_node("Identity", ["x"], ["y"])], [value("x", T.FLOAT, ["b", "n"])], [value("y", T.FLOAT, ["b", "n"])])

# An FP16 graph behind FP32 tensors.
save("widened", [h.make_node("Identity", ["x"], ["y"])], [value("x", T.FLOAT16, ["b", "n"])], [value("y", T.FLOAT16, ["b", "n"])])

# One tensor of every type that typed contents can carry and ONNX Runtime's Java interface can take, no batching.
KINDS = {
    "bool": T.BOOL,
    "uint8": T.UINT8,
    "int8": T.INT8,
    "int16": T.INT16,
    "int32": T.INT32,
    "int64": T.INT64,
    "fp32": T.FLOAT,
    "fp64": T.DOUBLE,
}
save(
    "kinds",
    [h.make_node("Identity", [kind], [kind + "_out"]) for kind in KINDS],
    [value(kind, number, ["n"]) for kind, number in KINDS.items()],
    [value(kind + "_out", number, ["n"]) for kind, number in KINDS.items()],
)

# Fails when it runs: nothing can be gathered from beyond a table of four.
save(
    "failing",
    [h.make_node("Gather", ["table", "i"], ["y"])],
    [value("i", T.INT64, ["b", 1])],
    [value("y", T.FLOAT, ["b", 1])],
    [constant("table", np.arange(4, dtype=np.float32))],
)

# y = x, after as many rounds of a loop as the largest n of the batch: an execution that lasts as long as a client says.
loop = h.make_graph(
    [h.make_node("Identity", ["more"], ["go_on"]), h.make_node("Sin", ["zero_in"], ["zero_out"])],
    "round",
    [value("round", T.INT64, []), value("more", T.BOOL, []), value("zero_in", T.FLOAT, [1])],
    [value("go_on", T.BOOL, []), value("zero_out", T.FLOAT, [1])],
)
save(
    "slow",
    [
        h.make_node("ReduceMax", ["n"], ["rounds"], keepdims=0),
        h.make_node("Loop", ["rounds", "", "nothing"], ["zero"], body=loop),
        h.make_node("Add", ["x", "zero"], ["y"]),
    ],
    [value("x", T.FLOAT, ["b", "w"]), value("n", T.INT64, ["b", 1])],
    [value("y", T.FLOAT, ["b", "w"])],
    [constant("nothing", np.zeros(1, np.float32))],
)
