"""Writing a whole model repository: graphs, configs, tokenizer; verified before it appears at its destination."""

from __future__ import annotations

import gc
import hashlib
import math
import shutil
import tempfile
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from wurstwerk_export import config, graphs, half, onnxfile, profiles, tensorrt, tokenizer, verify
from wurstwerk_export.checkpoint import DecoderCheckpoint, PriorCheckpoint, check_fit
from wurstwerk_export.errors import ExportError
from wurstwerk_export.graphs import TOKENS, Graph
from wurstwerk_export.profiles import Size, SizeRange

PRIORS = ("base", "interpolated", "finetuned")
SIDE_MULTIPLE = 128
EXAMPLE_SEED = 20230601
MAX_BATCH = {"text_encoder": 16, "stage_c": 16, "stage_b": 8, "stage_a": 8}
# With default pictures from this many pixels on, graphs are verified with fewer cases: each takes a network of the
# released size a minute and more.
LARGE = 1024 * 1024

Case = tuple[torch.Tensor, ...]
Shape = tuple[int, int, int]


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
class Gpu:
    """What is written for TensorRT: graphs in float16, Stage B in float16 or bfloat16, for these picture sizes."""

    ranges: tuple[SizeRange, ...]
    stage_b: torch.dtype = torch.float16


@dataclass(frozen=True)
class Checkpoints:
    """All that is exported. `priors` has one entry per name of PRIORS; entries may be the same object.

    The text encoder and tokenizer are those of the interpolated prior. Without `gpu`, no graphs for TensorRT are
    written (their configs are all the same).
    """

    priors: dict[str, PriorCheckpoint]
    decoder: DecoderCheckpoint
    sizes: Sizes
    defaults: dict[str, PriorDefaults] = field(repr=False)
    gpu: Gpu | None = None
    max_batch: dict[str, int] = field(default_factory=lambda: dict(MAX_BATCH))

    def semantic_side(self, side: int) -> int:
        """The side of Stage C's latents for a picture side, computed as the diffusers pipeline does."""
        return math.ceil(side / self.priors["interpolated"].resolution_multiple)

    def latent_side(self, side: int) -> int:
        """The side of Stage B's latents."""
        return int(self.semantic_side(side) * self.decoder.latent_dim_scale)

    def latent_sides(self) -> dict[int, int]:
        """The side of Stage C's latents to that of Stage B's, for every picture side that is served."""
        sizes = self.sizes
        sides = range(sizes.min_side, sizes.max_side + 1, SIDE_MULTIPLE)
        return {self.semantic_side(side): self.latent_side(side) for side in sides}


@dataclass(frozen=True)
class Model:
    """`load` gives its network; `cases` make inputs for it, the first to trace with and the others to verify."""

    name: str
    load: Callable[[], Graph]
    cases: Callable[[Graph, torch.Generator], list[Case]]
    max_batch_size: int
    parameters: dict[str, str]
    dtype: torch.dtype = torch.float16
    usual_batch: int = 1
    batching: bool = True
    weights: Hashable = None
    """Models with equal, not None, weights have one graph."""


def write(checkpoints: Checkpoints, destination: Path, report: Callable[[str], None] = print) -> None:
    """Writes the repository, or raises ExportError and leaves nothing at the destination."""
    _check(checkpoints)
    if destination.exists():
        raise ExportError(f"{destination} exists already: move it away first")
    destination.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        written: dict[Hashable, Written] = {}
        random = torch.Generator().manual_seed(EXAMPLE_SEED)
        for model in models(checkpoints):
            done = written.get(model.weights) if model.weights else None
            if done is None:
                done = write_graphs(model, checkpoints, building / model.name, random, report)
                written[model.weights] = done
            else:
                _copy_graphs(done.folder, building / model.name)
            _write_configs(model, checkpoints, building / model.name, done)
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
        made = checkpoints.latent_side(side) * graphs.pixels_per_latent(checkpoints.decoder.vqgan_config)
        if made != side:
            raise ExportError(
                f"a side of {side} pixels would come out as {made}: resolution_multiple"
                f" {reference.resolution_multiple} and latent_dim_scale {checkpoints.decoder.latent_dim_scale}"
                f" do not fit sides in steps of {SIDE_MULTIPLE}"
            )
    if checkpoints.gpu:
        _check_ranges(checkpoints.gpu.ranges, sizes)


def _check_ranges(ranges: tuple[SizeRange, ...], sizes: Sizes) -> None:
    for each in ranges:
        for side in each.sides():
            if side % SIDE_MULTIPLE or not sizes.min_side <= side <= sizes.max_side:
                raise ExportError(
                    f"the size {each} for TensorRT has a side of {side} pixels, but sides are multiples of"
                    f" {SIDE_MULTIPLE} from {sizes.min_side} to {sizes.max_side}"
                )


