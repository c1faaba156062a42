"""Reading diffusers Würstchen v2 checkpoints: a prior and a decoder pipeline folder.

Networks are loaded when asked for, and anew each time, so that an export of the released model (12 GB of weights)
holds one network at a time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from safetensors import SafetensorError, safe_open
from transformers import CLIPTextModel, CLIPTokenizerFast

from wurstwerk_export import lora
from wurstwerk_export.errors import ExportError
from wurstwerk_export.lora import Lora

# The scheduler that clients of the repository implement; it is not part of any graph.
SCHEDULER = {"_class_name": "DDPMWuerstchenScheduler", "s": 0.008, "scaler": 1.0}


@dataclass(frozen=True)
class PriorCheckpoint:
    """Stage C with its text encoder. Reading a network property loads it: hold on to what it gives."""

    folder: Path
    prior_folder: Path
    text_encoder_folder: Path
    channels: int
    tokenizer: CLIPTokenizerFast
    latent_mean: float
    latent_std: float
    resolution_multiple: float
    loras: tuple[Lora, ...] = ()

    @property
    def prior(self) -> WuerstchenPrior:
        """Stage C in float32, in eval mode, with its LoRA weights merged."""
        prior = _load(WuerstchenPrior, self.prior_folder)
        for each in self.loras:
            lora.merge(prior, each)
        return prior

    @property
    def text_encoder(self) -> CLIPTextModel:
        return _load(CLIPTextModel, self.text_encoder_folder)

    def with_lora(self, *loras: Lora) -> PriorCheckpoint:
        return replace(self, loras=self.loras + loras)

    def same_text_encoder(self, other: PriorCheckpoint) -> bool:
        """Compares weight by weight, so that neither encoder has to fit in memory."""
        if self.text_encoder_folder == other.text_encoder_folder:
            return True
        own, others = _weight_files(self.text_encoder_folder), _weight_files(other.text_encoder_folder)
        if own.keys() != others.keys():
            return False
        return all(torch.equal(_tensor(own[name], name), _tensor(others[name], name)) for name in own)


@dataclass(frozen=True)
class DecoderCheckpoint:
    """Stage B and Stage A with their text encoder. Reading a network property loads it."""

    folder: Path
    decoder_config: dict[str, Any]
    vqgan_config: dict[str, Any]
    tokenizer: CLIPTokenizerFast
    latent_dim_scale: float

    @property
    def decoder(self) -> WuerstchenDiffNeXt:
        return _load(WuerstchenDiffNeXt, self.folder / "decoder")

    @property
    def vqgan(self) -> PaellaVQModel:
        return _load(PaellaVQModel, self.folder / "vqgan")

    @property
    def text_encoder(self) -> CLIPTextModel:
        return _load(CLIPTextModel, self.folder / "text_encoder")


def is_bare_prior(folder: Path) -> bool:
    """Whether a folder holds a WuerstchenPrior by itself, as warp-ai/wuerstchen-prior-model-* do."""
    if (folder / "model_index.json").is_file():
        return False
    return _bare_folder(folder) is not None


def read_prior(folder: Path, companion: PriorCheckpoint | None = None) -> PriorCheckpoint:
    """Reads a WuerstchenPriorPipeline folder, or a bare WuerstchenPrior with all else from `companion`."""
    bare = None if (folder / "model_index.json").is_file() else _bare_folder(folder)
    if bare is not None:
        return _read_bare_prior(folder, bare, companion)
    index = _model_index(folder, "WuerstchenPriorPipeline")
    _check_scheduler(folder)
    prior, text = _config(folder / "prior", WuerstchenPrior), _config(folder / "text_encoder", CLIPTextModel)
    _check_width(folder, "text_encoder hidden_size", text["hidden_size"], "prior c_cond", prior["c_cond"])
    return PriorCheckpoint(
        folder=folder,
        prior_folder=folder / "prior",
        text_encoder_folder=folder / "text_encoder",
        channels=prior["c_in"],
        tokenizer=_load_tokenizer(folder),
        latent_mean=_number(index, "latent_mean", folder),
        latent_std=_number(index, "latent_std", folder),
        resolution_multiple=_number(index, "resolution_multiple", folder),
    )


def _bare_folder(folder: Path) -> Path | None:
    for candidate in (folder, folder / "prior"):
        config = candidate / "config.json"
        if config.is_file() and _json(config, "").get("_class_name") == "WuerstchenPrior":
            return candidate
    return None


def _read_bare_prior(folder: Path, bare: Path, companion: PriorCheckpoint | None) -> PriorCheckpoint:
    if companion is None:
        raise ExportError(
            f"{folder} has no model_index.json, so it is a WuerstchenPrior by itself: give a"
            " WuerstchenPriorPipeline for one of the priors too,"
            " so that there is a text encoder and a tokenizer"
        )
    prior = _config(bare, WuerstchenPrior)
    text = _config(companion.text_encoder_folder, CLIPTextModel)
    _check_width(folder, "text_encoder hidden_size", text["hidden_size"], "prior c_cond", prior["c_cond"])
    return replace(companion, folder=folder, prior_folder=bare, channels=prior["c_in"], loras=())


def read_decoder(folder: Path) -> DecoderCheckpoint:
    """Reads a WuerstchenDecoderPipeline folder."""
    index = _model_index(folder, "WuerstchenDecoderPipeline")
    _check_scheduler(folder)
    decoder, vqgan = _config(folder / "decoder", WuerstchenDiffNeXt), _config(folder / "vqgan", PaellaVQModel)
    text = _config(folder / "text_encoder", CLIPTextModel)
    _check_width(folder, "text_encoder hidden_size", text["hidden_size"], "decoder clip_embd", decoder["clip_embd"])
    _check_width(folder, "vqgan latent_channels", vqgan["latent_channels"], "decoder c_out", decoder["c_out"])
    return DecoderCheckpoint(
        folder=folder,
        decoder_config=decoder,
        vqgan_config=vqgan,
        tokenizer=_load_tokenizer(folder),
        latent_dim_scale=_number(index, "latent_dim_scale", folder),
    )


def check_fit(prior: PriorCheckpoint, decoder: DecoderCheckpoint) -> None:
    """Refuses a prior and a decoder that cannot work together."""
    embeddings = decoder.decoder_config["effnet_embd"]
    if prior.channels != embeddings:
        raise ExportError(
            f"{prior.folder} makes embeddings of {prior.channels} channels,"
            f" {decoder.folder} takes {embeddings}: they are not of one model"
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


def _config(path: Path, model_class: Any) -> dict[str, Any]:
    """The full configuration of a network, defaults included."""
    written = _json(path / "config.json", "the checkpoint is incomplete")
    if model_class is CLIPTextModel:
        return model_class.config_class.from_dict(written).to_dict()
    with torch.device("meta"):
        return dict(model_class.from_config(written).config)


def _load(model_class: Any, path: Path) -> Any:
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


def _weight_files(folder: Path) -> dict[str, Path]:
    """Which safetensors file of a network's folder holds which weight."""
    places: dict[str, Path] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="pt") as weights:
                places |= dict.fromkeys(weights.keys(), path)
        except (OSError, SafetensorError) as error:
            raise ExportError(f"{path} cannot be read: {error}") from error
    if not places:
        raise ExportError(f"{folder} holds no weights (*.safetensors): the checkpoint is incomplete")
    return places


def _tensor(path: Path, name: str) -> torch.Tensor:
    with safe_open(path, framework="pt") as weights:
        return weights.get_tensor(name)


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
