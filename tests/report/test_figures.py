"""Figures: what is drawn of which study, byte-equal, escaped, readable by machines."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from labbook.errors import LabbookError
from labbook.report.figures.confusion import draw_confusion
from labbook.report.figures.curves import draw_curves
from labbook.report.figures.draw import FIGURES, draw, draw_study
from labbook.report.figures.importance import draw_importance
from labbook.report.figures.metric import BEST, MOST_ROWS, draw_metric, shown_labels
from labbook.report.figures.style import Drawing, house_style
from labbook.report.study_results import StudyResults, read_results
from tests import made_results, made_rivals
from tests.conftest import ROOT

pytestmark = pytest.mark.thorough

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {
    "covid-width": ["metric", "curves", "predicted", "residuals"],
    "boston-rate": ["metric", "curves", "predicted", "residuals"],
    "function-depth": ["metric", "curves", "fit"],
    "mnist-kernel": ["metric", "curves", "confusion"],
    "single-seed": ["metric", "curves", "predicted", "residuals"],
    "hostile": ["metric", "importance", "curves", "predicted", "residuals"],
    "every-form": ["metric", "published", "curves", "predicted", "residuals"],
}


def made(kind: Any, folder: Path, **changes: Any) -> StudyResults:
    return read_results(made_results.write(kind(**changes), folder))


def drawn(function: Any, results: StudyResults) -> Drawing:
    with house_style():
        drawing = function(results)
    assert isinstance(drawing, Drawing)
    return drawing


def texts(svg: bytes) -> str:
    elements = ElementTree.fromstring(svg).iter(f"{SVG}text")
    return " ".join("".join(element.itertext()) for element in elements)


def index(folder: Path) -> dict[str, dict[str, str]]:
    return {
        entry["name"]: entry for entry in json.loads((folder / "figures/index.json").read_text())
    }


@pytest.mark.parametrize("study", NAMES)
def test_each_kind_of_study_has_its_figures(book, study) -> None:
    figures = index(book[study])
    assert list(figures) == NAMES[study]
    assert [name for name in FIGURES if name in figures] == NAMES[study]  # in the report's order
    for name, entry in figures.items():
        assert set(entry) == {"name", "title", "caption", "alt", "svg", "png"}
        assert entry["caption"].endswith(".")
        assert entry["alt"]
        assert (entry["svg"], entry["png"]) == (f"{name}.svg", f"{name}.png")
        svg, png = ((book[study] / "figures" / entry[kind]).read_bytes() for kind in ("svg", "png"))
        assert len(svg) < 200_000
        ElementTree.fromstring(svg)
        width, height = struct.unpack(">II", png[16:24])
        assert width > 400
        assert height > 150
    assert ("single seed" in figures["metric"]["caption"]) == (study == "single-seed")


@pytest.mark.parametrize(
    ("study", "figure", "words"),
    [
        ("covid-width", "metric", "hidden 32-16-8  ·  best"),
        ("covid-width", "metric", "hidden 64-16  ·  reference"),
        ("boston-rate", "metric", "✕ 8 of 8 diverged"),
        ("boston-rate", "metric", "✕ 2 of 8 diverged"),
        ("boston-rate", "metric", "logarithmic"),
        ("boston-rate", "curves", "all runs diverged"),
        ("hostile", "importance", "<script>"),
        ("hostile", "metric", "<script>"),
        ("hostile", "curves", "<script>"),
        ("hostile", "predicted", "<script>"),
    ],
)
def test_texts_in_the_picture(book, study, figure, words) -> None:
    svg = (book[study] / f"figures/{figure}.svg").read_bytes()
    assert words in texts(svg)
    assert b"<script" not in svg
    assert "\u202e" not in svg.decode()


def test_runs_without_a_value_are_counted(book, tmp_path: Path) -> None:
    assert "10 runs diverged and have no value" in index(book["boston-rate"])["metric"]["caption"]
    lost = made(made_results.boston, tmp_path, means={"rate 1": None}, diverged={"rate 1": 8})
    assert draw_metric(lost) is None


def test_a_confusion_of_gathered_classes_is_drawn_and_said(tmp_path: Path) -> None:
    results = made(made_results.images, tmp_path)
    names = [*map(str, range(30)), "(267 other classes)"]
    rows = ["combination,part,true,predicted,count"]
    for true in names:
        for predicted in [*names, "(another of these)"]:
            cases = 9 if true == predicted else int((true, predicted) == ("3", "5"))
            cases = 7 if predicted == "(another of these)" and true == names[-1] else cases
            rows.append(f"kernel 7,test,{true},{predicted},{cases}")
    (results.folder / "confusion.csv").write_text("\n".join(rows) + "\n")
    drawing = drawn(draw_confusion, results)
    assert "287 predictions of test rows, summed over seeds; 8 of them wrong" in drawing.caption
    assert "Shown are the 30 classes that are confused most on validation rows." in drawing.caption
    assert "The most frequent mistake: 3 taken for 5, 1 time." in drawing.caption
    assert len(drawing.svg) < 400_000


def test_importance_has_intervals_where_there_are_enough_seeds(tmp_path: Path) -> None:
    shares = {"optimizer.rate": (0.61, 0.5, 0.72), "chance": (0.39, 0.28, 0.5)}
    drawing = drawn(draw_importance, made(made_results.boston, tmp_path, importance=shares))
    assert "optimizer.rate: 61 % (50 to 72); chance: 39 % (28 to 50)" in drawing.alt
    assert "95 % intervals" in drawing.caption
    assert "optimizer.rate" in texts(drawing.svg)
    nan = float("nan")
    few = {name: (share, nan, nan) for name, (share, *_) in shares.items()}
    drawing = drawn(draw_importance, made(made_results.boston, tmp_path, importance=few))
    assert "optimizer.rate: 61 %; chance: 39 %" in drawing.alt
    assert "too few seeds" in drawing.caption


def test_figures_that_are_no_longer_drawn_go_and_a_user_s_own_stay(tmp_path: Path) -> None:
    results = made(made_results.covid, tmp_path, means={"a": 1.0})
    folder = results.folder / "figures"
    folder.mkdir()
    for name in ("fit.svg", "fit.png", "mine.png", "metric 2.svg"):
        (folder / name).write_text("old")
    draw_study(results.folder)
    files = {entry[kind] for entry in index(results.folder).values() for kind in ("svg", "png")}
    assert {path.name for path in folder.iterdir()} == files | {
        "index.json", "mine.png", "metric 2.svg",
    }  # fmt: skip


CODE = """
import sys
from pathlib import Path
from labbook.report.figures.draw import draw_study
draw_study(Path(sys.argv[1]))
"""


def test_equal_bytes_elsewhere(book, tmp_path: Path) -> None:
    folder = made_results.write(made_results.function(), tmp_path)
    settings = {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PYTHONPATH": str(ROOT / "src")}
    settings |= {"PYTHONHASHSEED": "1", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", CODE, folder], env=os.environ | settings, check=True)
    here, elsewhere = (
        {path.name: path.read_bytes() for path in (study / "figures").iterdir()}
        for study in (book["function-depth"], folder)
    )
    assert here == elsewhere
    assert len(here) == 7


def test_users_settings_are_neither_used_nor_changed(book) -> None:
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        drawings = draw(read_results(book["mnist-kernel"]))
        assert mpl.rcParams["font.size"] == 30
    for name, drawing in drawings.items():
        assert drawing.svg == (book["mnist-kernel"] / f"figures/{name}.svg").read_bytes()
        assert drawing.png == (book["mnist-kernel"] / f"figures/{name}.png").read_bytes()


def test_a_table_without_its_columns_is_named(tmp_path: Path) -> None:
    results = made(made_results.covid, tmp_path)
    (results.folder / "curves.csv").write_text("combination,epoch\na,1\n")
    with pytest.raises(LabbookError, match=r"curves\.csv: no column train_mean"):
        draw_curves(results)


def test_of_many_combinations_some_curves_are_shown(tmp_path: Path) -> None:
    means = {f"rate {i}": 1.0 + ((7 * i) % 40) / 10 for i in range(40)}
    drawing = drawn(draw_curves, made(made_results.covid, tmp_path, means=means))
    assert "Shown are 12 of 40 combinations, from best to worst." in drawing.caption
    assert "rate 0:" in drawing.alt  # the best
    assert "rate 17:" in drawing.alt  # the worst: 7 * 17 is 39 modulo 40


def test_of_very_many_combinations_the_best_and_some_others_are_rows(tmp_path: Path) -> None:
    means = {f"rate {i}": 1.0 + ((7 * i) % 100) / 10 for i in range(100)}
    results = made(made_results.covid, tmp_path, means=means, n=2)
    shown = shown_labels(results)
    rows = [row for row in results.combinations if row["metric"] == results.metric]
    order = [row["combination"] for row in sorted(rows, key=lambda row: float(row["mean"]))]
    ranks = [order.index(label) for label in shown]
    assert ranks == sorted(ranks)
    assert set(range(BEST)) <= set(ranks)
    assert max(ranks) == 99
    assert {results.reference, results.chosen} <= set(shown)
    assert MOST_ROWS <= len(shown) <= MOST_ROWS + 1
    caption = drawn(draw_metric, results).caption
    assert f"Shown are {len(shown)} of 100 combinations by rank" in caption


def with_more(folder: Path, kind: Any, **more: Any) -> dict[str, Any]:
    """The figures of a study that has these tables besides."""
    study = made_results.write(kind(more=more), folder)
    draw_study(study)
    return index(study)


def test_what_networks_make_of_columns_is_drawn(tmp_path: Path) -> None:
    columns = ("rooms", made_results.HOSTILE, "chas")
    figures = with_more(
        tmp_path, made_results.boston, permutation=made_rivals.permutation(columns),
        dependence=made_rivals.dependence(columns, ("no", made_results.HOSTILE)),
    )  # fmt: skip
    assert list(figures)[-2:] == ["permutation", "dependence"]
    assert "rooms 2" in figures["permutation"]["alt"]
    assert "partial dependence" in figures["dependence"]["caption"]


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (("sick",), "ROC and precision of sick."),
        (("a", "b", made_results.HOSTILE), "each class against the rest."),
    ],
)
def test_how_classes_are_told_apart_is_drawn(tmp_path: Path, classes, words: str) -> None:
    figures = with_more(tmp_path, made_results.images, rates=made_rivals.rates(classes))
    assert words in figures["rates"]["caption"]


def test_one_column_needs_no_ranking(tmp_path: Path) -> None:
    figures = with_more(
        tmp_path, made_results.boston, permutation=made_rivals.permutation(("rooms",)),
        dependence=made_rivals.dependence(("rooms",), ("a",)),
    )  # fmt: skip
    assert not {"permutation", "dependence"} & set(figures)
