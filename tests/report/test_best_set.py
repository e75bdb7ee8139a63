"""What the page and the console say of the set that may be best, and of how often a side is better."""

import json
import math
import re

import pytest

from labbook.report.page.answer import answer
from labbook.report.page.best_set import _how_much_worse, _others, best_set_view, recommendation
from labbook.report.page.claims import better_words, of_ten
from labbook.report.page.page import page_of
from labbook.report.study_results import read_results
from labbook.report.summary import summary_lines
from tests import made_results

NO_BREAK = "\N{NO-BREAK SPACE}"
BEST = "hidden 32-16-8"
SIMPLER = {
    "label": "hidden 64-16", "parameters": 625, "fewer_parameters": 720, "epochs": 210.0,
    "chosen_epochs": 300.0, "scale": "ratio", "effect": 1.021, "low": 0.99, "high": 1.05, "n": 8,
}  # fmt: skip


def row(label, may="yes"):
    return {
        "combination": label, "metric": "valid_mse", "may_be_best": may, "parameters": 1345,
        "epochs": 300.0, "recommended": "no",
    }  # fmt: skip


def made(folder, labels, recommended=None, why="", of=6):
    """The made study on widths, of which `labels` may be the best."""
    study = made_results.covid(more={"best_set": [row(label) for label in labels]})
    path = made_results.write(study, folder)
    about = json.loads((path / "study.json").read_text())
    about["best_set"] = {"in_set": len(labels), "of": of, "n": 8, "why": why}
    about["recommended"] = recommended
    (path / "study.json").write_text(json.dumps(about))
    return read_results(path)


def words(texts):
    return " ".join(texts).replace(NO_BREAK, " ")


def test_a_simpler_one_is_recommended_everywhere(tmp_path):
    results = made(tmp_path, [BEST, "hidden 64-16"], SIMPLER)
    said = (
        "hidden 64-16 cannot be excluded as the best, and has 720 parameters fewer; its validation "
        "MSE may be up to 5.0 % higher: it differs by +2.1 % on average (95 % interval −1.0 % to "
        "+5.0 %, n = 8), paired by seed."
    )
    assert said in words(answer(results))
    page = page_of("Book", [results]).replace(NO_BREAK, " ")
    assert said in page
    assert "simpler, not excluded: hidden 64-16, 720 parameters fewer" in page
    tagged = re.search(r"hidden 64-16 .*", page[page.index('data-table="combinations"') :])
    assert tagged
    assert '<span class="tag plain">simplest that may be best</span>' in tagged[0]
    assert "recommended" not in tagged[0]
    assert "as well be" not in page
    lines = summary_lines([results.folder])
    assert f"{BEST} ~" in lines[2]
    assert any(line.startswith("~ ") for line in lines)


def test_fewer_epochs_of_as_many_parameters(tmp_path):
    results = made(tmp_path, [BEST, "hidden 64-16"], SIMPLER | {"fewer_parameters": 0})
    assert "has as many parameters and 30 % fewer epochs;" in recommendation(results).replace(
        NO_BREAK, " "
    )
    glance = best_set_view(results)["simpler"].replace(NO_BREAK, " ")
    assert glance == "quicker, not excluded: hidden 64-16, 30 % fewer epochs"


def test_without_an_effect_only_what_is_saved(tmp_path):
    ends = dict.fromkeys(("effect", "low", "high"))
    results = made(tmp_path, [BEST, "hidden 64-16"], SIMPLER | ends)
    assert recommendation(results) == (
        "hidden 64-16 cannot be excluded as the best, and has 720 parameters fewer."
    )


@pytest.mark.parametrize(
    ("metric", "more", "text"),
    [
        ("valid_mse", {"low": 0.9}, "its validation MSE may be up to 5.0 % higher"),
        ("valid_mse", {"low": 0.9, "high": 0.99}, "; its validation MSE differs by"),
        ("valid_mse", {"high": math.nan}, "how far its validation MSE is worse is open"),
        ("valid_mse", {"effect": 2.5, "high": 4.0}, "MSE may be up to 4.0 times as large"),
        (
            "valid_accuracy",
            {"scale": "difference", "effect": -0.01, "low": -0.024, "high": 0.004},
            "its validation accuracy may be up to 0.024 lower: it differs by −0.010 on average (95 % "
            "interval −0.024 to +0.004",
        ),
    ],
)  # fmt: skip
def test_the_bad_end_of_the_interval_comes_first(metric, more, text):
    assert text in _how_much_worse(SIMPLER | more, metric).replace(NO_BREAK, " ")


