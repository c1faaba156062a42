"""Stage B: from semantic latents and text to Stage A's latents."""

import torch
import torch.nn.functional as F
from diffusers.pipelines.wuerstchen import WuerstchenDiffNeXt
from transformers import CLIPTextModel

from . import caches
from .diffusion import (
    choose_bucket,
    choose_rows,
    encode_text,
    figures_at,
    make_noisy,
    spread_uniform,
    text_encoder,
)
from .quick import quick_blocks, shorten_attention
from .tokens import CompactVocabulary
from .training import Stage

TEXT_WIDTH = 64
DROPPED = 0.25
SEMANTIC_NOISE = 0.15
"""Most noise, as a deviation, on the semantic latents: Stage C's are not exact either."""
FLOOR = 0.1
EDGE_WEIGHT = 2.0
LATENT_MEAN, LATENT_STD = 42.0, 1.0
"""The pipelines hand over semantic latents as latents * 42 - 1."""


class StageB(Stage):
    """Trains the decoder with its text encoder, on semantic latents of deviation 1."""

    name = "stage_b"
    half = True

    def __init__(self, work):
        self.vocabulary = CompactVocabulary()
        self.text = text_encoder(self.vocabulary.rows, TEXT_WIDTH, layers=2, heads=2)
        self.decoder = WuerstchenDiffNeXt(
            c_in=4,
            c_out=4,
            c_r=64,
            patch_size=2,
            c_cond=64,
            c_hidden=[48, 80, 128],
            nhead=[-1, -1, 4],
            blocks=[2, 2, 2],
            level_config=["CT", "CT", "CTA"],
            inject_effnet=[False, True, True],
            effnet_embd=16,
            clip_embd=TEXT_WIDTH,
            kernel_size=3,
            dropout=0.0,
        )
        for mapper in self._mappers():
            mapper.weight.data.normal_(std=0.25)
        self.modules = {"text": self.text, "decoder": self.decoder}
        self.undo = shorten_attention(self.decoder)
        self.empty = self.vocabulary.encode([""])[0]
        self.data = caches.load(caches.STAGE_B, work)

    def _mappers(self):
        return [mapper for mapper in self.decoder.effnet_mappers if mapper is not None]

    def loss(self, batch, rng):
        size, index = choose_bucket(self.data, batch, rng)
        tensors = self.data[size]
        clean, semantic, count = tensors["latents"][index].float(), tensors["semantic"][index], len(index)
        strength = SEMANTIC_NOISE * torch.rand(count, 1, 1, 1)
        semantic = semantic + strength * torch.randn_like(semantic)
        rows = choose_rows(tensors, index)
        rows = torch.where((torch.rand(count) < DROPPED)[:, None], self.empty, rows)
        r = spread_uniform(count)
        noisy, noise, alpha = make_noisy(clean, r)
        with quick_blocks():
            predicted = self.decoder(noisy, r, semantic, encode_text(self.text, self.vocabulary, rows))
        squared = (predicted.float() - noise).pow(2)
        weights = 1 + EDGE_WEIGHT * _edges(clean)
        error = (squared * weights).mean((1, 2, 3)) * (1 - alpha)
        loss = (error / (alpha + FLOOR)).mean()
        with torch.no_grad():
            plain = squared.mean((1, 2, 3)) * (1 - alpha) / alpha
            figures = figures_at(plain, r, (0.5, 0.85, 0.94))
        return loss, {"loss": loss.item()} | figures

    def begin_from(self, folder):
        """Takes up a decoder that was written by `finish`, and its text encoder."""
        self.decoder.load_state_dict(WuerstchenDiffNeXt.from_pretrained(folder / "decoder").state_dict())
        self.text.load_state_dict(CLIPTextModel.from_pretrained(folder / "text_encoder").state_dict())
        for mapper in self._mappers():
            mapper.weight.data *= LATENT_MEAN
            mapper.bias.data -= mapper.weight.data.sum((1, 2, 3)) * LATENT_STD / LATENT_MEAN

    def finish(self, folder):
        """Writes the decoder for latents * 42 - 1: exact, as the weights of an interpolation sum to one."""
        self.undo()
        for mapper in self._mappers():
            mapper.bias.data += mapper.weight.data.sum((1, 2, 3)) * LATENT_STD / LATENT_MEAN
            mapper.weight.data /= LATENT_MEAN
        self.decoder.save_pretrained(folder / "decoder")
        self.text.save_pretrained(folder / "text_encoder")


def _edges(latents):
    """1 where a latent differs much from its right or lower neighbour, 0 elsewhere."""
    right = (latents[..., 1:] - latents[..., :-1]).abs().amax(1, keepdim=True) > 0.5
    below = (latents[..., 1:, :] - latents[..., :-1, :]).abs().amax(1, keepdim=True) > 0.5
    return (F.pad(right, (0, 1)) | F.pad(below, (0, 0, 0, 1))).float()
