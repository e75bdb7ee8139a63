"""Combinations that are drawn: designs, kinds and their settings, mistakes."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from labbook.errors import LabbookError
from labbook.params.combinations import combinations
from labbook.params.load import load_params
from labbook.params.sampling import Range, Sample, draw
from tests.conftest import TINY

OLD = "vary: {optimizer.rate: [0.05, 1e+5]}"
TEXT = TINY.read_text()
# What the study says of its own two rates, which are not drawn.
CLAIM = TEXT[TEXT.index("    claims:\n      - {id: rate,") : TEXT.index("  function-degree:")]
RATE = {"low": 1e-4, "high": 1e-1, "log": True}
DECAY = {"low": 0.0, "high": 1.0}


def block(sample=40, method="latin-hypercube", seed=0, **of) -> Sample:
    return Sample.model_validate({"sample": sample, "method": method, "seed": seed, "of": of})


def drawn(sample: Sample) -> list[dict]:
    return draw(sample, lambda settings: settings)


def shares(sample: Sample) -> np.ndarray:
    """Where drawn numbers lie in their ranges, from 0 to 1; shape (combinations, settings)."""
    columns = []
    for path, values in sample.of.items():
        numbers = np.array([settings[path] for settings in drawn(sample)])
        low, high = values.low, values.high
        if values.log:
            numbers, low, high = np.log(numbers), math.log(low), math.log(high)
        columns.append((numbers - low) / (high - low))
    return np.array(columns).T


@pytest.mark.parametrize("seed", range(3))
def test_a_latin_hypercube_uses_each_part_once(seed: int) -> None:
    # rounding to three digits may move a number over the border of its part
    for column in shares(block(20, seed=seed, a=RATE, b=DECAY)).T:
        parts = np.sort(column) * 20 - np.arange(20)
        assert parts.min() > -0.05
        assert parts.max() < 1.05


def test_parts_are_paired_at_random() -> None:
    """The discrepancy is that of SciPy's hypercube, which is below that of random points."""
    correlations = np.corrcoef(shares(block(200, a=DECAY, b=DECAY, c=RATE)).T)
    assert np.abs(correlations[np.triu_indices(3, 1)]).max() < 0.2
    ours = [qmc.discrepancy(shares(block(64, seed=s, a=DECAY, b=DECAY))) for s in range(8)]
    theirs = [qmc.discrepancy(qmc.LatinHypercube(2, rng=s).random(64)) for s in range(8)]
    random = [qmc.discrepancy(np.random.default_rng(s).random((64, 2))) for s in range(8)]
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.3)
    assert np.mean(ours) < 0.6 * np.mean(random)


@pytest.mark.parametrize("method", ["random", "latin-hypercube"])
@pytest.mark.parametrize("given", [RATE, DECAY])
def test_numbers_are_even_on_their_scale(method: str, given: dict) -> None:
    assert stats.kstest(shares(block(400, method, a=given))[:, 0], "uniform").pvalue > 0.01


def test_numbers_have_three_digits_and_stay_inside() -> None:
    numbers = [settings["a"] for settings in drawn(block(200, a={"low": 0.12345, "high": 0.12999}))]
    assert all(isinstance(number, float) and 0.12345 <= number <= 0.12999 for number in numbers)
    assert len(numbers) < 10  # there are no more of three digits
    assert Range(low=1e-4, high=1e-1, log=True).at(0.5) == 0.00316
    whole = [Range(low=1, high=4, whole=True).at(share) for share in np.linspace(0, 1, 8001)[:-1]]
    assert {type(number) for number in whole} == {int}
    assert np.bincount(whole)[1:].tolist() == pytest.approx([2000] * 4, abs=2)  # equally likely


def test_all_differ_and_follow_from_the_block_alone() -> None:
    lists = {"a": [1, 2, 3], "b": ["x", "y", "z", "w"]}
    first = drawn(block(12, **lists))
    assert len({str(settings) for settings in first}) == 12  # all there are
    assert first == drawn(block(12, **lists))
    assert first != drawn(block(12, seed=1, **lists))
    assert len(drawn(block(13, **lists))) == 12


def test_the_draws_of_a_block_stay_the_same() -> None:
    """Other numbers would be other combinations, trained anew: a change must be meant."""
    assert drawn(block(3, a=RATE, b=["x", "y"], c={"low": 8, "high": 64, "whole": True})) == [
        {"a": 0.063, "b": "x", "c": 42},
        {"a": 0.00189, "b": "y", "c": 11},
        {"a": 0.000764, "b": "x", "c": 61},
    ]


def study(edited: Callable[..., Path], vary: str, *others: tuple[str, str]) -> list:
    params = load_params(edited((OLD, f"vary: {vary}"), (CLAIM, ""), *others))
    return combinations(params, "boston-rate")[0]


