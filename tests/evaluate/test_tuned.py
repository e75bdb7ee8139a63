"""Claims about methods that were tuned, the curve of the expected best, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from labbook.errors import LabbookError
from labbook.evaluate.claims.forms.tuned import OVER_DRAWS
from labbook.evaluate.claims.judge import judge
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.claims.tuned_side import side_name, tuned_sides
from labbook.evaluate.expected_best import numbers_of_tries, write_expected_best
from labbook.evaluate.statistics.location_tests import RANKS
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.load import load_params
from labbook.plan.plan import make_plan
from labbook.training.runfile import DIVERGED
from labbook.verdicts import ALIKE, AS_CLAIMED, OPPOSITE, REFUTED, SUPPORTED, UNDECIDED
from tests.calibration.tuned import Truth, decided, draw_study, made_plan, nothing, rates, section
from tests.evaluate.test_best_of import by_all_subsets


def drawn(truth: Truth, seeds: int = 12, number: int = 1) -> StudyRuns:
    return draw_study(truth, seeds, np.random.default_rng(number))


def listed(results: StudyRuns, truth: Truth) -> StudyRuns:
    """The same runs of a study that wrote its settings down."""
    plan = made_plan(truth.draws, truth.tried, len(results.study.seeds), sampled=False)
    return replace(results, study=plan)


@pytest.mark.parametrize(
    ("effect", "verdict", "kind"),
    [(0.5, SUPPORTED, AS_CLAIMED), (-0.5, REFUTED, OPPOSITE), (0.0, UNDECIDED, "")],
)
def test_verdicts(effect: float, verdict: str, kind: str) -> None:
    (one,) = judge(drawn(Truth(effect, luck=0.1)))
    assert (one.verdict, one.kind) == (verdict, kind)
    assert "each at its best of 12 tries by validation rows" in why(one)


def test_alike_methods_are_found_alike_where_nothing_is_drawn() -> None:
    truth = Truth(luck=0.02, steep=0.5, draws=12, tried=6)
    (one,) = judge(listed(drawn(truth), truth))
    assert (one.verdict, one.kind) == (REFUTED, ALIKE)


def test_a_side_is_the_mean_over_all_choices_on_the_scale_of_comparison() -> None:
    truth = Truth(draws=6, tried=3, failing=0.2)
    results = drawn(truth, seeds=4)
    for side in tuned_sides(results, results.study.claims[0]):
        valid, test = (
            np.array([results.values(label, name) for label in side.labels])
            for name in ("valid_mse", "test_mse")
        )
        for seed in range(4):
            expected = by_all_subsets(-np.log(valid[:, seed]), -np.log(test[:, seed]), 3)
            assert side.values[seed] == pytest.approx(expected, nan_ok=True)


def test_other_draws_could_have_been_drawn() -> None:
    """The same numbers are less sure of drawn settings than of listed ones."""
    truth = nothing()["three numbers, little luck"]
    results = drawn(truth, number=3)
    (sampled,), (grid,) = judge(results), judge(listed(results, truth))
    assert sampled.outcome.test == OVER_DRAWS
    assert "which settings were drawn" in why(sampled)
    assert "which settings were drawn" not in why(grid)
    assert sampled.p > grid.p
    assert sampled.outcome.effect == grid.outcome.effect
    assert sampled.outcome.low < grid.outcome.low < grid.outcome.high < sampled.outcome.high
    assert sampled.fresh_seeds is None or sampled.fresh_seeds >= (grid.fresh_seeds or 0)


def test_a_bound_is_tested_over_draws_too() -> None:
    truth = Truth(effect=1.0)
    results = drawn(truth)
    claim = results.study.claims[0]
    for least, verdict in ((0.2, SUPPORTED), (9.0, REFUTED)):
        block = claim.block.model_copy(update={"at_least": least})
        study = replace(results.study, claims=(replace(claim, block=block),))
        (one,) = judge(replace(results, study=study))
        assert one.verdict == verdict
        assert np.isnan(one.outcome.p_alike)


def test_a_failed_side_is_judged_by_ranks_that_hold_without_any_group() -> None:
    """In two seeds nearly all of b diverge, so that its best of 12 may be a failed run."""
    truth = Truth(effect=0.6, luck=0.1)
    results = drawn(truth)
    records = dict(results.records)
    for place in records:
        label, seed = place
        if label[0] == "b" and seed < 2 and int(label[1:]) > 2:
            records[place] = replace(records[place], ended=DIVERGED, metrics={})
    results = replace(results, records=records)
    (one,), (grid,) = judge(results), judge(listed(results, truth))
    assert one.outcome.test == grid.outcome.test == RANKS
    assert one.outcome.compared is not None
    assert one.outcome.compared.failed_second == 2
    assert one.p >= grid.p
    assert one.verdict == SUPPORTED


def test_more_draws_make_surer() -> None:
    widths = []
    for draws in (24, 96):
        found = [judge(drawn(Truth(numbers=2, draws=draws), 8, i))[0].outcome for i in range(8)]
        widths.append(np.mean([np.log(one.high / one.low) for one in found]))
    assert widths[1] < 0.7 * widths[0]


@pytest.mark.thorough
@pytest.mark.parametrize("name", nothing())
def test_false_verdicts_are_rare(name: str) -> None:
    false, _, covered = rates(nothing()[name], 8, 60)
    assert false <= 0.05 + 3 * (0.05 * 0.95 / 60) ** 0.5
    assert covered >= 0.95 - 3 * (0.05 * 0.95 / 60) ** 0.5


@pytest.mark.thorough
def test_the_section_of_the_page_has_all_its_rows() -> None:
    lines = section(1)
    assert sum(line.startswith("| ") for line in lines) == 3 + 2 * len(nothing()) + 6


@pytest.mark.thorough
def test_seeds_alone_would_find_what_is_not_there() -> None:
    truth = nothing()["three numbers, little luck"]
    false = [decided(judge(listed(drawn(truth, 12, i), truth))[0]) for i in range(20)]
    assert np.mean(false) > 0.5


def test_the_curve_has_the_side_of_the_claim(tmp_path: Path) -> None:
    results = drawn(Truth(effect=0.3))
    write_expected_best(results, tmp_path / "t.csv")
    table = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)
    assert list(dict.fromkeys(table.side)) == ["a", "b", "all"]
    assert (table.low < table["mean"]).all()
    assert (table["mean"] < table.high).all()
    assert set(table.n) == {12}
    a = table[table.side == "a"]
    assert a.tries.tolist() == [*range(1, 11), 12]
    assert a.tries[a.claimed == "yes"].tolist() == [12]
    assert (a["mean"].diff()[1:] < 0.02).all()  # more tries, less error, but for luck
    side = tuned_sides(results, results.study.claims[0])[0]
    expected = np.exp(-side.values.mean())
    assert a["mean"].iloc[-1] == pytest.approx(expected)
    assert table[table.side == "all"].of.unique().tolist() == [48]


def test_a_listed_study_has_curves_up_to_all_its_combinations(tmp_path: Path) -> None:
    truth = Truth(draws=6, tried=3)
    write_expected_best(listed(drawn(truth), truth), tmp_path / "t.csv")
    table = pd.read_csv(tmp_path / "t.csv")
    assert sorted(set(table.side)) == ["a", "b"]  # of what was not drawn the whole is no search
    assert table[table.side == "b"].tries.tolist() == [1, 2, 3, 4, 5, 6]


def test_numbers_of_tries_are_thinned_out() -> None:
    assert numbers_of_tries(1, set()) == [1]
    assert numbers_of_tries(14, {13, 99}) == [*range(1, 11), 12, 13, 14]
    many = numbers_of_tries(2000, set())
    assert len(many) < 45
    assert many[-1] == 2000


def test_names_of_sides() -> None:
    assert side_name({"optimizer.kind": "adam"}) == "adam"
    assert side_name({"model.hidden": [64, 16], "optimizer.kind": "adam"}) == "hidden 64-16, adam"
    assert side_name([{"optimizer.rate": 0.1}, {"optimizer": {"kind": "sgd", "rate": 0.1}}]) == (
        "rate 0.1 or sgd rate 0.1"
    )
    assert side_name("others") == "others"


CLAIM = """
    claims:
      - id: T1
        sentence: Tuned, it is better.
        better: {optimizer.kind: adam}
        than: {optimizer.kind: sgd}
        tuned: TRIES
