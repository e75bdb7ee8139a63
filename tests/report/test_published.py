"""Values that a source published: from params.yaml to the table, the figure and the sentence."""

import csv
import dataclasses
import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from labbook.evaluate.tables import write_reported
from labbook.params.studies import Published
from labbook.report.figures.figure import Dots, Note
from labbook.report.figures.published import published_figure
from labbook.report.published import PublishedValues, published_values, trust_in_one_run
from labbook.report.study_results import StudyResults, read_results
from tests import made_results
from tests.made_study import make_study

PUBLISHED = (
    ("rate 0.1", "test_mse", (math.nan, 8.25)),
    ("rate 0.01", "test_mse", (6.55,)),
    ("rate 0.0001", "test_mse", (19.97, 417.0)),
)


def test_one_row_per_published_value(tmp_path: Path) -> None:
    settings = {"a": {"optimizer.rate": 0.1}, "b": {"optimizer.rate": 0.01}}
    results = make_study(tmp_path, {"a": [1.0, 2.0], "b": [3.0, 4.0]}, settings=settings)
    blocks = [
        {"of": {"optimizer.rate": 0.01}, "metric": "test_mse", "values": ["diverged", 8], "source": "x, y"},
        {"of": {"optimizer.rate": 0.1}, "values": [1.5], "source": "z"},
    ]  # fmt: skip
    block = SimpleNamespace(published=[Published.model_validate(given) for given in blocks])
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
def results(tmp_path: Path) -> StudyResults:
    made = made_results.boston(published=PUBLISHED)
    return read_results(made_results.write(made, tmp_path))


def test_ours_are_the_runs_of_the_same_combination(results: StudyResults) -> None:
    published = published_values(results)
    assert [values.combination for values in published] == [label for label, _, _ in PUBLISHED]
    for values in published:
        runs = [run for run in results.runs if run["combination"] == values.combination]
        ours = [float(run["test_mse"]) for run in runs if run["test_mse"]]
        assert list(values.runs) == ours
        assert values.diverged == 8 - len(ours)
        if ours:
            assert values.mean[0] == pytest.approx(sum(ours) / len(ours))


def published(values, runs, metric="test_mse") -> PublishedValues:
    return PublishedValues("rate 1", metric, values, "a report", runs, 0, (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("values", "runs", "outside", "apart", "spread"),
    [
        ((1.0, 2.0, 3.0, 4.0), (2.0, 3.0), 2, 4.0, 1.5),
        ((math.nan, 9.0), (2.0, 3.0), 1, 0.0, 1.5),
        ((1.0,), (), 0, 0.0, 0.0),
        ((19.97, 417.0), (2.0, 5.0), 2, 20.88, 2.5),
        ((-4.73, 0.725), (2.0, 5.0), 2, 0.0, 2.5),  # a factor needs numbers above 0
    ],
)
def test_how_far_values_lie_apart(values, runs, outside, apart, spread) -> None:
    case = published(values, runs)
    assert case.outside == outside
    assert (case.apart, case.spread) == (pytest.approx(apart, abs=0.01), pytest.approx(spread))


def test_in_words() -> None:
    cases = [published((19.97, 417.0), (300.0, 420.0)), published((2.0,), (1.0, 3.0))]
    text = trust_in_one_run(cases)
    assert "Sources give 3 figures" in text
    assert "1 of them lies outside" in text
    assert "differ by a factor of 20.9" in text
    assert "a factor of up to 3." in text
    assert trust_in_one_run([published((1.0, 2.0), ())]) == ""
    accuracy = published((0.5, 0.9), (0.6, 0.7), "test_accuracy")
    assert "factor" not in trust_in_one_run([accuracy])


@pytest.mark.parametrize("edition", ["package", "stand-in"])
def test_without_published_values_or_on_a_stand_in_there_is_no_figure(tmp_path, edition) -> None:
    data = made_results.table_data("boston", edition, "MEDV", 506, 13)
    values = PUBLISHED if edition == "stand-in" else ()
    made = made_results.boston(published=values, data=data)
    assert published_figure(read_results(made_results.write(made, tmp_path))) is None


def test_the_figure_says_what_diverged_and_how_many_lie_outside(results: StudyResults) -> None:
    drawing = published_figure(results)
    assert drawing is not None
    notes = [mark.text for mark in drawing.panels[0].marks if isinstance(mark, Note)]
    assert notes == [
        "✕ reported set 1: diverged\n✕ 8 of 8 runs diverged", "✕ 2 of 8 runs diverged",
    ]  # fmt: skip
    rings = [mark for mark in drawing.panels[0].marks if isinstance(mark, Dots) and mark.hollow]
    assert [list(mark.x) for mark in rings] == [[8.25], [6.55], [19.97, 417.0]]
    assert rings[2].texts == ["reported, set 1: 20.0", "reported, set 2: 417"]
    assert "2 of 3 lie outside the range of our runs" in drawing.caption
    words = "rate 0.1, test MSE: reported diverged and 8.25; none of our runs has a value"
    assert words in drawing.alt
    assert "rate 0.0001, test MSE: reported 20.0 and 417; ours" in drawing.alt
