"""Draws scenes of flat shapes with analytic antialiasing.

Signed distances are in units of the shape's radius, negative inside; y points down as in pictures.
"""

import math

import numpy as np

COLOURS = {
    "red": (220, 30, 30),
    "orange": (250, 140, 20),
    "yellow": (245, 225, 40),
    "green": (30, 160, 60),
    "blue": (35, 70, 220),
    "purple": (135, 45, 170),
    "black": (15, 15, 15),
    "white": (250, 250, 250),
}
BACKGROUNDS = {
    "white": (250, 250, 250),
    "black": (15, 15, 15),
    "gray": (128, 128, 128),
    "pink": (250, 190, 205),
    "light blue": (175, 215, 245),
    "light green": (185, 235, 185),
    "beige": (238, 224, 190),
}
OUTLINE_WIDTH = 0.13
"""Width of the outline of an outlined shape, in radii."""


def _circle(u, v):
    return np.sqrt(u * u + v * v) - 1


def _square(u, v):
    return np.maximum(abs(u), abs(v)) - 0.86


def _triangle(u, v):
    return np.maximum(v - 0.75, (1.75 * abs(u) - 0.95 * (v + 1)) / math.hypot(1.75, 0.95))


def _ring(u, v):
    return abs(np.sqrt(u * u + v * v) - 0.74) - 0.25


def _cross(u, v):
    upright = np.maximum(abs(u) - 0.33, abs(v) - 0.95)
    lying = np.maximum(abs(u) - 0.95, abs(v) - 0.33)
    return np.minimum(upright, lying)


def _star(u, v):
    """A five-pointed star: the plane is folded onto one half of one arm, whose edge is a segment."""
    tip, notch = 1.05, 0.47
    angle = np.arctan2(u, -v)
    folded = np.abs((angle + math.pi / 5) % (2 * math.pi / 5) - math.pi / 5)
    radius = np.sqrt(u * u + v * v)
    along, across = radius * np.cos(folded), radius * np.sin(folded)
    end_along, end_across = notch * math.cos(math.pi / 5), notch * math.sin(math.pi / 5)
    edge_along, edge_across = end_along - tip, end_across
    share = ((along - tip) * edge_along + across * edge_across) / (edge_along**2 + edge_across**2)
    share = np.clip(share, 0, 1)
    distance = np.hypot(along - tip - share * edge_along, across - share * edge_across)
    outside = np.sign((along - tip) * edge_across - across * edge_along)
    return distance * outside


SHAPES = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "ring": _ring,
    "cross": _cross,
}
EXTENTS = {
    "circle": (-1.0, 1.0, 1.0),
    "square": (-0.86, 0.86, 0.86),
    "triangle": (-1.0, 0.75, 0.95),
    "star": (-1.05, 1.05 * math.cos(math.pi / 5), 1.05 * math.sin(2 * math.pi / 5)),
    "ring": (-0.99, 0.99, 0.99),
    "cross": (-0.95, 0.95, 0.95),
}
"""Of each shape, in radii: top, bottom and half width of its bounding box."""


def grid_around(centre_x, centre_y, radius, columns, rows):
    """Pixel centres of the given column and row indexes in the shape's own coordinates."""
    u = ((columns.astype(np.float32) + 0.5 - centre_x) / radius)[None, :]
    v = ((rows.astype(np.float32) + 0.5 - centre_y) / radius)[:, None]
    return np.broadcast_arrays(u, v)


def outline_colour(colour, background):
    """The outline that stands out from both the fill and the background."""
    if colour == "black":
        return BACKGROUNDS["white"] if background in ("gray", "black") else BACKGROUNDS["gray"]
    if background == "black":
        return BACKGROUNDS["gray"] if colour == "white" else COLOURS["white"]
    return COLOURS["black"]


def draw(scene, height, width):
    """The scene as uint8 [height, width, 3]."""
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = BACKGROUNDS[scene.background]
    for thing in scene.things:
        _draw_thing(picture, thing, scene)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _draw_thing(picture, thing, scene):
    height, width, _ = picture.shape
    radius = thing.radius * min(height, width)
    x, y = thing.x * width, thing.y * height
    left, right = max(int(x - 1.1 * radius - 2), 0), min(int(x + 1.1 * radius + 3), width)
    top, bottom = max(int(y - 1.1 * radius - 2), 0), min(int(y + 1.1 * radius + 3), height)
    u, v = grid_around(x, y, radius, np.arange(left, right), np.arange(top, bottom))
    distance = SHAPES[thing.shape](u, v) * radius
    window = picture[top:bottom, left:right]
    if scene.outlined:
        _blend(window, distance, outline_colour(thing.colour, scene.background))
        distance = distance + OUTLINE_WIDTH * radius
    _blend(window, distance, COLOURS[thing.colour])


def _blend(window, distance, colour):
    cover = np.clip(0.5 - distance, 0, 1)[..., None].astype(np.float32)
    window *= 1 - cover
    window += cover * np.array(colour, np.float32)
