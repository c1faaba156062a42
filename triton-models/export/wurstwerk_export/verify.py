"""Runs written graphs in ONNX Runtime and compares them with torch, on shapes and batches not seen in tracing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from wurstwerk_export.errors import ExportError
from wurstwerk_export.graphs import Graph

# Largest difference, relative to the largest value of the reference. Measured: 1e-7 to 2.5e-6.
MAX_RELATIVE = 5e-6
# For pictures: no byte may be off by more than one level, and few by one (rounding at exactly .5).
MAX_LEVELS = 1
MAX_BYTES = 1e-4


@dataclass(frozen=True)
class Comparison:
    """What one run of a graph gave against torch."""

    shapes: str
    figure: float
    text: str


def compare(graph: Graph, path: Path, cases: list[tuple[torch.Tensor, ...]]) -> list[Comparison]:
    """Compares the graph at `path` with its torch module for each case; raises where a limit is exceeded."""
    session = _session(path)
    comparisons = []
    for inputs in cases:
        shapes = " ".join(f"{s.name}{list(t.shape)}" for s, t in zip(graph.inputs, inputs, strict=True))
        with torch.no_grad():
            expected = graph.module(*inputs).numpy()
        feed = {spec.name: tensor.numpy() for spec, tensor in zip(graph.inputs, inputs, strict=True)}
        try:
            (found,) = session.run([graph.output.name], feed)
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            raise ExportError(f"{path} does not run with {shapes}: {error}") from error
        if found.shape != expected.shape or found.dtype != expected.dtype:
            raise ExportError(
                f"{path} with {shapes} gives {found.dtype}{list(found.shape)},"
                f" torch {expected.dtype}{list(expected.shape)}"
            )
        measure = _bytes if found.dtype == np.uint8 else _relative
        comparisons.append(measure(shapes, path, found, expected))
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


def _relative(shapes: str, path: Path, found: np.ndarray, expected: np.ndarray) -> Comparison:
    if not np.isfinite(expected).all():
        raise ExportError(f"torch gives values that are not finite for {path} with {shapes}")
    largest = float(np.abs(expected).max())
    difference = float(np.abs(found.astype(np.float64) - expected).max())
    relative = difference / largest if largest > 0 else float("inf")
    if not relative <= MAX_RELATIVE:
        raise ExportError(
            f"{path} with {shapes} differs from torch by {relative:.2e} of its largest value"
            f" (at most {MAX_RELATIVE:.0e} is allowed)"
        )
    return Comparison(shapes, relative, f"{relative:.1e} of max {largest:.3g}")


def _bytes(shapes: str, path: Path, found: np.ndarray, expected: np.ndarray) -> Comparison:
    levels = np.abs(found.astype(np.int16) - expected.astype(np.int16))
    share = float((levels > 0).mean())
    if levels.max() > MAX_LEVELS or share > MAX_BYTES:
        raise ExportError(
            f"{path} with {shapes} differs from torch by up to {levels.max()} levels in {share:.4%} of the bytes"
            f" (at most {MAX_LEVELS} level in {MAX_BYTES:.2%} is allowed)"
        )
    if expected.max() == expected.min():
        raise ExportError(f"the pictures of {path} with {shapes} are of one colour: they prove nothing")
    return Comparison(shapes, share, f"{levels.max()} level in {share:.4%} of bytes")
