"""Optimisation profiles: the shapes that a TensorRT plan is built for, as options of trtexec.

A profile is a range of picture sizes, or one size; Triton takes the best profile for each request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wurstwerk_export.errors import ExportError
from wurstwerk_export.graphs import Graph

FILE_NAME = "profiles.txt"

_SIZE = r"(\d+)x(\d+)"
_RANGE = re.compile(rf"{_SIZE}(?:-{_SIZE})?")

LatentSide = Callable[[int], int]


@dataclass(frozen=True)
class Size:
    """Of a picture, in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class SizeRange:
    """All sizes from `smallest` to `largest`, each side by itself."""

    smallest: Size
    largest: Size

    @staticmethod
    def parse(text: str) -> SizeRange:
        """`WIDTHxHEIGHT`, or `WIDTHxHEIGHT-WIDTHxHEIGHT`."""
        match = _RANGE.fullmatch(text)
        if not match:
            raise ExportError(f"{text!r} is no size: write 1024x2048, or 1024x1024-1536x1536 for a range")
        width, height, to_width, to_height = (int(side) if side else 0 for side in match.groups())
        smallest = Size(width, height)
        largest = Size(to_width, to_height) if to_width else smallest
        if largest.width < smallest.width or largest.height < smallest.height:
            raise ExportError(f"the size range {text} ends before it begins")
        return SizeRange(smallest, largest)

    def best(self, wanted: Size) -> Size:
        """The size nearest to the wanted one."""
        return Size(
            min(max(wanted.width, self.smallest.width), self.largest.width),
            min(max(wanted.height, self.smallest.height), self.largest.height),
        )

    def sides(self) -> Iterable[int]:
        return (self.smallest.width, self.smallest.height, self.largest.width, self.largest.height)

    def __str__(self) -> str:
        return str(self.smallest) if self.smallest == self.largest else f"{self.smallest}-{self.largest}"


def default_ranges(min_side: int, max_side: int) -> tuple[SizeRange, ...]:
    """All sizes up to 1536 per side; from 2048 on, the two tall sizes that the released model draws."""
    ranges = [SizeRange(Size(min_side, min_side), Size(min(max_side, 1536), min(max_side, 1536)))]
    if max_side >= 2048:
        ranges += [SizeRange.parse("1024x2048"), SizeRange.parse("2048x1024")]
    return tuple(ranges)


def text(
    graph: Graph,
    ranges: Sequence[SizeRange],
    wanted: Size,
    semantic_side: LatentSide,
    latent_side: LatentSide,
    batches: tuple[int, int],
) -> str:
    """The lines of gpu/profiles.txt: each is one option for trtexec. `batches`: the usual and the largest."""
    usual, largest = batches
    if not any(isinstance(dim, str) for spec in graph.inputs for dim in spec.dims):
        ranges = ranges[:1]  # no input depends on the picture's size
    lines = ["# Options of trtexec, one per line: an optimisation profile for each range of picture sizes."]
    for index, sizes in enumerate(ranges):
        lines.append(f"--profile={index}")
        for option, batch, size in (
            ("minShapes", 1, sizes.smallest),
            ("optShapes", usual, sizes.best(wanted)),
            ("maxShapes", largest, sizes.largest),
        ):
            dims = {
                "h": semantic_side(size.height), "w": semantic_side(size.width),
                "H": latent_side(size.height), "W": latent_side(size.width),
            }  # fmt: skip
            shapes = (
                f"{spec.name}:{'x'.join(str(dims.get(dim, dim)) for dim in (batch, *spec.dims))}"
                for spec in graph.inputs
            )
            lines.append(f"--{option}={','.join(shapes)}")
    return "\n".join(lines) + "\n"


def count(profile_text: str) -> int:
    return profile_text.count("--profile=")
