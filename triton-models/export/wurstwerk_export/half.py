"""Networks in half precision for TensorRT, strongly typed: the types in the graph are those of the engine.

Four islands stay float32, because half precision ruins or endangers them:
the timestep embedding (`r` times 10,000, then sine and cosine), Stage B's `effnet` up to its mappers (amplitudes of
several hundred), the global response norms (sums of squares over a whole map, which pass half's 65,504) and the
last arithmetic (noise from the two halves of the last convolution; pixels from the last one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from diffusers.pipelines.wuerstchen.modeling_wuerstchen_common import GlobalResponseNorm
from torch import nn

from wurstwerk_export import bicubic
from wurstwerk_export.graphs import Graph

NAMES = {torch.float16: "FP16", torch.bfloat16: "BF16"}


def convert(graph: Graph, dtype: torch.dtype, sides: Mapping[int, int]) -> Graph:
    """The graph in float16 or bfloat16. The module of `graph` is converted in place and is of no use afterwards.

    `sides` has the side of Stage C's latents to that of Stage B's, for every picture side that is served: the
    matrices of Stage B's interpolation are constants for these.
    """
    graph.module.to(dtype)
    _keep_norms_float(graph.module)
    for part in list(graph.module.modules()):
        if isinstance(part, WuerstchenPrior):
            part.out = _As(part.out, torch.float32)
        elif isinstance(part, WuerstchenDiffNeXt):
            part.clf = _As(part.clf, torch.float32)
            for index, mapper in enumerate(part.effnet_mappers):
                if mapper is not None:
                    part.effnet_mappers[index] = _As(mapper.to(torch.float32), dtype)
        elif isinstance(part, PaellaVQModel):
            part.out_block = _As(part.out_block, torch.float32)
    return replace(
        declared(graph, dtype),
        module=_As(graph.module, dtype) if graph.output.half_on_gpu else graph.module,
        dtype=dtype,
        interpolate=SizedInterpolation(sides),
    )


def declared(graph: Graph, dtype: torch.dtype) -> Graph:
    """The types that the converted graph will have, without converting anything: for configs."""
    name = NAMES[dtype]
    return replace(graph, inputs=tuple(s.in_half(name) for s in graph.inputs), output=graph.output.in_half(name))


def example(graph: Graph, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    """float32 inputs in the types that the graph wants."""
    return tuple(
        tensor.to(graph.dtype) if spec.half_on_gpu else tensor
        for spec, tensor in zip(graph.inputs, inputs, strict=True)
    )


class _As(nn.Module):
    """A module whose result is rounded, or widened, to a type."""

    def __init__(self, module: nn.Module, dtype: torch.dtype):
        super().__init__()
        self.module = module
        self.dtype = dtype

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.module(*inputs).to(self.dtype)


class _FloatNorm(nn.Module):
    """GlobalResponseNorm with the norm in float32 and the rest as it comes."""

    def __init__(self, norm: GlobalResponseNorm):
        super().__init__()
        self.norm = norm

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        lengths = torch.norm(x.to(torch.float32), p=2, dim=(1, 2), keepdim=True)
        shares = (lengths / (lengths.mean(dim=-1, keepdim=True) + 1e-6)).to(x.dtype)
        return self.norm.gamma * (x * shares) + self.norm.beta + x


def _keep_norms_float(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, GlobalResponseNorm):
            setattr(module, name, _FloatNorm(child))
        else:
            _keep_norms_float(child)


class SizedInterpolation:
    """Stage B's interpolation with its matrices as constants, one for each side that is served.

    The graph looks at the shapes, takes a matrix from a table and cuts off its padding: Shape, Gather, Slice and
    MatMul, and none of Range, Where, Less or Resize.
    """

    def __init__(self, sides: Mapping[int, int]):
        self._sides = dict(sides)
        # Where the table of a source side is; 0 for sides that are not served.
        self._index = torch.zeros(max(sides) + 1, dtype=torch.int64)
        for place, source in enumerate(self._sides):
            self._index[source] = place
        # Every level of Stage B has its latents' side divided by a power of two, the same for all sides. The tables
        # are made here: made during tracing, their making would become part of the graph.
        self._tables = {}
        level = 2
        while all(latents % level == 0 and latents // level > 1 for latents in sides.values()):
            self._tables[level] = self._table(level)
            level *= 2

    def __call__(self, image: torch.Tensor, height: torch.Tensor, width: torch.Tensor) -> torch.Tensor:
        shape = torch._shape_as_tensor(image)
        level = self._level(shape[2], height)
        if self._level(shape[3], width) != level or level not in self._tables:
            raise NotImplementedError(f"an interpolation from {list(image.shape)} to {int(height)} x {int(width)}")
        rows = self._matrix(self._tables[level], shape[2], height)
        columns = self._matrix(self._tables[level], shape[3], width)
        return rows @ image @ columns.transpose(0, 1)

    def _level(self, source: torch.Tensor, target: torch.Tensor) -> int:
        return self._sides[int(source)] // int(target)

    def _table(self, level: int) -> torch.Tensor:
        """The matrices of all sides, padded with zeros to one shape."""
        table = torch.zeros(len(self._sides), max(self._sides.values()) // level, max(self._sides))
        for place, (source, latents) in enumerate(self._sides.items()):
            target = latents // level
            table[place, :target, :source] = bicubic.matrix(torch.tensor(source), torch.tensor(target))
        return table

    def _matrix(self, table: torch.Tensor, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return table[self._index[source]][:target, :source]
