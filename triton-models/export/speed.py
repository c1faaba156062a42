"""Draws images with diffusers, one each time a line with a prompt and a seed comes in, and says where the time went.

    python speed.py --prior FOLDER --decoder FOLDER [--threads N]

`./wurstwerk bench --diffusers` talks to it; answers are JSON, a line an image: seconds by stage, as in the events of
Wurstwerk, and in all.
"""

import argparse
import io
import json
import sys
import time
import warnings

import torch
from diffusers import WuerstchenDecoderPipeline, WuerstchenPriorPipeline
from diffusers.pipelines.wuerstchen import DEFAULT_STAGE_C_TIMESTEPS


class Clock:
    """Sums the seconds that a network's calls take."""

    def __init__(self):
        self.seconds = {}

    def watch(self, owner, method, stage):
        """Times the owner's method from now on."""
        plain = getattr(owner, method)

        def timed(*args, **kwargs):
            start = time.perf_counter()
            try:
                return plain(*args, **kwargs)
            finally:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start

        setattr(owner, method, timed)


class Diffusers:
    """Both pipelines, watched."""

    def __init__(self, prior, decoder):
        self.prior = WuerstchenPriorPipeline.from_pretrained(prior)
        self.decoder = WuerstchenDecoderPipeline.from_pretrained(decoder)
        self.clock = Clock()
        for pipeline in (self.prior, self.decoder):
            pipeline.set_progress_bar_config(disable=True)
            self.clock.watch(pipeline.text_encoder, "forward", "text")
        self.clock.watch(self.prior.prior, "forward", "stage_c")
        self.clock.watch(self.decoder.decoder, "forward", "stage_b")
        self.clock.watch(self.decoder.vqgan, "decode", "stage_a")

    def draw(self, prompt, seed, width, height, guidance):
        """Draws with the default schedules, encodes a PNG and returns the seconds by stage."""
        self.clock.seconds.clear()
        start = time.perf_counter()
        generator = torch.Generator().manual_seed(seed)
        embeddings = self.prior(
            prompt, height, width, timesteps=DEFAULT_STAGE_C_TIMESTEPS, guidance_scale=guidance, generator=generator
        ).image_embeddings
        image = self.decoder(
            embeddings, prompt, num_inference_steps=12, guidance_scale=0.0, generator=generator, output_type="pil"
        ).images[0]
        encoding = time.perf_counter()
        image.save(io.BytesIO(), "PNG")
        end = time.perf_counter()
        return {**self.clock.seconds, "encode": end - encoding, "total": end - start}


def main():
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prior", required=True, help="folder of a WuerstchenPriorPipeline")
    parser.add_argument("--decoder", required=True, help="folder of a WuerstchenDecoderPipeline")
    parser.add_argument("--threads", type=int, help="torch's own choice if absent")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    diffusers = Diffusers(options.prior, options.decoder)
    print(json.dumps({"ready": True, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        print(
            json.dumps(
                diffusers.draw(
                    order["prompt"], order["seed"], order["width"], order["height"], order["prior_guidance_scale"]
                )
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
