"""Embedding tables with many equal rows, written as a small table and a map to its rows: the same numbers, exactly."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import nn


class FoldedEmbedding(nn.Module):
    """An embedding whose equal rows are kept once."""

    def __init__(self, rows: torch.Tensor, row_of: torch.Tensor):
        super().__init__()
        self.register_buffer("rows", rows)
        self.register_buffer("row_of", row_of.to(torch.int32))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return nn.functional.embedding(self.row_of[ids], self.rows)


def folded(embedding: nn.Embedding) -> FoldedEmbedding | None:
    """The folded form where it is at most half as large, else None."""
    rows, row_of = torch.unique(embedding.weight.detach(), dim=0, return_inverse=True)
    full, small = embedding.weight.numel(), rows.numel() + row_of.numel()
    return FoldedEmbedding(rows, row_of) if 2 * small <= full else None


@contextlib.contextmanager
def folding(owner: nn.Module, name: str) -> Iterator[None]:
    """Within it, the owner's embedding of that name is folded if that is worth it."""
    whole = getattr(owner, name)
    small = folded(whole)
    setattr(owner, name, whole if small is None else small.eval())
    try:
        yield
    finally:
        setattr(owner, name, whole)
