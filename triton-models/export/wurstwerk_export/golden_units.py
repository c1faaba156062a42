"""Golden data for the parts below a whole run: noise, schedules, guidance, scheduler steps, tokens."""

from __future__ import annotations

import hashlib
from typing import Any

import torch
from diffusers import DDPMWuerstchenScheduler
from diffusers.pipelines.wuerstchen import DEFAULT_STAGE_C_TIMESTEPS
from transformers import CLIPTokenizerFast

from wurstwerk_export.recording import Recording

SEEDS = (0, 42, 2147483648, 4294967295, 123456789012345, -1, -9007199254740993)
# Consecutive draws of one generator; below 16 values torch takes another path, and 17 or 33 end in a partial block.
DRAWS = (16, 576, 17, 5, 432, 20, 3, 1, 16384, 33, 100, 9216, 15)
FRESH = (5, 17, 9216, 262144)
LONG = 1000

STEP_COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 29, 30, 40, 50, 60, 100, 200)
GUIDANCE = (1.5, 2.0, 4.0, 7.3, 8.0)
STEP_SHAPE = (2, 16, 3, 4)
NOISE_SEED = 7

TEXTS = (
    "",
    " ",
    "a cat",
    "A CAT",
    "  multiple   spaces\tand\nnewlines  ",
    "don't can't I'LL we're they've he'd 'quoted'",
    "it ' s o'clock 'S 'Re",
    "café naïve Ünïcödé",
    "cafe\u0301 decomposed",
    "\u00c5ngstr\u00f6m A\u030angstro\u0308m \u212bngstr\u00f6m",
    "\ufb01 ligature \u00bd \u00b2 \u2163",
    "\U0001f600 \U0001f692\U0001f468\u200d\U0001f692 emoji",
    "\U0001f1e9\U0001f1ea flags \U0001f3f3\ufe0f\u200d\U0001f308",
    "中文提示 日本語 テスト",
    "한국어 프롬프트",
    "русский текст",
    "العربية",
    "ελληνικά ΣΊΣΥΦΟΣ ς",
    "İstanbul ı I",
    "straße STRASSE ẞ",
    "न हिन्दी क्ष",
    "ภาษาไทย",
    "3 robots, 4k, 1024x1024, 1,000.50!",
    "\u0663\u0664 \u2460 \u00bc x\u00b2",
    "!!!???...;;;",
    "a_b-c/d\\e|f@g#h$i%j^k&l*m(n)o",
    "<|startoftext|>a cat<|endoftext|> dog",
    "<|endoftext|>",
    "<|EndOfText|> <| endoftext |>",
    "https://example.com/a?b=c&d=e",
    "tab\there\u00a0nbsp\u200bzwsp\u3000ideographic\u2028line\u0085next",
    "\x00control\x07chars\x7f",
    "line1\r\nline2",
    "\ufeffBOM",
    "ＦＵＬＬ ｗｉｄｔｈ",
    "\U0001d56c\U0001d593\U0001d599\U0001d58d\U0001d597\U0001d594 \U0001d7d8",
    "&lt;b&gt; &amp; html",
    "…—“quotes”‘x’",
    " leading",
    "trailing ",
    "z\u0335\u0321a\u0334\u0322l\u0336g\u0337o",
    "wow" * 40,
    "x" * 400,
    "a happy old robot near the harbor, watercolor, " * 12,
    "\U0001f600" * 60,
    "word " * 75,
    "word " * 76,
)


def tokenizer_cases(tokenizer: CLIPTokenizerFast) -> list[dict[str, Any]]:
    """Texts with their ids and masks, padded and truncated to 77."""
    cases = []
    for text in TEXTS:
        tokens = tokenizer(text, padding="max_length", max_length=77, truncation=True)
        cases.append({"text": text, "ids": tokens.input_ids, "mask": tokens.attention_mask})
    return cases


