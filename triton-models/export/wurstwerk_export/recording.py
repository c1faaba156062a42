"""Recorded tensors as files: X.bin with raw little-endian data, X.json that tells what lies where."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch


class Recording:
    """Tensors in one .bin file, described by a .json file of the same name."""

    def __init__(self, description: dict[str, Any]):
        self.description = description
        self._tensors: list[dict[str, Any]] = []
        self._digests: list[dict[str, Any]] = []
        self._data = bytearray()

    def add(self, name: str, tensor: torch.Tensor) -> None:
        """Keeps a tensor: raw, little-endian, in C order."""
        entry, raw = _entry(name, tensor)
        digest = entry.pop("sha256")
        self._tensors.append(entry | {"offset": len(self._data), "bytes": len(raw), "sha256": digest[:16]})
        self._data += raw

    def add_digest(self, name: str, tensor: torch.Tensor) -> None:
        """Keeps the hash of a tensor."""
        self._digests.append(_entry(name, tensor)[0])

    def write(self, folder: Path, name: str) -> None:
        (folder / f"{name}.bin").write_bytes(self._data)
        description = dict(self.description)
        if self._digests:
            description["digests"] = self._digests
        write_json(folder / f"{name}.json", description | {"tensors": self._tensors})


def write_json(path: Path, value: Any) -> None:
    """JSON with one tensor or list entry per line."""
    if isinstance(value, list):
        text = "[\n" + ",\n".join(f" {json.dumps(item, ensure_ascii=True)}" for item in value) + "\n]\n"
    else:
        fields = []
        for key, item in value.items():
            if isinstance(item, list) and item and isinstance(item[0], dict):
                rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in item)
                fields.append(f' "{key}": [\n{rows}\n ]')
            else:
                fields.append(f' "{key}": {json.dumps(item, ensure_ascii=False)}')
        text = "{\n" + ",\n".join(fields) + "\n}\n"
    path.write_text(text, encoding="utf-8")


def _entry(name: str, tensor: torch.Tensor) -> tuple[dict[str, Any], bytes]:
    array = np.ascontiguousarray(tensor.detach().numpy())
    raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
    entry = {"name": name, "dtype": str(array.dtype), "shape": list(array.shape)}
    return entry | {"sha256": hashlib.sha256(raw).hexdigest()}, raw
