"""The picture language: which scenes there are, how captions speak of them, and which are held out.

A scene is one thing at one of nine places, two things in one of four relations, or two or three equal things.
A background that a caption leaves out is white; a place that it leaves out is the centre; a colour, shape or size
that it leaves out is free.
"""

import random
import zlib
from dataclasses import dataclass

from .drawing import BACKGROUNDS, COLOURS, SHAPES

SIZES = ((256, 256), (384, 256), (256, 384), (512, 512), (256, 512), (512, 256))
"""Trained picture sizes, width first."""
PLACES = {
    "in the center": (0.5, 0.5),
    "on the left": (0.25, 0.5),
    "on the right": (0.75, 0.5),
    "at the top": (0.5, 0.25),
    "at the bottom": (0.5, 0.75),
    "in the top left corner": (0.25, 0.25),
    "in the top right corner": (0.75, 0.25),
    "in the bottom left corner": (0.25, 0.75),
    "in the bottom right corner": (0.75, 0.75),
}
RELATIONS = {
    "above": ((0.5, 0.26), (0.5, 0.74)),
    "below": ((0.5, 0.74), (0.5, 0.26)),
    "to the left of": ((0.26, 0.5), (0.74, 0.5)),
    "to the right of": ((0.74, 0.5), (0.26, 0.5)),
}
INVERSE = {
    "above": "below",
    "below": "above",
    "to the left of": "to the right of",
    "to the right of": "to the left of",
}
COUNTS = {
    2: ((0.26, 0.5), (0.74, 0.5)),
    3: ((0.5, 0.25), (0.25, 0.74), (0.75, 0.74)),
}
NUMBERS = {2: "two", 3: "three"}
PLURALS = {"cross": "crosses"}
UNREADABLE = {
    ("beige", "white"),
    ("beige", "yellow"),
    ("light green", "white"),
    ("light blue", "white"),
    ("pink", "white"),
}
"""Background and colour too close to be told apart; no scene has them."""
SMALL_BELOW = 0.16
"""A thing with a smaller radius, as a share of the shorter side, is small; none is near this bound."""
HELD_OUT_ONE_IN = 12
BAD_QUALITY = "blurry, deformed"
"""Caption of the spoilt training pictures: as a negative prompt it steers away from them."""


@dataclass(frozen=True)
class Thing:
    """One shape. Centre as shares of width and height, radius as a share of the shorter side."""

    shape: str
    colour: str
    size: str
    radius: float
    x: float
    y: float


@dataclass(frozen=True)
class Scene:
    """A background and one to three things; exactly one of place, relation and count is set."""

    background: str
    things: tuple[Thing, ...]
    place: str | None = None
    relation: str | None = None
    count: int | None = None
    outlined: bool = False

    def is_held_out(self):
        """Whether scenes of this kind are kept out of training, by background, shapes, colours and arrangement."""
        kinds = " ".join(f"{thing.colour} {thing.shape}" for thing in self.things)
        key = f"{self.background}|{kinds}|{self.place}|{self.relation}|{self.count}"
        return zlib.crc32(key.encode()) % HELD_OUT_ONE_IN == 0


@dataclass(frozen=True)
class Prompt:
    """A caption, the scene it asks for, and of which things it states the size."""

    text: str
    scene: Scene
    sized: tuple[bool, ...]


def _colour_on(background, rng):
    if background in ("black", "gray") and rng.random() < 0.15:
        return "white"
    while True:
        colour = rng.choice(list(COLOURS))
        if colour != background and (background, colour) not in UNREADABLE:
            return colour


def _thing(rng, shape, colour, size, anchor, radii, jitter):
    x, y = anchor
    return Thing(
        shape,
        colour,
        size,
        rng.uniform(*radii[size]),
        x + rng.uniform(-jitter, jitter),
        y + rng.uniform(-jitter, jitter),
    )


_CENTRE_RADII = {"small": (0.12, 0.145), "large": (0.25, 0.30)}
_PLACE_RADII = {"small": (0.12, 0.145), "large": (0.185, 0.215)}
_GROUP_RADII = {"small": (0.115, 0.135), "large": (0.175, 0.20)}


def _single(rng, background, outlined):
    place = "in the center" if rng.random() < 0.25 else rng.choice(list(PLACES))
    radii = _CENTRE_RADII if place == "in the center" else _PLACE_RADII
    size = rng.choice(("small", "large"))
    thing = _thing(
        rng, rng.choice(list(SHAPES)), _colour_on(background, rng), size, PLACES[place], radii, 0.025
    )
    return Scene(background, (thing,), place=place, outlined=outlined)


def _pair(rng, background, outlined):
    relation = rng.choice(list(RELATIONS))
    first = (rng.choice(list(SHAPES)), _colour_on(background, rng))
    second = first
    while second == first:
        second = (rng.choice(list(SHAPES)), _colour_on(background, rng))
    things = tuple(
        _thing(rng, shape, colour, rng.choice(("small", "large")), anchor, _GROUP_RADII, 0.02)
        for (shape, colour), anchor in zip((first, second), RELATIONS[relation])
    )
    return Scene(background, things, relation=relation, outlined=outlined)


def _group(rng, background, outlined):
    count = rng.choice(tuple(COUNTS))
    shape, colour, size = rng.choice(list(SHAPES)), _colour_on(background, rng), rng.choice(("small", "large"))
    things = tuple(_thing(rng, shape, colour, size, anchor, _GROUP_RADII, 0.02) for anchor in COUNTS[count])
    return Scene(background, things, count=count, outlined=outlined)


