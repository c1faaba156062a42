"""torch's antialiased bicubic interpolation with align_corners, as two matrices.

ONNX has no operator that equals it. It is linear and separable, so
`result = rows @ image @ columns^T`, with matrices that depend on nothing but the sizes.
"""

from __future__ import annotations

import torch

KEYS_A = -0.5


def matrix(in_size: torch.Tensor, out_size: torch.Tensor) -> torch.Tensor:
    """The [out, in] weights of one axis. Sizes are scalar tensors: a traced graph computes them from shapes."""
    out_index = torch.arange(out_size).to(torch.float32)
    in_index = torch.arange(in_size).to(torch.float32)
    scale = (in_size - 1).to(torch.float32) / (out_size - 1).to(torch.float32)
    inverse = 1.0 / scale.clamp(min=1.0)
    centre = scale * (out_index + 0.5)
    weights = _keys((in_index[None, :] - centre[:, None] + 0.5) * inverse)
    return weights / weights.sum(dim=1, keepdim=True)


def interpolate(image: torch.Tensor, height: torch.Tensor, width: torch.Tensor) -> torch.Tensor:
    """Resizes [B, C, h, w] to [B, C, height, width]; both target sides must be at least 2."""
    shape = torch._shape_as_tensor(image)
    rows = matrix(shape[2], height)
    columns = matrix(shape[3], width)
    return rows @ image @ columns.transpose(0, 1)


def _keys(x: torch.Tensor) -> torch.Tensor:
    x = x.abs()
    near = ((KEYS_A + 2) * x - (KEYS_A + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * KEYS_A
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
