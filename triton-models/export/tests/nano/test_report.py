"""The figures of the adherence report."""

import pytest
from wurstwerk_nano.report import Share


def test_wilsons_interval_of_88_of_100_is_the_published_one():
    low, high = Share(88, 100).interval()
    assert low == pytest.approx(0.8019, abs=2e-4)
    assert high == pytest.approx(0.9300, abs=2e-4)


def test_an_interval_at_the_bound_stays_within_it():
    low, high = Share(300, 300).interval()
    assert high == pytest.approx(1.0) and low > 0.98
