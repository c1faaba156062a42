"""Where a checkpoint comes from: a local folder, or a name on the Hugging Face hub."""

from __future__ import annotations

import re
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from wurstwerk_export.errors import ExportError

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w./-]+)?")
# Weights as safetensors only, and none of the reduced-precision copies that lie beside them.
_WANTED = ["*.json", "*.txt", "*.safetensors"]
_UNWANTED = ["*.fp16.*", "*.bf16.*", "*.non_ema.*", "*.msgpack", "*onnx*"]


def folder(name: str | Path) -> Path:
    """The local folder of a checkpoint. `OWNER/NAME[@REVISION]` that is no folder here is fetched from the hub
    through huggingface_hub, whose cache and environment variables (HF_HOME, HF_ENDPOINT, HF_TOKEN,
    HF_HUB_OFFLINE) apply."""
    path = Path(name)
    if path.is_dir():
        return path
    if not _HUB_NAME.fullmatch(str(name)):
        raise ExportError(f"{name} is no folder (and no OWNER/NAME of the Hugging Face hub either)")
    repository, _, revision = str(name).partition("@")
    try:
        return Path(
            snapshot_download(repository, revision=revision or None, allow_patterns=_WANTED, ignore_patterns=_UNWANTED)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ExportError(
            f"{name} is no folder here and could not be fetched from the Hugging Face hub either: {reason}."
            " Where the hub cannot be reached, download it elsewhere and give the folder"
        ) from error
