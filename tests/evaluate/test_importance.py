"""Importance: made studies with known shares, and an independent analysis of variance."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from labbook.evaluate.importance import (
    FOREST,
    GRID,
    design_of,
    importance_table,
    write_importance,
)
from labbook.evaluate.statistics.variance import (
    forest_shares,
    grid_shares,
    jackknife,
    sobol_indices,
)
from labbook.evaluate.study_runs import setting_text
from labbook.params.studies import Study

LEVELS = np.array(list(itertools.product(range(4), range(3))))  # (12 combinations, 2 settings)


class Made(SimpleNamespace):
    """Made results: like real ones, each is itself alone."""

    __hash__ = object.__hash__


def made(metric, settings, vary, name="valid_mse", seeds=None):
    """What `importance_table` reads of a study's runs; `metric` is (combinations, seeds)."""
    labels = [str(i) for i in range(len(metric))]
    block = Study.model_validate({"question": "?", "recipe": "r", "vary": vary})
    texts = pandas.DataFrame(settings, index=labels).map(setting_text)
    study = SimpleNamespace(block=block, seeds=tuple(range(metric.shape[1])), metric=name)
    return Made(
        study=study, labels=labels, settings=texts, values=lambda label, _: metric[int(label)]
    )


def grid(metric, **changes):
    rates, widths = [0.1, 0.01, 0.001, 1e-4], [[16], [64], [64, 64]]
    settings = [{"optimizer.rate": rates[i], "model.hidden": widths[j]} for i, j in LEVELS]
    vary = {"optimizer.rate": rates, "model.hidden": widths}
    return made(metric, settings, vary, **changes)


def test_grid_agrees_with_statsmodels():
    """Omega squared from statsmodels' table of sums of squares, with seeds as blocks."""
    random = np.random.default_rng(1)
    metric = random.normal(size=(12, 5)) + random.normal(size=5) + LEVELS[:, :1]
    rows = [(*LEVELS[i], s, metric[i, s]) for i in range(12) for s in range(5)]
    data = pandas.DataFrame(rows, columns=["a", "b", "seed", "y"])
    table = anova_lm(ols("y ~ C(a) * C(b) + C(seed)", data).fit())
    error = table.mean_sq["Residual"]
    total = table.sum_sq.drop("C(seed)").sum() + error
    shares = grid_shares(LEVELS, metric)
    for share, term in zip(shares, ["C(a)", "C(b)", "C(a):C(b)"], strict=False):
        expected = (table.sum_sq[term] - table.df[term] * error) / total
        assert share == pytest.approx(expected, abs=1e-12)
    assert shares.sum() == pytest.approx(1)


def test_known_shares_are_found_and_covered():
    """A study with variances 1.25 and 1/6 of settings, 1 of chance: 20 times, with 6 seeds."""
    effect = LEVELS[:, 0] + 0.5 * LEVELS[:, 1]
    true = np.array([1.25, 1 / 6, 0, 1]) / (1.25 + 1 / 6 + 1)
    random = np.random.default_rng(2)
    found, covered = [], []
    for _ in range(60):
        seeds, noise = random.normal(0, 3, 6), random.normal(size=(12, 6))
        table = importance_table(grid(effect[:, None] + seeds + noise, name="valid_r2"))
        found.append(table.share)
        covered.append((table.low <= true) & (true <= table.high))
    assert np.mean(found, axis=0) == pytest.approx(true, abs=0.03)
    assert np.mean(covered) > 0.88


def test_settings_without_effect_explain_nothing():
    random = np.random.default_rng(3)
    clear = []
    for _ in range(60):
        table = importance_table(grid(random.normal(size=(12, 5)), name="valid_r2"))
        clear.append(table.low > 0)
        assert table.share.iloc[-1] > 0.6
    assert np.mean(clear, axis=0)[:3].max() <= 0.07


def test_acting_together_is_neither_setting():
    """y = 1 where both settings are on or both off: neither alone tells anything."""
    levels = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    noise = np.random.default_rng(4).normal(0, 0.1, (4, 6))
    shares = grid_shares(levels, (levels[:, :1] == levels[:, 1:]) + noise)
    assert shares[:2] == pytest.approx([0, 0], abs=0.02)
    assert shares[2] > 0.9


def drawn(random, combinations=48):
    """A numeric setting with effect u (variance 1/12), a kind with 0, 0, 1 (variance 2/9 / 4)."""
    u = (random.permutation(combinations) + 0.5) / combinations
    kinds = random.integers(0, 3, combinations)
    idle = random.integers(0, 4, combinations)
    effect = u + 0.5 * (kinds == 2)
    settings = [
        {"optimizer.rate": float(a), "optimizer.kind": "abc"[b], "training.batch": int(2**c)}
        for a, b, c in zip(u, kinds, idle, strict=True)
    ]
    return settings, effect


