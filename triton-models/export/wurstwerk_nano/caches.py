"""Scenes with their captions and latents, made once before Stage B and Stage C learn from them."""

import hashlib
import random
from dataclasses import dataclass

import torch
from diffusers.pipelines.wuerstchen import PaellaVQModel

from .drawing import BACKGROUNDS, draw
from .language import SIZES, caption, sample_scene
from .pictures import encoder_input, to_tensor, training_scene
from .semantic import load_encoder
from .tokens import CompactVocabulary

CAPTIONS = 4
"""Different captions kept of each scene."""
CHUNK = 100


@dataclass(frozen=True)
class Cache:
    """How many scenes of each of SIZES, whether with Stage A's latents, and of which looks."""

    name: str
    seed: int
    counts: tuple[int, ...]
    pictures: bool = False
    outlined: bool | None = False
    dark: float = 0.0
    """Share of the scenes that is drawn among those on a dark ground, beside those that come by chance."""

    def scene(self, rng):
        """A scene of the cache; both looks where `outlined` is None."""
        wanted = DARK if rng.random() < self.dark else BACKGROUNDS
        while True:
            scene = training_scene(rng) if self.outlined is None else sample_scene(rng, outlined=self.outlined)
            if scene.background in wanted:
                return scene


DARK = ("black", "gray")
STAGE_B = Cache("stage_b", 2500, (6000, 900, 900, 700, 900, 900), pictures=True, outlined=None, dark=0.4)
STAGE_C = Cache("stage_c", 1000, (40000, 5000, 5000, 5000, 5000, 5000))
FINETUNED = Cache("finetuned", 3000, (9000, 1500, 1500, 1200, 1500, 1500), outlined=True)


def _chunk(cache, size, rng, vocabulary, encoder, stage_a):
    width, height = size
    scenes = [cache.scene(rng) for _ in range(CHUNK)]
    captions = [caption(scene, rng) for scene in scenes for _ in range(CAPTIONS)]
    latents = encoder(to_tensor([encoder_input(scene, size) for scene in scenes]))
    entry = dict(semantic=latents.contiguous(), rows=vocabulary.encode(captions).view(CHUNK, CAPTIONS, -1).short())
    if stage_a is not None:
        step = 4  # larger batches do not fit the caches of a CPU
        parts = [to_tensor([draw(s, height, width) for s in scenes[i : i + step]]) for i in range(0, CHUNK, step)]
        encoded = [stage_a.encode(part, return_dict=False)[0] / stage_a.config.scale_factor for part in parts]
        entry["latents"] = torch.cat(encoded).half().contiguous()
    return entry


def _digest(cache, work):
    """Of the weights that a cache is made with: when they learn on, it is made anew."""
    files = [work / "encoder" / "encoder.safetensors"]
    files += sorted((work / "stage_a" / "vqgan").glob("*.safetensors")) if cache.pictures else []
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@torch.no_grad()
def load(cache: Cache, work):
    """The cache, by size; made and kept if there is none of the present encoder and Stage A."""
    file = work / "caches" / f"{cache.name}-{_digest(cache, work)}.pt"
    if file.exists():
        return torch.load(file, weights_only=True)
    vocabulary, encoder = CompactVocabulary(), load_encoder(work / "encoder" / "encoder.safetensors")
    stage_a = PaellaVQModel.from_pretrained(work / "stage_a" / "vqgan").eval() if cache.pictures else None
    made = {}
    for index, (size, count) in enumerate(zip(SIZES, cache.counts)):
        rng = random.Random(cache.seed + index)
        chunks = []
        for _ in range(-(-count // CHUNK)):
            chunks.append(_chunk(cache, size, rng, vocabulary, encoder, stage_a))
        made[size] = {key: torch.cat([chunk[key] for chunk in chunks])[:count] for key in chunks[0]}
        print(f"cache {cache.name}: {count} scenes of {size[0]}x{size[1]}", flush=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(made, file)
    return made
