"""Draws prompts in batches with torch, to steer the training. What counts is measured through the product instead."""

import numpy as np
import torch
from diffusers.pipelines.wuerstchen import DEFAULT_STAGE_C_TIMESTEPS, PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from PIL import Image
from transformers import CLIPTextModel

from .checker import check
from .diffusion import alpha_cumprod, encode_text
from .language import held_out_prompts
from .pictures import encoder_input, latent_side, to_tensor
from .quick import shorten_attention
from .report import table
from .semantic import load_encoder
from .stage_b import LATENT_MEAN, LATENT_STD
from .tokens import CompactVocabulary

BASE = "stage_c/prior"
DECODER_STEPS = 12
BATCH = 25
SEED = 99


class Preview:
    """The networks of a training folder. Latents and pictures are those of one batch."""

    def __init__(self, work, prior=BASE):
        self.vocabulary = CompactVocabulary()
        self.prior = WuerstchenPrior.from_pretrained(work / prior).eval()
        self.prior_text = CLIPTextModel.from_pretrained(work / "stage_c" / "text_encoder").eval()
        self.decoder = WuerstchenDiffNeXt.from_pretrained(work / "stage_b" / "decoder").eval()
        self.decoder_text = CLIPTextModel.from_pretrained(work / "stage_b" / "text_encoder").eval()
        self.vqgan = PaellaVQModel.from_pretrained(work / "stage_a" / "vqgan").eval()
        shorten_attention(self.prior)
        shorten_attention(self.decoder)

    @torch.no_grad()
    def semantic(self, prompts, size, guidance, negative="", seed=0):
        """Stage C's latents for the prompts."""
        width, height = size
        rows = self.vocabulary.encode([*prompts, *[negative] * len(prompts)])
        text = encode_text(self.prior_text, self.vocabulary, rows)
        generator = torch.Generator().manual_seed(seed)
        shape = (len(prompts), 16, latent_side(height), latent_side(width))

        def noise_at(x, r):
            wanted, unwanted = self.prior(torch.cat([x, x]), r.repeat(2), text).chunk(2)
            return unwanted + guidance * (wanted - unwanted)

        return _sample(noise_at, shape, DEFAULT_STAGE_C_TIMESTEPS, generator)

    @torch.no_grad()
    def pictures(self, prompts, semantic, size, seed=0):
        """uint8 pictures [n, height, width, 3] of Stage C's latents."""
        width, height = size
        text = encode_text(self.decoder_text, self.vocabulary, self.vocabulary.encode(prompts))
        effnet = semantic * LATENT_MEAN - LATENT_STD
        generator = torch.Generator().manual_seed(seed)
        times = [1 - step / DECODER_STEPS for step in range(DECODER_STEPS + 1)]
        shape = (len(prompts), 4, height // 4, width // 4)
        latents = _sample(lambda x, r: self.decoder(x, r, effnet, text), shape, times, generator)
        drawn = self.vqgan.decode(self.vqgan.config.scale_factor * latents).sample.clamp(0, 1)
        return (drawn.permute(0, 2, 3, 1) * 255).round().to(torch.uint8).numpy()


def _sample(noise_at, shape, times, generator):
    """The scheduler's steps from pure noise along the times."""
    x = torch.randn(shape, generator=generator)
    for now, after in zip(times, times[1:]):
        product, later = (alpha_cumprod(torch.tensor(float(time))) for time in (now, after))
        alpha = product / later
        predicted = noise_at(x, torch.full((shape[0],), float(now)))
        x = (x - (1 - alpha) * predicted / (1 - product).sqrt()) / alpha.sqrt()
        if after > 0:
            deviation = ((1 - alpha) * (1 - later) / (1 - product)).sqrt()
            x = x + deviation * torch.randn(shape, generator=generator)
    return x


def measure(work, prior, count, size, guidance, negative):
    """The adherence table of held-out prompts; their first pictures are kept in the work folder. Without a prior the
    latents are those of the scenes themselves: what Stage B can do at best."""
    preview, prompts, verdicts, sheet = Preview(work, prior or BASE), held_out_prompts(count, SEED), [], []
    encoder = load_encoder(work / "encoder" / "encoder.safetensors")
    for start in range(0, count, BATCH):
        part = prompts[start : start + BATCH]
        texts = [prompt.text for prompt in part]
        if prior is None:
            with torch.no_grad():
                semantic = encoder(to_tensor([encoder_input(prompt.scene, size) for prompt in part]))
        else:
            semantic = preview.semantic(texts, size, guidance, negative, seed=start)
        pictures = preview.pictures(texts, semantic, size, seed=start)
        verdicts += [check(picture, prompt) for picture, prompt in zip(pictures, part)]
        sheet += list(pictures[: 24 - len(sheet)])
    rows = [np.concatenate(sheet[i : i + 6], 1) for i in range(0, len(sheet) // 6 * 6, 6)]
    Image.fromarray(np.concatenate(rows, 0)).save(work / "preview.png")
    source = f"{prior}, guidance {guidance:g}" if prior else "latents of the scenes"
    return table({f"{source}, {size[0]}x{size[1]}": verdicts})
