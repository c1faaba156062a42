"""Runs written graphs in ONNX Runtime and compares them with torch, on shapes and batches not seen in tracing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from wurstwerk_export import onnxfile
from wurstwerk_export.errors import ExportError
from wurstwerk_export.graphs import Graph

_NUMPY = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64}


@dataclass(frozen=True)
class Limits:
    """How far a graph may be from torch in float32.

    `relative`: the largest difference, of the largest value of the reference. For pictures: `levels` by which a
    byte may be off, and the share of `byte_share` that may be off at all (by rounding at exactly .5).
    """

    relative: float
    levels: int
    byte_share: float


# Measured: 1e-7 to 2.5e-6 with float32; 5e-4 to 2e-3 with float16, and 2 to 7 % of the bytes.
EXACT = Limits(5e-6, 1, 1e-4)
FLOAT16 = Limits(1e-2, 1, 0.15)
# bfloat16 graphs run widened (see onnxfile.widen), so this is what rounding the weights does. Measured: 2e-3 to 3e-3.
BFLOAT16 = Limits(2e-2, 4, 0.5)


@dataclass(frozen=True)
class Comparison:
    """What one run of a graph gave against torch."""

    shapes: str
    figure: float
    text: str


def reference(graph: Graph, cases: list[tuple[torch.Tensor, ...]]) -> list[np.ndarray]:
    """What the torch module gives for each case."""
    with torch.no_grad():
        return [graph.module(*inputs).numpy() for inputs in cases]


def compare(
    graph: Graph,
    path: Path,
    cases: list[tuple[torch.Tensor, ...]],
    expected: list[np.ndarray] | None = None,
    limits: Limits = EXACT,
) -> list[Comparison]:
    """Compares the graph at `path` with its torch module, or with what that gave before, for each case.

    Cases and expectations are float32; the graph gets the types it wants. Raises where a limit is exceeded.
    """
    session = _session(onnxfile.graph_file(path))
    types = {value.name: _NUMPY[value.type] for value in session.get_inputs()}
    results = reference(graph, cases) if expected is None else expected
    comparisons = []
    for inputs, result in zip(cases, results, strict=True):
        shapes = " ".join(f"{s.name}{list(t.shape)}" for s, t in zip(graph.inputs, inputs, strict=True))
        feed = {s.name: t.numpy().astype(types[s.name]) for s, t in zip(graph.inputs, inputs, strict=True)}
        try:
            (found,) = session.run([graph.output.name], feed)
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            raise ExportError(f"{path} does not run with {shapes}: {error}") from error
        if found.shape != result.shape or (found.dtype == np.uint8) != (result.dtype == np.uint8):
            raise ExportError(
                f"{path} with {shapes} gives {found.dtype}{list(found.shape)}, torch {result.dtype}{list(result.shape)}"
            )
        measure = _bytes if found.dtype == np.uint8 else _relative
        comparisons.append(measure(shapes, path, found, result, limits))
    return comparisons


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    # A warning at load would be about shapes that contradict the declared ones: shown, not hidden.
    options.log_severity_level = 2
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ExportError(f"{path} cannot be loaded by ONNX Runtime: {error}") from error


def _relative(shapes: str, path: Path, found: np.ndarray, expected: np.ndarray, limits: Limits) -> Comparison:
    if not np.isfinite(expected).all():
        raise ExportError(f"torch gives values that are not finite for {path} with {shapes}")
    largest = float(np.abs(expected).max())
    difference = float(np.abs(found.astype(np.float64) - expected).max())
    relative = difference / largest if largest > 0 else float("inf")
    if not relative <= limits.relative:
        raise ExportError(
            f"{path} with {shapes} differs from torch by {relative:.2e} of its largest value"
            f" (at most {limits.relative:.0e} is allowed)"
        )
    return Comparison(shapes, relative, f"{relative:.1e} of max {largest:.3g}")


def _bytes(shapes: str, path: Path, found: np.ndarray, expected: np.ndarray, limits: Limits) -> Comparison:
    levels = np.abs(found.astype(np.int16) - expected.astype(np.int16))
    share = float((levels > 0).mean())
    if levels.max() > limits.levels or share > limits.byte_share:
        raise ExportError(
            f"{path} with {shapes} differs from torch by up to {levels.max()} levels in {share:.4%} of the bytes"
            f" (at most {limits.levels} level in {limits.byte_share:.2%} is allowed)"
        )
    if expected.max() == expected.min():
        raise ExportError(f"the pictures of {path} with {shapes} are of one colour: they prove nothing")
    return Comparison(shapes, share, f"{levels.max()} level in {share:.4%} of bytes")
