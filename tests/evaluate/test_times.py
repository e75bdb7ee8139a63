"""Claims about epochs to a goal that some runs did not reach."""

import numpy as np
import pytest

from labbook.evaluate.claims.reasons import why
from labbook.verdicts import AS_CLAIMED, OPPOSITE, SIZE_UNCLEAR, WEAKER
from tests.made_study import claim, judged, recipe

BUDGET = 1000
PLACES = [{"x": 1}, {"x": 2}, {"x": 3}]


def goal(epochs=BUDGET):
    return recipe(training={"batch": "all", "epochs": epochs, "tolerance": 1e-3})


def of(epochs, *claims, budgets=None):
    """Verdicts on epochs {label: (seeds,)}, of which those beyond the budget are not reached."""
    budgets = budgets or dict.fromkeys(epochs, BUDGET)
    ended, shown = {}, {}
    for label, values in epochs.items():
        within = [e <= budgets[label] for e in values]
        ended[label] = ["converged" if one else "budget used up" for one in within]
        shown[label] = [int(min(e, budgets[label])) for e in values]
    base = {label: goal(budget) for label, budget in budgets.items()}
    runs = {label: [1.0] * len(values) for label, values in epochs.items()}
    return judged(runs, *claims, epochs=shown, ended=ended, base=base)


def than(first="a", second="b", **options):
    return claim(first, second, metric="epochs", **options)


def missed(factor, n=12, spread=0.02, turned=False):
    """b needs `factor` times as many epochs as a, and one seed of b does not get there."""
    draw = np.random.default_rng(1)
    first = np.round(draw.uniform(200, 400, n))
    second = np.append(np.round(first * factor * np.exp(draw.normal(0, spread, n)))[:-1], 9999)
    return {"a": second, "b": first} if turned else {"a": first, "b": second}


ALIKE = claim(sides="ab", metric="epochs", alike=PLACES[:2])
LATE = [9999] * 20
CASES = {
    # As soon as one run missed the goal, `at_least` was dropped, and this supported.
    "ten percent faster is not twice": (missed(1.1), than(at_least=1.0), "refuted", WEAKER),
    "ten percent faster": (missed(1.1), than(), "supported", None),
    "a bound that is kept": (missed(2.5), than(at_least=1.0), "supported", AS_CLAIMED),
    "a bound near the truth": (missed(2.0), than(at_least=1.0), "undecided", ""),
    "slower": (missed(2.5, turned=True), than(at_least=0.5), "refuted", OPPOSITE),
    "within the margin": (missed(1.001, 20, 0.002), than(), "refuted", None),
    "within it, alike": (missed(1.001, 20, 0.002), ALIKE, "supported", AS_CLAIMED),
    "a margin of its own": (missed(1.001, 20, 0.002), than(margin=1e-5), "undecided", None),
    "beyond it, alike": (missed(1.5), ALIKE, "refuted", OPPOSITE),
    "just beyond it": (missed(1.06), than(), "supported", SIZE_UNCLEAR),
    "far beyond it": (missed(1.5), than(), "supported", AS_CLAIMED),
    # b is as quick as a, c never gets there: a does not beat both.
    "one of a side never gets there": (
        missed(1.001, 20, 0.002) | {"c": LATE}, than("a", "bc"), "undecided", "",
    ),
    "beats each of a side": (missed(3.0, 20) | {"c": LATE}, than("a", "bc"), "supported", None),
    **{f"nobody of {n} gets there": ({"a": [9999] * n, "b": [9999] * n}, than(), "undecided", None)
       for n in (1, 6, 30)},
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_verdicts_of_times(name):
    epochs, asked, verdict, kind = CASES[name]
    [one] = of(epochs, asked)
    assert (one.verdict, one.kind) == (verdict, one.kind if kind is None else kind)
    assert one.outcome.middle == "median"
    if name == "ten percent faster":
        assert one.outcome.effect == pytest.approx(1.1, rel=0.03)


def test_runs_that_do_not_get_there_are_not_dropped():
    values = {"a": [1.0] * 8, "b": [None] * 4 + [1.0] * 4}
    ended = {"a": "converged", "b": ["diverged"] * 4 + ["stalled"] * 4}
    epochs = {"a": [100] * 8, "b": [20] * 8}
    [one] = judged(values, than(), epochs=epochs, ended=ended, base=goal())
    assert (one.verdict, one.outcome.p) == ("supported", 2 / 2**8)
    [one] = of({"a": range(10, 26, 2), "b": [9999] * 8}, than())
    assert (one.outcome.test, one.outcome.p, one.outcome.low > 2) == ("signed-rank", 2 / 2**8, True)
    assert "median above 1,000 epochs; 0 of 8 got there" in one.outcome.ours


def test_a_budget_too_small_for_the_claimed_factor_is_said():
    epochs = {"a": np.full(8, 600), "b": np.full(8, 9999)}  # at least 1.7 times, twice is claimed
    [one] = of(epochs, than(at_least=1.0))
    assert one.verdict == "undecided"
    assert why(one).startswith("The budget, training.epochs, is too small to tell in any seed")


def test_who_had_the_larger_budget_is_not_ahead_for_that():
    """Both need the same; b is stopped at 300 epochs, a at 1,000."""
    draw = np.random.default_rng(2)
    made = [{label: np.ceil(draw.exponential(400, 10)) for label in "ab"} for _ in range(60)]
    budgets = {"a": 1000, "b": 300}
    assert sum(of(one, than(), budgets=budgets)[0].verdict == "supported" for one in made) <= 4


def test_figures_of_epochs_are_of_one_kind_and_named():
    """a always got there: its geometric mean stood unnamed beside the medians of the others."""
    order = claim(sides="abc", metric="epochs", order=PLACES)
    more = {"better": {"x": 1}, "than": {"x": 2}}
    gain = claim(sides="acab", metric="epochs", more_than=more)
    values = missed(2) | {"c": missed(4)["b"]}
    for one in of(values, order, gain):
        assert one.outcome.middle == "median"
        assert one.outcome.ours.count("median ") == len(one.claim.sides)
    for one in of({k: np.minimum(epochs, BUDGET) for k, epochs in values.items()}, order, gain):
        assert one.outcome.middle == "geometric mean"
        assert "median" not in one.outcome.ours


def test_one_of_the_others_that_is_faster_is_named():
    values = missed(3) | {"c": np.round(missed(1)["a"] / 2)}
    [one] = of(values, than("a", "bc"))
    assert "1 has a better median than the side claimed better" in one.outcome.exceptions
    assert one.outcome.exceptions.endswith(f"c ({sorted(values['c'])[5]:.0f})")
    assert one.outcome.compared.parts[0] == "a"
    assert one.outcome.compared.parts[1] in "bc"
