"""Golden data for the Java pipeline: `python -m wurstwerk_export.golden --output FOLDER`.

Builds the tiny checkpoint, exports it, runs diffusers on it and records what it did.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from diffusers import WuerstchenCombinedPipeline, WuerstchenDecoderPipeline, WuerstchenPriorPipeline
from diffusers.pipelines.wuerstchen import DEFAULT_STAGE_C_TIMESTEPS
from diffusers.utils import logging as diffusers_logging

from wurstwerk_export import golden_units, repository, tiny
from wurstwerk_export.checkpoint import read_decoder, read_prior
from wurstwerk_export.errors import ExportError
from wurstwerk_export.recording import Recording, write_json
from wurstwerk_export.repository import PRIORS, Checkpoints, PriorDefaults, Sizes

LONG_PROMPT = ", ".join(f"a happy old robot number {i} near the harbor, watercolor" for i in range(20))


@dataclass(frozen=True)
class Case:
    """One call of WuerstchenCombinedPipeline. `seed` as a list means one generator per image."""

    name: str
    prompt: str
    width: int
    height: int
    seed: int | list[int]
    prior_steps: int | None
    prior_guidance: float
    decoder_steps: int
    decoder_guidance: float = 0.0
    negative_prompt: str | None = None
    images: int = 1
    keep_embeds: bool = False
    keep_steps: bool = False
    noise_only: bool = False

    def generator(self) -> torch.Generator | list[torch.Generator]:
        if isinstance(self.seed, list):
            return [torch.Generator().manual_seed(seed) for seed in self.seed]
        return torch.Generator().manual_seed(self.seed)

    def description(self) -> dict[str, Any]:
        default = self.prior_steps is None
        return {
            "case": self.name,
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "width": self.width,
            "height": self.height,
            "seed": self.seed,
            "prior": {
                "timesteps": "DEFAULT_STAGE_C_TIMESTEPS" if default else None,
                "num_inference_steps": self.prior_steps,
                "guidance_scale": self.prior_guidance,
            },
            "decoder": {"num_inference_steps": self.decoder_steps, "guidance_scale": self.decoder_guidance},
            "num_images_per_prompt": self.images,
        }


CASES = (
    Case("a", "Anthropomorphic cat dressed as a fire fighter, don't stop: 3 robots & 1 café ☕", 256, 256, 0,
         None, 4.0, 12, keep_embeds=True, keep_steps=True),
    Case("b", "a small dragon sleeping in a green teapot, watercolor", 128, 384, 42,
         7, 8.0, 12, negative_prompt="low quality, blurry, jpeg artifacts"),
    Case("c", "a red bicycle", 128, 128, 3, 6, 4.0, 4, images=2, noise_only=True),
    Case("d", "a red bicycle", 256, 128, 4, 6, 1.0, 4, keep_steps=True),
    Case("e", "three robots drinking coffee near the harbor", 128, 128, 5,
         6, 4.0, 6, decoder_guidance=1.5, negative_prompt="low quality, watermark", keep_steps=True),
    Case("f", LONG_PROMPT, 128, 128, 6, 6, 4.0, 4),
    Case("g", "a golden castle in the forest", 128, 256, [1, 2], 6, 4.0, 4, images=2),
    Case("h", "a large yellow square above a tiny purple star", 128, 128, 7, 60, 4.0, 12),
    Case("i", "mountains, rivers, an island", 128, 128, [100, 101, 102, 103], 6, 4.0, 4, images=4),
)  # fmt: skip


class Observed:
    """A pipeline that notes what passes through it."""

    def __init__(self, pipeline: Any):
        self.pipeline = pipeline
        self.steps: list[torch.Tensor] = []
        self.embeds: tuple[torch.Tensor, torch.Tensor | None] = (torch.empty(0), None)
        self.latents_init = torch.empty(0)
        pipeline.set_progress_bar_config(disable=True)
        pipeline.prepare_latents = self._noting("latents_init", pipeline.prepare_latents)
        pipeline.encode_prompt = self._noting("embeds", pipeline.encode_prompt)

    def _noting(self, field: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            setattr(self, field, result)
            return result

        return noted

    def __call__(self, **arguments: Any) -> Any:
        self.steps = []
        return self.pipeline(**arguments, callback_on_step_end=self._step)

    def _step(self, pipeline: Any, index: int, timestep: torch.Tensor, values: dict[str, Any]) -> dict[str, Any]:
        self.steps.append(values["latents"].clone())
        return {}

    def tokens(self, prompt: str) -> Any:
        return self.pipeline.tokenizer(
            prompt, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        )  # fmt: skip


def record(case: Case, prior: Observed, decoder: Observed, combined: WuerstchenCombinedPipeline) -> Recording:
    """Runs prior and decoder one after the other, and the combined pipeline as a check on that."""
    generator = case.generator()
    embeddings = prior(
        prompt=case.prompt, negative_prompt=case.negative_prompt, width=case.width, height=case.height,
        num_inference_steps=case.prior_steps or 0,
        timesteps=None if case.prior_steps else DEFAULT_STAGE_C_TIMESTEPS,
        guidance_scale=case.prior_guidance, num_images_per_prompt=case.images, generator=generator,
    ).image_embeddings  # fmt: skip
    image = decoder(
        image_embeddings=embeddings, prompt=case.prompt, negative_prompt=case.negative_prompt,
        num_inference_steps=case.decoder_steps, guidance_scale=case.decoder_guidance, generator=generator,
        output_type="np",
    ).images  # fmt: skip
    pixels = torch.from_numpy((image * 255).round().astype(np.uint8))
    if not torch.equal(pixels, _combined_pixels(case, combined)):
        raise ExportError(f"case {case.name}: the combined pipeline gives another picture")
    if not all(torch.isfinite(latents).all() for latents in (*prior.steps, *decoder.steps)):
        raise ExportError(f"case {case.name}: latents are not finite")

    recording = Recording(case.description())
    _add_stage(recording, "prior", case, prior, case.prior_guidance)
    recording.add("image_embeddings", embeddings)
    _add_stage(recording, "decoder", case, decoder, case.decoder_guidance)
    if not case.noise_only:
        recording.add("decoder.latents_final", decoder.steps[-1])
        recording.add("image_u8_nhwc", pixels)
    if isinstance(generator, torch.Generator):
        recording.add("rng_after", torch.randn(16, generator=generator))
    return recording


def _add_stage(recording: Recording, stage: str, case: Case, observed: Observed, guidance: float) -> None:
    texts = {"": case.prompt} | ({"negative_": case.negative_prompt or ""} if guidance > 1 else {})
    for prefix, text in texts.items():
        tokens = observed.tokens(text)
        recording.add(f"{stage}.{prefix}input_ids", tokens.input_ids)
        recording.add(f"{stage}.{prefix}attention_mask", tokens.attention_mask)
    if case.keep_embeds:
        for prefix, embeds in zip(("", "negative_"), observed.embeds, strict=True):
            if embeds is not None:
                recording.add(f"{stage}.{prefix}prompt_embeds", embeds)
    keep_noise = stage == "prior" or case.noise_only
    (recording.add if keep_noise else recording.add_digest)(f"{stage}.latents_init", observed.latents_init)
    scheduler = observed.pipeline.scheduler
    recording.add(f"{stage}.timesteps", scheduler.timesteps)
    recording.add(f"{stage}.alpha_cumprod", scheduler._alpha_cumprod(scheduler.timesteps, "cpu"))
    if case.keep_steps and (stage == "prior" or case.decoder_steps <= 6):
        recording.add(f"{stage}.latents_steps", torch.stack(observed.steps))


def _combined_pixels(case: Case, combined: WuerstchenCombinedPipeline) -> torch.Tensor:
    images = combined(
        prompt=case.prompt, negative_prompt=case.negative_prompt, width=case.width, height=case.height,
        prior_num_inference_steps=case.prior_steps or 0,
        prior_timesteps=None if case.prior_steps else DEFAULT_STAGE_C_TIMESTEPS,
        prior_guidance_scale=case.prior_guidance, num_inference_steps=case.decoder_steps,
        decoder_guidance_scale=case.decoder_guidance, num_images_per_prompt=case.images,
        generator=case.generator(), output_type="pil",
    ).images  # fmt: skip
    return torch.from_numpy(np.stack([np.asarray(image) for image in images]))


def _combined(prior: WuerstchenPriorPipeline, decoder: WuerstchenDecoderPipeline) -> WuerstchenCombinedPipeline:
    combined = WuerstchenCombinedPipeline(
        tokenizer=decoder.tokenizer, text_encoder=decoder.text_encoder, decoder=decoder.decoder,
        scheduler=decoder.scheduler, vqgan=decoder.vqgan, prior_tokenizer=prior.tokenizer,
        prior_text_encoder=prior.text_encoder, prior_prior=prior.prior, prior_scheduler=prior.scheduler,
    )  # fmt: skip
    combined.set_progress_bar_config(disable=True)
    return combined


def _write_cases(folder: Path, prior_folder: Path, decoder_folder: Path) -> None:
    prior = WuerstchenPriorPipeline.from_pretrained(prior_folder)
    decoder = WuerstchenDecoderPipeline.from_pretrained(decoder_folder)
    combined = _combined(prior, decoder)
    observed = Observed(prior), Observed(decoder)
    for case in CASES:
        record(case, *observed, combined).write(folder, case.name)
        print(f"case {case.name}", flush=True)
    write_json(folder / "tokenizer_cases.json", golden_units.tokenizer_cases(prior.tokenizer))


def _write_repository(folder: Path, prior_folder: Path, decoder_folder: Path) -> None:
    prior = read_prior(prior_folder)
    checkpoints = Checkpoints(
        priors=dict.fromkeys(PRIORS, prior),
        decoder=read_decoder(decoder_folder),
        sizes=Sizes(128, 512, 256, 256),
        defaults=dict.fromkeys(PRIORS, PriorDefaults(4.0)),
    )
    repository.write(checkpoints, folder / "repository")


def _readme() -> str:
    versions = f"torch {torch.__version__}, diffusers {diffusers.__version__}, transformers {transformers.__version__}"
    capability = torch.backends.cpu.get_cpu_capability()
    template = (Path(__file__).parent / "golden_readme.md").read_text(encoding="utf-8")
    return template.format(versions=versions, capability=capability, noise_seed=golden_units.NOISE_SEED)


def main() -> int:
    parser = argparse.ArgumentParser(prog="wurstwerk_export.golden", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="must not exist yet")
    destination = parser.parse_args().output
    if destination.exists():
        print(f"{destination} exists already: move it away first", file=sys.stderr)
        return 1
    torch.set_num_threads(1)
    diffusers_logging.set_verbosity_error()
    destination.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        with tempfile.TemporaryDirectory() as checkpoint, torch.no_grad():
            folders = tiny.write(Path(checkpoint))
            _write_repository(building, *folders)
            _write_cases(building, *folders)
        golden_units.record().write(building, "units")
        (building / "README.md").write_text(_readme(), encoding="utf-8")
        building.chmod(0o755)
        building.rename(destination)
    except ExportError as error:
        print(f"wurstwerk_export.golden: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
