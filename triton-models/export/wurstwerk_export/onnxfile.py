"""ONNX files on disk: one file, or a file of structure with all weights in one data file beside it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import onnx
from onnx import TensorProto
from onnx.external_data_helper import ExternalDataInfo

# A protobuf cannot pass 2 GiB, and readers keep it in memory whole; this leaves room for the structure.
EXTERNAL_ABOVE = 1_500_000_000
SMALLEST_EXTERNAL = 1024
# What ONNX Runtime maps into memory must begin at a page.
ALIGNMENT = 4096
DATA = "model.onnx.data"

Change = Callable[[TensorProto, bytes], bytes]


def graph_file(path: Path) -> Path:
    """The file of structure of `1/model.onnx`, which is that file or a folder of the same name that holds it."""
    return path / "model.onnx" if path.is_dir() else path


def size(path: Path) -> int:
    """Bytes of a graph, its weights included."""
    return sum(part.stat().st_size for part in _parts(path))


def sha256(path: Path) -> str:
    """Over the file, or over the files of the folder in the order of their names."""
    digest = hashlib.sha256()
    for part in _parts(path):
        with part.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def copy(source: Path, target: Path) -> None:
    (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)


def _parts(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def load_structure(path: Path) -> onnx.ModelProto:
    """A graph without the weights that lie outside its file."""
    return onnx.load(str(graph_file(path)), load_external_data=False)


def weight_bytes(model: onnx.ModelProto, folder: Path, tensor: TensorProto) -> bytes:
    """The raw bytes of an initializer, wherever they are."""
    if tensor.data_location != TensorProto.EXTERNAL:
        return tensor.raw_data if tensor.HasField("raw_data") else onnx.numpy_helper.to_array(tensor).tobytes()
    info = ExternalDataInfo(tensor)
    with (folder / info.location).open("rb") as stream:
        stream.seek(info.offset or 0)
        return stream.read(info.length) if info.length else stream.read()


def save(model: onnx.ModelProto, folder: Path, path: Path, external: bool, change: Change | None = None) -> None:
    """Writes a graph whose outside weights lie in `folder`, one weight at a time.

    With `external`, `path` becomes a folder with the structure and one data file; else it is one file.
    `change` may replace the bytes of a weight, and its data_type, on the way.
    """
    # Tensors in nodes are small, but the exporter puts them outside too once a graph is large.
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_location == TensorProto.EXTERNAL:
                _inline(attribute.t, weight_bytes(model, folder, attribute.t))
    if not external:
        for tensor in model.graph.initializer:
            _inline(tensor, _changed(tensor, weight_bytes(model, folder, tensor), change))
        onnx.save(model, str(path))
        return
    path.mkdir()
    with (path / DATA).open("wb") as data:
        for tensor in model.graph.initializer:
            raw = _changed(tensor, weight_bytes(model, folder, tensor), change)
            if len(raw) < SMALLEST_EXTERNAL:
                _inline(tensor, raw)
            else:
                _append(tensor, raw, data)
    onnx.save(model, str(path / "model.onnx"))


def _changed(tensor: TensorProto, raw: bytes, change: Change | None) -> bytes:
    return raw if change is None else change(tensor, raw)


def _inline(tensor: TensorProto, raw: bytes) -> None:
    _clear(tensor)
    tensor.raw_data = raw


def _append(tensor: TensorProto, raw: bytes, data: BinaryIO) -> None:
    data.write(b"\0" * (-data.tell() % ALIGNMENT))
    _clear(tensor)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", DATA), ("offset", data.tell()), ("length", len(raw))):
        tensor.external_data.add(key=key, value=str(value))
    data.write(raw)


def _clear(tensor: TensorProto) -> None:
    for name in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data"):
        tensor.ClearField(name)
    tensor.ClearField("external_data")
    tensor.ClearField("data_location")


def widen(source: Path, target: Path) -> None:
    """Copies a bfloat16 graph with every bfloat16 tensor made float32, so that ONNX Runtime can run it on a CPU."""
    model = load_structure(source)
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        if value.type.tensor_type.elem_type == TensorProto.BFLOAT16:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.BFLOAT16:
                attribute.i = TensorProto.FLOAT
            elif attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type == TensorProto.BFLOAT16:
                raw = weight_bytes(model, source, attribute.t)
                _inline(attribute.t, _widened(attribute.t, raw))
    save(model, graph_file(source).parent, target, external=target.suffix == "" or source.is_dir(), change=_widened)


def _widened(tensor: TensorProto, raw: bytes) -> bytes:
    if tensor.data_type != TensorProto.BFLOAT16:
        return raw
    tensor.data_type = TensorProto.FLOAT
    return (np.frombuffer(raw, dtype="<u2").astype("<u4") << 16).tobytes()
