"""Stage A: the autoencoder between pictures and latents, learnt on crops around the edges of shapes."""

import math
import random

import torch
from diffusers.pipelines.wuerstchen import PaellaVQModel

from .drawing import draw
from .pictures import to_tensor, training_scene
from .training import Stage

CROP = 64
CROPS_OF_A_SCENE = 4
SIDE = 256


class StageA(Stage):
    """Trains a PaellaVQModel without quantisation, since diffusers decodes without it."""

    name = "stage_a"
    noise = 0.08

    def __init__(self):
        self.model = PaellaVQModel(
            bottleneck_blocks=2, embed_dim=48, latent_channels=4, num_vq_embeddings=256, scale_factor=1.0
        )
        for name, parameter in self.model.named_parameters():
            if name.endswith("gammas"):  # at their zeros a block is the identity for long
                parameter.data[2] = parameter.data[5] = 0.3
        self.model.vquantizer.requires_grad_(False)
        self.modules = {"vqgan": self.model}

    def loss(self, batch, rng):
        pictures = to_tensor(_crops(batch, rng))
        latents = self.model.encode(pictures, return_dict=False)[0]
        drawn = self.model.decode(latents + self.noise * torch.randn_like(latents)).sample
        error = drawn - pictures
        loss = 4 * error.pow(2).mean() + 0.5 * error.abs().mean()
        return loss, {"psnr": -10 * error.detach().pow(2).mean().log10().item()}

    def finish(self, folder):
        """Measures the latents' deviation, which becomes the scale factor, and writes the model."""
        rng = random.Random(2)
        pictures = to_tensor([draw(training_scene(rng), SIDE, SIDE) for _ in range(64)])
        self.model.eval()
        latents = self.model.encode(pictures, return_dict=False)[0]
        drawn = self.model.decode(latents).sample
        psnr = -10 * (drawn - pictures).pow(2).mean().log10().item()
        scale = latents.std().item()
        print(f"stage_a: {psnr:.2f} dB on whole pictures, latents' deviation {scale:.4f}")
        codes = latents.permute(0, 2, 3, 1).reshape(-1, 4)
        chosen = torch.randperm(codes.shape[0], generator=torch.Generator().manual_seed(3))[:256]
        self.model.vquantizer.embedding.weight.data.copy_(codes[chosen])
        self.model.register_to_config(scale_factor=scale)
        self.model.save_pretrained(folder / "vqgan")


def _crops(count, rng):
    crops = []
    while len(crops) < count:
        scene = training_scene(rng)
        picture = draw(scene, SIDE, SIDE)
        for _ in range(min(CROPS_OF_A_SCENE, count - len(crops))):
            top, left = _corner(scene, rng)
            crops.append(picture[top : top + CROP, left : left + CROP])
    return crops


def _corner(scene, rng):
    """Where to crop: mostly around the outline of a thing."""
    if rng.random() < 0.1:
        return rng.randrange(SIDE - CROP), rng.randrange(SIDE - CROP)
    thing, angle = rng.choice(scene.things), rng.uniform(0, 2 * math.pi)
    away = thing.radius * SIDE * rng.uniform(0.2, 1.0)
    left = int(thing.x * SIDE + away * math.cos(angle) - CROP / 2)
    top = int(thing.y * SIDE + away * math.sin(angle) - CROP / 2)
    return min(max(top, 0), SIDE - CROP), min(max(left, 0), SIDE - CROP)
