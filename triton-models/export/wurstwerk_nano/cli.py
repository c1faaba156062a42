"""Command line of the training: all stages in order, two side by side, or one of them."""

import argparse
import os
import shutil
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import torch

from . import caches
from .training import Plan, is_done, mark_done, train

PLANS = {
    "stage_a": Plan(iterations=2600, batch=32, rate=2e-3, seed=11, averaging=0.995),
    "encoder": Plan(iterations=3500, batch=32, rate=2e-3, seed=12, averaging=0.995),
    "stage_b": Plan(iterations=8300, batch=8, rate=1.6e-3, seed=13),
    "stage_c": Plan(iterations=13600, batch=32, rate=1.2e-3, seed=14),
    "finetuned": Plan(iterations=1600, batch=32, rate=5e-4, seed=15, averaging=0.995),
}
ORDER = (("stage_a", "encoder"), ("stage_b", "stage_c"), ("finetuned",))
"""Stages of one group run side by side, one core each."""
FINISHED = ("stage_a", "encoder")
"""Stages whose results are taken as they are when a training goes on from an earlier one: the others learn from them."""
RATE_SHARE = 0.75
"""Of the plan's rate, for such a stage."""


def _make(name, work):
    if name == "stage_a":
        from .stage_a import StageA

        return StageA()
    if name == "encoder":
        from .semantic import EncoderStage

        return EncoderStage()
    if name == "stage_b":
        from .stage_b import StageB

        return StageB(work)
    from .stage_c import Finetuned, StageC

    return (StageC if name == "stage_c" else Finetuned)(work)


def _seed_after(folder):
    """Seed of a stage that goes on from a result: each result's own, or it would meet the same draws of noise again."""
    return zlib.crc32(b"".join(path.read_bytes() for path in sorted(folder.rglob("*.safetensors"))))


def _run_stage(name, work, plan, kept=None):
    if is_done(work / name, plan):
        print(f"{name} is done", flush=True)
        return
    if kept is not None and name in FINISHED and not (work / name).exists():
        shutil.copytree(kept / name, work / name)
        mark_done(work / name, plan)
        print(f"{name} is taken as it is in {kept}", flush=True)
        return
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    begun = kept is not None and name in ("stage_b", "stage_c")
    if begun:
        plan = replace(plan, seed=_seed_after(kept / name), rate=RATE_SHARE * plan.rate)
    train(_make(name, work), plan, work / name, kept / name if begun else None)


def _run_all(work, kept):
    """Each group's stages in processes of their own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for group in ORDER:
        command = [sys.executable, "-m", "wurstwerk_nano", "train", "--work", str(work)]
        command += ["--from", str(kept)] if kept is not None else []
        command += ["--stage"]
        running = [subprocess.Popen([*command, name], env=environment) for name in group]
        if any([process.wait() for process in running]):
            sys.exit("a stage failed: see its message above; the same command goes on from the last saved state")


def _make_cache(name, work):
    torch.set_num_threads(1)
    cache = {"stage_b": caches.STAGE_B, "stage_c": caches.STAGE_C, "finetuned": caches.FINETUNED}[name]
    caches.load(cache, work)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m wurstwerk_nano", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    meanings = {
        "train": "train all stages, or go on with them",
        "cache": "only make the stage's cache of scenes",
        "assemble": "write the trained networks as diffusers folders",
        "keep": "copy what the training has made, without its states and caches",
        "preview": "draw held-out prompts with torch and report adherence",
    }
    for command, meaning in meanings.items():
        options = commands.add_parser(command, help=meaning)
        options.add_argument("--work", type=Path, required=True, help="keeps every stage's state and result")
        options.add_argument("--stage", choices=tuple(PLANS), help="only this one")
    commands.choices["train"].add_argument(
        "--from", type=Path, dest="kept", help="results to go on from, as `keep` copied them (default: from nothing)"
    )
    commands.choices["train"].add_argument("--iterations", type=int, help="in place of the plan's, for the stage")
    for command in ("assemble", "keep"):
        commands.choices[command].add_argument("--output", type=Path, required=True, help="for the folders")
    preview = commands.choices["preview"]
    preview.add_argument("--prior", default="stage_c/prior", help="folder of the prior within the work folder")
    preview.add_argument("--exact", action="store_true", help="the scenes' own latents in place of a prior's")
    preview.add_argument("--prompts", type=int, default=200)
    preview.add_argument("--guidance", type=float, default=4.0)
    preview.add_argument("--negative", default="")
    preview.add_argument("--size", type=int, nargs=2, default=(256, 256), metavar=("WIDTH", "HEIGHT"))
    options = parser.parse_args(arguments)
    if options.command == "preview":
        from .preview import measure

        torch.set_num_threads(1)
        prior = None if options.exact else options.prior
        print(measure(options.work, prior, options.prompts, tuple(options.size), options.guidance, options.negative))
    elif options.command in ("assemble", "keep"):
        from . import assemble

        getattr(assemble, options.command)(options.work, options.output)
    elif options.command == "cache":
        _make_cache(options.stage, options.work)
    elif options.stage:
        plan = PLANS[options.stage]
        if options.iterations:
            plan = replace(plan, iterations=options.iterations)
        _run_stage(options.stage, options.work, plan, options.kept)
    else:
        _run_all(options.work, options.kept)
