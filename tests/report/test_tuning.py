"""The page of a tuning, its figures, and its chapter in the report, from made step files."""

import json
import re
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest

from labbook.languages.html import translated_page
from labbook.languages.language import language_of
from labbook.params.training import Adam, Sgd
from labbook.plan.tunings import NUMBERS
from labbook.report.figures.figure import Cells
from labbook.report.page.claims import claim_views
from labbook.report.page.methods import methods
from labbook.report.page.page import page_of
from labbook.report.study_results import read_results
from labbook.report.tuning.figures import figures_of
from labbook.report.tuning.page import write_page
from labbook.report.tuning.view import DONE, NOT_REACHED, STOPPED, tuning_view
from labbook.tuning.to_write import kept_values
from labbook.verdicts import SAME
from tests.made_data import recipe

RATES = (1e-3, 1e-2, 1e-1)
SETTINGS = {"variant": "start", "weight_decay": 0.0}


def _step(name: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    found = {"said": f"Said by {name} & <b>.", "decided": {}, "stopped": "", "asked": []}
    return {"step": name, "rows": rows, **found, **more}


def _steps() -> list[dict[str, Any]]:
    curve = {"kind": "curve", "train": 0.5, "valid": 0.6}
    optimizers = {"chosen": Adam(rate=0.02), "than": Sgd(rate=0.01)}
    recipes = {
        label: recipe(optimizer=one).model_dump(mode="json") for label, one in optimizers.items()
    }
    runs = [
        {"kind": "run", "side": side, "seed": seed, "test": 1.0 + seed + (side == "than")}
        for side in recipes
        for seed in range(3)
    ]
    runs[0]["test"] = None
    mean = {"mean": 1.5, "low": 1.0, "high": 2.0}
    return [
        _step(
            "initial-loss",
            [{"seed": 0, "loss": 1.1, "theory": 1.0, "outputs": 0.1, "target": None}],
            decided={"loss": 1.1, "theory": 1.0, "low": 0.5, "high": 1.5},
        ),
        _step(
            "tiny-sample",
            [{"variant": "start", "rate": rate, "learnt": rate < 0.1, "epochs": 9.0,
              "share": 0.01 if rate < 0.1 else None, "diverged": rate == 0.1} for rate in RATES],
        ),
        _step(
            "rate",
            [{"variant": "start", "rate": rate, "train_loss": None if rate == 0.1 else rate,
              "valid_loss": None if rate == 0.1 else 2 * rate, "constant": 1.0,
              "failed": rate == 0.1, "chosen": rate == 0.01} for rate in RATES],
        ),
        _step(
            "coarse",
            [{**SETTINGS, "rate": rate, "valid_loss": None if rate == 0.1 else rate,
              "train_loss": 1.0, "place": place, "chosen": place == 1}
             for place, rate in enumerate(RATES, 1)],
        ),
        _step(
            "fine",
            [{**SETTINGS, "rate": 0.01, "valid_loss": 0.5, "low": 0.4, "high": 0.6, "seeds": 4,
              "place": 1, "chosen": True}],
        ),
        _step(
            "finalists",
            [{**SETTINGS, "rate": 0.003, "valid_loss": 0.4, "low": 0.3, "high": 0.5, "seeds": 4,
              "place": 1, "chosen": True}],
            decided={**SETTINGS, "rate": 0.003},
            asked=[{"label": label, "recipe": asked, "seed": 0}
                   for label, asked in recipes.items()],
        ),
        _step(
            "curves",
            [*runs, *({**curve, "side": side, "epoch": epoch}
                      for side in recipes for epoch in (1, 2))],
            decided={"metric": "test_mse", "verdict": "better", "scale": "ratio", "effect": 0.8,
                     "low": 0.7, "high": None, "chosen": mean, "than": mean,
                     "price": {"at_choice": 1.5, "fresh": 1.6, "test": None, "n_choice": 4,
                               "n_fresh": 6}},
        ),
    ]  # fmt: skip


def _stopped() -> list[dict[str, Any]]:
    steps = _steps()
    steps[1]["stopped"] = "It cannot. Check the scale."
    later = [_step(one["step"], [], stopped=steps[1]["stopped"]) for one in steps[2:]]
    return steps[:2] + later


def read_steps(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*-*.json"))]


def _written(steps: list[dict[str, Any]], folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for step in steps:
        (folder / f"{NUMBERS[step['step']]}-{step['step']}.json").write_text(json.dumps(step))
    write_page(folder.name, steps, folder / "report.html")
    return folder


def test_figures_mark_what_goes_on_and_name_what_diverged() -> None:
    figures = figures_of(_steps())
    assert list(figures) == [step["step"] for step in _steps()]
    for name in ("tiny-sample", "rate"):
        notes = [mark.text for mark in figures[name].panels[0].marks if hasattr(mark, "row")]
        assert notes == ["✕ diverged: rate 0.100"]
    coarse = figures["coarse"].panels[0].marks[0]
    assert isinstance(coarse, Cells)
    texts, shades = ([*chain(*lines)] for lines in (coarse.texts, coarse.shades))
    assert texts.count("diverged") == 1
    assert [shade for text, shade in zip(texts, shades, strict=True) if "★" in text] == [1.0]
    large = [mark for mark in figures["rate"].panels[0].marks if getattr(mark, "size", 0) > 8]
    assert [list(mark.x) for mark in large] == [[0.01]]
    assert "training loss decides" in figures["rate"].caption
    pairs = [mark for mark in figures["curves"].panels[1].marks if getattr(mark, "thin", False)]
    assert [list(mark.y) for mark in pairs] == [[2.0, 3.0], [3.0, 4.0]]


def test_what_is_no_longer_drawn_is_removed(tmp_path: Path) -> None:
    folder = _written(_steps(), tmp_path / "made")
    assert len(json.loads((folder / "figures/index.json").read_text())) == 7
    assert (folder / "figures/fine.svg").exists()
    _written(_stopped(), folder)
    entries = json.loads((folder / "figures/index.json").read_text())
    assert [entry["name"] for entry in entries] == ["initial-loss", "tiny-sample"]
    assert not (folder / "figures/fine.svg").exists()


def test_a_page_by_itself(tmp_path: Path) -> None:
    folder = _written(_steps(), tmp_path / "made")
    page = (folder / "report.html").read_text()
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    assert "labbook tune apply made" in page
    assert "Said by rate &amp; &lt;b&gt;." in page
    assert page.count("<svg") == 7
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert "better" in page
    first = (folder / "report.html").read_bytes()
    assert (_written(_steps(), folder) / "report.html").read_bytes() == first


@pytest.mark.parametrize("decided", [{"verdict": "worse"}, {"verdict": "undecided", "n": 0}])
def test_what_is_not_to_be_written_is_not_offered(tmp_path: Path, decided: dict[str, Any]) -> None:
    steps = _steps()
    steps[-1]["decided"] |= decided
    page = (_written(steps, tmp_path / "made") / "report.html").read_text()
    assert "What was chosen, where it differs" in page
    assert "tune apply" not in page


def test_headings_go_down_step_by_step(book: dict[str, Path], tmp_path: Path) -> None:
    """Who is read a page goes by its headings: none is left out."""
    folder = _written(_steps(), tmp_path / "made")
    view = tuning_view("made", read_steps(folder), folder / "figures")
    report = page_of("The book", [read_results(next(iter(book.values())))], tunings=[view])
    chapter = report[report.index('<h2 id="tunings"') : report.index('data-room="chapter-glance"')]
    for page, first in ((folder / "report.html").read_text(), "1"), (chapter, "2"):
        levels = re.findall(r"<h([1-6])\b", page)
        assert levels[0] == first
        assert all(int(b) <= int(a) + 1 for a, b in pairwise(levels))
        assert len(set(levels)) == 3


def test_the_chosen_values_are_those_that_differ(tmp_path: Path) -> None:
    folder = _written(_steps(), tmp_path / "made")
    view = tuning_view("made", read_steps(folder), folder / "figures")
    assert view["settings"] == [  # and none of Adam's own, which nobody chose
        ("optimizer.kind", "adam", "sgd"),
        ("optimizer.rate", "0.02", "0.01"),
    ]
    assert view["price"] == [
        ("with the seeds that chose", "1.50", "4", ""),
        ("with seeds that did not", "1.60", "6", ""),
    ]
    assert view["metric"] == "test MSE"


def test_the_price_of_a_search_has_intervals(tmp_path: Path) -> None:
    steps = _steps()
    known = {"mean": 0.02, "low": 0.01, "high": 0.04, "n": 16}
    worse = {"scale": "ratio", "price": 1.5, "price_low": 1.1, "price_high": 2.0}
    steps[-1]["decided"]["price"] = [{"of": "chosen"} | known, {"of": "test rows"} | known | worse]
    view = tuning_view("made", steps, _written(steps, tmp_path / "made") / "figures")
    prices = [
        tuple(text.replace("\N{NO-BREAK SPACE}", " ") for text in row) for row in view["price"]
    ]
    assert prices == [
        ("chosen", "0.020 (0.010 to 0.040)", "16", ""),
        ("test rows", "0.020 (0.010 to 0.040)", "16", "+50 %"),
    ]
    words = language_of("zh")
    assert words is not None
    page = (tmp_path / "made/report.html").read_text()
    assert page.count('<td class="num">0.020 (0.010 to 0.040)</td>') == 2
    assert translated_page(page, words).count("0.020（0.010 至 0.040）") == 2


def test_where_it_stopped(tmp_path: Path) -> None:
    folder = _written(_stopped(), tmp_path / "made")
    view = tuning_view("made", read_steps(folder), folder / "figures")
    assert [step["state"] for step in view["steps"]] == [DONE, STOPPED, *[NOT_REACHED] * 5]
    page = (folder / "report.html").read_text()
    assert "It cannot. Check the scale." in page
    assert "tune apply" not in page
    assert page.count("not reached") == 5


def test_the_reports_chapter_in_both_languages(book: dict[str, Path], tmp_path: Path) -> None:
    results = [read_results(next(iter(book.values())))]
    good = _steps()
    good[-1]["decided"]["high"] = 0.9
    views = [
        tuning_view(at.name, read_steps(at), at / "figures", place)
        for place, at in enumerate(
            (_written(good, tmp_path / "good"), _written(_stopped(), tmp_path / "bad")), 1
        )
    ]
    page = page_of("The book", results, tunings=views)
    assert 'href="#tunings"' in page
    assert 'data-room="chapter-tunings"' in page
    for name in ("good", "bad"):  # on the first screen and in the contents
        assert page.count(f'href="#tuning-{name}"') == 2
    first = page[page.index("What tunings chose") : page.index('id="topics"')]
    assert "optimizer.rate" in first
    assert "Can it learn a few rows by heart?</span> <span>It cannot. Check the scale." in first
    assert "#tuning" not in page_of("The book", results)
    words = language_of("zh")
    assert words is not None
    assert "−20\u00a0%（−30\u00a0% 至 −10\u00a0%）" in translated_page(first, words)
    words.unknown.clear()
    chapter = page[page.index('<h2 id="tunings"') : page.index('data-room="chapter-glance"')]
    translated_page(chapter, words)
    sentence = re.compile(r"[A-Za-z’']{2,} [a-z’']{2,} [a-z’']{2,}")
    left = [text for text in words.unknown if sentence.search(text)]
    # What these steps say; what true ones do is known, see test_languages and tests/tuning.
    assert {text.partition(" by ")[0] for text in left} == {"Said", "Check the scale."}


@pytest.mark.parametrize(
    ("variant", "kept"),
    [("start", "rate 0.003, weight decay 0"), ("adam", "adam, rate 0.003, weight decay 0")],
)
def test_what_a_recipe_keeps_is_said(
    book: dict[str, Path], tmp_path: Path, variant: str, kept: str
) -> None:
    """In the tuning's head and on the first screen: a table of differences would be empty."""
    steps = _steps()
    than = [one | {"recipe": steps[-2]["asked"][1]["recipe"]} for one in steps[-2]["asked"]]
    steps[-2] |= {"asked": than, "decided": {**SETTINGS, "rate": 0.003, "variant": variant}}
    steps[-1]["decided"] |= {"verdict": SAME}
    folder = _written(steps, tmp_path / "made")
    assert f"It chose what it is compared with: {kept}." in (folder / "report.html").read_text()
    view = tuning_view("made", steps, folder / "figures")
    assert view["settings"] == []
    assert view["effect"] == ""
    report = page_of("The book", [read_results(next(iter(book.values())))], tunings=[view])
    assert f"<span>{kept}</span>" in report


def test_what_a_search_keeps_is_said(tmp_path: Path) -> None:
    steps = [_step("draw", []), _step("final", [])]
    settings = {"optimizer.rate": 0.01, "model.hidden": [16, 8]}
    steps[-1]["decided"] = {"verdict": SAME, "settings": settings}
    assert kept_values(steps) == "optimizer.rate 0.01, model.hidden 16-8"
    assert kept_values(_steps()) == ""


def test_a_network_that_learnt_nothing_is_no_success(tmp_path: Path) -> None:
    steps = _steps()
    steps[-1]["decided"] |= {"verdict": "no relevant difference", "learns": False}
    folder = _written(steps, tmp_path / "made")
    view = tuning_view("made", read_steps(folder), folder / "figures")
    assert view["symbol"] == ("?", "undecided")
    assert not view["to_write"]
    assert "Nothing learnt" in (folder / "report.html").read_text()


@pytest.mark.parametrize("look", ["", "2 of 4"])
def test_a_claim_says_its_look(book: dict[str, Path], look: str) -> None:
    results = next(study for at in book.values() if (study := read_results(at)).verdicts)
    for row in results.verdicts:
        row["look"], row["n"] = look, "16"
    said = {view["looked"] for view in claim_views(results)}
    assert said == ({"look 2 of 4, 16 seeds"} if look else {""})
    assert any("4 looks at most" in text for text in methods(results)) == bool(look)
