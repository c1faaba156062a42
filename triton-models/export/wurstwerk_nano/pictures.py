"""Batches of drawn scenes as tensors."""

import math

import numpy as np
import torch

from .drawing import draw
from .language import SIZES, sample_scene

OUTLINED_SHARE = 0.15
"""Share of outlined scenes where pictures are learnt (Stage A, Stage B, the encoder); the base prior sees none."""
CELL = 16
"""Pixels of the encoder's input per semantic latent."""


def latent_side(pixels):
    """Semantic latents along a side of so many pixels."""
    return math.ceil(pixels / 42.67)


def training_scene(rng):
    """A scene for the networks that see pictures."""
    return sample_scene(rng, outlined=rng.random() < OUTLINED_SHARE)


def to_tensor(pictures):
    """uint8 pictures [height, width, 3] as one float tensor [n, 3, height, width] in 0 to 1."""
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
    return (stacked.float() / 255).contiguous()


def encoder_input(scene, size):
    """The scene as the semantic encoder sees it when the picture is of this size (width, height)."""
    width, height = size
    return draw(scene, CELL * latent_side(height), CELL * latent_side(width))


def choose_size(rng, square_share=0.6):
    """A picture size: mostly the small square."""
    return SIZES[0] if rng.random() < square_share else rng.choice(SIZES[1:])


def area_batch(batch, size):
    """As many pictures of this size as have about the area of the batch at the small square."""
    width, height = size
    return max(batch * 256 * 256 // (width * height), 1)
