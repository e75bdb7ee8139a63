"""Claims about epochs to a goal that some runs did not reach."""

import numpy as np
import pytest

from labbook.evaluate.claims.judge import judge
from labbook.evaluate.claims.reasons import why
from labbook.verdicts import AS_CLAIMED, OPPOSITE, SIZE_UNCLEAR, WEAKER
from tests.made_study import claim, made_results, recipe

BUDGET = 1000


@pytest.fixture(autouse=True)
def _no_collection(monkeypatch):
    """statsmodels collects garbage with each correction, which is slow."""
    monkeypatch.setattr("gc.collect", lambda: 0)


def goal(epochs=BUDGET):
    return recipe(training={"batch": "all", "epochs": epochs, "tolerance": 1e-3})


def judged(epochs, *claims, base=None):
    """Verdicts on epochs {label: (seeds,)}, of which those beyond the budget are not reached."""
    ended, shown = {}, {}
    for label, values in epochs.items():
        budget = (base[label] if base else goal()).training.epochs
        ended[label] = ["converged" if e <= budget else "budget used up" for e in values]
        shown[label] = [int(min(e, budget)) for e in values]
    values = {label: [1.0] * len(epochs[label]) for label in epochs}
    return judge(
        made_results(values, claims=claims, epochs=shown, ended=ended, base=base or goal())
    )


def than(**options):
    return claim("a", "b", metric="epochs", **options)


def missed(factor, n=12, spread=0.02):
    """b needs `factor` times as many epochs as a, and one seed of b does not get there."""
    draw = np.random.default_rng(1)
    first = np.round(draw.uniform(200, 400, n))
    second = np.round(first * factor * np.exp(draw.normal(0, spread, n)))
    return {"a": first, "b": np.append(second[:-1], 9999)}


def test_ten_percent_faster_is_not_twice_as_fast():
    """As soon as one run missed the goal, `at_least` was dropped, and this supported."""
    [one] = judged(missed(1.1), than(at_least=1.0))
    assert (one.verdict, one.kind) == ("refuted", WEAKER)
    [one] = judged(missed(1.1), than())
    assert one.verdict == "supported"
    assert one.outcome.effect == pytest.approx(1.1, rel=0.03)


def test_a_bound_that_is_kept_is_supported():
    assert judged(missed(2.5), than(at_least=1.0))[0].verdict == "supported"
    [one] = judged(missed(2.0), than(at_least=1.0))
    assert one.verdict == "undecided"


def test_a_budget_too_small_for_the_claimed_factor_is_said():
    epochs = {"a": np.full(8, 600), "b": np.full(8, 9999)}  # at least 1.7 times, twice is claimed
    [one] = judged(epochs, than(at_least=1.0))
    assert one.verdict == "undecided"
    text = why(one)
    assert text.startswith("The budget, training.epochs, is too small to tell in any seed")


def test_slower_is_the_opposite_of_faster_by_so_much():
    epochs = missed(2.5)
    [one] = judged({"a": epochs["b"], "b": epochs["a"]}, than(at_least=0.5))
    assert (one.verdict, one.kind) == ("refuted", OPPOSITE)


def test_the_margin_counts_where_runs_missed_the_goal():
    epochs = missed(1.001, n=20, spread=0.002)
    [one] = judged(epochs, than())
    assert (one.verdict, one.outcome.margin) == ("refuted", 1.05)
    [one] = judged(epochs, claim(sides="ab", metric="epochs", alike=[{"x": 1}, {"x": 2}]))
    assert (one.verdict, one.kind) == ("supported", AS_CLAIMED)
    [one] = judged(epochs, than(margin=1e-5))
    assert one.verdict != "refuted"


def test_a_factor_beyond_the_margin_is_not_alike():
    alike = claim(sides="ab", metric="epochs", alike=[{"x": 1}, {"x": 2}])
    [one] = judged(missed(1.5), alike)
    assert (one.verdict, one.kind) == ("refuted", OPPOSITE)


def test_shown_inside_the_margin_the_size_is_unclear():
    [one] = judged(missed(1.06), than())
    assert (one.verdict, one.kind) == ("supported", SIZE_UNCLEAR)
    [one] = judged(missed(1.5), than())
    assert (one.verdict, one.kind) == ("supported", AS_CLAIMED)


def test_who_had_the_larger_budget_is_not_ahead_for_that():
    """Both need the same; b is stopped at 300 epochs, a at 1,000."""
    draw, wrong = np.random.default_rng(2), 0
    base = {"a": goal(1000), "b": goal(300)}
    for _ in range(100):
        epochs = {label: np.ceil(draw.exponential(400, 10)) for label in "ab"}
        wrong += judged(epochs, than(), base=base)[0].verdict == "supported"
    assert wrong <= 6


def test_a_side_is_not_beaten_by_one_of_it_that_never_gets_there():
    """b is as quick as a, c never gets there: a does not beat both."""
    epochs = missed(1.001, n=20, spread=0.002)
    [one] = judged(epochs | {"c": [9999] * 20}, claim("a", "bc", metric="epochs"))
    assert one.verdict != "supported"
    slow = missed(3.0, n=20)
    [one] = judged(slow | {"c": [9999] * 20}, claim("a", "bc", metric="epochs"))
    assert one.verdict == "supported"


def test_nobody_gets_there():
    for n in (1, 6, 30):
        [one] = judged({"a": [9999] * n, "b": [9999] * n}, than())
        assert (one.verdict, one.outcome.n) == ("undecided", 0)


def test_a_run_that_diverged_or_stalled_never_gets_there():
    values = {"a": [1.0] * 8, "b": [None] * 4 + [1.0] * 4}
    ended = {"a": "converged", "b": ["diverged"] * 4 + ["stalled"] * 4}
    epochs = {"a": [100] * 8, "b": [20] * 8}
    results = made_results(values, claims=[than()], epochs=epochs, ended=ended, base=goal())
    [one] = judge(results)
    assert (one.verdict, one.outcome.p) == ("supported", 2 / 2**8)


def test_figures_of_epochs_are_of_one_kind_and_named():
    """a always got there: its geometric mean stood unnamed beside the medians of the others."""
    places = [{"x": 1}, {"x": 2}, {"x": 3}]
    order = claim(sides="abc", metric="epochs", order=places)
    gain = claim(sides="acab", metric="epochs", more_than={"better": {"x": 1}, "than": {"x": 2}})
    values = missed(2) | {"c": missed(4)["b"]}
    for one in judged(values, order, gain):
        assert one.outcome.middle == "median"
        assert one.outcome.ours.count("median ") == len(one.claim.sides)
    whole = {label: np.minimum(epochs, BUDGET) for label, epochs in values.items()}
    for one in judged(whole, order, gain):
        assert one.outcome.middle == "geometric mean"
        assert "median" not in one.outcome.ours


def test_one_of_the_others_that_is_faster_is_named():
    values = missed(3) | {"c": np.round(missed(1)["a"] / 2)}
    [one] = judged(values, claim("a", "bc", metric="epochs"))
    text = one.outcome.exceptions
    assert "1 has a better median than the side claimed better" in text
    assert text.endswith(f"c ({sorted(values['c'])[5]:.0f})")
    assert one.outcome.compared.parts[0] == "a"
    assert one.outcome.compared.parts[1] in "bc"
