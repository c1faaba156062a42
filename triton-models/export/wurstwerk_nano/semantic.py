"""The semantic encoder: a picture to the 16 x h x w latents that Stage C draws and Stage B follows.

It learns beside a helper decoder that has to draw the picture again from noisy latents, and that is then dropped.
"""

import torch
import torch.nn.functional as F
from torch import nn

from .pictures import area_batch, choose_size, encoder_input, to_tensor, training_scene
from .training import Stage


class Residual(nn.Module):
    """Two convolutions beside the identity, started small."""

    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.gain = nn.Parameter(torch.tensor(0.3))

    def forward(self, x):
        return x + self.gain * self.second(F.gelu(self.first(x)))


class SemanticEncoder(nn.Module):
    """Pictures [n, 3, 16h, 16w] in 0 to 1 to latents [n, 16, h, w] with mean 0 and deviation 1."""

    def __init__(self, channels=48):
        super().__init__()
        self.body = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, channels, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(channels, channels, 4, 2, 1),
            nn.GELU(),
            Residual(channels),
            Residual(channels),
            nn.Conv2d(channels, 2 * channels, 4, 2, 1),
            Residual(2 * channels),
            nn.GELU(),
            nn.Conv2d(2 * channels, 16, 1),
        )
        self.norm = nn.BatchNorm2d(16, affine=False, momentum=0.02)

    def forward(self, pictures):
        return self.norm(self.body(pictures * 2 - 1))


class HelperDecoder(nn.Module):
    """Latents back to pictures, upsampled first as Stage B upsamples them."""

    def __init__(self, channels=48):
        super().__init__()
        self.coarse = nn.Sequential(nn.Conv2d(16, 64, 1), Residual(64), Residual(64))
        self.spread = nn.Conv2d(64, 4 * channels, 1)
        self.fine = Residual(channels)
        self.out = nn.Sequential(nn.GELU(), nn.Conv2d(channels, 48, 3, padding=1), nn.PixelShuffle(4))

    def forward(self, latents):
        height, width = latents.shape[-2:]
        x = F.interpolate(latents, size=(2 * height, 2 * width), mode="bicubic", align_corners=True)
        return self.out(self.fine(F.pixel_shuffle(self.spread(self.coarse(x)), 2)))


def _weights(scenes, shape):
    """Weight of each pixel: every thing counts the same, whatever its size."""
    count, _, height, width = shape
    weights = torch.ones(count, 1, height, width)
    for index, scene in enumerate(scenes):
        for thing in scene.things:
            reach, x, y = thing.radius * min(height, width) * 1.15, thing.x * width, thing.y * height
            rows = slice(max(int(y - reach), 0), int(y + reach) + 1)
            columns = slice(max(int(x - reach), 0), int(x + reach) + 1)
            weights[index, :, rows, columns] = 1 + 4 * (0.2 / thing.radius) ** 2
    return weights


class EncoderStage(Stage):
    """Trains the semantic encoder as a noisy autoencoder."""

    name = "encoder"
    noise = 0.1

    def __init__(self):
        self.encoder = SemanticEncoder()
        self.decoder = HelperDecoder()
        self.modules = {"encoder": self.encoder, "decoder": self.decoder}

    def loss(self, batch, rng):
        size = choose_size(rng, 0.75)
        scenes = [training_scene(rng) for _ in range(area_batch(batch, size))]
        pictures = to_tensor([encoder_input(scene, size) for scene in scenes])
        latents = self.encoder(pictures)
        drawn = self.decoder(latents + self.noise * torch.randn_like(latents))
        error, weights = drawn - pictures, _weights(scenes, pictures.shape)
        loss = 3 * (error.pow(2) * weights).mean() + 0.2 * (error.abs() * weights).mean()
        return loss, {"psnr": -10 * error.detach().pow(2).mean().log10().item(), "loss": loss.item()}

    def finish(self, folder):
        """Fixes the normalisation on many pictures and writes the encoder."""
        import random

        from safetensors.torch import save_file

        rng = random.Random(1)
        pictures = [to_tensor([encoder_input(training_scene(rng), (256, 256)) for _ in range(128)]) for _ in range(8)]
        self.encoder.train()
        self.encoder.norm.momentum = None
        self.encoder.norm.reset_running_stats()
        for batch in pictures:
            self.encoder(batch)
        self.encoder.eval()
        drawn = self.decoder(self.encoder(pictures[0])).clamp(0, 1)
        psnr = -10 * (drawn - pictures[0]).pow(2).mean().log10().item()
        print(f"encoder: {psnr:.2f} dB without noise, deviation {self.encoder(pictures[1]).std().item():.3f}")
        save_file({k: v.contiguous() for k, v in self.encoder.state_dict().items()}, folder / "encoder.safetensors")


def load_encoder(file):
    """The trained encoder, ready to encode."""
    from safetensors.torch import load_file

    encoder = SemanticEncoder()
    encoder.load_state_dict(load_file(file))
    return encoder.eval().requires_grad_(False)
