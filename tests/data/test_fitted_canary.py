"""A canary over every transformer: what is fitted never follows from rows outside of training."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from labbook.data.prepared import Prepared
from labbook.data.select import score
from tests.data.test_prepare import run, table

ROWS = 90
SIZES = ["small", "middle", "large"]
HEADER = ["age", "income", "city", "size", "when", "price"]
SETTINGS = {
    "drop": [],
    "categorical": ["city"],
    "ordinal": {"size": SIZES},
    "dates": {"when": {"parts": ["year", "month", "elapsed", "hour"]}},
    "missing_indicator": True,
    "standardise_target": True,
}
FITTED = ("fill", "mean", "scale", "route")


def made_rows() -> list[list[object]]:
    """Rows with numbers, a skewed category, an order and dates; a tenth of the fields is empty."""
    draw = np.random.default_rng(8)
    rows = [
        [
            int(draw.integers(1, 6)),
            round(float(draw.normal(50, 9)), 3),
            "aaaaaabbbbccdde"[row % 15],
            SIZES[int(draw.integers(3))],
            f"20{10 + row % 9}-{1 + row % 12:02d}-07T{row % 24:02d}:00",
            round(float(np.exp(draw.normal())), 6),
        ]
        for row in range(ROWS)
    ]
    for row, column in product(range(ROWS), range(5)):
        if draw.random() < 0.1:
            rows[row][column] = ""
    return rows


def absurd(rows: list[list[object]], where: set[int]) -> list[list[object]]:
    """The same with other fields in these rows: what would move any mean, mode or count."""
    others = [-1e12, "", "e", "large", "1601-01-01", 1e9]
    return [others if number in where else row for number, row in enumerate(rows)]


def shuffled(rows: list[list[object]]) -> list[list[object]]:
    order = np.random.default_rng(3).permutation(len(rows))
    return [[*row[:5], rows[other][5]] for row, other in zip(rows, order, strict=True)]


def prepared_of(folder: Path, rows: list[list[object]], **settings: object) -> Prepared:
    return run(folder, table(**SETTINGS | settings), table_csv=[HEADER, *rows])


def fitted(prepared: Prepared, seed: int) -> dict[str, np.ndarray]:
    split = prepared.split(seed)
    return {name: getattr(split, name) for name in FITTED if getattr(split, name) is not None}


CHOICES = [
    {"missing": missing, "missing_category": empty, "rare": rare, "log_target": log}
    for (missing, log), (empty, rare) in zip(
        [("median", False), ("mean", True), ("most_frequent", False)] * 2,
        [("none", None), ("own", 8), ("most_frequent", 8), ("own", None), ("most_frequent", None), ("none", 8)],
        strict=True,
    )
]  # fmt: skip


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("seed", [0, 1])
def test_absurd_rows_outside_of_training_change_nothing_that_is_fitted(tmp_path, choice, seed):
    rows = made_rows()
    before = prepared_of(tmp_path, rows, **choice)
    train = {*before.split(seed).train.tolist()}
    after = prepared_of(tmp_path, absurd(rows, {*range(ROWS)} - train), **choice)
    assert after.feature_names == before.feature_names
    assert (after.split(seed).train == before.split(seed).train).all()
    for name, values in fitted(before, seed).items():
        np.testing.assert_array_equal(fitted(after, seed)[name], values, err_msg=name)
    for name in ("target_mean", "target_scale"):
        assert getattr(after.split(seed), name) == getattr(before.split(seed), name)
    np.testing.assert_array_equal(after.part(seed, "train")[0], before.part(seed, "train")[0])
    np.testing.assert_array_equal(
        score(after, "f_regression", seed), score(before, "f_regression", seed)
    )
    unlike = prepared_of(tmp_path, absurd(rows, {*sorted(train)[:30]}), **choice)
    changed = [
        name
        for name, values in fitted(before, seed).items()
        if not np.array_equal(fitted(unlike, seed)[name], values)
    ]
    assert {"fill", "mean", "scale"} <= {*changed}  # and the canary would see it


@pytest.mark.parametrize("choice", CHOICES)
def test_a_shuffled_target_changes_nothing_that_is_fitted_to_columns(tmp_path, choice):
    rows = made_rows()
    before, after = (prepared_of(tmp_path, some, **choice) for some in (rows, shuffled(rows)))
    for seed in (0, 1):
        for name, values in fitted(before, seed).items():
            np.testing.assert_array_equal(fitted(after, seed)[name], values, err_msg=name)
        assert before.split(seed).target_mean != after.split(seed).target_mean