VARY = {
    "sample": 48,
    "of": {
        "optimizer.rate": {"low": 0, "high": 1},
        "optimizer.kind": ["a", "b", "c"],
        "training.batch": [1, 2, 4, 8],
    },
}


def test_drawn_settings_have_known_shares():
    random = np.random.default_rng(5)
    settings, effect = drawn(random)
    metric = effect[:, None] + random.normal(0, 0.02, (48, 4))
    table = importance_table(made(metric, settings, VARY, "valid_r2"))
    assert (table.method == FOREST).all()
    assert tuple(table.setting[:3]) == ("optimizer.rate", "optimizer.kind", "training.batch")
    kinds = np.array([one["optimizer.kind"] == "c" for one in settings])
    parts = np.array([1 / 12, kinds.var() / 4, 0])
    shares = table.share.to_numpy()
    assert shares[:3] == pytest.approx(parts / parts.sum(), abs=0.12)
    assert shares.sum() == pytest.approx(1)
    assert shares[-1] < 0.2
    assert ((table.low <= shares) & (shares <= table.high)).all()
    assert table.low[0] > table.high[2]


def test_drawn_settings_without_effect_explain_nothing():
    random = np.random.default_rng(6)
    for _ in range(3):
        levels = np.c_[random.permutation(48), random.integers(0, 3, 48)]
        assert forest_shares(levels, random.normal(size=(48, 4)))[-1] > 0.85


def test_sobol_indices_of_a_known_function():
    """f = a + 2 b, both even on the same values: a fifth and four fifths of the variance."""
    random = np.random.default_rng(7)
    levels = np.c_[random.permutation(64), random.permutation(64)]
    found = sobol_indices(lambda x: x[:, 0] + 2.0 * x[:, 1], levels)
    assert found == pytest.approx([0.2, 0.8], abs=0.02)
    assert sobol_indices(lambda x: np.ones(len(x)), levels) == pytest.approx([0, 0])


def test_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(8).normal(size=9)
    without = np.array([[np.delete(values, i).mean()] for i in range(9)])
    assert jackknife(without) == pytest.approx([values.var(ddof=1) / 9])


def test_errors_are_on_a_logarithmic_scale_and_failures_count_as_the_worst():
    metric = np.exp(LEVELS[:, :1] + np.random.default_rng(9).normal(0, 0.1, (12, 5)))
    shifted = metric.copy()
    shifted[-1] = np.nan  # all runs of the last combination diverged
    design = design_of(grid(shifted))
    assert design.scale == "log"
    assert design.metric[-1] == pytest.approx(np.full(5, np.log(metric[:-1].max())))
    assert design.metric[:-1] == pytest.approx(np.log(metric[:-1]))
    assert importance_table(grid(shifted)).share[0] > 0.9
    assert importance_table(grid(np.full((12, 5), np.nan))).empty


def test_where_there_is_nothing_to_say(tmp_path):
    metric = np.random.default_rng(10).normal(size=(4, 3))
    one = [{"a.b": i} for i in range(4)]
    assert importance_table(made(metric, one, {"a.b": [0, 1, 2, 3]})).empty  # one setting
    two = [{"a.b": i, "a.c": i % 2} for i in range(4)]
    assert importance_table(made(metric, two, two)).empty  # a list of settings, no design
    assert importance_table(made(metric, two, {"sample": 4, "of": {"a.b": [0], "a.c": [0]}})).empty
    assert importance_table(grid(np.ones((12, 1)))).empty  # a single seed
    write_importance(made(metric, one, {"a.b": [0, 1, 2, 3]}), tmp_path / "importance.csv")
    assert (tmp_path / "importance.csv").read_text().count("\n") == 1


def test_two_seeds_have_shares_without_interval(tmp_path):
    metric = np.random.default_rng(11).normal(size=(12, 2)) + LEVELS[:, :1]
    write_importance(grid(metric), tmp_path / "importance.csv")
    table = pandas.read_csv(tmp_path / "importance.csv")
    assert table.setting.tolist() == ["optimizer.rate", "model.hidden", "together", "chance"]
    assert table.kind.tolist() == ["setting", "setting", "together", "chance"]
    assert table["values"].tolist()[:2] == [4, 3]
    assert (table.method == GRID).all()
    assert table.low.isna().all()


def test_no_spread_at_all():
    shares = grid_shares(LEVELS, np.ones((12, 3)))
    assert shares.tolist() == [0, 0, 0, 1]