@pytest.mark.parametrize("recommended", [None, SIMPLER | {"label": BEST}])
def test_nothing_is_said_where_the_best_is_the_simplest(tmp_path, recommended):
    results = made(tmp_path, [BEST, "hidden 64-16"], recommended)
    assert recommendation(results) == ""
    view = best_set_view(results)
    assert view["simplest"] is None
    assert view["simpler"] == ""
    assert not any("~" in line for line in summary_lines([results.folder]))


def test_sentences_by_the_size_of_the_set(tmp_path):
    labels = list(made_results.covid().means)

    def said(several, of=6, why=""):
        return words(best_set_view(made(tmp_path, several, None, why, of))["best_set"]["sentences"])

    assert said([BEST]) == (
        f"By validation MSE only {BEST} may be the best: the other 5 are each clearly worse "
        "than another (n = 8, 95 %)."
    )
    assert f"only {BEST} may be the best: the other is clearly worse than another (" in said(
        [BEST], of=2
    )
    assert said(labels[:2]).startswith(
        "Of 6 combinations 2 may be the best by validation MSE: hidden 64-16 and hidden 32-16-8. "
        "The other 4 are each clearly worse than another (n = 8, 95 %). These runs cannot tell"
    )
    assert "The other is clearly worse than another" in said(labels[:5])
    assert said(labels).startswith("Each of the 6 combinations may be the best by validation MSE")
    assert said(labels, why="Fewer than 6 seeds decide nothing") == (
        "Which combinations may be the best is not said. Fewer than 6 seeds decide nothing."
    )


@pytest.mark.parametrize(
    ("rest", "aside", "text"),
    [
        (0, 0, ""),
        (1, 1, "the other failed too often"),
        (3, 3, "the other 3 failed too often"),
        (3, 2, "1 is clearly worse than another, 2 failed too often"),
        (3, 1, "2 are each clearly worse than another, 1 failed too often"),
    ],
)
def test_those_that_were_set_aside_are_not_called_worse(rest, aside, text):
    assert _others(rest, aside) == text


def test_no_tags_where_all_would_have_one(tmp_path):
    labels = list(made_results.covid().means)
    assert best_set_view(made(tmp_path, labels))["may_be_best"] == []
    assert best_set_view(made(tmp_path, labels[:3]))["may_be_best"] == labels[:3]
    assert best_set_view(made(tmp_path, labels[:3], why="Few"))["may_be_best"] == []


def test_a_study_of_before_has_nothing_to_say(tmp_path):
    results = read_results(made_results.write(made_results.covid(), tmp_path))
    view = best_set_view(results)
    assert view == {
        "best_set": {"sentences": [], "counts": []}, "may_be_best": [], "simplest": None, "simpler": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("share", "low", "high", "text"),
    [
        ("0.875", "0.47", "0.997", "9 (4 to 10)"),
        ("1.0", "0.63", "1.0", "10 (6 to 10)"),
        ("0.0", "0.0", "0.3", "0 (0 to 3)"),
        ("0.25", "0.0301", "0.7001", "3 (0 to 8)"),
        ("", "", "", ""),
    ],
)
def test_of_ten(share, low, high, text):
    cells = {"better_in": share, "better_low": low, "better_high": high}
    assert of_ten(cells) == text


def test_words_say_which_side():
    cells = {"better_in": "0.9", "better_low": "0.6", "better_high": "1.0", "margin": "1.05"}
    said = better_words(cells | {"form": "better"}).replace(NO_BREAK, " ")
    assert said == "as claimed on about 9 of 10 further seeds (6 to 10)"
    assert better_words(cells | {"form": "better", "margin": ""}).startswith("better on about")
    assert better_words(cells | {"form": "alike"}).startswith("first side better on about")
    assert better_words({"form": "order"}) == ""
