"""The command line: `python -m wurstwerk_export --prior FOLDER --decoder FOLDER --output REPOSITORY`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from wurstwerk_export import repository
from wurstwerk_export.checkpoint import PriorCheckpoint, read_decoder, read_prior
from wurstwerk_export.errors import ExportError
from wurstwerk_export.repository import PRIORS, Checkpoints, PriorDefaults, Sizes

DEFAULT_GUIDANCE = {"base": 8.0, "interpolated": 4.0, "finetuned": 4.0}


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
        "--prior", nargs="+", required=True, metavar="[NAME=]FOLDER",
        help="WuerstchenPriorPipeline folders; NAME is base, interpolated or finetuned. A folder without a name"
        " stands in for every prior that has no folder of its own",
    )  # fmt: skip
    parser.add_argument(
        "--decoder", type=Path, required=True, metavar="FOLDER", help="WuerstchenDecoderPipeline folder"
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
    return parser


def _checkpoints(options: argparse.Namespace) -> Checkpoints:
    folders = _by_prior(options.prior, "--prior")
    missing = [name for name in PRIORS if name not in folders]
    if missing:
        raise ExportError(f"--prior names no folder for {', '.join(missing)}, and none without a name stands in")
    read: dict[Path, PriorCheckpoint] = {}
    for folder in (Path(folders[name]).resolve() for name in PRIORS):
        if folder not in read:
            read[folder] = read_prior(folder)
    guidance = DEFAULT_GUIDANCE | _by_prior(options.guidance_scale, "--guidance-scale")
    negative = _by_prior(options.negative_prompt, "--negative-prompt")
    return Checkpoints(
        priors={name: read[Path(folders[name]).resolve()] for name in PRIORS},
        decoder=read_decoder(options.decoder),
        sizes=Sizes(options.min_side, options.max_side, options.default_width, options.default_height),
        defaults={name: PriorDefaults(_scale(guidance[name]), negative.get(name, "")) for name in PRIORS},
    )


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
    try:
        scale = float(value)
    except ValueError:
        raise ExportError(f"--guidance-scale {value!r} is not a number") from None
    if not 0 <= scale <= 30:
        raise ExportError(f"--guidance-scale {scale} is outside 0..30")
    return scale
