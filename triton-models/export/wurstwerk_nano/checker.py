"""Looks at a picture and says what is on it, and whether that is what a prompt asked for.

It knows the palette and the shapes of the language, and nothing of the networks. Things are connected areas that
stand out from the background; the shape is the one whose template, fitted to the area's bounding box, overlaps best;
the colour is the median of the area's inner part, so that an outline has no say.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from scipy import ndimage

from .drawing import BACKGROUNDS, COLOURS, EXTENTS, SHAPES, grid_around
from .language import PLACES, SMALL_BELOW, Prompt

STANDS_OUT = 90
"""Sum of the three channel differences from the background above which a pixel belongs to a thing."""
SMALLEST_AREA = 0.0023
"""Smaller areas, as a share of the square of the shorter side, are specks."""
PLACE_TOLERANCE = 0.13
RELATION_DISTANCE = 0.15


@dataclass(frozen=True)
class Seen:
    """A thing found on a picture, in the units of language.Thing; overlap is that of the best template."""

    shape: str
    colour: str
    radius: float
    x: float
    y: float
    overlap: float


@dataclass(frozen=True)
class Verdict:
    """Which claims of a prompt hold; the tuples have one entry for each thing asked for."""

    background: bool
    count: bool
    colours: tuple[bool, ...]
    shapes: tuple[bool, ...]
    sizes: tuple[bool, ...]
    position: bool | None
    relation: bool | None
    overlap: float

    @property
    def all_right(self):
        """Whether every claim holds."""
        stated = (self.background, self.count, *self.colours, *self.shapes, *self.sizes)
        return all(stated) and self.position is not False and self.relation is not False


def _nearest(palette, value):
    return min(palette, key=lambda name: np.abs(np.array(palette[name]) - value).sum())


def _border_median(picture):
    edge = 6
    parts = (picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:])
    return np.median(np.concatenate([part.reshape(-1, 3) for part in parts]), 0)


def _fit(shape, area):
    """Overlap of the shape's template with the area, which fills its array, and the template's radius and centre."""
    bottom, right = area.shape
    upper, lower, half_width = EXTENTS[shape]
    radius = (bottom / (lower - upper) + right / (2 * half_width)) / 2
    y = bottom / 2 - (upper + lower) / 2 * radius
    x = right / 2
    margin = 2 + int(0.5 * radius)
    columns, rows = np.arange(-margin, right + margin), np.arange(-margin, bottom + margin)
    template = SHAPES[shape](*grid_around(x, y, radius, columns, rows)) <= 0
    padded = np.pad(area, margin)
    overlap = (template & padded).sum() / max((template | padded).sum(), 1)
    return overlap, radius, x, y


def _describe(area, box, picture):
    """What the area is; the box, two slices, is where it lies on the picture."""
    height, width, _ = picture.shape
    fits = {shape: _fit(shape, area) for shape in SHAPES}
    shape = max(fits, key=lambda name: fits[name][0])
    overlap, radius, x, y = (float(value) for value in fits[shape])
    depth = ndimage.distance_transform_edt(np.pad(area, 1))[1:-1, 1:-1]
    colour = _nearest(COLOURS, np.median(picture[box][depth >= 0.6 * depth.max()], 0))
    x, y = (box[1].start + x) / width, (box[0].start + y) / height
    return Seen(shape, colour, radius / min(height, width), x, y, overlap)


def look(picture):
    """Background name and the things on a uint8 picture [height, width, 3]."""
    picture = picture.astype(float)
    ground = _border_median(picture)
    labels, _ = ndimage.label(np.abs(picture - ground).sum(-1) > STANDS_OUT)
    least = SMALLEST_AREA * min(picture.shape[:2]) ** 2
    seen = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        area = labels[box] == number
        if area.sum() >= least:
            seen.append(_describe(area, box, picture))
    return _nearest(BACKGROUNDS, ground), seen


def _assign(wanted, seen):
    """For each wanted thing the seen one that fits it best, or None."""
    slots = [*seen[:6], *[None] * len(wanted)]

    def fit(choice):
        score = 0.0
        for want, have in zip(wanted, choice):
            if have is not None:
                near = 1 - min(abs(want.x - have.x) + abs(want.y - have.y), 1)
                score += 0.2 + (want.colour == have.colour) + 0.9 * (want.shape == have.shape) + 0.1 * near
        return score

    return max(permutations(slots, len(wanted)), key=fit)


def _is_at(place, have):
    x, y = PLACES[place]
    return abs(have.x - x) < PLACE_TOLERANCE and abs(have.y - y) < PLACE_TOLERANCE


def _is_related(relation, first, second):
    dx, dy = first.x - second.x, first.y - second.y
    if relation in ("above", "below"):
        return (dy if relation == "below" else -dy) > RELATION_DISTANCE and abs(dx) < PLACE_TOLERANCE
    return (dx if relation == "to the right of" else -dx) > RELATION_DISTANCE and abs(dy) < PLACE_TOLERANCE


def check(picture, prompt: Prompt):
    """The verdict on a uint8 picture [height, width, 3] drawn for the prompt."""
    scene = prompt.scene
    background, seen = look(picture)
    pairs = list(zip(scene.things, _assign(scene.things, seen)))
    haves = [have for _, have in pairs]
    complete = None not in haves
    return Verdict(
        background=background == scene.background,
        count=len(seen) == len(scene.things),
        colours=tuple(have is not None and have.colour == want.colour for want, have in pairs),
        shapes=tuple(have is not None and have.shape == want.shape for want, have in pairs),
        sizes=tuple(
            have is not None and (have.radius < SMALL_BELOW) == (want.size == "small")
            for (want, have), sized in zip(pairs, prompt.sized)
            if sized
        ),
        position=None if scene.place is None else complete and _is_at(scene.place, haves[0]),
        relation=None if scene.relation is None else complete and _is_related(scene.relation, *haves),
        overlap=min((have.overlap if have else 0.0) for have in haves),
    )
