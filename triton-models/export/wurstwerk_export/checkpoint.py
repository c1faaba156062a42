"""Reading diffusers Würstchen v2 checkpoints: a prior pipeline folder and a decoder pipeline folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from safetensors import SafetensorError
from transformers import CLIPTextModel, CLIPTokenizerFast

from wurstwerk_export.errors import ExportError

# The scheduler that clients of the repository implement; it is not part of any graph.
SCHEDULER = {"_class_name": "DDPMWuerstchenScheduler", "s": 0.008, "scaler": 1.0}


@dataclass(frozen=True)
class PriorCheckpoint:
    """Stage C with its text encoder."""

    folder: Path
    prior: WuerstchenPrior
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizerFast
    latent_mean: float
    latent_std: float
    resolution_multiple: float


@dataclass(frozen=True)
class DecoderCheckpoint:
    """Stage B and Stage A with their text encoder."""

    folder: Path
    decoder: WuerstchenDiffNeXt
    vqgan: PaellaVQModel
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizerFast
    latent_dim_scale: float


def read_prior(folder: Path) -> PriorCheckpoint:
    """Reads a WuerstchenPriorPipeline folder in float32, in eval mode."""
    index = _model_index(folder, "WuerstchenPriorPipeline")
    _check_scheduler(folder)
    checkpoint = PriorCheckpoint(
        folder=folder,
        prior=_load(WuerstchenPrior, folder, "prior"),
        text_encoder=_load(CLIPTextModel, folder, "text_encoder"),
        tokenizer=_load_tokenizer(folder),
        latent_mean=_number(index, "latent_mean", folder),
        latent_std=_number(index, "latent_std", folder),
        resolution_multiple=_number(index, "resolution_multiple", folder),
    )
    _check_width(
        folder, "text_encoder hidden_size", checkpoint.text_encoder.config.hidden_size,
        "prior c_cond", checkpoint.prior.config.c_cond,
    )  # fmt: skip
    return checkpoint


def read_decoder(folder: Path) -> DecoderCheckpoint:
    """Reads a WuerstchenDecoderPipeline folder in float32, in eval mode."""
    index = _model_index(folder, "WuerstchenDecoderPipeline")
    _check_scheduler(folder)
    checkpoint = DecoderCheckpoint(
        folder=folder,
        decoder=_load(WuerstchenDiffNeXt, folder, "decoder"),
        vqgan=_load(PaellaVQModel, folder, "vqgan"),
        text_encoder=_load(CLIPTextModel, folder, "text_encoder"),
        tokenizer=_load_tokenizer(folder),
        latent_dim_scale=_number(index, "latent_dim_scale", folder),
    )
    _check_width(
        folder, "text_encoder hidden_size", checkpoint.text_encoder.config.hidden_size,
        "decoder clip_embd", checkpoint.decoder.config.clip_embd,
    )  # fmt: skip
    _check_width(
        folder, "vqgan latent_channels", checkpoint.vqgan.config.latent_channels,
        "decoder c_out", checkpoint.decoder.config.c_out,
    )  # fmt: skip
    return checkpoint


def check_fit(prior: PriorCheckpoint, decoder: DecoderCheckpoint) -> None:
    """Refuses a prior and a decoder that cannot work together."""
    if prior.prior.config.c_in != decoder.decoder.config.effnet_embd:
        raise ExportError(
            f"{prior.folder} makes embeddings of {prior.prior.config.c_in} channels,"
            f" {decoder.folder} takes {decoder.decoder.config.effnet_embd}: they are not of one model"
        )


def _model_index(folder: Path, pipeline: str) -> dict[str, Any]:
    index = _json(folder / "model_index.json", f"is {folder} the folder of a {pipeline}?")
    found = index.get("_class_name")
    if found != pipeline:
        raise ExportError(f"{folder} holds a {found}, but a {pipeline} is needed: are prior and decoder swapped?")
    return index


def _check_scheduler(folder: Path) -> None:
    found = _json(folder / "scheduler" / "scheduler_config.json", "the checkpoint is incomplete")
    for key, expected in SCHEDULER.items():
        if found.get(key) != expected:
            raise ExportError(
                f"{folder}/scheduler has {key} {found.get(key)!r}, but clients of the repository compute the"
                f" schedule with {expected!r}: this checkpoint would give wrong pictures"
            )


def _load(model_class: Any, folder: Path, part: str) -> Any:
    path = folder / part
    _json(path / "config.json", "the checkpoint is incomplete")
    try:
        model, loading = model_class.from_pretrained(
            path, torch_dtype=torch.float32, use_safetensors=True, local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ExportError(f"{path} cannot be loaded as {model_class.__name__}: {error}") from error
    if loading["missing_keys"]:
        # The libraries only warn and leave such parameters random.
        raise ExportError(f"{path} lacks the weights {', '.join(sorted(loading['missing_keys']))}")
    return model.eval().requires_grad_(False)


def _load_tokenizer(folder: Path) -> CLIPTokenizerFast:
    path = folder / "tokenizer"
    if not (path / "tokenizer_config.json").is_file():
        raise ExportError(f"{path}/tokenizer_config.json is missing: the checkpoint is incomplete")
    try:
        return CLIPTokenizerFast.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, TypeError) as error:
        raise ExportError(f"{path} cannot be loaded as a CLIP tokenizer: {error}") from error


def _json(path: Path, hint: str) -> dict[str, Any]:
    if not path.is_file():
        raise ExportError(f"{path} is missing: {hint}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ExportError(f"{path} is not JSON: {error}") from error


def _number(index: dict[str, Any], key: str, folder: Path) -> float:
    value = index.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExportError(f"{folder}/model_index.json has no number {key!r}")
    return float(value)


def _check_width(folder: Path, left_name: str, left: int, right_name: str, right: int) -> None:
    if left != right:
        raise ExportError(f"{folder}: {left_name} is {left}, but {right_name} is {right}: they must be equal")
