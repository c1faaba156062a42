"""The trained networks as diffusers folders: one decoder pipeline and three prior pipelines; and what is kept of them."""

import shutil

from diffusers import DDPMWuerstchenScheduler, WuerstchenDecoderPipeline, WuerstchenPriorPipeline
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from transformers import CLIPTextModel

from .stage_b import LATENT_MEAN, LATENT_STD
from .tokens import CompactVocabulary

RESULTS = (
    "stage_a/vqgan",
    "encoder/encoder.safetensors",
    "stage_b/decoder",
    "stage_b/text_encoder",
    "stage_c/prior",
    "stage_c/text_encoder",
    "finetuned/prior",
)
"""What a training leaves and everything else is made from, within its folder."""
RESOLUTION_MULTIPLE = 42.67
LATENT_DIM_SCALE = 10.67


def assemble(work, output):
    """Writes nano-decoder, nano-prior-base, -interpolated and -finetuned, and the semantic encoder, from a training."""
    vocabulary = CompactVocabulary()
    prior_text = vocabulary.expand(CLIPTextModel.from_pretrained(work / "stage_c" / "text_encoder"))
    for name, prior in _priors(work).items():
        WuerstchenPriorPipeline(
            tokenizer=vocabulary.tokenizer,
            text_encoder=prior_text,
            prior=prior,
            scheduler=DDPMWuerstchenScheduler(),
            latent_mean=LATENT_MEAN,
            latent_std=LATENT_STD,
            resolution_multiple=RESOLUTION_MULTIPLE,
        ).save_pretrained(output / f"nano-prior-{name}")
    WuerstchenDecoderPipeline(
        tokenizer=vocabulary.tokenizer,
        text_encoder=vocabulary.expand(CLIPTextModel.from_pretrained(work / "stage_b" / "text_encoder")),
        decoder=WuerstchenDiffNeXt.from_pretrained(work / "stage_b" / "decoder").eval(),
        scheduler=DDPMWuerstchenScheduler(),
        vqgan=PaellaVQModel.from_pretrained(work / "stage_a" / "vqgan").eval(),
        latent_dim_scale=LATENT_DIM_SCALE,
    ).save_pretrained(output / "nano-decoder")
    shutil.copy(work / "encoder" / "encoder.safetensors", output / "semantic_encoder.safetensors")


def keep(work, output):
    """Copies the results that a training has so far, without its states and caches."""
    for name in (name for name in RESULTS if (work / name).exists()):
        source, target = work / name, output / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def _priors(work):
    """The base prior, the tuned one, and the one half-way between their weights."""
    base, between, tuned = (
        WuerstchenPrior.from_pretrained(work / folder).eval()
        for folder in ("stage_c/prior", "stage_c/prior", "finetuned/prior")
    )
    for weight, goal in zip(between.parameters(), tuned.parameters()):
        weight.data.lerp_(goal.data, 0.5)
    return {"base": base, "interpolated": between, "finetuned": tuned}