"""


@pytest.fixture
def params(tmp_path: Path) -> Callable[..., Path]:
    """A params file with one claim about methods."""

    def write(vary: str, tries: int = 2, more: str = "", metric: str = "valid_mae") -> Path:
        text = f"""
seeds: 6
datasets:
  f: {{kind: function, expression: x, low: 0, high: 1, points: 50, split: {{valid: 0.2, test: 0.2}}}}
recipes:
  f:
    dataset: f
    model: {{kind: mlp, hidden: [4], activation: relu}}
    optimizer: {{kind: sgd, rate: 0.1}}
    training: {{batch: 8, epochs: 3}}
studies:
  s:
    question: Which?
    recipe: f
    metric: {metric}
    vary: {vary}{CLAIM.replace("TRIES", str(tries))}{more}
"""
        path = tmp_path / "params.yaml"
        path.write_text(text)
        return path

    return write


GRID = "{optimizer.kind: [sgd, adam], optimizer.rate: [0.1, 0.01, 0.001]}"
SAMPLE = "{sample: 20, of: {optimizer.kind: [sgd, adam], optimizer.rate: {low: 0.1, high: 0.2}}}"


def test_the_metric_is_that_of_test_rows(params: Callable[..., Path]) -> None:
    for metric, expected in (
        ("valid_mae", "test_mae"),
        ("epochs", "test_mse"),
        ("test_r2", "test_r2"),
    ):
        plan = make_plan(load_params(params(GRID, metric=metric)))
        assert plan.studies["s"].claims[0].metric == expected


@pytest.mark.parametrize(
    ("vary", "tries", "more", "said"),
    [
        (GRID, 4, "", "needs 4 combinations on each side; better picks 3. Write more values in vary, or tuned: 3."),
        (SAMPLE, 6, "", "needs 12 combinations on each side, as they are drawn"),
        (SAMPLE, 6, "", "Write a larger sample, or tuned: 5."),
        (SAMPLE.replace("20", "8"), 2, "", "needs 10 combinations"),
        (GRID, 0, "", "tuned"),
        (GRID, 2, "        metric: valid_mse\n", "write a metric that begins with test_"),
        (GRID, 2, "        metric: epochs\n", "epochs is not of test rows"),
        (GRID, 2, "        more_than: {better: {optimizer.kind: adam}, than: {optimizer.kind: sgd}}\n",
         "tuned and more_than do not go together"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(
    params: Callable[..., Path], vary: str, tries: int, more: str, said: str
) -> None:
    with pytest.raises(LabbookError) as refused:
        load_params(params(vary, tries, more))
    assert said in " ".join(str(refused.value).split())


def test_tuned_goes_with_better_alone(params: Callable[..., Path]) -> None:
    path = params(GRID)
    text = path.read_text()
    text = text.replace(
        "better: {optimizer.kind: adam}", "share: {of: all, ended: diverged, below: 0.5}"
    )
    path.write_text(text.replace("        than: {optimizer.kind: sgd}\n", ""))
    with pytest.raises(LabbookError, match="go with better, not with share"):
        load_params(path)