def test_a_kind_has_its_own_settings_alone(edited: Callable[..., Path]) -> None:
    vary = (
        "{sample: 30, of: {optimizer.kind: [sgd, momentum, adam], optimizer.momentum: {low: 0.5, "
        "high: 0.99}, optimizer.beta1: [0.8, 0.9], optimizer.rate: {low: 1e-3, high: 0.1, log: true}}}"
    )
    made = study(edited, vary)
    assert len(made) == len({combination.label for combination in made}) == 30
    assert {c.recipe.optimizer.kind for c in made} == {"sgd", "momentum", "adam"}
    for combination in made:
        kind, settings = combination.recipe.optimizer.kind, combination.settings
        assert settings["optimizer.kind"] == kind
        assert ("optimizer.momentum" in settings) == (kind == "momentum")
        assert ("optimizer.beta1" in settings) == (kind == "adam")
        assert combination.recipe.optimizer.rate == settings["optimizer.rate"]
        if kind == "momentum":
            assert f"momentum {settings['optimizer.momentum']}" in combination.label


def test_the_kind_may_also_be_set(edited: Callable[..., Path]) -> None:
    set_ = ("set: {model: {kind: linear}, training.clip: null}", "set: {optimizer.kind: nesterov}")
    made = study(edited, "{sample: 4, of: {optimizer.momentum: {low: 0.5, high: 0.9}}}", set_)
    assert all("optimizer.momentum" in combination.settings for combination in made)


def test_another_kind_leaves_the_recipes_settings_of_its_own(edited: Callable[..., Path]) -> None:
    """A grid over kinds where the recipe says more than the others understand."""
    plain = "optimizer: {kind: sgd, rate: 0.05}"
    recipe = (plain, "optimizer: {kind: momentum, rate: 0.05, momentum: 0.7}")
    made = study(edited, "{optimizer.kind: [adam, momentum, nesterov]}", recipe)
    adam, momentum, nesterov = (combination.recipe.optimizer for combination in made)
    assert (adam.kind, adam.rate) == ("adam", 0.05)
    assert momentum.momentum == nesterov.momentum == 0.7


MISTAKES = [
    ("{sample: 3, of: {optimizer.rate: {low: 1, high: 0.1}}}", "low (1) must be below high (0.1)"),
    ("{sample: 3, of: {optimizer.rate: {low: 0, high: 0.1, log: true}}}", "log needs low above 0"),
    ("{sample: 3, of: {training.batch: {low: 1, high: 9.5, whole: true}}}", "whole needs whole numbers"),
    ("{sample: 3, of: {training.batch: {low: 8, high: 64}}}", "add `whole: true`"),
    ("{sample: 3, of: {optimizer.rat: {low: 0.1, high: 1}}}", 'did you mean "rate"'),
    ("{sample: 3, off: {optimizer.rate: [1, 2]}}", 'did you mean "of"'),
    ("{sample: 3, method: latin, of: {optimizer.rate: [1, 2]}}", 'did you mean "latin-hypercube"'),
    ("{sample: 3, of: {optimizer.rate: [0.1, 0.2]}}", "only 2 different combinations"),
    ("{sample: 3, of: {optimizer.rate: []}}", "name at least one"),
    ("{sample: 3, of: {}}", "name at least one"),
    ("{sample: 0, of: {optimizer.rate: [1]}}", "greater than or equal to 1"),
    ("{sample: 3, of: {optimizer.rate: {low: 0.1, high: 1}, optimizer.momentum: [0.1]}}",
     "optimizer.momentum: is in no combination"),
    ("{sample: 3, of: {training.clip: {low: 0.1, high: 1}}}", "is set and varied"),
    ("{sample: 3, of: {optimizer.rate: {low: -1, high: 1}}}", "greater than 0"),
]  # fmt: skip


@pytest.mark.parametrize(("vary", "said"), MISTAKES)
def test_mistakes_are_named_at_their_place(edited, vary: str, said: str) -> None:
    path = edited((OLD, f"vary: {vary}"), (CLAIM, ""))
    with pytest.raises(LabbookError) as caught:
        load_params(path)
    assert said in str(caught.value)
    assert "studies.boston-rate." in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


def test_the_block_comes_back_from_its_dump() -> None:
    sample = block(3, a=RATE, b=[1, 2])
    assert Sample.model_validate(sample.model_dump()) == sample


@pytest.mark.parametrize(
    ("values", "different"),
    [
        ({"a": {"low": 1, "high": 50, "whole": True}, "b": ["x", "y"]}, 100),
        ({"a": [1, 1, 2], "b": [[8], [8], [16]]}, 4),
        ({"a": {"low": 0.998, "high": 1.01}}, 4),  # 0.998, 0.999, 1, 1.01
        ({"a": {"low": -2.02, "high": -2.0}}, 3),
        ({"a": {"low": -3, "high": 3, "whole": True}}, 7),
    ],
)
def test_a_sample_ends_when_all_that_can_be_had_are_drawn(values: dict, different: int) -> None:
    """Twenty thousand out of two were two million draws."""
    asked: list[object] = []
    assert (
        len(
            draw(
                block(20_000, "random", **values),
                lambda settings: asked.append(settings) or settings,
            )
        )
        == different
    )
    assert len(asked) < 10_000


def test_kinds_count_with_their_own_settings(edited: Callable[..., Path]) -> None:
    vary = "{sample: 9, of: {optimizer.kind: [adam, momentum], optimizer.rate: [0.1, 0.2], optimizer.momentum: [0.8, 0.9]}}"
    with pytest.raises(LabbookError, match="only 6 different combinations"):
        load_params(edited((OLD, f"vary: {vary}"), (CLAIM, "")))
    assert len(study(edited, vary.replace("9", "6", 1))) == 6
