"""The preview map: what is fitted, and what of a config changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from wurstwerk_export import pbtxt, preview

GOLDEN = Path(__file__).parents[3] / "pipeline/src/test/resources/golden/repository"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "repository"))


def test_a_linear_relation_is_found_again() -> None:
    random = np.random.default_rng(1)
    weights, bias = random.normal(size=(3, 16)), random.normal(size=3)
    latents = random.normal(size=(200, 16))
    found, offset, explained = preview.fit(latents, latents @ weights.T + bias)
    np.testing.assert_allclose(found, weights, atol=1e-9)
    np.testing.assert_allclose(offset, bias, atol=1e-9)
    assert explained == pytest.approx(1)


def test_colours_are_averaged_and_a_pixel_on_a_border_counts_in_parts() -> None:
    picture = np.zeros((2, 3, 3), np.uint8)
    picture[:, :, 0] = [[0, 255, 0], [255, 255, 0]]
    averaged = preview.averaged(picture, 1, 2)
    np.testing.assert_allclose(averaged[0, :, 0], [(0 + 0.5 + 1 + 0.5) / 3, 1 / 3])
    assert averaged.shape == (1, 2, 3)
    np.testing.assert_allclose(preview.averaged(np.full((256, 128, 3), 51, np.uint8), 6, 3), 0.2)


def test_the_prompts_are_as_many_as_asked_for_and_say_different_things() -> None:
    assert len(set(preview.prompts(48))) == 48
    assert preview.prompts(5) == preview.prompts(48)[:5]
    assert not any(text.count("white") > 1 or text.count("black") > 1 for text in preview.prompts(48))


def test_both_configs_of_every_prior_get_the_map_and_nothing_else_changes(repository: Path) -> None:
    assert preview.main(["--repository", str(repository), "--images", "2"]) == 0
    for model in sorted(repository.glob("stage_c_*")):
        for path in (model / "config.pbtxt", model / "configs" / "gpu.pbtxt"):
            text = path.read_text(encoding="utf-8")
            keys = [item["key"][0] for item in pbtxt.load(text)["parameters"]]
            assert keys == sorted(keys)
            values = {item["key"][0]: item["value"][0]["string_value"][0] for item in pbtxt.load(text)["parameters"]}
            assert len([float(number) for number in values["preview_weights"].split()]) == 48
            assert len([float(number) for number in values["preview_bias"].split()]) == 3
    again = {path: path.read_text() for path in repository.glob("stage_c_*/**/*.pbtxt")}
    assert preview.main(["--repository", str(repository), "--images", "2"]) == 0
    assert {path: path.read_text() for path in again} == again
    assert preview.main(["--repository", str(repository), "--remove"]) == 0
    for path in repository.rglob("*.pbtxt"):
        assert path.read_bytes() == (GOLDEN / path.relative_to(repository)).read_bytes()


def test_a_folder_without_priors_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview.main(["--repository", str(tmp_path)]) == 1
    assert "has no Stage C model" in capsys.readouterr().err
