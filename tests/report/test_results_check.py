"""The check of a whole results folder finds what is missing, and nothing where all is well."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
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
    falling = {at: replace(run, best_epoch=run.epochs) for at, run in made.records.items()}
    results = folder / "results"
    evaluate(replace(made, records=falling), results / "made")
    draw_study(results / "made")
    write_claims([results / "made"], results / "claims.csv")
    (results / "plots.csv").write_text(plot_table([read_results(results / "made")]))
    return results


def test_nothing_is_found_where_all_is_well(whole: Path) -> None:
    assert findings(whole) == []


def first(table: pd.DataFrame, column: str, cell: str) -> pd.DataFrame:
    """The table with another cell in its first row."""
    return table.assign(**{column: [cell, *table[column][1:]]})


@pytest.mark.parametrize(
    ("name", "edit", "words"),
    [
        ("made/runs.csv", lambda t: t.assign(valid_roughness=""), "the column valid_roughness is empty throughout"),
        ("made/runs.csv", lambda t: t.assign(valid_mse=""), "11 runs that ended have no valid_mse"),
        ("made/runs.csv", lambda t: t.assign(best_epoch=""), "runs.csv has no best_epoch of c2"),
        ("made/runs.csv", lambda t: pd.concat([t, t.iloc[:, 7]], axis=1), "names twice in its head: "),
        ("made/combinations.csv", lambda t: t.assign(mark=""), "combinations.csv: the column mark is empty"),
        ("made/combinations.csv", lambda t: first(t, "mean", "7.5"), "does not follow from runs.csv"),
        ("made/combinations.csv", lambda t: first(t, "high", "inf"), "high has a number that is not finite"),
        ("plots.csv", lambda t: t[:-1], "plots.csv has 10 of 11 rows"),
        ("claims.csv", lambda t: t[:-1], "claims.csv lacks c2"),
        ("made/figures/index.json", lambda entries: entries[1:], "figures: none of valid_roughness, which 11 runs have"),
        ("made/figures/metric.png", None, "metric.png is not there"),
        ("made/study.json", None, "no study in it"),
    ],
)  # fmt: skip
def test_what_is_missing_is_found(whole: Path, tmp_path: Path, name, edit, words: str) -> None:
    results = shutil.copytree(whole, tmp_path / "results")
    path = results / name
    if edit is None:
        path.unlink()
    elif path.suffix == ".json":
        path.write_text(json.dumps(edit(json.loads(path.read_text()))))
    else:
        edit(pd.read_csv(path, dtype=str, na_filter=False)).to_csv(path, index=False)
    assert any(words in text for text in findings(results)), findings(results)
