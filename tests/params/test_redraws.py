"""Studies of where chance comes from: what `labbook check` refuses, and how it says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from labbook.errors import LabbookError
from labbook.params.load import load_params
from tests.conftest import TINY

STUDY = "chance"


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., str]:
    """What is wrong with tests/tiny.yaml with a study that varies `redraw`; nothing: empty."""

    def check(redraw: list[str | None], settings=None, vary=None, recipe=None, **study) -> str:
        content = yaml.safe_load(TINY.read_text())
        name = next(n for n, r in content["recipes"].items() if r["model"]["kind"] == "mlp")
        content["recipes"][name]["training"]["batch"] = 8
        content["recipes"][name]["training"] |= recipe or {}
        block = {"question": "Where from?", "recipe": name, "seeds": 8, "set": settings or {}}
        block["vary"] = {"training.redraw": redraw} | (vary or {})
        content["studies"] = {STUDY: {k: v for k, v in (block | study).items() if v != {}}}
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(content))
        try:
            load_params(path)
        except LabbookError as error:
            return str(error)
        return ""

    return check


def test_a_study_of_chance_is_fine(checked) -> None:
    assert checked([None, "all", "initialisation", "batch order"]) == ""
    assert checked([None, "dropout"], {"model.dropout": 0.2}) == ""


@pytest.mark.parametrize(
    ("redraw", "settings", "words"),
    [
        ("dropout", {}, "drops no units"),
        ("augmentation", {}, "no training image is changed"),
        ("batch order", {"training.batch": "all"}, "a batch is all rows"),
        ("initialisation", {"model.initialisation": "zero"}, "all first weights are 0"),
    ],
)
def test_what_does_nothing_is_refused(checked, redraw, settings, words) -> None:
    said = checked([None, "all", redraw], settings)
    assert f"{redraw} changes nothing" in said
    assert words in said
    assert "all or null" in said
    assert "a mistake" in said  # one, not two


def test_so_it_is_in_a_recipe(checked) -> None:
    assert "dropout changes nothing" in checked([None, "all"], recipe={"redraw": "dropout"})


def test_no_chance_at_all_is_refused(checked) -> None:
    settings = {"model.initialisation": "zero", "training.batch": "all"}
    said = checked([None, "all"], settings)
    assert "chance decides nothing in this training" in said
    assert "allowed here: null." in said


@pytest.mark.parametrize("redraw", [[None], ["all", "initialisation"], ["all"]])
def test_there_must_be_a_run_to_compare_with(checked, redraw) -> None:
    assert "one of them null" in checked(redraw)


def test_one_setting_at_a_time(checked) -> None:
    said = checked([None, "all"], vary={"optimizer.rate": [0.1, 0.01]})
    assert "training.redraw varies together with optimizer.rate" in said


def test_few_seeds_are_refused(checked) -> None:
    assert "5 seeds cannot say where chance comes from: at least 6" in checked(
        [None, "all"], seeds=5
    )
    assert checked([None, "all"], seeds=6) == ""


def test_epochs_that_may_not_be_reached_are_refused(checked) -> None:
    settings = {"training.tolerance": 0.1, "training.patience": None}
    said = checked([None, "all"], settings, metric="epochs")
    assert "no variance that could be shared out" in said


def test_names_are_told_as_everywhere(checked) -> None:
    assert 'did you mean "batch order"' in checked([None, "batch odrer"])


def test_a_setting_is_not_compared_with_itself(checked) -> None:
    claim = {
        "id": "a", "sentence": "It is better.", "better": {"training.redraw": "all"},
        "than": {"training.redraw": None},
    }  # fmt: skip
    assert "compares a setting with itself" in checked([None, "all"], claims=[claim])
    level = {"id": "a", "sentence": "It is low.", "level": {"of": "all", "below": 9.0}}
    assert checked([None, "all"], claims=[level]) == ""