def record() -> Recording:
    """Noise, timesteps, alpha_cumprod, lerp and scheduler steps of this machine's torch."""
    recording = Recording(
        {
            "case": "units",
            "torch": torch.__version__,
            "cpu": torch.backends.cpu.get_cpu_capability(),
            "randn": [],
            "step": {"noise_seed": NOISE_SEED, "coefficients": ["sqrt(1/a)", "1-a", "sqrt(1-ac)", "std"]},
        }
    )
    _add_noise(recording)
    for count in STEP_COUNTS:
        _add_schedule(recording, str(count), torch.linspace(1.0, 0.0, count + 1))
    _add_schedule(recording, "default", torch.Tensor(DEFAULT_STAGE_C_TIMESTEPS))
    _add_guidance(recording)
    for name, timesteps in (
        ("12", torch.linspace(1.0, 0.0, 13)),
        ("default", torch.Tensor(DEFAULT_STAGE_C_TIMESTEPS)),
        ("60", torch.linspace(1.0, 0.0, 61)),
        ("custom", torch.Tensor([0.9, 0.71, 0.5, 0.123456789, 0.0])),
    ):
        _add_steps(recording, name, timesteps)
    return recording


def _add_noise(recording: Recording) -> None:
    randn = recording.description["randn"]
    for seed in SEEDS:
        random = torch.Generator().manual_seed(seed)
        for index, count in enumerate(DRAWS):
            _add_draw(recording, seed, index, torch.randn(count, generator=random))
        randn.append({"seed": seed, "seq": list(DRAWS)})
    for seed in (0, 42):
        for count in FRESH:
            _add_draw(recording, seed, 0, torch.randn(count, generator=torch.Generator().manual_seed(seed)))


def _add_draw(recording: Recording, seed: int, index: int, values: torch.Tensor) -> None:
    if len(values) < LONG:
        recording.add(f"randn.{seed}.{index}.{len(values)}", values)
        return
    digest = hashlib.sha256(values.numpy().astype("<f4").tobytes()).hexdigest()
    recording.description["randn"].append({"seed": seed, "index": index, "n": len(values), "sha256": digest})


def _add_schedule(recording: Recording, name: str, timesteps: torch.Tensor) -> None:
    recording.add(f"timesteps.{name}", timesteps)
    recording.add(f"alpha.{name}", DDPMWuerstchenScheduler()._alpha_cumprod(timesteps, "cpu"))


def _add_guidance(recording: Recording) -> None:
    random = torch.Generator().manual_seed(31)
    text, uncond = torch.randn(1000, generator=random), torch.randn(1000, generator=random)
    recording.add("lerp.text", text)
    recording.add("lerp.uncond", uncond)
    for scale in GUIDANCE:
        recording.add(f"lerp.{scale}", torch.lerp(uncond, text, scale))


def _add_steps(recording: Recording, name: str, timesteps: torch.Tensor) -> None:
    """Every step of a schedule from the same x and eps, so that one wrong step does not hide the others."""
    random = torch.Generator().manual_seed(32)
    x, eps = torch.randn(STEP_SHAPE, generator=random), torch.randn(STEP_SHAPE, generator=random)
    scheduler = DDPMWuerstchenScheduler()
    scheduler.set_timesteps(timesteps=timesteps)
    noise = torch.Generator().manual_seed(NOISE_SEED)
    coefficients, out = [], []
    for timestep in timesteps[:-1]:
        ratio = timestep.expand(STEP_SHAPE[0])
        out.append(scheduler.step(eps, ratio, x, noise).prev_sample)
        coefficients.append(_coefficients(scheduler, ratio))
    recording.add(f"step.{name}.timesteps", timesteps)
    recording.add(f"step.{name}.x", x)
    recording.add(f"step.{name}.eps", eps)
    recording.add(f"step.{name}.coef", torch.stack(coefficients))
    recording.add(f"step.{name}.out", torch.stack(out))


def _coefficients(scheduler: DDPMWuerstchenScheduler, ratio: torch.Tensor) -> torch.Tensor:
    """The four factors of a step as torch computes them; the last is multiplied by 0 where the next timestep is 0."""
    alpha_cumprod = scheduler._alpha_cumprod(ratio, "cpu")
    previous = scheduler._alpha_cumprod(scheduler.previous_timestep(ratio), "cpu")
    alpha = alpha_cumprod / previous
    std = ((1 - alpha) * (1.0 - previous) / (1.0 - alpha_cumprod)).sqrt()
    return torch.stack([(1.0 / alpha).sqrt()[0], (1 - alpha)[0], (1 - alpha_cumprod).sqrt()[0], std[0]])
