"""Figures that a source reported: from params.yaml to the table, the figure and the sentence."""

import csv
import dataclasses
import math
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from labbook.evaluate.tables import write_reported
from labbook.params.studies import Published
from labbook.report.figures.published import draw_published
from labbook.report.figures.style import house_style
from labbook.report.page.findings import one_run
from labbook.report.reported import Reported, reported_figures
from labbook.report.study_results import read_results
from tests import made_results
from tests.made_study import make_study

SVG = "{http://www.w3.org/2000/svg}"
REPORTED = (
    ("rate 0.1", "test_mse", (math.nan, 8.25)),
    ("rate 0.01", "test_mse", (6.55,)),
    ("rate 0.0001", "test_mse", (19.97, 417.0)),
)


def test_one_row_per_reported_figure(tmp_path: Path) -> None:
    settings = {"a": {"optimizer.rate": 0.1}, "b": {"optimizer.rate": 0.01}}
    results = make_study(tmp_path, {"a": [1.0, 2.0], "b": [3.0, 4.0]}, settings=settings)
    blocks = [
        {"of": {"optimizer.rate": 0.01}, "metric": "test_mse", "values": ["diverged", 8], "source": "x, y"},
        {"of": {"optimizer.rate": 0.1}, "values": [1.5], "source": "z"},
    ]  # fmt: skip
    block = SimpleNamespace(published=[Published.model_validate(one) for one in blocks])
    results = dataclasses.replace(results, study=dataclasses.replace(results.study, block=block))
    write_reported(results, tmp_path / "published.csv")
    with (tmp_path / "published.csv").open(newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        ("b", "test_mse", "1", "", "x, y"),
        ("b", "test_mse", "2", "8.0", "x, y"),
        ("a", "valid_mse", "1", "1.5", "z"),
    ]


@pytest.fixture
def figures(tmp_path: Path) -> list[Reported]:
    made = made_results.boston(published=REPORTED)
    return reported_figures(read_results(made_results.write(made, tmp_path)))


def test_ours_are_the_runs_of_the_same_combination(figures: list[Reported], tmp_path: Path) -> None:
    with (tmp_path / "boston-rate/runs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for one in figures:
        ours = [
            float(r["test_mse"])
            for r in rows
            if r["combination"] == one.combination and r["test_mse"]
        ]
        assert list(one.runs) == ours
        assert one.diverged == 8 - len(ours)
        if ours:
            assert one.mean == pytest.approx(sum(ours) / len(ours))
    assert [one.combination for one in figures] == [label for label, _, _ in REPORTED]


def reported(
    values: tuple[float, ...], runs: tuple[float, ...], metric: str = "test_mse"
) -> Reported:
    return Reported("rate 1", metric, values, "a report", runs, 0, 0.0, 0.0, 0.0)


def test_outside_counts_what_no_run_of_ours_reached() -> None:
    assert reported((1.0, 2.0, 3.0, 4.0), (2.0, 3.0)).outside == 2
    assert reported((math.nan, 9.0), (2.0, 3.0)).outside == 1
    assert reported((1.0,), ()).outside == 0


def test_factors() -> None:
    assert reported((19.97, 417.0), (2.0, 3.0)).apart == pytest.approx(20.88, abs=0.01)
    assert reported((1.0,), (2.0, 5.0)).spread == pytest.approx(2.5)
    assert math.isnan(reported((-4.73, 0.725), (2.0, 5.0)).apart)


def test_in_words() -> None:
    text = one_run([reported((19.97, 417.0), (300.0, 420.0)), reported((2.0,), (1.0, 3.0))])
    assert "Sources give 3 figures" in text
    assert "1 of them lies outside" in text
    assert "differ by a factor of 20.9" in text
    assert "a factor of up to 3." in text
    assert one_run([reported((1.0, 2.0), ())]) == ""
    assert "factor" not in one_run([reported((0.5, 0.9), (0.6, 0.7), "test_accuracy")])


def test_a_study_without_reported_figures_or_on_a_stand_in_has_no_figure(tmp_path: Path) -> None:
    plain = read_results(made_results.write(made_results.boston(), tmp_path / "plain"))
    data = made_results.table_data("boston", "stand-in", "MEDV", 506, 13)
    made = made_results.boston(published=REPORTED, data=data)
    stand_in = read_results(made_results.write(made, tmp_path / "stand-in"))
    assert draw_published(plain) is None
    assert draw_published(stand_in) is None


def test_the_figure_says_what_diverged_and_how_many_lie_outside(tmp_path: Path) -> None:
    made = made_results.boston(published=REPORTED)
    with house_style():
        drawn = draw_published(read_results(made_results.write(made, tmp_path)))
    assert drawn is not None
    tree = ElementTree.fromstring(drawn.svg)
    names = ["".join(one.itertext()).strip() for one in tree.iter(f"{SVG}text")]
    assert "✕ reported set 1: diverged; 8 of 8 runs diverged" in names
    assert "✕ 2 of 8 runs diverged" in names
    assert names.count("1") == 1  # of rate 0.0001; set 1 of rate 0.1 has no place
    assert names.count("2") == 2
    assert "2 of 3 lie outside the range of our runs" in drawn.caption
    assert (
        "rate 0.1, test MSE: reported diverged and 8.25; none of our runs has a value" in drawn.alt
    )
    assert "rate 0.0001, test MSE: reported 20.0 and 417; ours" in drawn.alt
