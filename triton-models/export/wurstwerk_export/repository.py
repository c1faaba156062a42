"""Writing a whole model repository: graphs, configs, tokenizer; verified before it appears at its destination."""

from __future__ import annotations

import hashlib
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch

from wurstwerk_export import config, graphs, tokenizer, verify
from wurstwerk_export.checkpoint import DecoderCheckpoint, PriorCheckpoint, check_fit
from wurstwerk_export.errors import ExportError
from wurstwerk_export.graphs import TOKENS, Graph

PRIORS = ("base", "interpolated", "finetuned")
SIDE_MULTIPLE = 128
EXAMPLE_SEED = 20230601


@dataclass(frozen=True)
class PriorDefaults:
    """What a client should use with a prior when a request does not say."""

    guidance_scale: float
    negative_prompt: str = ""


@dataclass(frozen=True)
class Sizes:
    """Which picture sides a checkpoint serves, in pixels."""

    min_side: int
    max_side: int
    default_width: int
    default_height: int

    def __post_init__(self) -> None:
        for name, side in vars(self).items():
            if side <= 0 or side % SIDE_MULTIPLE:
                raise ExportError(f"{name} is {side}, but must be a positive multiple of {SIDE_MULTIPLE}")
        for side in (self.default_width, self.default_height):
            if not self.min_side <= side <= self.max_side:
                raise ExportError(f"the default side {side} is outside {self.min_side}..{self.max_side}")


@dataclass(frozen=True)
class Checkpoints:
    """All that is exported. `priors` has one entry per name of PRIORS; entries may be the same object.

    The text encoder and tokenizer are those of the interpolated prior.
    """

    priors: dict[str, PriorCheckpoint]
    decoder: DecoderCheckpoint
    sizes: Sizes
    defaults: dict[str, PriorDefaults] = field(repr=False)


@dataclass(frozen=True)
class _Model:
    name: str
    graph: Graph
    max_batch_size: int
    batching: bool
    parameters: dict[str, str]
    cases: list[tuple[torch.Tensor, ...]]
    """Inputs: the first is the one the graph is traced with, the others verify it."""


def write(checkpoints: Checkpoints, destination: Path, report: Callable[[str], None] = print) -> None:
    """Writes the repository, or raises ExportError and leaves nothing at the destination."""
    _check(checkpoints)
    if destination.exists():
        raise ExportError(f"{destination} exists already: move it away first")
    destination.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        written: dict[Graph, Path] = {}
        for model in _models(checkpoints):
            _write_model(model, building / model.name, written, report)
        text = tokenizer.padded_json(checkpoints.priors["interpolated"].tokenizer, TOKENS)
        (building / "text_encoder_prior" / "tokenizer.json").write_text(text, encoding="utf-8")
        building.chmod(0o755)
        building.rename(destination)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _check(checkpoints: Checkpoints) -> None:
    reference = checkpoints.priors["interpolated"]
    for name in PRIORS:
        prior = checkpoints.priors[name]
        check_fit(prior, checkpoints.decoder)
        if prior is not reference:
            _check_same_text(name, prior, reference)
    tokenizer.check_equal(reference.tokenizer, checkpoints.decoder.tokenizer, TOKENS)
    sizes = checkpoints.sizes
    for side in range(sizes.min_side, sizes.max_side + 1, SIDE_MULTIPLE):
        made = _latent_sides(checkpoints, side)[1] * graphs.pixels_per_latent(checkpoints.decoder.vqgan)
        if made != side:
            raise ExportError(
                f"a side of {side} pixels would come out as {made}: resolution_multiple"
                f" {reference.resolution_multiple} and latent_dim_scale {checkpoints.decoder.latent_dim_scale}"
                f" do not fit sides in steps of {SIDE_MULTIPLE}"
            )


def _check_same_text(name: str, prior: PriorCheckpoint, reference: PriorCheckpoint) -> None:
    """All priors are served with one text encoder, so theirs must be equal."""
    tokenizer.check_equal(prior.tokenizer, reference.tokenizer, TOKENS)
    own, other = prior.text_encoder.state_dict(), reference.text_encoder.state_dict()
    if own.keys() != other.keys() or not all(torch.equal(own[key], other[key]) for key in own):
        raise ExportError(
            f"the text encoder of the {name} prior ({prior.folder}) is not that of the interpolated one"
            f" ({reference.folder}), but the repository serves one for all priors"
        )
    for key in ("latent_mean", "latent_std", "resolution_multiple"):
        if getattr(prior, key) != getattr(reference, key):
            raise ExportError(f"{key} of the {name} prior differs from that of the interpolated one")


