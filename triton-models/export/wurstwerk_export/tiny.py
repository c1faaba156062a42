"""A tiny Würstchen v2 checkpoint from fixed seeds: the real module classes, small enough to commit its graphs.

It draws nothing recognisable. Every parameter is random, also those that are born zero (they would hide faults).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import torch
from diffusers import DDPMWuerstchenScheduler, WuerstchenDecoderPipeline, WuerstchenPriorPipeline
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizerFast
from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

WIDTH = 32
MERGES = 240
START, END = "<|startoftext|>", "<|endoftext|>"

# What the byte pairs are learnt from.
_CORPUS = """
a red bicycle leaning against the old stone wall in the morning light, watercolor
a small dragon sleeping in a green teapot, painting by a child, warm colors
a golden castle in the forest at night with many stars and a bright moon
anthropomorphic cat dressed as a fire fighter, detailed portrait, studio light
three robots drinking coffee near the harbor, photograph, high quality, sharp
low quality, blurry, jpeg artifacts, noise, bad drawing, text, watermark
the quick brown fox jumps over the lazy dog while it doesn't rain and we're happy
a large yellow square above a tiny purple star, to the left of a white circle
mountains, rivers, an island, snow, sand, glass, wood, metal, bread and butter
"""


def write(folder: Path) -> tuple[Path, Path]:
    """Writes the checkpoint and returns its prior and decoder pipeline folders."""
    tokenizer = _tokenizer(folder / "vocabulary")
    prior = WuerstchenPriorPipeline(
        tokenizer=tokenizer,
        text_encoder=randomised(CLIPTextModel(_text_config(tokenizer)), 11),
        prior=_prior(),
        scheduler=DDPMWuerstchenScheduler(),
    )
    decoder = WuerstchenDecoderPipeline(
        tokenizer=tokenizer,
        text_encoder=randomised(CLIPTextModel(_text_config(tokenizer)), 21),
        decoder=_decoder(),
        scheduler=DDPMWuerstchenScheduler(),
        vqgan=_vqgan(),
    )
    folders = folder / "prior", folder / "decoder"
    prior.save_pretrained(folders[0])
    decoder.save_pretrained(folders[1])
    return folders


def _text_config(tokenizer: CLIPTokenizerFast) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=2 * WIDTH, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=77, projection_dim=WIDTH, hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


def _prior() -> WuerstchenPrior:
    return random_prior(WuerstchenPrior(c_in=16, c=WIDTH, c_cond=WIDTH, c_r=64, depth=2, nhead=2), 12)


def _decoder() -> WuerstchenDiffNeXt:
    decoder = WuerstchenDiffNeXt(
        c_cond=WIDTH, clip_embd=WIDTH, c_hidden=[16, WIDTH, WIDTH, WIDTH], nhead=[-1, 2, 2, 2], blocks=[1, 1, 1, 1],
        level_config=["CT", "CTA", "CTA", "CTA"], inject_effnet=[False, True, True, True],
    )  # fmt: skip
    return random_decoder(decoder, 22)


def _vqgan() -> PaellaVQModel:
    return random_vqgan(PaellaVQModel(bottleneck_blocks=2, embed_dim=WIDTH, num_vq_embeddings=16), 23)


def random_prior(prior: WuerstchenPrior, seed: int) -> WuerstchenPrior:
    """The prior with all of its parameters random, and outputs as those of a trained one."""
    randomised(prior, seed)
    with torch.no_grad():
        # The divisor of the predicted noise, |1 - b|, away from 0: as trained priors have it.
        prior.out[1].weight[prior.config.c_in :] *= 0.2
    return prior


def random_decoder(decoder: WuerstchenDiffNeXt, seed: int) -> WuerstchenDiffNeXt:
    """The same for Stage B."""
    randomised(decoder, seed)
    with torch.no_grad():
        # The divisor of the predicted noise near 1, so that many steps stay within range.
        bias = decoder.clf[1].bias
        bias[bias.numel() // 2 :] += 3
        # Embeddings have amplitudes of many tens.
        for mapper in decoder.effnet_mappers:
            if mapper is not None:
                mapper.weight /= 42
    return decoder


def random_vqgan(vqgan: PaellaVQModel, seed: int) -> PaellaVQModel:
    """The same for Stage A."""
    randomised(vqgan, seed)
    with torch.no_grad():
        # Pictures of middle brightness, with some pixels beyond both ends.
        vqgan.out_block[0].weight *= 0.8
        vqgan.out_block[0].bias += 0.5
    return vqgan


def randomised(module: nn.Module, seed: int) -> nn.Module:
    """The module with every parameter random, so that signals neither die out nor explode."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if parameter.ndim == 1 and name.endswith("weight"):
                parameter.copy_(1 + 0.1 * noise)  # scale of a normalisation
            elif parameter.ndim == 1:
                parameter.copy_(0.1 * noise)
            elif "embedding" in name and "position" not in name and parameter.ndim == 2:
                parameter.copy_(noise)
            else:
                parameter.copy_(noise * (0.7 / math.sqrt(parameter[0].numel())))
    return module.eval()


def _tokenizer(folder: Path) -> CLIPTokenizerFast:
    alphabet = list(bytes_to_unicode().values())
    merges = _merges()
    vocabulary = [*alphabet, *(f"{c}</w>" for c in alphabet), *(a + b for a, b in merges), START, END]
    folder.mkdir(parents=True)
    ids = {token: index for index, token in enumerate(dict.fromkeys(vocabulary))}
    (folder / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CLIPTokenizerFast(
        str(folder / "vocab.json"), str(folder / "merges.txt"),
        unk_token=END, bos_token=START, eos_token=END, pad_token=END, model_max_length=77,
    )  # fmt: skip


def _merges() -> list[tuple[str, str]]:
    """Byte pair encoding over the corpus; ties are broken by the pair itself, so the result is one."""
    words = Counter(re.findall(r"[a-z]+|[^\sa-z]+", _CORPUS))
    pieces = {word: [*word[:-1], f"{word[-1]}</w>"] for word in words}
    merges: list[tuple[str, str]] = []
    while len(merges) < MERGES:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in pieces.items():
            for pair in pairwise(parts):
                pairs[pair] += words[word]
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        pieces = {word: _joined(parts, best) for word, parts in pieces.items()}
    return merges


def _joined(parts: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    at = 0
    while at < len(parts):
        if tuple(parts[at : at + 2]) == pair:
            joined.append(parts[at] + parts[at + 1])
            at += 2
        else:
            joined.append(parts[at])
            at += 1
    return joined
