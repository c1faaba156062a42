"""The loop that every stage runs in: fixed seed, constant rate with a final descent, averaged weights, resumable.

Randomness is drawn anew from the seed and the number of the iteration, so a resumed run sees what an uninterrupted
one would have seen. The rate stays at its peak until the last share of the iterations, so that a run may also be
given fewer or more iterations when it is resumed.
"""

import json
import math
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

WARM_UP = 150
DESCENT = 0.45
"""Share of the iterations, at the end, in which the rate falls to nothing along a cosine."""
SECONDS_BETWEEN_SAVES = 90


@dataclass(frozen=True)
class Plan:
    """How long and how fast a stage learns."""

    iterations: int
    batch: int
    rate: float
    seed: int
    averaging: float = 0.998


class Stage:
    """What a stage brings to the loop: trained modules and the loss of one batch."""

    name: str
    modules: dict[str, torch.nn.Module]
    half = False
    """Whether the loss may be computed in bfloat16 where the processor is fast at it."""

    def loss(self, batch, rng):
        """Loss of one random batch and figures to print, by name."""
        raise NotImplementedError

    def begin_from(self, folder):
        """Takes up the weights of an earlier result."""
        raise NotImplementedError

    def finish(self, folder):
        """Writes the stage's result; the modules hold the averaged weights."""
        raise NotImplementedError


class _Average:
    """Exponential moving average of parameters, with a short memory at first."""

    def __init__(self, parameters, decay):
        self.parameters, self.decay, self.count = parameters, decay, 0
        self.values = [p.detach().clone() for p in parameters]

    def update(self):
        self.count += 1
        decay = min(self.decay, (1 + self.count) / (10 + self.count))
        torch._foreach_lerp_(self.values, [p.detach() for p in self.parameters], 1 - decay)

    def swap(self):
        for value, parameter in zip(self.values, self.parameters):
            kept = parameter.detach().clone()
            parameter.data.copy_(value)
            value.copy_(kept)


def _parameter_groups(modules):
    decayed, others = [], []
    for module in modules.values():
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                plain = parameter.ndim >= 2 and "embedding" not in name
                (decayed if plain else others).append(parameter)
    return [dict(params=decayed, weight_decay=0.01), dict(params=others, weight_decay=0.0)]


def _rate(plan, iteration):
    left = (plan.iterations - iteration) / (DESCENT * plan.iterations)
    descent = 1.0 if left >= 1 else 0.01 + 0.99 * 0.5 * (1 - math.cos(math.pi * left))
    return plan.rate * min(1.0, (iteration + 1) / WARM_UP) * descent


class _Progress:
    """One line each few seconds: how far, how fast, how long to go, and the running figures."""

    def __init__(self, name, total, start):
        self.name, self.total, self.first, self.began = name, total, start, time.monotonic()
        self.figures, self.last = {}, 0.0

    def note(self, iteration, figures):
        for key, value in figures.items():
            if math.isfinite(value):
                self.figures[key] = 0.98 * self.figures.get(key, value) + 0.02 * value
        now = time.monotonic()
        if now - self.last < 20 and iteration < self.total:
            return
        self.last = now
        speed = (iteration - self.first) / (now - self.began)
        left = (self.total - iteration) / speed / 60
        share = iteration / self.total
        bar = "#" * int(20 * share) + "." * (20 - int(20 * share))
        shown = " ".join(f"{key} {value:.4f}" for key, value in self.figures.items())
        print(f"{self.name} [{bar}] {iteration}/{self.total} {speed:.2f}/s {left:.1f} min left {shown}", flush=True)


def is_done(folder: Path, plan: Plan):
    """Whether the stage in this folder has run for as long as the plan asks."""
    mark = folder / "done.json"
    return mark.exists() and json.loads(mark.read_text())["iterations"] >= plan.iterations


def mark_done(folder: Path, plan: Plan):
    """Says that the stage in this folder has run for as long as the plan asks."""
    (folder / "done.json").write_text(json.dumps({"iterations": plan.iterations, "python": sys.version}) + "\n")


def train(stage: Stage, plan: Plan, folder: Path, kept: Path | None = None):
    """Runs the stage to the end of its plan, from the saved state if there is one, else from an earlier result."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    if kept is not None and not (folder / "state.pt").exists():
        stage.begin_from(kept)
    groups = _parameter_groups(stage.modules)
    parameters = [p for group in groups for p in group["params"]]
    optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98), fused=True)
    average = _Average(parameters, plan.averaging)
    half = stage.half and torch.cpu._is_avx512_bf16_supported()
    state_file, first = folder / "state.pt", 0
    if state_file.exists():
        first = _load(torch.load(state_file, weights_only=True), stage, optimizer, average)
    progress, saved = _Progress(stage.name, plan.iterations, first), time.monotonic()
    for iteration in range(first, plan.iterations):
        for group in optimizer.param_groups:
            group["lr"] = _rate(plan, iteration)
        torch.manual_seed(plan.seed * 1_000_003 + iteration)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss, figures = stage.loss(plan.batch, random.Random(plan.seed * 1_000_003 + iteration))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average.update()
        progress.note(iteration + 1, figures)
        if time.monotonic() - saved > SECONDS_BETWEEN_SAVES:
            _save(state_file, iteration + 1, stage, optimizer, average)
            saved = time.monotonic()
    _save(state_file, plan.iterations, stage, optimizer, average)
    average.swap()
    with torch.no_grad():
        stage.finish(folder)
    mark_done(folder, plan)


def _save(file, iteration, stage, optimizer, average):
    state = dict(
        iteration=iteration,
        modules={name: module.state_dict() for name, module in stage.modules.items()},
        optimizer=optimizer.state_dict(),
        average=average.values,
        count=average.count,
    )
    fresh = file.with_suffix(".new")
    torch.save(state, fresh)
    os.replace(fresh, file)


def _load(state, stage, optimizer, average):
    for name, module in stage.modules.items():
        module.load_state_dict(state["modules"][name])
    optimizer.load_state_dict(state["optimizer"])
    for value, kept in zip(average.values, state["average"]):
        value.copy_(kept)
    average.count = state["count"]
    return state["iteration"]