def _write_model(model: _Model, folder: Path, written: dict[Graph, Path], report: Callable[[str], None]) -> None:
    path = folder / "1" / "model.onnx"
    path.parent.mkdir(parents=True)
    (folder / "configs").mkdir()
    same = written.get(model.graph)
    if same:
        shutil.copyfile(same, path)
    else:
        example, *unseen = model.cases
        graphs.write_onnx(model.graph, example, path)
        report(f"{model.name}: {path.stat().st_size:,} bytes")
        for comparison in verify.compare(model.graph, path, unseen):
            report(f"  {comparison.text}  {comparison.shapes}")
        written[model.graph] = path
    parameters = model.parameters | {"model_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    for name, make in (("config.pbtxt", config.cpu), ("configs/gpu.pbtxt", config.gpu)):
        text = make(model.name, model.graph, model.max_batch_size, model.batching, parameters)
        (folder / name).write_text(text, encoding="utf-8")
        config.check(text, path, half=make is config.gpu)


def _models(checkpoints: Checkpoints) -> Iterator[_Model]:
    random = torch.Generator().manual_seed(EXAMPLE_SEED)
    prior, decoder = checkpoints.priors["interpolated"], checkpoints.decoder
    for name, encoder in (("prior", prior.text_encoder), ("decoder", decoder.text_encoder)):
        cases = [_text_case(encoder.config.vocab_size, batch, random) for batch in (2, 1, 3, 5, 16)]
        yield _Model(f"text_encoder_{name}", graphs.text_encoder(encoder), 16, True, {}, cases)

    shapes = _shapes(checkpoints.sizes)
    shared: dict[int, Graph] = {}
    for name in PRIORS:
        checkpoint = checkpoints.priors[name]
        graph = shared.setdefault(id(checkpoint), graphs.stage_c(checkpoint.prior))
        cases = [_stage_c_case(checkpoints, graph, *shape, random) for shape in shapes]
        yield _Model(f"stage_c_{name}", graph, 16, True, _stage_c_parameters(checkpoints, name), cases)

    graph = graphs.stage_b(decoder.decoder)
    cases = [_stage_b_case(checkpoints, graph, *shape, random) for shape in shapes]
    yield _Model("stage_b", graph, 8, True, {"latent_dim_scale": repr(decoder.latent_dim_scale)}, cases)

    graph = graphs.stage_a(decoder.vqgan)
    cases = [_stage_a_case(checkpoints, graph, *shape, random) for shape in shapes]
    yield _Model("stage_a", graph, 8, False, {}, cases)


def _stage_c_parameters(checkpoints: Checkpoints, name: str) -> dict[str, str]:
    prior, sizes, defaults = checkpoints.priors[name], checkpoints.sizes, checkpoints.defaults[name]
    return {
        "latent_mean": repr(prior.latent_mean),
        "latent_std": repr(prior.latent_std),
        "resolution_multiple": repr(prior.resolution_multiple),
        "default_guidance_scale": repr(defaults.guidance_scale),
        "recommended_negative_prompt": defaults.negative_prompt,
        "min_side": str(sizes.min_side),
        "max_side": str(sizes.max_side),
        "side_multiple": str(SIDE_MULTIPLE),
        "default_width": str(sizes.default_width),
        "default_height": str(sizes.default_height),
    }


def _shapes(sizes: Sizes) -> list[tuple[int, int, int]]:
    """(batch, height, width) in pixels: the first for tracing, the others unseen in it."""
    small = sizes.min_side
    double, triple = min(2 * small, sizes.max_side), min(3 * small, sizes.max_side)
    example = (2, double, small)
    wanted = [
        (1, small, small),
        (3, small, double),
        (2, triple, small),
        (5, small, triple),
        (1, sizes.default_height, sizes.default_width),
    ]
    return [example, *dict.fromkeys(shape for shape in wanted if shape != example)]


def _latent_sides(checkpoints: Checkpoints, side: int) -> tuple[int, int]:
    """The latent sides of Stage C and Stage B for a picture side, computed as the diffusers pipelines do."""
    semantic = math.ceil(side / checkpoints.priors["interpolated"].resolution_multiple)
    return semantic, int(semantic * checkpoints.decoder.latent_dim_scale)


def _text_case(vocabulary: int, batch: int, random: torch.Generator) -> tuple[torch.Tensor, ...]:
    ids = torch.randint(0, vocabulary, (batch, TOKENS), generator=random)
    lengths = torch.randint(2, TOKENS + 1, (batch, 1), generator=random)
    return ids, (torch.arange(TOKENS)[None, :] < lengths).long()


def _noise(batch: int, dims: tuple[int | str, ...], sides: tuple[int, int], random: torch.Generator) -> torch.Tensor:
    fixed = iter(sides)
    return torch.randn((batch, *(next(fixed) if isinstance(d, str) else d for d in dims)), generator=random)


def _stage_c_case(
    checkpoints: Checkpoints, graph: Graph, batch: int, height: int, width: int, random: torch.Generator
) -> tuple[torch.Tensor, ...]:
    x, _, c = graph.inputs
    sides = _latent_sides(checkpoints, height)[0], _latent_sides(checkpoints, width)[0]
    return (
        _noise(batch, x.dims, sides, random),
        torch.rand(batch, generator=random),
        _noise(batch, c.dims, sides, random),
    )


def _stage_b_case(
    checkpoints: Checkpoints, graph: Graph, batch: int, height: int, width: int, random: torch.Generator
) -> tuple[torch.Tensor, ...]:
    x, _, effnet, clip = graph.inputs
    semantic, latent = zip(*(_latent_sides(checkpoints, side) for side in (height, width)), strict=True)
    prior = checkpoints.priors["interpolated"]
    embeddings = _noise(batch, effnet.dims, semantic, random) * prior.latent_mean - prior.latent_std
    if batch > 1:
        embeddings[-1] = 0  # the unconditional half under guidance
    return (
        _noise(batch, x.dims, latent, random),
        torch.rand(batch, generator=random),
        embeddings,
        _noise(batch, clip.dims, latent, random),
    )


def _stage_a_case(
    checkpoints: Checkpoints, graph: Graph, batch: int, height: int, width: int, random: torch.Generator
) -> tuple[torch.Tensor, ...]:
    (latents,) = graph.inputs
    sides = _latent_sides(checkpoints, height)[1], _latent_sides(checkpoints, width)[1]
    return (_noise(batch, latents.dims, sides, random),)
