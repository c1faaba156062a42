"""LoRA weights for the prior, merged into its matrices.

The layout is that of diffusers' training script for the Würstchen prior (pytorch_lora_weights.safetensors with
`to_q`, `to_k`, `to_v` and `to_out.0` of every attention), in the spellings that diffusers has written over time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from wurstwerk_export.errors import ExportError

FILE_NAME = "pytorch_lora_weights.safetensors"

_PREFIX = re.compile(r"^(prior|unet)\.")
_PROCESSOR = re.compile(r"\.processor\.to_(q|k|v|out)_lora\.(down|up)\.weight$")
_LAYER = re.compile(r"\.(lora\.down|lora\.up|lora_A|lora_B|lora_linear_layer\.down|lora_linear_layer\.up)\.weight$")
_ALPHA = re.compile(r"\.alpha$")
_SIDES = {"lora.down": "down", "lora_A": "down", "lora_linear_layer.down": "down"}


@dataclass(frozen=True)
class Lora:
    """A file of LoRA weights and how strongly they act (1 as trained)."""

    path: Path
    scale: float = 1.0


@dataclass
class _Update:
    down: torch.Tensor | None = None
    up: torch.Tensor | None = None
    alpha: float | None = None


def find(name: str | Path) -> Path:
    """The file of a LoRA, given as the file or as the folder that holds it."""
    path = Path(name)
    path = path / FILE_NAME if path.is_dir() else path
    if not path.is_file():
        raise ExportError(f"{path} is missing: LoRA weights are one .safetensors file, or a folder with {FILE_NAME}")
    return path


def merge(prior: nn.Module, lora: Lora) -> None:
    """Adds the LoRA to the prior's weights in place: W + scale * alpha / rank * up @ down.

    Raises ExportError for weights that have no place in the prior; nothing is skipped.
    """
    modules = dict(prior.named_modules())
    updates = _updates(lora.path)
    with torch.no_grad():
        for name, update in updates.items():
            weight = _weight(modules, name, lora.path)
            weight += _delta(name, update, weight.shape, lora)


def _updates(path: Path) -> dict[str, _Update]:
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ExportError(f"{path} cannot be read as LoRA weights: {error}") from error
    updates: dict[str, _Update] = defaultdict(_Update)
    for key, tensor in tensors.items():
        module, part = _place(key, path)
        setattr(updates[module], part, float(tensor) if part == "alpha" else tensor.to(torch.float32))
    if not updates:
        raise ExportError(f"{path} holds no weights")
    return updates


def _place(key: str, path: Path) -> tuple[str, str]:
    """The module that a key belongs to, and which part of its update it is."""
    name = _PREFIX.sub("", key)
    if match := _PROCESSOR.search(name):
        layer = f"to_{match[1]}.0" if match[1] == "out" else f"to_{match[1]}"
        return f"{name[: match.start()]}.{layer}", match[2]
    if match := _LAYER.search(name):
        return name[: match.start()], _SIDES.get(match[1], "up")
    if match := _ALPHA.search(name):
        return name[: match.start()], "alpha"
    raise ExportError(f"{path} holds {key}, which is no LoRA weight for a Würstchen prior")


def _weight(modules: dict[str, nn.Module], name: str, path: Path) -> torch.Tensor:
    module = modules.get(name)
    if not isinstance(module, nn.Linear):
        raise ExportError(
            f"{path} is for a linear layer {name}, which this prior does not have: is it of another model?"
        )
    return module.weight


def _delta(name: str, update: _Update, shape: torch.Size, lora: Lora) -> torch.Tensor:
    if update.down is None or update.up is None:
        raise ExportError(f"{lora.path} has only one of the two matrices for {name}")
    down, up = update.down, update.up
    if down.ndim != 2 or up.ndim != 2 or (up.shape[0], down.shape[1]) != tuple(shape) or up.shape[1] != down.shape[0]:
        raise ExportError(
            f"{lora.path} has matrices of shape {list(up.shape)} and {list(down.shape)} for {name},"
            f" whose weights are {list(shape)}: is it of another model?"
        )
    rank = down.shape[0]
    alpha = rank if update.alpha is None else update.alpha
    return (lora.scale * alpha / rank) * (up @ down)
