"""Blocks of `tune`: what `labbook check` refuses, and how it says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from labbook.errors import LabbookError
from labbook.params.load import load_params
from tests.conftest import TINY

SEARCH = {
    "of": {"optimizer.rate": {"low": 0.001, "high": 0.1, "log": True}},
    "budget": 200,
    "epochs": 2,
}


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., str]:
    """What is wrong with tests/tiny.yaml with a block of `tune`; nothing: empty."""

    def check(change: dict[str, Any] | None = None, **block: Any) -> str:
        content = yaml.safe_load(TINY.read_text())
        content["tune"] = {"good-rate": {"recipe": "boston"} | block}
        content |= change or {}
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(content))
        try:
            load_params(path)
        except LabbookError as error:
            return str(error)
        return ""

    return check


def test_a_tuning_is_fine(checked) -> None:
    assert checked() == ""
    assert checked(set={"optimizer.kind": "adam", "optimizer.rate": 10.0}, seeds=6) == ""
    assert checked(search=SEARCH) == ""


@pytest.mark.parametrize(
    ("block", "place", "words"),
    [
        ({"recipe": "bostn"}, "recipe", 'did you mean "boston"?'),
        ({"than": "bostn"}, "than", 'did you mean "boston"?'),
        ({"than": "digits"}, "than", "of the data set digits"),
        ({"set": {"dataset": "digits"}}, "set.dataset", "its recipe's data set"),
        ({"set": {"optimizer.rat": 1.0}}, "set.optimizer.rat", 'did you mean "rate"?'),
        ({"set": {"optimizer.rate": -1.0}}, "set.optimizer.rate", "found -1.0"),
        ({"set": {"training.epochs.x": 1}}, "set.training.epochs.x", "not a block"),
        ({"set": {"training.tiny": 3}}, "set.training.tiny", "own steps"),
        ({"set": {"features.method": "f_classif", "features.k": 2}}, "set", "does not suit"),
        ({"set": {"optimiser.rate": 1}}, "set.optimiser.rate", '"optimizer"? Allowed: features,'),
        ({"seeds": 5}, "seeds", "found 5; at least 6 seeds are needed: with fewer no comparison"),
        ({"remedys": True}, "remedys", 'did you mean "remedies"?'),
        (
            {"search": SEARCH, "remedies": False},
            "remedies",
            "leave it out. Allowed beside `search`:",
        ),
        ({"search": {"of": {"dataset": ["boston"]}, "budget": 99}}, "search.of.dataset", "asks"),
        ({"search": {"of": {"model.x": [1, 2]}, "budget": 99}}, "search.of.model.x", "allowed"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(checked, block, place, words) -> None:
    text = checked(**block)
    assert f"tune.good-rate.{place}: " in text
    assert words.lower() in text.lower()
    assert "1 mistake" in text or "a mistake" in text


def test_mistakes_of_tunings_are_told_with_others(checked) -> None:
    study = {"s": {"question": "?", "recipe": "nothing", "vary": {"optimizer.rate": [0.1]}}}
    text = checked({"studies": study}, recipe="bostn")
    assert "tune.good-rate.recipe" in text
    assert "studies.s.recipe" in text


def test_a_tuning_of_a_recipe_with_a_mistake_is_not_told_of(checked) -> None:
    content = yaml.safe_load(TINY.read_text())
    content["recipes"]["boston"]["optimizer"]["rate"] = -1.0
    text = checked({"recipes": content["recipes"]})
    assert "recipes.boston.optimizer.rate" in text
    assert "tune." not in text


def test_no_study_may_be_called_tune(checked) -> None:
    study = {"tune": {"question": "?", "recipe": "boston", "vary": {"optimizer.rate": [0.1, 0.2]}}}
    assert "this name is taken by results/tune" in checked({"studies": study})


def test_no_tuning_is_called_as_a_study_is(checked) -> None:
    study = {"question": "?", "recipe": "boston", "vary": {"optimizer.rate": [0.1, 0.2]}}
    assert checked({"studies": {"good-rat": study}}) == ""
    taken = "tune.good-rate: a study has this name"
    assert taken in checked({"studies": {"good-rate": study}})
    several = study | {"datasets": ["boston", "function"]}
    tune = {"good-on-boston": {"recipe": "boston"}}
    text = checked({"studies": {"good": several}, "tune": tune})
    assert "tune.good-on-boston: a study has this name" in text


def test_each_setting_that_cannot_be_set_is_told_at_once(checked) -> None:
    wrong = {
        "dataset": "digits",
        "training.tiny": 3,
        "training.epochs.x": 1,
        "optimiser.rate": 1,
        "optimizer.rate": -1.0,
        "model.hidden": "wide",
    }
    text = checked(set=wrong)
    assert all(f"tune.good-rate.set.{path}: " in text for path in wrong), text


def test_mistakes_of_a_search_are_told_at_once_and_once_a_setting(checked) -> None:
    of = {
        "dataset": ["digits"],
        "optimiser.rate": [1, 2],
        "optimizer.rate": {"low": -2.0, "high": -1.0},
        "model.activation": ["relux", "silux"],
    }
    assert "search.budget: found 9; the start and one other need" in checked(
        search={"of": of, "budget": 9}
    )
    text = checked(search={"of": of, "budget": 400})
    assert [text.count(f"search.of.{path}: ") for path in of] == [1, 1, 1, 1], text
    assert "more values" in text
    assert "relux" in text
    assert "silux" in text


@pytest.mark.parametrize("studies", [{}, None])
def test_a_tuning_without_a_study_is_checked_and_says_what_lacks(checked, studies) -> None:
    text = checked({"studies": studies}, set={"optimizer.rat": 1.0})
    assert "studies: is missing. A file needs a study beside its tunings" in text
    assert "set.optimizer.rat: " in text