def sample_scene(rng: random.Random, outlined=False, held_out=False):
    """A random scene, either of those kept for evaluation or of those for training."""
    while True:
        background = "white" if rng.random() < 0.2 else rng.choice(list(BACKGROUNDS))
        kind = rng.choices((_single, _pair, _group), (0.38, 0.42, 0.2))[0]
        scene = kind(rng, background, outlined)
        if scene.is_held_out() == held_out:
            return scene


def article(noun):
    """The noun with its indefinite article."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def _noun(thing, size=True, colour=True, shape=True, plural=False):
    name = thing.shape if shape else "shape"
    if plural:
        name = PLURALS.get(name, name + "s")
    words = [thing.size] if size else []
    if colour:
        words.append(thing.colour)
    return " ".join([*words, name])


_UNKNOWN_WORDS = (
    "nice", "lovely", "beautiful", "simple", "minimal", "cute", "fancy", "sharp", "modern", "crisp", "flat",
    "photo of", "render of", "poster of", "painting of", "please draw", "my", "artwork,", "hd,", "4 k,", "vector,",
)  # fmt: skip


def _opening(rng):
    if rng.random() < 0.85:
        return ""
    opening = rng.choice(("a picture of ", "a drawing of ", "an image of ", "there is ", ""))
    return opening or rng.choice(_UNKNOWN_WORDS) + " "


def _background_phrase(scene, rng):
    if scene.background == "white" and rng.random() < 0.5:
        return ""
    ground = scene.background
    return rng.choice(
        [f" on {article(ground)} background"] * 5 + [f", {ground} background", f" on {ground}"]
    )


def _some_noun(thing, rng, plural=False):
    noun = _noun(
        thing, size=rng.random() < 0.6, colour=rng.random() < 0.88, shape=rng.random() < 0.96, plural=plural
    )
    if rng.random() < 0.03:
        noun = rng.choice(_UNKNOWN_WORDS[:11]) + " " + noun
    return noun


def _subject(scene, rng):
    if scene.count:
        return f"{NUMBERS[scene.count]} {_some_noun(scene.things[0], rng, plural=True)}"
    if scene.place:
        noun = _some_noun(scene.things[0], rng)
        text = article(noun) if rng.random() < 0.9 else noun
        unsaid = scene.place == "in the center" and rng.random() < 0.6
        return text if unsaid else f"{text} {scene.place}"
    first, second, relation = *scene.things, scene.relation
    if rng.random() < 0.3:
        first, second, relation = second, first, INVERSE[relation]
    one, other = article(_some_noun(first, rng)), article(_some_noun(second, rng))
    kind = rng.random()
    if kind < 0.1:
        return f"{one} and {other}"
    if kind < 0.2:
        return f"{one} is {relation} {other}"
    return f"{one} {relation} {other}"


def _fragment(scene, rng):
    """A word or two that the picture has: what negative prompts are made of."""
    thing = rng.choice(scene.things)
    pieces = [thing.colour, thing.colour, thing.shape, thing.shape, article(thing.shape), thing.size]
    pieces += [f"{thing.colour} {thing.shape}", f"{scene.background} background"]
    if scene.count:
        pieces.append(f"{NUMBERS[scene.count]} {_noun(thing, size=False, colour=False, plural=True)}")
    if scene.place:
        pieces.append(scene.place)
    return rng.choice(pieces)


def caption(scene: Scene, rng: random.Random):
    """A true caption of the scene that leaves some of it out."""
    if rng.random() < 0.12:
        return _fragment(scene, rng)
    return _opening(rng) + _subject(scene, rng) + _background_phrase(scene, rng)


def sample_prompt(rng: random.Random):
    """A held-out prompt that states everything but the sizes, half of which it leaves free."""
    scene = sample_scene(rng, held_out=True)
    things = scene.things
    sized = (rng.random() < 0.5,) * len(things) if scene.count else tuple(rng.random() < 0.5 for _ in things)
    if scene.count:
        text = f"{NUMBERS[scene.count]} {_noun(things[0], size=sized[0], plural=True)}"
    else:
        nouns = [article(_noun(thing, size=size)) for thing, size in zip(things, sized)]
        if scene.place:
            unsaid = scene.place == "in the center" and rng.random() < 0.5
            text = nouns[0] if unsaid else f"{nouns[0]} {scene.place}"
        else:
            text = f"{nouns[0]} {scene.relation} {nouns[1]}"
    if scene.background != "white" or rng.random() < 0.5:
        text += f" on {article(scene.background)} background"
    return Prompt(text, scene, sized)


def held_out_prompts(count, seed):
    """The evaluation prompts: the same for the same seed."""
    rng = random.Random(seed)
    return [sample_prompt(rng) for _ in range(count)]


def words():
    """Every word, number and mark that captions use and the networks should know."""
    known = set("a an and is there picture drawing image of on background shape shapes , blurry deformed".split())
    for phrase in (*COLOURS, *BACKGROUNDS, *SHAPES, *PLACES, *RELATIONS, *NUMBERS.values(), "small", "large"):
        known.update(phrase.split())
    known.update(PLURALS.get(shape, shape + "s") for shape in SHAPES)
    return sorted(known)
