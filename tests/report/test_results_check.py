"""The check of a whole results folder finds what is missing, and nothing where all is well."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from labbook.evaluate.all_claims import write_claims
from labbook.evaluate.study import evaluate
from labbook.report.dvc_metrics import plot_table
from labbook.report.figures.draw import draw_study
from labbook.report.study_results import read_results
from tests.made_study import claim, make_study
from tests.results_check import findings

VALUES = {"a": [0.6, 0.4, 0.5, 0.44, 0.52, 0.42], "b": [0.2, 0.4, None, 0.3, 0.26, 0.24]}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of one study, as a run of the workflow leaves them."""
    folder = tmp_path_factory.mktemp("whole")
    asked = [claim("b", "a", metric="valid_roughness"), claim("b", "a", "best_epoch", name="c2")]
    made = make_study(folder / "runs", VALUES, claims=asked, metric="valid_roughness")
    falling = {at: replace(one, best_epoch=one.epochs) for at, one in made.records.items()}
    made = replace(made, records=falling)
    results = folder / "results"
    evaluate(made, results / "made")
    draw_study(results / "made")
    write_claims([results / "made"], results / "claims.csv")
    (results / "plots.csv").write_text(plot_table([read_results(results / "made")]))
    return results


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    target = tmp_path / "results"
    for path in whole.rglob("*"):
        if path.is_file():
            (target / path.relative_to(whole)).parent.mkdir(parents=True, exist_ok=True)
            (target / path.relative_to(whole)).write_bytes(path.read_bytes())
    return target


def edited(name: str, change: Callable[[list[list[str]]], None]) -> Callable[[Path], None]:
    def edit(results: Path) -> None:
        path = results / name
        rows = [line.split(",") for line in path.read_text().splitlines()]
        change(rows)
        path.write_text("".join(",".join(row) + "\n" for row in rows))

    return edit


def emptied(column: str) -> Callable[[list[list[str]]], None]:
    def empty(rows: list[list[str]]) -> None:
        for row in rows[1:]:
            row[rows[0].index(column)] = ""

    return empty


def twice(rows: list[list[str]]) -> None:
    for row in rows:
        row.append(row[7])


def another_mean(rows: list[list[str]]) -> None:
    rows[1][rows[0].index("mean")] = "7.5"


def infinite(rows: list[list[str]]) -> None:
    rows[1][rows[0].index("high")] = "inf"


def without_figure(results: Path) -> None:
    path = results / "made/figures/index.json"
    index = [one for one in json.loads(path.read_text()) if one["name"] != "metric"]
    path.write_text(json.dumps(index))


def test_nothing_is_found_where_all_is_well(whole: Path) -> None:
    assert findings(whole) == []


@pytest.mark.parametrize(
    ("break_", "words"),
    [
        (edited("made/runs.csv", emptied("valid_roughness")), "the column valid_roughness is empty throughout"),
        (edited("made/runs.csv", emptied("valid_mse")), "11 runs that ended have no valid_mse"),
        (edited("made/runs.csv", emptied("best_epoch")), "runs.csv has no best_epoch of c2"),
        (edited("made/runs.csv", twice), "names twice in its head: "),
        (edited("made/combinations.csv", emptied("mark")), "combinations.csv: the column mark is empty"),
        (edited("made/combinations.csv", another_mean), "does not follow from runs.csv"),
        (edited("made/combinations.csv", infinite), "high has a number that is not finite"),
        (edited("plots.csv", lambda rows: rows.pop()), "plots.csv has 10 of 11 rows"),
        (edited("claims.csv", lambda rows: rows.pop()), "claims.csv lacks c2"),
        (without_figure, "figures: none of valid_roughness, which 11 runs have"),
        (lambda results: (results / "made/figures/metric.png").write_bytes(b""), "metric.png is not there"),
        (lambda results: (results / "made/study.json").unlink(), "no study in it"),
    ],
)  # fmt: skip
def test_what_is_missing_is_found(copied: Path, break_: Callable[[Path], None], words: str) -> None:
    break_(copied)
    assert any(words in text for text in findings(copied)), findings(copied)
