"""The checker against rendered ground truth, and against pictures that are wrong on purpose."""

import dataclasses
import random

import pytest
from wurstwerk_nano.checker import check, look
from wurstwerk_nano.drawing import draw
from wurstwerk_nano.language import SIZES, caption, held_out_prompts, sample_scene, words


@pytest.mark.parametrize("outlined", (False, True))
@pytest.mark.parametrize("size", SIZES)
def test_rendered_truth_is_found_right_in_every_row(size, outlined):
    width, height = size
    prompts = held_out_prompts(150, seed=width * 7 + height)
    verdicts = []
    for prompt in prompts:
        scene = dataclasses.replace(prompt.scene, outlined=outlined)
        verdicts.append(check(draw(scene, height, width), prompt))
    rows = {
        "background": [v.background for v in verdicts],
        "count": [v.count for v in verdicts],
        "colour": [c for v in verdicts for c in v.colours],
        "shape": [s for v in verdicts for s in v.shapes],
        "size": [s for v in verdicts for s in v.sizes],
        "position": [v.position for v in verdicts if v.position is not None],
        "relation": [v.relation for v in verdicts if v.relation is not None],
        "all right": [v.all_right for v in verdicts],
    }
    for name, row in rows.items():
        assert sum(row) >= 0.99 * len(row), f"{name}: {sum(row)} of {len(row)}"


@pytest.mark.parametrize(
    "row, change",
    (
        ("colours", {"colour": "purple"}),
        ("shapes", {"shape": "ring"}),
        ("sizes", {"radius": 0.3}),
        ("position", {"x": 0.5, "y": 0.5}),
    ),
)
def test_a_picture_with_one_thing_changed_fails_in_that_row(row, change):
    for prompt in held_out_prompts(400, seed=3):
        thing = prompt.scene.things[0]
        corner = prompt.scene.place and "corner" in prompt.scene.place
        if not corner or thing.size != "small" or not prompt.sized[0]:
            continue
        if thing.colour == "purple" or thing.shape in ("ring", "circle"):
            continue
        wrong = dataclasses.replace(prompt.scene, things=(dataclasses.replace(thing, **change),))
        verdict = check(draw(wrong, 256, 256), prompt)
        value = getattr(verdict, row)
        assert not (all(value) if isinstance(value, tuple) else value)
        assert not verdict.all_right


def test_a_swapped_pair_fails_in_the_relation_and_a_missing_thing_in_the_count():
    pairs = [prompt for prompt in held_out_prompts(200, seed=4) if prompt.scene.relation]
    for prompt in pairs[:20]:
        first, second = prompt.scene.things
        swapped = (
            dataclasses.replace(first, x=second.x, y=second.y),
            dataclasses.replace(second, x=first.x, y=first.y),
        )
        verdict = check(draw(dataclasses.replace(prompt.scene, things=swapped), 256, 256), prompt)
        assert verdict.relation is False and verdict.count
        alone = check(draw(dataclasses.replace(prompt.scene, things=(first,)), 256, 256), prompt)
        assert not alone.count and alone.relation is False


def test_training_never_sees_a_held_out_scene_and_every_background_and_count_occurs():
    rng = random.Random(5)
    scenes = [sample_scene(rng) for _ in range(2000)]
    assert not any(scene.is_held_out() for scene in scenes)
    assert all(prompt.scene.is_held_out() for prompt in held_out_prompts(100, seed=6))
    assert {scene.background for scene in scenes} == {p.scene.background for p in held_out_prompts(500, 7)}
    assert {len(scene.things) for scene in scenes} == {1, 2, 3}


def test_captions_use_the_known_words_but_for_the_odd_ones():
    rng = random.Random(8)
    known, strange = set(words()), 0
    for _ in range(2000):
        text = caption(sample_scene(rng), rng).replace(",", " ,")
        strange += not set(text.split()) <= known
    assert 40 < strange < 300


def test_an_empty_picture_has_no_things():
    import numpy as np

    assert look(np.full((256, 256, 3), 128, np.uint8)) == ("gray", [])
