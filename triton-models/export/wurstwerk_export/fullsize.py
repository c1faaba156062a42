"""The export at the size of the released model, without its weights.

`python -m wurstwerk_export.fullsize --work FOLDER` builds every network in its released configuration with random
weights, saves it as part of a diffusers folder, exports it, runs the graphs in ONNX Runtime and compares them with
torch at 1024x1024 and at 256x512, one network at a time, each step in a process of its own. It ends with a table.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from wurstwerk_export import onnxfile, profiles, repository, tiny
from wurstwerk_export.checkpoint import read_decoder, read_prior
from wurstwerk_export.errors import ExportError
from wurstwerk_export.repository import MAX_BATCH, PRIORS, Checkpoints, Gpu, PriorDefaults, Sizes

SEED = 20230913


@dataclass(frozen=True)
class Network:
    """A network of the released model: where it lies in a checkpoint, and how it is made."""

    model: str
    folder: str
    make: Callable[[], nn.Module]
    randomise: Callable[[Any, int], nn.Module]


def _text(hidden: int, inner: int, layers: int, heads: int) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49408, hidden_size=hidden, intermediate_size=inner, num_hidden_layers=layers,
            num_attention_heads=heads, max_position_embeddings=77, projection_dim=512, hidden_act="gelu",
            bos_token_id=0, eos_token_id=2, pad_token_id=1,
        )
    )  # fmt: skip


def _decoder() -> WuerstchenDiffNeXt:
    # Its own initialisation scales every block once per module of the network: minutes at this size, for nothing.
    with torch.device("meta"):
        decoder = WuerstchenDiffNeXt()
    return decoder.to_empty(device="cpu")


# The configurations are those of warp-ai/wuerstchen-prior and warp-ai/wuerstchen.
NETWORKS = (
    Network("text_encoder_prior", "prior/text_encoder", lambda: _text(1280, 5120, 32, 20), tiny.randomised),
    Network("text_encoder_decoder", "decoder/text_encoder", lambda: _text(1024, 4096, 24, 16), tiny.randomised),
    Network(
        "stage_c_interpolated", "prior/prior",
        lambda: WuerstchenPrior(c_in=16, c=1536, c_cond=1280, c_r=64, depth=32, nhead=24), tiny.random_prior,
    ),
    Network("stage_b", "decoder/decoder", _decoder, tiny.random_decoder),
    Network("stage_a", "decoder/vqgan", PaellaVQModel, tiny.random_vqgan),
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.step:
            print(json.dumps(_step(options)))
        else:
            _run(options)
    except ExportError as error:
        print(f"fullsize: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wurstwerk_export.fullsize", description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="a folder for up to 12 GB at a time")
    parser.add_argument("--only", nargs="+", choices=[n.model for n in NETWORKS], help="these networks (all)")
    parser.add_argument("--side", type=int, default=1024, help="of the pictures compared (default %(default)s)")
    parser.add_argument("--stage-b", choices=("fp16", "bf16"), default="fp16", help="Stage B's type for TensorRT")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="default %(default)s")
    parser.add_argument("--keep", action="store_true", help="keep checkpoints and graphs")
    parser.add_argument("--step", choices=("make", "export"), help=argparse.SUPPRESS)
    return parser


def _run(options: argparse.Namespace) -> None:
    """Networks whose results are in results.json already are not done again: the run can be resumed."""
    checkpoint, results = options.work / "checkpoint", options.work / "results.json"
    if not checkpoint.exists():
        _write_configs(checkpoint)
    done = json.loads(results.read_text()) if results.exists() else {}
    wanted = [network for network in NETWORKS if not options.only or network.model in options.only]
    for network in wanted:
        if network.model in done:
            continue
        shutil.rmtree(options.work / network.model, ignore_errors=True)
        made = _in_process(options, network, "make")
        exported = _in_process(options, network, "export")
        done[network.model] = {"made": made, "exported": exported}
        results.write_text(json.dumps(done, indent=1))
        if not options.keep:
            shutil.rmtree(options.work / network.model)
            for weights in (checkpoint / network.folder).glob("*.safetensors"):
                weights.unlink()
    print(_table([_row(network, **done[network.model]) for network in wanted]))


def _write_configs(checkpoint: Path) -> None:
    """A checkpoint with everything but weights: reading one network needs the configurations of the others."""
    checkpoint.mkdir(parents=True)
    tiny.write(checkpoint)
    for network in NETWORKS:
        folder = checkpoint / network.folder
        shutil.rmtree(folder)
        with torch.device("meta"):
            module = network.make()
        if isinstance(module, CLIPTextModel):
            module.config.architectures = ["CLIPTextModel"]
            module.config.save_pretrained(folder)
        else:
            module.save_config(folder)


def _in_process(options: argparse.Namespace, network: Network, step: str) -> dict[str, Any]:
    print(f"{network.model}: {step}", file=sys.stderr, flush=True)
    command = [
        sys.executable, "-m", "wurstwerk_export.fullsize", "--work", str(options.work), "--only", network.model,
        "--side", str(options.side), "--stage-b", options.stage_b, "--threads", str(options.threads), "--step", step,
    ]  # fmt: skip
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if finished.returncode:
        raise ExportError(f"{network.model}: the step {step!r} ended with status {finished.returncode}")
    return json.loads(finished.stdout.splitlines()[-1])


def _step(options: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(options.threads)
    (network,) = (n for n in NETWORKS if n.model in options.only)
    started = time.monotonic()
    result = (_make if options.step == "make" else _export)(options, network)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return result | {"seconds": time.monotonic() - started, "peak": peak}


def _make(options: argparse.Namespace, network: Network) -> dict[str, Any]:
    module = network.randomise(network.make(), SEED)
    folder = options.work / "checkpoint" / network.folder
    module.save_pretrained(folder, max_shard_size="20GB")
    return {
        "parameters": sum(parameter.numel() for parameter in module.parameters()),
        "bytes": sum(path.stat().st_size for path in folder.glob("*.safetensors")),
    }


def _export(options: argparse.Namespace, network: Network) -> dict[str, Any]:
    checkpoint = options.work / "checkpoint"
    prior = read_prior(checkpoint / "prior")
    dtype = torch.bfloat16 if options.stage_b == "bf16" else torch.float16
    smallest = options.side // 4
    checkpoints = Checkpoints(
        priors=dict.fromkeys(PRIORS, prior),
        decoder=read_decoder(checkpoint / "decoder"),
        sizes=Sizes(smallest, 2 * options.side, options.side, options.side),
        defaults=dict.fromkeys(PRIORS, PriorDefaults(4.0)),
        gpu=Gpu(profiles.default_ranges(smallest, 2 * options.side), dtype),
        max_batch=MAX_BATCH,
    )
    (model,) = (m for m in repository.models(checkpoints) if m.name == network.model)
    random = torch.Generator().manual_seed(SEED)
    lines: list[str] = []

    def report(line: str) -> None:
        lines.append(line)
        print(line, file=sys.stderr, flush=True)

    written = repository.write_graphs(model, checkpoints, options.work / network.model, random, report)
    return {
        "cpu_bytes": onnxfile.size(written.folder / "1" / "model.onnx"),
        "gpu_bytes": onnxfile.size(written.folder / "gpu" / "model.onnx"),
        "lines": lines,
    }


def _row(network: Network, made: dict[str, Any], exported: dict[str, Any]) -> list[str]:
    split = next(i for i, line in enumerate(exported["lines"]) if " for TensorRT" in line)
    return [
        network.model,
        f"{made['parameters']:,}",
        f"{made['bytes'] / 1e9:.2f}",
        f"{exported['cpu_bytes'] / 1e9:.2f}",
        _worst(exported["lines"][1:split]),
        f"{exported['gpu_bytes'] / 1e9:.2f}",
        _worst(exported["lines"][split + 1 :]),
        f"{made['seconds'] / 60:.1f} + {exported['seconds'] / 60:.1f}",
        f"{made['peak'] / 2**30:.1f} / {exported['peak'] / 2**30:.1f}",
    ]


def _worst(lines: Sequence[str]) -> str:
    """The largest figure of the comparisons, as the report has it."""
    return max((line.split("  ")[1] for line in lines), key=_figure)


def _figure(text: str) -> float:
    words = text.split()
    return float(words[3].rstrip("%")) if words[1].startswith("level") else float(words[0])


def _table(rows: Sequence[Sequence[str]]) -> str:
    head = ["graph", "parameters", "checkpoint GB", "float32 GB", "float32 error", "TensorRT GB", "TensorRT error",
            "minutes: make + export and compare", "peak GiB"]  # fmt: skip
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
