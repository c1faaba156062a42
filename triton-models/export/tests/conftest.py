"""Shared pieces: the tiny checkpoint is made once, and copied where a test changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from wurstwerk_export import tiny

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    tiny.write(folder)
    return folder


@pytest.fixture
def checkpoint(pristine: Path, tmp_path: Path) -> Path:
    """A folder with `prior` and `decoder`, for the test to spoil."""
    return Path(shutil.copytree(pristine, tmp_path / "checkpoint"))
