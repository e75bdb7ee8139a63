"""Which combination is best, and which of its runs is kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from labbook.evaluate.choice import AGAINST_OTHERS, MEDIAN, choose, fails_more_often
from tests.made_study import make_study


def failing(mean, failed, n=20):
    """Runs around a mean, the first `failed` of them without a value."""
    return [None] * failed + [mean * (1 + 0.01 * (i % 3)) for i in range(n - failed)]


@pytest.mark.parametrize("failed", [1, 2, 4])
def test_a_few_failed_runs_of_twenty_do_not_outweigh_the_mean(tmp_path, failed):
    found = choose(make_study(tmp_path, {"a": failing(11.3, 0), "b": failing(10.3, failed)}))
    assert (found.label, found.set_aside) == ("b", ())


@pytest.mark.parametrize("failed", [5, 12, 20])
def test_clearly_more_failed_runs_do(tmp_path, failed):
    found = choose(make_study(tmp_path, {"a": failing(11.3, 0), "b": failing(10.3, failed)}))
    assert (found.label, found.set_aside) == ("a", ("b",))


def test_a_mean_over_fewer_than_half_of_the_runs_is_set_aside(tmp_path):
    """Three seeds are too few to show that two failures are more than none."""
    assert not fails_more_often(2, 0, 3)
    found = choose(make_study(tmp_path, {"a": [3.0, 2.0, 2.5], "b": [0.1, None, None]}))
    assert (found.label, found.set_aside) == ("a", ("b",))


def test_where_all_fail_often_those_that_fail_least_are_compared(tmp_path):
    values = {"a": failing(1.0, 18), "b": failing(3.0, 15), "c": failing(2.0, 15)}
    assert choose(make_study(tmp_path, values)).label == "c"


def test_nothing_is_chosen_of_nothing(tmp_path):
    assert choose(make_study(tmp_path, {"a": [None, None]})) is None


def test_the_test_is_fishers():
    for failed, clearly in ((5, False), (6, True)):
        chance = stats.hypergeom.sf(failed - 1, 40, failed + 1, 20)  # of so many by the draw alone
        assert (chance < 0.05) == clearly == fails_more_often(failed, 1, 20)
    assert not any(fails_more_often(same, same, 20) for same in range(21))


def test_an_easy_split_does_not_choose_the_run(tmp_path):
    """Seed 3 is easy for everybody; seed 1 is where b does most better than the others."""
    hardness = np.array([1.0, 2.0, 1.5, 0.1, 1.2, 0.9])
    own = np.array([0.8, 0.5, 0.8, 0.8, 0.8, 0.8])
    others = {"a": hardness, "c": hardness * 1.1, "d": hardness * 0.9}
    values = {"a": others["a"], "b": hardness * own, "c": others["c"], "d": others["d"]}
    found = choose(make_study(tmp_path, {k: v.tolist() for k, v in values.items()}))
    assert (found.label, found.seed, found.run_by) == ("b", 1, AGAINST_OTHERS)


@settings(max_examples=25, deadline=None)
@given(hardness=st.lists(st.floats(-3, 3), min_size=5, max_size=5))
def test_no_hardness_of_the_splits_changes_the_choice(tmp_path_factory, hardness):
    """Splits that are easier or harder for all combinations alike say nothing of a run."""
    draw = np.random.default_rng(3)
    plain = {label: np.exp(draw.normal(0, 0.3, 5)) for label in "abc"}
    made = {label: (one * np.exp(hardness)).tolist() for label, one in plain.items()}
    folder = tmp_path_factory.mktemp("runs")
    without = choose(make_study(folder / "plain", {k: v.tolist() for k, v in plain.items()}))
    found = choose(make_study(folder / "made", made))
    assert (found.label, found.seed) == (without.label, without.seed)


def test_without_other_combinations_the_median_run_is_kept(tmp_path):
    found = choose(make_study(tmp_path, {"a": [3.0, 1.0, 2.0, None]}))
    assert (found.seed, found.run_by) == (2, MEDIAN)


def test_others_that_failed_in_all_its_seeds_say_nothing(tmp_path):
    values = {"a": [3.0, 1.0, 2.0, None], "b": [None, None, None, None]}
    found = choose(make_study(tmp_path, values))
    assert (found.label, found.seed, found.run_by) == ("a", 2, MEDIAN)


def test_a_seed_is_compared_with_those_of_the_others_that_ended(tmp_path):
    values = {"a": [1.0, 1.0, 1.0, 1.0], "b": [None, 2.0, 4.0, 2.0], "c": [None, 3.0, None, 3.0]}
    found = choose(make_study(tmp_path, values))
    assert (found.label, found.seed) == ("a", 2)
