"""The trained networks as diffusers folders: one decoder pipeline and three prior pipelines."""

import shutil

from diffusers import DDPMWuerstchenScheduler, WuerstchenDecoderPipeline, WuerstchenPriorPipeline
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from transformers import CLIPTextModel

from .stage_b import LATENT_MEAN, LATENT_STD
from .tokens import CompactVocabulary

PRIORS = {"base": "stage_c/prior", "interpolated": "finetuned/interpolated", "finetuned": "finetuned/prior"}
RESOLUTION_MULTIPLE = 42.67
LATENT_DIM_SCALE = 10.67


def assemble(work, output):
    """Writes nano-decoder, nano-prior-base, -interpolated and -finetuned, and the semantic encoder, from a training."""
    vocabulary = CompactVocabulary()
    prior_text = vocabulary.expand(CLIPTextModel.from_pretrained(work / "stage_c" / "text_encoder"))
    for name, folder in PRIORS.items():
        WuerstchenPriorPipeline(
            tokenizer=vocabulary.tokenizer,
            text_encoder=prior_text,
            prior=WuerstchenPrior.from_pretrained(work / folder).eval(),
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
