"""Curves of fits, of single runs, and where runs stop."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from labbook.evaluate.choice import choose
from labbook.evaluate.curves.single_curves import write_run_curves, write_stops
from labbook.evaluate.fits import GRID, write_fits
from labbook.evaluate.study_runs import StudyRuns
from labbook.models import build, forward
from labbook.params.datasets import Function
from tests.made_study import FakePrepared, make_study

LINE = Function.model_validate(
    {"kind": "function", "expression": "2 * x", "low": 0, "high": 9, "points": 30,
     "split": {"valid": 7, "test": 5}}
)  # fmt: skip


def fits(results: StudyRuns, folder: Path) -> pd.DataFrame:
    write_fits(results, choose(results), folder / "fits.csv")
    return pd.read_csv(folder / "fits.csv")


def test_fits_are_what_the_weights_say_of_one_seed(tmp_path: Path) -> None:
    results = make_study(
        tmp_path, {"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}, prepared=FakePrepared(columns=1)
    )
    table = fits(replace(results, dataset=LINE), tmp_path)
    truth, ours = table[table["kind"] == "true"], table[table["kind"] == "fit"]
    assert np.allclose(truth["y"], 2 * truth["x"], rtol=1e-5)
    assert len(truth) == GRID
    assert ours.groupby("combination")["seed"].unique().map(list).to_dict() == {"a": [1], "b": [1]}
    prepared, weights = results.prepared, results.read("a", 1, "weights").weights
    one = ours[ours["combination"] == "a"]
    network = build(results.combinations["a"].recipe.model, (1,), 1)
    inputs = prepared.inputs_of(one["x"].to_numpy()[:, None], 1)
    expected = prepared.original(forward(network, weights, inputs)[:, 0], 1)
    assert np.allclose(one["y"], expected, rtol=1e-3)
    seen = table[(table["kind"] == "training") & (table["combination"] == "a")]
    rows = prepared.split(1).train
    assert np.allclose(np.sort(seen["x"]), np.sort(prepared.features[rows, 0]), rtol=1e-5)


def test_of_many_columns_there_is_no_fit(tmp_path: Path) -> None:
    assert fits(make_study(tmp_path, {"a": [1.0, 2.0]}), tmp_path).empty


def test_stops_are_of_all_runs_that_do_not_diverge(tmp_path: Path) -> None:
    results = make_study(tmp_path, {"a": [1.0, 4.0, None], "b": [None, None, None]})
    write_stops(results, tmp_path / "stops.csv")
    (row,) = pd.read_csv(tmp_path / "stops.csv").to_dict("records")
    assert (row["combination"], row["n"], row["first"], row["last"]) == ("a", 2, 20, 20)
    assert np.isclose(row["valid_mean"], 2.0)  # the geometric mean of 1 and 4
    write_run_curves(results, tmp_path / "run_curves.csv")
    curves = pd.read_csv(tmp_path / "run_curves.csv")
    ends = curves.groupby(["combination", "seed"])["valid"].last().to_dict()
    assert ends["a", 1] == 4.0
    assert ends["b", 2] == 1.0  # what it had before it diverged