def _check_same_text(name: str, prior: PriorCheckpoint, reference: PriorCheckpoint) -> None:
    """All priors are served with one text encoder, so theirs must be equal."""
    tokenizer.check_equal(prior.tokenizer, reference.tokenizer, TOKENS)
    if not prior.same_text_encoder(reference):
        raise ExportError(
            f"the text encoder of the {name} prior ({prior.folder}) is not that of the interpolated one"
            f" ({reference.folder}), but the repository serves one for all priors"
        )
    for key in ("latent_mean", "latent_std", "resolution_multiple"):
        if getattr(prior, key) != getattr(reference, key):
            raise ExportError(f"{key} of the {name} prior differs from that of the interpolated one")


@dataclass(frozen=True)
class Written:
    """Graphs that are on disk, with what their configs need: types and shapes, and no weights."""

    folder: Path
    cpu: Graph
    gpu: Graph
    sha256: str


def write_graphs(
    model: Model, checkpoints: Checkpoints, folder: Path, random: torch.Generator, report: Callable[[str], None]
) -> Written:
    """Writes and verifies 1/model.onnx and, if wanted, gpu/model.onnx. One network is in memory at a time."""
    path = folder / "1" / "model.onnx"
    path.parent.mkdir(parents=True)
    graph = model.load()
    example, *unseen = model.cases(graph, random)
    expected = verify.reference(graph, unseen)
    graphs.write_onnx(graph, example, path)
    cpu = replace(graph, module=nn.Identity())
    gpu = half.declared(cpu, model.dtype)
    gpu_path = folder / "gpu" / "model.onnx"
    if checkpoints.gpu:
        gpu_path.parent.mkdir()
        gpu = _write_gpu_graph(half.convert(graph, model.dtype, checkpoints.latent_sides()), example, gpu_path)
    del graph
    gc.collect()
    _compare(model.name, cpu, path, unseen, expected, verify.EXACT, report)
    if checkpoints.gpu:
        _verify_gpu_graph(model.name, gpu, gpu_path, unseen, expected, report)
        _write_sums(gpu_path.parent)
    return Written(folder, cpu, gpu, onnxfile.sha256(path))


def _write_gpu_graph(graph: Graph, example: Case, path: Path) -> Graph:
    graphs.write_onnx(graph, half.example(graph, example), path)
    tensorrt.check(path)
    return replace(graph, module=nn.Identity())


def _verify_gpu_graph(
    name: str, graph: Graph, path: Path, cases: list[Case], expected: list[np.ndarray], report: Callable[[str], None]
) -> None:
    if graph.dtype != torch.bfloat16:
        _compare(f"{name} for TensorRT", graph, path, cases, expected, verify.FLOAT16, report)
        return
    with tempfile.TemporaryDirectory(prefix=".wide-", dir=path.parent) as wide:
        runnable = Path(wide) / "model.onnx"
        onnxfile.widen(path, runnable)
        _compare(f"{name} for TensorRT", graph, runnable, cases, expected, verify.BFLOAT16, report)


def _compare(
    name: str,
    graph: Graph,
    path: Path,
    cases: list[Case],
    expected: list[np.ndarray],
    limits: verify.Limits,
    report: Callable[[str], None],
) -> None:
    report(f"{name}: {onnxfile.size(path):,} bytes")
    for comparison in verify.compare(graph, path, cases, expected, limits):
        report(f"  {comparison.text}  {comparison.shapes}")


