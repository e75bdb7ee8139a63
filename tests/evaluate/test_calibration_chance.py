"""The short form of the calibration of shares of chance: known variances, drawn anew many times."""

import pytest

from tests.calibration_chance import SHAPES, WATCHED, coverage, least

pytestmark = pytest.mark.thorough

# Coverage that docs/calibration.md shows, at least: very skewed sources are worse off.
RATES = dict(zip(SHAPES, (0.94, 0.93, 0.9, 0.87), strict=True))
DRAWS = 150


@pytest.mark.parametrize("components", ["split 0.3", "split 0.7"])
@pytest.mark.parametrize("shape", SHAPES)
def test_intervals_cover(shape: str, components: str) -> None:
    for n in (8, 20):
        found = coverage(shape, components, n, DRAWS)
        # The split's deviation is cut at 0, shares at 0 and 1.
        for name in WATCHED:
            assert found[name] >= least(DRAWS, RATES[shape]), (name, n)


def test_a_wrong_interval_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbook.evaluate.statistics.chance.LEVEL", 0.7)
    found = coverage("normal", "split 0.7", 8, DRAWS)
    assert min(found.values()) < least(DRAWS, RATES["normal"])
