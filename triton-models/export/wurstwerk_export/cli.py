"""The command line: `python -m wurstwerk_export --prior SOURCE --decoder SOURCE --output REPOSITORY`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from wurstwerk_export import lora, profiles, repository, source
from wurstwerk_export.checkpoint import PriorCheckpoint, is_bare_prior, read_decoder, read_prior
from wurstwerk_export.errors import ExportError
from wurstwerk_export.lora import Lora
from wurstwerk_export.profiles import SizeRange
from wurstwerk_export.repository import MAX_BATCH, PRIORS, Checkpoints, Gpu, PriorDefaults, Sizes

DEFAULT_GUIDANCE = {"base": 8.0, "interpolated": 4.0, "finetuned": 4.0}
STAGE_B = {"fp16": torch.float16, "bf16": torch.bfloat16}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        repository.write(_checkpoints(options), options.output)
    except ExportError as error:
        print(f"wurstwerk-export: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wurstwerk-export",
        description="Writes a diffusers Würstchen v2 checkpoint as a Triton model repository, verified against torch.",
    )
    parser.add_argument(
        "--prior", nargs="+", required=True, metavar="[NAME=]SOURCE",
        help="WuerstchenPriorPipeline folders or hub names (OWNER/NAME[@REVISION]), or a WuerstchenPrior by itself;"
        " NAME is base, interpolated or finetuned. A source without a name stands in for every prior that has none"
        " of its own",
    )  # fmt: skip
    parser.add_argument(
        "--decoder", required=True, metavar="SOURCE", help="WuerstchenDecoderPipeline folder or hub name"
    )
    parser.add_argument(
        "--lora", nargs="+", default=[], metavar="[NAME=]FILE",
        help="LoRA weights (pytorch_lora_weights.safetensors, or its folder) to merge into a prior",
    )  # fmt: skip
    parser.add_argument(
        "--lora-scale", nargs="+", default=[], metavar="[NAME=]SCALE", help="how strongly they act (1.0)"
    )
    parser.add_argument("--output", type=Path, required=True, metavar="REPOSITORY", help="must not exist yet")
    parser.add_argument("--min-side", type=int, default=512, help="smallest picture side (default %(default)s)")
    parser.add_argument("--max-side", type=int, default=2048, help="largest picture side (default %(default)s)")
    parser.add_argument("--default-width", type=int, default=1024, help="default %(default)s")
    parser.add_argument("--default-height", type=int, default=1024, help="default %(default)s")
    parser.add_argument(
        "--guidance-scale", nargs="+", default=[], metavar="[NAME=]SCALE",
        help="what clients use by default (4.0, and 8.0 for base)",
    )  # fmt: skip
    parser.add_argument(
        "--negative-prompt", nargs="+", default=[], metavar="[NAME=]TEXT",
        help="the negative prompt recommended with a prior (none)",
    )  # fmt: skip
    parser.add_argument(
        "--max-batch", nargs="+", default=[], metavar="KIND=N",
        help="max_batch_size of a kind of model: " + ", ".join(f"{kind}={batch}" for kind, batch in MAX_BATCH.items()),
    )  # fmt: skip
    parser.add_argument(
        "--no-gpu-graphs",
        dest="gpu_graphs",
        action="store_false",
        help="write nothing that TensorRT plans are built of",
    )
    parser.add_argument(
        "--gpu-sizes", nargs="+", default=[], metavar="WIDTHxHEIGHT[-WIDTHxHEIGHT]",
        help="picture sizes that TensorRT plans are built for (MIN-MAX up to 1536 per side; with a --max-side from"
        " 2048 on 1024x2048 and 2048x1024 too)",
    )  # fmt: skip
    parser.add_argument(
        "--gpu-stage-b", choices=STAGE_B, default="fp16", help="type of Stage B's TensorRT graph (default %(default)s)"
    )
    return parser


def _checkpoints(options: argparse.Namespace) -> Checkpoints:
    guidance = DEFAULT_GUIDANCE | _by_prior(options.guidance_scale, "--guidance-scale")
    negative = _by_prior(options.negative_prompt, "--negative-prompt")
    return Checkpoints(
        priors=_priors(options),
        decoder=read_decoder(source.folder(options.decoder).resolve()),
        sizes=Sizes(options.min_side, options.max_side, options.default_width, options.default_height),
        defaults={name: PriorDefaults(_scale(guidance[name]), negative.get(name, "")) for name in PRIORS},
        gpu=_gpu(options) if options.gpu_graphs else None,
        max_batch=_max_batch(options.max_batch),
    )


def _priors(options: argparse.Namespace) -> dict[str, PriorCheckpoint]:
    sources = _by_prior(options.prior, "--prior")
    missing = [name for name in PRIORS if name not in sources]
    if missing:
        raise ExportError(f"--prior names no folder for {', '.join(missing)}, and none without a name stands in")
    found = {text: source.folder(text).resolve() for text in dict.fromkeys(sources.values())}
    read = {folder: read_prior(folder) for folder in found.values() if not is_bare_prior(folder)}
    companion = read.get(found[sources["interpolated"]], next(iter(read.values()), None))
    for folder in found.values():
        if folder not in read:
            read[folder] = read_prior(folder, companion)
    loras = _loras(options)
    # One object for priors that are the same, so that they are exported once.
    made: dict[tuple[Path, Lora | None], PriorCheckpoint] = {}
    for name in PRIORS:
        key = found[sources[name]], loras.get(name)
        if key not in made:
            made[key] = read[key[0]].with_lora(key[1]) if key[1] else read[key[0]]
    return {name: made[found[sources[name]], loras.get(name)] for name in PRIORS}


def _loras(options: argparse.Namespace) -> dict[str, Lora]:
    scales = _by_prior(options.lora_scale, "--lora-scale")
    loras = {}
    for name, text in _by_prior(options.lora, "--lora").items():
        loras[name] = Lora(lora.find(text).resolve(), _number(scales.pop(name, 1.0), "--lora-scale"))
    if scales and options.lora_scale and not loras:
        raise ExportError("--lora-scale without --lora")
    return loras


def _gpu(options: argparse.Namespace) -> Gpu:
    ranges = tuple(map(SizeRange.parse, options.gpu_sizes))
    return Gpu(ranges or profiles.default_ranges(options.min_side, options.max_side), STAGE_B[options.gpu_stage_b])


def _max_batch(values: Sequence[str]) -> dict[str, int]:
    batches = dict(MAX_BATCH)
    for value in values:
        kind, _, number = value.partition("=")
        if kind not in batches or not number.isdecimal() or int(number) < 1:
            raise ExportError(f"--max-batch {value!r}: write KIND=N with one of {', '.join(batches)}")
        batches[kind] = int(number)
    return batches


def _by_prior(values: Sequence[str], option: str) -> dict[str, str]:
    """`NAME=VALUE` for one prior; a bare value for all that are not named."""
    named: dict[str, str] = {}
    rest = []
    for value in values:
        name, separator, text = value.partition("=")
        if separator and name in PRIORS:
            named[name] = text
        else:
            rest.append(value)
    if len(rest) > 1:
        raise ExportError(f"{option} has more than one value without a name: {', '.join(rest)}")
    return {name: rest[0] for name in PRIORS} | named if rest else named


def _scale(value: str | float) -> float:
    scale = _number(value, "--guidance-scale")
    if not 0 <= scale <= 30:
        raise ExportError(f"--guidance-scale {scale} is outside 0..30")
    return scale


def _number(value: str | float, option: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ExportError(f"{option} {value!r} is not a number") from None