def _write_sums(folder: Path) -> None:
    """SHA256SUMS, as sha256sum -c reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = []
    for path in files:
        with path.open("rb") as stream:
            lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {path.relative_to(folder)}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _copy_graphs(source: Path, folder: Path) -> None:
    for name in ("1", "gpu"):
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name)


def _write_configs(model: Model, checkpoints: Checkpoints, folder: Path, written: Written) -> None:
    (folder / "configs").mkdir()
    parameters = model.parameters | {"model_sha256": written.sha256}
    text = config.cpu(model.name, written.cpu, model.max_batch_size, model.batching, parameters)
    (folder / "config.pbtxt").write_text(text, encoding="utf-8")
    config.check(text, folder / "1" / "model.onnx")
    count = 1
    if checkpoints.gpu:
        ranges = checkpoints.gpu.ranges
        options = _profiles(model, checkpoints, written.gpu)
        (folder / "gpu" / profiles.FILE_NAME).write_text(options, encoding="utf-8")
        count = profiles.count(options)
        if "min_side" in parameters:
            parameters = parameters | {"image_sizes": " ".join(map(str, ranges))}
    text = config.gpu(model.name, written.gpu, model.max_batch_size, model.batching, parameters, count)
    (folder / "configs" / "gpu.pbtxt").write_text(text, encoding="utf-8")
    if checkpoints.gpu:
        config.check(text, folder / "gpu" / "model.onnx")


def _profiles(model: Model, checkpoints: Checkpoints, graph: Graph) -> str:
    assert checkpoints.gpu
    wanted = Size(checkpoints.sizes.default_width, checkpoints.sizes.default_height)
    return profiles.text(
        graph, checkpoints.gpu.ranges, wanted, checkpoints.semantic_side, checkpoints.latent_side,
        (model.usual_batch, model.max_batch_size),
    )  # fmt: skip


def models(checkpoints: Checkpoints) -> Iterator[Model]:
    prior, decoder, batch = checkpoints.priors["interpolated"], checkpoints.decoder, checkpoints.max_batch
    stage_b = checkpoints.gpu.stage_b if checkpoints.gpu else torch.float16
    for name, encoder in (("prior", prior), ("decoder", decoder)):
        yield Model(
            f"text_encoder_{name}", lambda e=encoder: graphs.text_encoder(e.text_encoder), _text_cases,
            batch["text_encoder"], {}, usual_batch=2,
        )  # fmt: skip
    for name in PRIORS:
        checkpoint = checkpoints.priors[name]
        yield Model(
            f"stage_c_{name}", lambda c=checkpoint: graphs.stage_c(c.prior), _cases(checkpoints, _stage_c_case),
            batch["stage_c"], _stage_c_parameters(checkpoints, name), usual_batch=2, weights=id(checkpoint),
        )  # fmt: skip
    yield Model(
        "stage_b", lambda: graphs.stage_b(decoder.decoder), _cases(checkpoints, _stage_b_case), batch["stage_b"],
        {"latent_dim_scale": repr(decoder.latent_dim_scale)}, stage_b,
    )  # fmt: skip
    yield Model(
        "stage_a", lambda: graphs.stage_a(decoder.vqgan), _cases(checkpoints, _stage_a_case), batch["stage_a"], {},
        batching=False,
    )  # fmt: skip


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


def _shapes(sizes: Sizes) -> list[Shape]:
    """(batch, height, width) in pixels: the first for tracing, the others unseen in it."""
    small = sizes.min_side
    double, triple = min(2 * small, sizes.max_side), min(3 * small, sizes.max_side)
    default = (1, sizes.default_height, sizes.default_width)
    if sizes.default_width * sizes.default_height >= LARGE:
        return [(2, small, small), (1, small, double), default]
    example = (2, double, small)
    wanted = [(1, small, small), (3, small, double), (2, triple, small), (5, small, triple), default]
    return [example, *dict.fromkeys(shape for shape in wanted if shape != example)]


def _cases(
    checkpoints: Checkpoints, make: Callable[[Checkpoints, Graph, Shape, torch.Generator], Case]
) -> Callable[[Graph, torch.Generator], list[Case]]:
    def cases(graph: Graph, random: torch.Generator) -> list[Case]:
        return [make(checkpoints, graph, shape, random) for shape in _shapes(checkpoints.sizes)]

    return cases


def _text_cases(graph: Graph, random: torch.Generator) -> list[Case]:
    vocabulary = graph.module.encoder.config.vocab_size
    cases = []
    for batch in (2, 1, 3, 5):
        ids = torch.randint(0, vocabulary, (batch, TOKENS), generator=random)
        lengths = torch.randint(2, TOKENS + 1, (batch, 1), generator=random)
        cases.append((ids, (torch.arange(TOKENS)[None, :] < lengths).long()))
    return cases


def _noise(batch: int, dims: tuple[int | str, ...], sides: tuple[int, int], random: torch.Generator) -> torch.Tensor:
    fixed = iter(sides)
    return torch.randn((batch, *(next(fixed) if isinstance(d, str) else d for d in dims)), generator=random)


def _stage_c_case(checkpoints: Checkpoints, graph: Graph, shape: Shape, random: torch.Generator) -> Case:
    x, _, c = graph.inputs
    batch, height, width = shape
    sides = checkpoints.semantic_side(height), checkpoints.semantic_side(width)
    return (
        _noise(batch, x.dims, sides, random),
        torch.rand(batch, generator=random),
        _noise(batch, c.dims, sides, random),
    )


def _stage_b_case(checkpoints: Checkpoints, graph: Graph, shape: Shape, random: torch.Generator) -> Case:
    x, _, effnet, clip = graph.inputs
    batch, height, width = shape
    semantic = checkpoints.semantic_side(height), checkpoints.semantic_side(width)
    latent = checkpoints.latent_side(height), checkpoints.latent_side(width)
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


def _stage_a_case(checkpoints: Checkpoints, graph: Graph, shape: Shape, random: torch.Generator) -> Case:
    (latents,) = graph.inputs
    batch, height, width = shape
    sides = checkpoints.latent_side(height), checkpoints.latent_side(width)
    return (_noise(batch, latents.dims, sides, random),)
