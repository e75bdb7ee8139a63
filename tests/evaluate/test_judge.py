"""Whatever the runs gave, every form of claim gets a judgement, and few seeds decide nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from labbook.evaluate.claims.forms import FORMS
from labbook.evaluate.claims.judge import COLUMNS, judge, write_verdicts
from labbook.verdicts import FEWEST_SEEDS, VERDICTS
from tests.made_study import claim, made_results, recipe

pytestmark = pytest.mark.thorough

OF, PLACES = {"of": {"x": 1}}, [{"x": 1}, {"x": 2}, {"x": 3}]
NAMES = ("optimizer.rate", "model.hidden", "training.batch")
GRID = dict(zip("abcdefgh", itertools.product([0.1, 0.2], [4, 8], [1, 2]), strict=True))
SETTINGS = {label: dict(zip(NAMES, place, strict=True)) for label, place in GRID.items()}
BETTER = {"better": {"x": 1}, "than": {"x": 2}}
ASKED = {
    "compare": claim("a", "b"),
    "several": claim("ab", "cd"),
    "least": claim("a", "b", at_least=0.2),
    "wide": claim("a", "b", margin=0.5),
    "quick": claim("a", "b", metric="epochs"),
    "soon": claim("a", "bc", metric="epochs", at_least=0.1),
    "gain": claim(sides="abcd", more_than=BETTER),
    "tuned": claim(sides=["ab", "c"], tuned=1, metric="test_mse"),
    "alike": claim(sides="ab", alike=PLACES[:2]),
    "pace": claim(sides="ab", alike=PLACES[:2], metric="epochs"),
    "order": claim(sides="abc", order=PLACES),
    "race": claim(sides="abc", order=PLACES, metric="epochs"),
    "settled": claim(sides="abc", order=PLACES, metric="settled_epoch"),
    "share": claim(sides="a", share={**OF, "ended": "converged", "above": 0.5}),
    "shares": claim(sides=["abc"], share={**OF, "ended": "diverged", "below": 0.5}),
    "level": claim(sides="a", level={**OF, "above": 1}),
    "range": claim(sides="a", level={**OF, "above": 0.5, "below": 2}),
    "among": claim(sides="a", level={**OF, "below": 30, "among": "converged"}, metric="epochs"),
    "in time": claim(sides=["ab"], level={**OF, "above": 10, "below": 30}, metric="epochs"),
    "rate": claim(sides="a", level={**OF, "below": 0.9}, metric="test_mae"),
    "matters": claim(sides=(), matters=list(NAMES)),
    "exact": claim(sides="a", exact={**OF, "parameters": 4}),
}
# A run: its metric, of few values, so that there are ties, or that it diverged; and its epochs.
VALUES, EPOCHS = (0.5, 1.0, 1.5, 1e-30, 1e30, None), (1, 20, 21, 50)
CHANCES = some.lists(some.integers(0, 9), min_size=6, max_size=6).filter(any)


def results_of(runs):
    """A study with a goal of 50 epochs at most; `runs` {label: [(value, epochs), ...]}."""
    values = {label: [value for value, _ in ones] for label, ones in runs.items()}
    epochs = {label: [length for _, length in ones] for label, ones in runs.items()}
    ended = {label: [_ending(*one) for one in ones] for label, ones in runs.items()}
    return made_results(
        values, claims=list(ASKED.values()), settings=SETTINGS, epochs=epochs, ended=ended,
        vary={name: [1, 2] for name in NAMES},
        base=recipe(training={"batch": "all", "epochs": 50, "tolerance": 1e-3}),
    )  # fmt: skip


def _ending(value, epochs):
    if value is None:
        return "diverged"
    return "converged" if epochs < 50 else "budget used up"


def test_every_form_is_asked():
    assert {one.form for one in ASKED.values()} == set(FORMS)


def _check(results):
    """Verdicts are in order: known ones, nothing of few seeds, numbers where numbers belong."""
    for name, one in zip(ASKED, judge(results), strict=True):
        assert one.verdict in VERDICTS
        if name == "exact":
            continue
        assert one.verdict == "undecided" or one.outcome.n >= FEWEST_SEEDS, name
        assert np.isnan(one.p_holm) or 0 <= one.p <= one.p_holm <= 1, name
        low, effect, high = one.outcome.low, one.outcome.effect, one.outcome.high
        assert not low > effect, (name, low, effect, high)
        assert not high < effect, (name, low, effect, high)


@settings(max_examples=40, deadline=None)
@given(seed=some.integers(0, 10**6), n=some.integers(1, 30), chances=CHANCES)
def test_any_runs_are_judged(seed, n, chances):
    draw, share = np.random.default_rng(seed), np.array(chances) / sum(chances)

    def run():
        return VALUES[draw.choice(6, p=share)], EPOCHS[draw.integers(4)]

    _check(results_of({label: [run() for _ in range(n)] for label in GRID}))


@pytest.mark.parametrize("n", [1, 2, 5, 6, 7, 13, 30])
@pytest.mark.parametrize("run", [(None, 20), (1.0, 20), (1.0, 50), (1e-30, 1)])
def test_all_runs_alike_are_judged(tmp_path, n, run):
    results = results_of(dict.fromkeys(GRID, [run] * n))
    _check(results)
    write_verdicts(results, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().startswith(",".join(COLUMNS))


@pytest.mark.parametrize("n", [6, 20])
def test_one_failure_anywhere_is_judged(n):
    draw = np.random.default_rng(n)
    for label in GRID:
        runs = {one: [(float(v), 20) for v in draw.lognormal(0, 0.1, n)] for one in GRID}
        runs[label][0] = (None, 20)
        _check(results_of(runs))
