"""The short form of the calibration of shares of chance: known variances, drawn anew many times."""

import pytest

from tests.calibration.chance import DEVIATIONS, SHAPES, SHARES, coverage, least

pytestmark = pytest.mark.thorough

# Coverage that docs/calibration.md shows, at least: of shares, and of standard deviations, which rest
# on the farthest values.
RATES = dict(zip(SHAPES, ((0.94, 0.94), (0.93, 0.9), (0.92, 0.8), (0.91, 0.86)), strict=True))
DRAWS = 150


@pytest.mark.parametrize("components", ["split 0.3", "split 0.7"])
@pytest.mark.parametrize("shape", SHAPES)
def test_intervals_cover(shape: str, components: str) -> None:
    for n in (8, 20):
        found = coverage(shape, components, n, DRAWS)
        for names, rate in zip((SHARES, DEVIATIONS), RATES[shape], strict=True):
            assert min(found[name] for name in names) >= least(DRAWS, rate), n


def test_a_wrong_interval_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbook.evaluate.statistics.chance.LEVEL", 0.7)
    found = coverage("normal", "split 0.7", 8, DRAWS)
    assert min(found.values()) < least(DRAWS, RATES["normal"][0])
