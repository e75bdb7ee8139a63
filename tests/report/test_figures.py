"""Figures: what is drawn of which study, byte-equal, escaped, readable by machines."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text

from labbook.errors import LabbookError
from labbook.report.figures.confusion import confusion_figure
from labbook.report.figures.curves import curves_figure
from labbook.report.figures.draw import FIGURES, draw_study, figures_of
from labbook.report.figures.ends import ends_figure
from labbook.report.figures.figure import Axis, Dots, Figure, Line, Note, Panel
from labbook.report.figures.fit import fit_figure
from labbook.report.figures.importance import importance_figure
from labbook.report.figures.metric import BEST, MOST_ROWS, metric_figure, shown_labels
from labbook.report.paper.draw import drawn, page_files
from labbook.report.paper.style import COLUMNS, house_style
from labbook.report.paper.svg import as_svg
from labbook.report.study_results import StudyResults, read_results
from tests import made_results, made_rivals
from tests.conftest import ROOT

pytestmark = pytest.mark.thorough

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {
    "covid-width": ["metric", "curves", "ends", "predicted", "residuals", "features"],
    "boston-rate": ["metric", "curves", "ends", "predicted", "residuals"],
    "function-depth": ["metric", "curves", "ends", "fit"],
    "mnist-kernel": ["metric", "curves", "ends", "confusion"],
    "single-seed": ["metric", "curves", "ends", "predicted", "residuals"],
    "hostile": ["metric", "importance", "curves", "ends", "predicted", "residuals"],
    "every-form": ["metric", "published", "curves", "ends", "predicted", "residuals"],
}


def made(kind: Any, folder: Path, **changes: Any) -> StudyResults:
    return read_results(made_results.write(kind(**changes), folder))


def figure_of(function: Any, results: StudyResults) -> Figure:
    figure = function(results)
    assert isinstance(figure, Figure)
    return figure


def marks(figure: Figure, kind: type, panel: int = 0) -> list[Any]:
    return [mark for mark in figure.panels[panel].marks if isinstance(mark, kind)]


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
        assert set(entry) == {"name", "title", "caption", "alt", "svg", "png", "json"}
        assert entry["caption"].endswith(".")
        assert entry["alt"]
        assert all(entry[end] == f"{name}.{end}" for end in ("svg", "png", "json"))
        svg, png = ((book[study] / "figures" / entry[kind]).read_bytes() for kind in ("svg", "png"))
        assert len(svg) < 20_000
        ElementTree.fromstring(svg)
        width, height = struct.unpack(">II", png[16:24])
        assert width > 400
        assert height > 150
    assert ("single seed" in figures["metric"]["caption"]) == (study == "single-seed")


@pytest.mark.parametrize(
    ("study", "figure", "words"),
    [
        ("covid-width", "metric", "hidden 32-16-8 · best"),
        ("covid-width", "metric", "hidden 64-16 · reference"),
        ("boston-rate", "metric", "✕ 8 of 8 diverged"),
        ("boston-rate", "metric", "✕ 2 of 8 diverged"),
        ("boston-rate", "metric", "(log)"),
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
    assert metric_figure(lost) is None


def test_the_numbers_of_a_mean_are_read_out_once(book) -> None:
    """Words beside them, where the page reads numbers by itself, do not say them again."""
    for figure in figures_of(read_results(book["every-form"])).values():
        for dots in (mark for panel in figure.panels for mark in panel.marks):
            if isinstance(dots, Dots) and len(dots.x_low):
                assert not any(map(str.isdigit, "".join(dots.texts)))


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
    drawing = figure_of(confusion_figure, results)
    assert "Of 287 predictions of test rows" in drawing.caption
    assert "Shown are the 30 classes that are confused most on validation rows." in drawing.caption
    assert "The most frequent mistake: 3 taken for 5" in drawing.caption


def test_importance_has_intervals_where_there_are_enough_seeds(tmp_path: Path) -> None:
    shares = {"optimizer.rate": (0.61, 0.5, 0.72), "chance": (0.39, 0.28, 0.5)}
    drawing = figure_of(importance_figure, made(made_results.boston, tmp_path, importance=shares))
    assert "optimizer.rate: 61 % (50 to 72); chance: 39 % (28 to 50)" in drawing.alt
    assert "95 % intervals" in drawing.caption
    nan = float("nan")
    few = {name: (share, nan, nan) for name, (share, *_) in shares.items()}
    drawing = figure_of(importance_figure, made(made_results.boston, tmp_path, importance=few))
    assert "optimizer.rate: 61 %; chance: 39 %" in drawing.alt
    assert "too few seeds" in drawing.caption


def test_figures_that_are_no_longer_drawn_go_and_a_user_s_own_stay(tmp_path: Path) -> None:
    results = made(made_results.covid, tmp_path, means={"a": 1.0})
    folder = results.folder / "figures"
    folder.mkdir()
    for name in ("fit.svg", "fit.png", "mine.png", "metric 2.svg"):
        (folder / name).write_text("old")
    draw_study(results.folder)
    files = {
        entry[kind] for entry in index(results.folder).values() for kind in ("svg", "png", "json")
    }
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
    assert len(here) == 3 * 4 + 1


def test_users_settings_are_neither_used_nor_changed(book) -> None:
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        figures = figures_of(read_results(book["mnist-kernel"]))
        drawings = {name: page_files(figure) for name, figure in figures.items()}
        assert mpl.rcParams["font.size"] == 30
    for name, files in drawings.items():
        for end, content in zip(("svg", "png"), files, strict=True):
            assert content == (book["mnist-kernel"] / f"figures/{name}.{end}").read_bytes()


def test_both_lines_of_a_folded_name_keep_the_end_beside_the_axis() -> None:
    """Their letters are the reader's own, or another language's: as wide as nobody knows."""
    name = "adam, silu and two hidden layers, rate 0.0316, weight decay 0.0001"
    panel = Panel([Dots([1.0, 2.0], [0.0, 1.0])], y=Axis(names=["rate 0.1", name]))
    svg = page_files(Figure("Title", "Caption.", "", [panel]))[0]
    ends = {
        text.text: text.get("x")
        for group in ElementTree.fromstring(svg).iter(f"{SVG}g")
        if group.get("text-anchor") == "end"
        for text in group
    }
    first, *lines = [text for text in ends if text and ("adam" in text or "rate" in text)]
    assert " ".join(lines) == name
    assert len({ends[text] for text in (first, *lines)}) == 1


def test_lines_of_a_turned_text_end_at_one_height() -> None:
    drawing = Drawing(figsize=(4, 4))
    drawing.text(0.5, 0.1, "short\nmuch longer than that", rotation=90, ha="right")
    svg = as_svg(drawing)
    places = re.findall(r'<text transform="translate\((\d+) (\d+)\)rotate\(-90\)"', svg)
    (x, y), (other_x, other_y) = ((int(x), int(y)) for x, y in places)
    assert 'text-anchor="end"' in svg
    assert abs(x - other_x) > 5
    assert abs(y - other_y) <= 1


def test_a_table_without_its_columns_is_named(tmp_path: Path) -> None:
    results = made(made_results.covid, tmp_path)
    (results.folder / "curves.csv").write_text("combination,epoch\na,1\n")
    with pytest.raises(LabbookError, match=r"curves\.csv: no column train_mean"):
        curves_figure(results)


def test_of_many_combinations_some_curves_are_shown(tmp_path: Path) -> None:
    means = {f"rate {i}": 1.0 + ((7 * i) % 40) / 10 for i in range(40)}
    drawing = figure_of(curves_figure, made(made_results.covid, tmp_path, means=means))
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
    caption = figure_of(metric_figure, results).caption
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
        (("sick",), "ROC and precision of sick, with their intervals as bands."),
        (
            ("a", "b", made_results.HOSTILE),
            "each class against the rest, with their intervals as bands.",
        ),
    ],
)
def test_how_classes_are_told_apart_is_drawn(tmp_path: Path, classes, words: str) -> None:
    figures = with_more(tmp_path, made_results.images, rates=made_rivals.rates(classes))
    assert words in figures["rates"]["caption"]
    assert "Of the calibration" in figures["rates"]["caption"]


def test_of_a_calibration_alone_no_other_curve_is_explained(tmp_path: Path) -> None:
    figures = with_more(tmp_path, made_results.images, rates=made_rivals.rates(()))
    words = figures["rates"]["caption"] + figures["rates"]["alt"]
    assert "calibration" in words
    assert not any(other in words for other in ("ROC", "recision", "each class"))


def test_one_column_needs_no_ranking(tmp_path: Path) -> None:
    figures = with_more(
        tmp_path, made_results.boston, permutation=made_rivals.permutation(("rooms",)),
        dependence=made_rivals.dependence(("rooms",), ("a",)),
    )  # fmt: skip
    assert not {"permutation", "dependence"} & set(figures)


def test_a_note_beside_a_row_covers_nothing(book) -> None:
    """The words are right of the panel, and the panel ends where its dots do."""
    svg = ElementTree.fromstring((book["boston-rate"] / "figures/metric.svg").read_bytes())
    notes = [t for t in svg.iter(f"{SVG}text") if "diverged" in "".join(t.itertext())]
    ticks = [t for t in svg.iter(f"{SVG}text") if "".join(t.itertext()) == "1,000"]
    assert len(notes) == 2
    assert all(
        float(note.get("x", 0)) > float(tick.get("x", 0)) for note in notes for tick in ticks
    )


def test_epochs_that_were_not_enough_are_rings(tmp_path: Path) -> None:
    study = made(made_results.function, tmp_path, metric="epochs", means={"a": 900.0, "b": 5000.0})
    runs = (study.folder / "runs.csv").read_text().replace("stopped early", "converged")
    (study.folder / "runs.csv").write_text(
        runs.replace("budget used up, still improving", "budget used up")
    )
    table = (study.folder / "combinations.csv").read_text().splitlines()
    lines = [f"{table[0]},mark"]
    lines += [
        f"{row},{'median; 5 of 8 reached it' if row.startswith('a,') else ''}" for row in table[1:]
    ]
    (study.folder / "combinations.csv").write_text("\n".join(lines) + "\n")
    text = runs.replace("converged", "budget used up", 3)  # the first three runs of a
    (study.folder / "runs.csv").write_text(text)
    figure = figure_of(metric_figure, read_results(study.folder))
    rings = [mark for mark in marks(figure, Dots) if mark.hollow]
    assert [len(mark.x) for mark in rings] == [3]
    assert marks(figure, Note)[0].text == "○ 3 of 8 not reached"
    assert "how many they need nobody knows" in figure.caption


def stops(**of: tuple[int, float, int, int, float]) -> list[dict[str, Any]]:
    names = ("n", "epoch", "first", "last", "valid_mean")
    return [
        {
            "combination": label,
            **dict(zip(names, row, strict=True)),
            "valid_low": 1,
            "valid_high": 3,
        }
        for label, row in of.items()
    ]


def test_curves_are_thin_where_runs_have_stopped_and_say_where_all_end(tmp_path: Path) -> None:
    curves = [
        {"combination": "a", "epoch": epoch, "n": 8 - (epoch > 2) - 3 * (epoch > 4), **{
            f"{part}_{end}": 2.0 for part in ("train", "valid") for end in ("mean", "low", "high")
        }}
        for epoch in range(1, 7)
    ]  # fmt: skip
    more = {"curves": curves, "stops": stops(a=(7, 5.0, 4, 9, 2.5))}
    more["run_curves"] = [
        {"combination": "a", "seed": seed, "epoch": epoch, "valid": 2.0}
        for seed in range(8)
        for epoch in (1, 6)
    ]
    figure = figure_of(
        curves_figure, made(made_results.covid, tmp_path, means={"a": 1.0}, more=more)
    )
    lines = marks(figure, Line)
    valid = {line.thin: line.x for line in lines if line.name == "validation loss"}
    assert valid == {False: [1, 2, 3, 4], True: [4, 5, 6]}  # one of eight diverged at epoch 3
    assert sum(line.on_demand for line in lines) == 8
    (end,) = marks(figure, Dots)
    assert (end.x, end.x_low, end.x_high, end.y) == ([5.0], [4.0], [9.0], [2.5])
    assert "thin where some runs have stopped" in figure.caption


def test_ends_are_those_of_all_runs(book: dict[str, Path], tmp_path: Path) -> None:
    """The mean over the few that still train is another one: it is not what a line ends with."""
    folder = shutil.copytree(book["covid-width"], tmp_path / "covid-width")
    curves = pd.read_csv(folder / "curves.csv", dtype=object)
    label = curves["combination"].iloc[0]
    mine = curves.index[curves["combination"] == label]
    curves.loc[mine[-20:], ["n", "valid_mean"]] = ["2", "0.001"]
    curves.to_csv(folder / "curves.csv", index=False)
    first, last = (float(curves["epoch"][mine[place]]) for place in (-20, -1))
    whole, middle = int(curves["n"][mine[0]]), (first + last) / 2
    (folder / "stops.csv").write_text(
        "combination,n,epoch,first,last,valid_mean,valid_low,valid_high\n"
        f"{label},{whole},{middle},{first},{last},1.25,1.2,1.3\n"
    )
    figure = figure_of(ends_figure, read_results(folder))
    lines = [line for line in figure.panels[0].marks if isinstance(line, Line)]
    (line,) = (
        line for line in lines if line.combination == read_results(folder).labels.index(label)
    )
    assert (line.x[-1], line.y[-1]) == (middle, 1.25)
    assert line.x[-2] < first
    assert min(line.y) > 0.001
    assert "median epoch" in figure.caption


def test_ends_are_enlarged_to_where_most_combinations_end(tmp_path: Path) -> None:
    means = {"a": 1.0, "b": 1.02, "c": 1.04, "d": 1.05, "wild": 400.0}
    figure = figure_of(ends_figure, made(made_results.covid, tmp_path, means=means))
    axis = figure.panels[0].y
    assert axis.low is not None
    assert axis.high is not None
    assert axis.high - axis.low < 1
    assert "wild ends above the picture" in figure.caption
    assert [line.name for line in marks(figure, Line)][-1] == "a · best"
    alone = made(made_results.covid, tmp_path / "alone", means={"a": 1.0})
    assert ends_figure(alone) is None


def test_a_fit_is_a_curve_over_the_points_of_one_seed(book) -> None:
    figure = figure_of(fit_figure, read_results(book["function-depth"]))
    assert len(figure.panels) == 2
    for panel in range(2):
        function, network = marks(figure, Line, panel)
        (points,) = marks(figure, Dots, panel)
        assert (function.name, network.name) == ("true function", "network")
        assert function.dashed
        assert len(network.x) > 10
        assert len(points.x) == 40
    assert "training points (seed 3)" in figure.caption


def named_dots(names: list[str]) -> Figure:
    """A figure whose own legend explains colours."""
    marks = [Dots([i], [i], name=name) for i, name in enumerate(names)]
    return Figure("F", "C.", "A.", [Panel(marks)], legend=dict.fromkeys(names, "main"))


def named_curves(names: list[str], panels: int = 1) -> Figure:
    """Lines with names, in panels beside each other."""
    marks = [Line([0, 1], [i, i], name=name) for i, name in enumerate(names)]
    return Figure("F", "C.", "A.", [Panel(marks)] * panels, columns=panels)


@pytest.mark.parametrize(
    "figure",
    [
        named_dots(["momentum", "adagrad", "adam", "rmsprop", "sgd"]),
        named_dots(["a long value of 16", "w" * 80]),
        named_curves([f"kind momentum, rate 0.00{i} · best" for i in range(12)]),
        named_curves(["kind momentum, hidden 64-64-64-64, patience 200, batch 16 · best", "b"]),
        named_curves([f"class {i}" for i in range(6)], panels=2),
    ],
)
def test_in_one_column_of_a_paper_every_legend_lies_inside_with_all_its_names(figure) -> None:
    """Each name once, none beyond the picture's edge, and panels as high as without a legend."""
    with house_style(COLUMNS[1]):
        drawing = drawn(figure, COLUMNS[1])
        bare = drawn(Figure("F", "C.", "A.", [Panel([])], columns=figure.columns), COLUMNS[1])
        drawing.set_dpi(300)
        drawing.draw_without_rendering()
    (legend,) = drawing.legends
    names = {mark.name for panel in figure.panels for mark in panel.marks}
    assert len(legend.texts) == len(names)
    box, page = legend.get_window_extent(), drawing.bbox
    assert page.x0 <= box.x0 < box.x1 <= page.x1
    assert page.y0 <= box.y0 < box.y1 <= page.y1
    assert drawing.get_figheight() >= bare.get_figheight() + box.height / 300


@pytest.mark.parametrize("title", ["rate 1", "kind momentum, hidden 64-64-64, rate 0.00335 · best"])
def test_a_note_stands_between_title_and_panel(title: str) -> None:
    """It lies over no line, and titles make room for it."""
    panel = Panel([Line([0, 1], [0, 1]), Note("✕ 10 of 12 runs diverged")], title=title)
    with house_style(COLUMNS[1]):
        drawing = drawn(Figure("F", "C.", "A.", [panel] * 2, columns=2), COLUMNS[1])
        drawing.draw_without_rendering()
    for axes in drawing.axes:
        note, head = (
            next(text for text in axes.findobj(Text) if text.get_text().startswith(begin))
            for begin in ("✕", title[:6])
        )
        box = note.get_window_extent()
        assert axes.bbox.y1 <= box.y0
        assert box.y1 <= head.get_window_extent().y0
