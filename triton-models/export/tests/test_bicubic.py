"""The two matrices against torch's own interpolation."""

from __future__ import annotations

import pytest
import torch

from wurstwerk_export import bicubic

SIZES = [
    (3, 3, 32, 32),
    (3, 6, 16, 8),
    (9, 3, 8, 96),
    (24, 24, 16, 16),
    (24, 36, 32, 48),
    (12, 12, 12, 12),
    (7, 5, 2, 64),
]


@pytest.mark.parametrize("height, width, out_height, out_width", SIZES)
def test_the_matrices_interpolate_as_torch_does(height: int, width: int, out_height: int, out_width: int) -> None:
    image = torch.randn(2, 5, height, width, generator=torch.Generator().manual_seed(height))
    expected = torch.nn.functional.interpolate(
        image, size=(out_height, out_width), mode="bicubic", antialias=True, align_corners=True
    )
    found = bicubic.interpolate(image, torch.tensor(out_height), torch.tensor(out_width))
    assert (found - expected).abs().max() <= 2e-6 * expected.abs().max()
