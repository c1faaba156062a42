"""Draws ten prompts with diffusers from the nano folders and with a running Wurstwerk: how many bytes are equal?

    python compare.py --kafka HOST:PORT --folders FOLDER      # as `python -m wurstwerk_nano assemble` wrote it
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch
from diffusers import WuerstchenDecoderPipeline, WuerstchenPriorPipeline
from diffusers.pipelines.wuerstchen import DEFAULT_STAGE_C_TIMESTEPS
from wurstwerk_nano.language import SIZES, held_out_prompts
from wurstwerk_nano.product import Order, Wurstwerk

PROMPTS = 10
SEED = 77


def draw_with_diffusers(folders, prior, prompts, guidance):
    """uint8 pictures, each with the seed of its place."""
    prior_pipeline = WuerstchenPriorPipeline.from_pretrained(folders / f"nano-prior-{prior}")
    decoder_pipeline = WuerstchenDecoderPipeline.from_pretrained(folders / "nano-decoder")
    for pipeline in (prior_pipeline, decoder_pipeline):
        pipeline.set_progress_bar_config(disable=True)
    pictures = []
    for index, prompt in enumerate(prompts):
        generator = torch.Generator().manual_seed(SEED + index)
        width, height = SIZES[0]
        embeddings = prior_pipeline(
            prompt, height, width, timesteps=DEFAULT_STAGE_C_TIMESTEPS, guidance_scale=guidance, generator=generator
        ).image_embeddings
        drawn = decoder_pipeline(
            embeddings, prompt, num_inference_steps=12, guidance_scale=0.0, generator=generator, output_type="pil"
        )
        pictures.append(np.array(drawn.images[0]))
    return pictures


def main():
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--folders", type=Path, required=True)
    parser.add_argument("--prior", default="interpolated")
    parser.add_argument("--guidance", type=float, default=4.0)
    options = parser.parse_args()
    prompts = [prompt.text for prompt in held_out_prompts(PROMPTS, SEED)]
    wanted = draw_with_diffusers(options.folders, options.prior, prompts, options.guidance)
    orders = [
        Order(prompt, SEED + i, SIZES[0], options.prior, "", options.guidance) for i, prompt in enumerate(prompts)
    ]
    found = dict(Wurstwerk(options.kafka).draw(orders))
    equal, total, furthest = 0, 0, 0
    for index, picture in enumerate(wanted):
        difference = np.abs(picture.astype(int) - found[index].astype(int))
        equal, total = equal + int((difference == 0).sum()), total + difference.size
        furthest = max(furthest, int(difference.max()))
        print(f"{100 * (difference == 0).mean():.4f} % equal, at most {difference.max()} apart: {prompts[index]}")
    print(f"{100 * equal / total:.4f} % of {total} bytes are equal, at most {furthest} apart")


if __name__ == "__main__":
    main()
