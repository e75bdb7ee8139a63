"""What a search may draw: its combinations, and what is refused with which words."""

import pytest

from labbook.params.searched import START, check_search, searched
from tests.tuning.made_search import RATE, WHOLE, plan


def refused(of=None, **settings) -> list[str]:
    made = plan(of, **settings)
    return [
        f"{'.'.join(map(str, mistake.path))}: {mistake.text}"
        for mistake in check_search(made.block.search, made.recipe)
    ]


@pytest.mark.parametrize("path", ["dataset", "features.k", "training.epochs", "training.redraw"])
def test_what_no_search_may_vary(path):
    (text,) = refused({path: [1, 2]})
    assert text.startswith(f"of.{path}: ")


def test_the_least_budget_is_told_and_is_enough():
    (text,) = refused(budget=247, epochs=4)
    assert text.startswith("budget: found 247; the start and one other need 248 epochs")
    assert not refused(budget=248, epochs=4)
    assert plan(budget=248, epochs=4).block.search.sample(WHOLE) == 1


def test_discarding_must_come_early():
    (text,) = refused(epochs=WHOLE)
    assert "must be below the recipe's training.epochs (40)" in text


def test_the_start_is_first_and_no_other_is_like_it():
    made = plan({"optimizer.kind": ["adam", "sgd"]}, budget=2000)
    combinations, mistakes = searched(made.block.search, made.recipe)
    assert not mistakes
    assert combinations[0].label == START
    assert combinations[0].recipe == made.recipe
    recipes = [one.recipe.model_dump_json() for one in combinations]
    assert len(set(recipes)) == len(recipes) == 129
    rates = [one.recipe.optimizer.rate for one in combinations]
    assert all(RATE["low"] <= rate <= RATE["high"] for rate in rates)


def test_a_value_that_no_recipe_takes_is_refused():
    assert any("model.activation" in text for text in refused({"model.activation": ["relu", "no"]}))
