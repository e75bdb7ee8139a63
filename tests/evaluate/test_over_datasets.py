"""Verdicts over data sets, against SciPy's and statsmodels' own tests and by hand."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.weightstats import DescrStatsW

from labbook.errors import LabbookError
from labbook.evaluate.datasets_table import COLUMNS, write_over_datasets
from labbook.evaluate.over_datasets import Found, Over, over, verdict
from labbook.evaluate.statistics.over_datasets import Effects, heterogeneity
from labbook.params.claims import Claim
from labbook.plan.plan import Question
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import (
    ALIKE,
    AS_CLAIMED,
    OPPOSITE,
    REFUTED,
    SIZE_UNCLEAR,
    SUPPORTED,
    UNDECIDED,
    WEAKER,
)
from tests.calibration.datasets import KINDS, MIXED, PAGES, of_kind, of_pages

NAN = math.nan
SIDES = {"better": {"x": 1}, "than": {"x": 2}}
LEVEL = {"level": {"of": {"x": 1}, "below": 1.0}}


def claim(metric: str = "valid_r2", **test: Any) -> ClaimPlan:
    block = Claim.model_validate({"id": "c", "sentence": "So.", **(test or SIDES)})
    return ClaimPlan("c", "So.", None, metric, block.form, (), block)


def found(*effects: float, told: str = UNDECIDED, error: float = 0.1) -> list[Found]:
    return [
        Found(f"d{i}", told, f"{effect}", effect, error, 0.01, 8, True)
        for i, effect in enumerate(effects)
    ]


def said(one: Over, of: ClaimPlan) -> tuple[str, str]:
    return verdict(of, one, one.p, one.p_alike)


@given(st.lists(st.integers(-50, 60).filter(bool), min_size=3, max_size=9))
def test_p_and_intervals_are_those_of_scipy(numbers: list[int]) -> None:
    values = np.array(numbers) / 10 + np.linspace(0, 0.01, len(numbers))
    effects = Effects(values)
    t = stats.ttest_1samp(values, 0)
    low, high = t.confidence_interval()
    assert (effects.interval.low, effects.interval.high) == pytest.approx((low, high))
    p = [t.pvalue]
    if len(values) >= 6:
        wins = int((values > 0).sum())
        p += [stats.binomtest(wins, len(values)).pvalue, stats.wilcoxon(values).pvalue]
    assert effects.two_sided() >= max(p) - 1e-9  # all must point the same way, too
    if len(values) < 6:
        assert effects.two_sided() == pytest.approx(t.pvalue)
    # by the definition of a prediction interval: one more value of the same distribution
    one_more = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1)
    half = one_more * math.sqrt(1 + 1 / len(values))
    assert effects.further == pytest.approx((values.mean() - half, values.mean() + half))


def test_likeness_is_that_of_statsmodels() -> None:
    values = np.array([0.1, -0.2, 0.05, 0.3])
    expected = DescrStatsW(values).ttost_mean(-0.5, 0.5)[0]
    assert Effects(values).equivalent(0.5) == pytest.approx(expected)


def test_six_data_sets_must_agree_in_sign_too() -> None:
    values = np.array([5.0, 5.1, 5.2, 5.3, 5.4, -0.1])
    assert stats.ttest_1samp(values, 0).pvalue < 0.05
    one = over(claim(), found(*values))
    assert one.test == "t, sign, signed-rank"
    assert one.p == pytest.approx(stats.binomtest(5, 6).pvalue)
    assert said(one, claim()) == (UNDECIDED, "")


@pytest.mark.parametrize(
    ("effects", "test", "expected"),
    [
        ((0.5, 0.52, 0.55), SIDES, (SUPPORTED, AS_CLAIMED)),
        ((0.011, 0.012, 0.015), SIDES, (SUPPORTED, SIZE_UNCLEAR)),  # a margin of 0.01
        ((0.011, 0.012, 0.015), SIDES | {"margin": 0.001}, (SUPPORTED, AS_CLAIMED)),
        ((0.5, 0.52, 0.55), SIDES | {"tuned": 2}, (SUPPORTED, AS_CLAIMED)),
        ((-0.5, -0.52, -0.55), SIDES, (REFUTED, OPPOSITE)),
        ((0.001, -0.0005, 0.0), SIDES, (REFUTED, ALIKE)),
        ((0.1, 1.0, 3.0), SIDES, (UNDECIDED, "")),
        ((0.5, 0.52), SIDES, ("", "")),
        ((0.5, 0.52, 0.55), SIDES | {"at_least": 0.3}, (SUPPORTED, AS_CLAIMED)),
        ((0.02, -0.05, 0.0), SIDES | {"at_least": 1.0}, (REFUTED, WEAKER)),  # a mean below 0
        ((-0.5, -0.52, -0.55), SIDES | {"at_least": 1.0}, (REFUTED, OPPOSITE)),
        ((0.5, 0.52, 0.55), SIDES | {"at_least": 1.0}, (REFUTED, WEAKER)),
        ((0.001, -0.0005, 0.0), {"alike": [{"x": 1}, {"x": 2}]}, (SUPPORTED, AS_CLAIMED)),
        ((0.5, 0.52, 0.55), {"alike": [{"x": 1}, {"x": 2}]}, (REFUTED, OPPOSITE)),
        ((0.5, 0.52, 0.55), LEVEL, ("", "")),
    ],
)
def test_the_rule(effects: tuple[float, ...], test: dict[str, Any], expected: Any) -> None:
    one = claim(**test)
    assert said(over(one, found(*effects)), one) == expected


def test_without_a_size_signs_judge_from_six_data_sets() -> None:
    few = over(claim(), found(0.5, 0.5, NAN))
    assert (few.test, said(few, claim())) == ("none", ("", ""))
    assert "no size of the effect on d2" in few.why[0]
    known = [*found(0.5, 0.6, 0.7, 0.8, 0.9), *found(NAN, told=SUPPORTED)]
    six = over(claim(), known)
    assert (six.test, six.p) == ("sign", pytest.approx(2 / 2**6))
    assert said(six, claim()) == (SUPPORTED, SIZE_UNCLEAR)
    unknown = over(claim(), found(0.5, 0.6, 0.7, 0.8, 0.9, NAN))
    assert unknown.p == pytest.approx(stats.binomtest(5, 6).pvalue)


def test_equal_effects_have_no_spread() -> None:
    assert over(claim(), found(0.5, 0.5, 0.5)).why == ["all effects are equal"]
    assert over(claim(), found(*[0.5] * 6)).test == "sign, signed-rank"


def test_heterogeneity_is_0_by_chance_and_1_by_far() -> None:
    errors, seeds = np.full(4, 0.1), np.full(4, 8)
    assert heterogeneity(np.full(4, 0.5), errors, seeds) == 0
    assert heterogeneity(np.array([0.5, 0.51, 0.5, 0.49]), errors, seeds) == 0
    effects = np.array([0.0, 5.0, -5.0, 1.0])
    unequal = np.array([0.1, 0.2, 0.1, 0.3])
    expected = combine_effects(effects, unequal**2 * 7 / 5, method_re="pm").i2
    assert heterogeneity(effects, unequal, seeds) == pytest.approx(expected)


def write_study(folder: Path, effect: str, told: str, **more: str) -> Path:
    names = (
        "id",
        "verdict",
        "kind",
        "scale",
        "effect",
        "low",
        "high",
        "n",
        "p_holm",
        "test",
        "level",
    )
    name = folder.name.removeprefix("many-on-")
    row = {"id": f"c-on-{name}", "verdict": told, "kind": "", "scale": "ratio", "effect": effect,
           "low": "1.1", "high": "1.9", "n": "8", "p_holm": "0.01", "test": "t",
           "level": "0.95"} | more  # fmt: skip
    folder.mkdir()
    cells = ",".join(row[name] for name in names)
    (folder / "verdicts.csv").write_text(f"{','.join(names)}\n{cells}\n")
    return folder


def table(tmp_path: Path, *studies: Path, of: ClaimPlan | None = None) -> list[dict[str, str]]:
    names = {folder.name.removeprefix("many-on-"): folder.name for folder in studies}
    question = Question("many", "Is it so?", names, (of or claim("valid_mse"),))
    out = tmp_path / "datasets.csv"
    write_over_datasets([question], {folder.name: folder for folder in studies}, out)
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_says_what_each_and_all_show(tmp_path: Path) -> None:
    effects = {"a": "1.5", "b": "1.4", "c": "1.6"}
    folders = [write_study(tmp_path / f"many-on-{n}", e, SUPPORTED) for n, e in effects.items()]
    (row,) = table(tmp_path, *folders)
    assert (row["here"], row["verdict"], row["supported"], row["n"]) == (*[SUPPORTED] * 2, "3", "3")
    logs = np.log([1.5, 1.4, 1.6])
    assert float(row["effect"]) == pytest.approx(np.exp(logs.mean()))
    assert float(row["p"]) == pytest.approx(stats.ttest_1samp(logs, 0).pvalue)
    assert row["found"].startswith("a: ×1.50 (×1.10 to ×1.90), supported; b: ")
    error = (math.log(1.9) - math.log(1.1)) / 2 / stats.t.ppf(0.975, 7)
    i2 = heterogeneity(logs, np.full(3, error), np.full(3, 8))
    assert float(row["i2"]) == pytest.approx(i2)


def test_methods_that_were_tuned_have_a_common_effect(tmp_path: Path) -> None:
    """Of drawn settings an interval says more than the spread of seeds: no I2 then."""
    effects = {"a": "1.5", "b": "1.4", "c": "1.6"}
    folders = [
        write_study(tmp_path / f"many-on-{n}", e, SUPPORTED, test="t over seeds and draws")
        for n, e in effects.items()
    ]
    (row,) = table(tmp_path, *folders, of=claim("test_mse", **SIDES, tuned=2))
    assert (row["form"], row["verdict"], row["kind"]) == ("tuned", SUPPORTED, AS_CLAIMED)
    logs = np.log([1.5, 1.4, 1.6])
    assert float(row["p"]) == pytest.approx(stats.ttest_1samp(logs, 0).pvalue)
    assert (row["i2"], row["margin"]) == ("", "1.05")


def test_a_stand_in_is_left_out_and_said(tmp_path: Path) -> None:
    folders = [write_study(tmp_path / f"many-on-{n}", "1.5", SUPPORTED) for n in "ab"]
    folders.append(write_study(tmp_path / "many-on-c", "1.5", "not judged", p_holm=""))
    (row,) = table(tmp_path, *folders)
    assert (row["here"], row["verdict"], row["left_out"], row["n"]) == (SUPPORTED, "", "c", "2")
    assert row["why"].startswith("c left out")
    assert "too few" in row["why"]


def test_one_of_two_is_not_both(tmp_path: Path) -> None:
    folders = [
        write_study(tmp_path / "many-on-a", "1.5", SUPPORTED),
        write_study(tmp_path / "many-on-b", "1.1", UNDECIDED),
    ]
    (row,) = table(tmp_path, *folders)
    assert (row["here"], row["supported"], row["undecided"]) == ("", "1", "1")


def test_without_questions_there_is_a_head(tmp_path: Path) -> None:
    write_over_datasets([], {}, tmp_path / "datasets.csv")
    assert (tmp_path / "datasets.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_a_missing_row_is_named(tmp_path: Path) -> None:
    folders = [write_study(tmp_path / f"many-on-{n}", "1.5", SUPPORTED) for n in "ab"]
    (folders[0] / "verdicts.csv").write_text("id,verdict\nother,supported\n")
    with pytest.raises(LabbookError, match="no verdict on c-on-a"):
        table(tmp_path, *folders)


@pytest.mark.thorough
@pytest.mark.parametrize("name", KINDS)
def test_verdicts_over_data_sets_are_rarely_false(name: str) -> None:
    for k in (3, 8):
        rates = of_kind(KINDS[name], k, 200)
        assert rates.false <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)
        assert rates.covered >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 200)


@pytest.mark.thorough
@pytest.mark.parametrize("name", PAGES)
def test_few_verdicts_that_stand_are_false(name: str) -> None:
    """A page on which nothing is to be found has all or nothing: hence the wide limit."""
    pages = 10
    all_or_none = name != MIXED and "nothing" in name
    spread = 0.22 if all_or_none else 0.08  # of one page's share
    assert of_pages(name, pages).false <= 0.05 + 3 * spread / math.sqrt(pages)


@pytest.mark.thorough
def test_a_rate_of_p_before_the_correction_would_be_seen() -> None:
    """Pages of mixed sizes can tell: a large study makes room for what small ones find by chance."""
    assert of_pages(MIXED, 20).false <= 0.05 < of_pages(MIXED, 20, lambda _, p: p).false
