"""Columns of a file as numbers, held equal to scikit-learn's transformers over made tables."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from labbook.data.columns import Encoding, encode, names_of, needed
from labbook.data.dates import numbers_of_dates
from labbook.data.fitted import FittedSplit, fit_columns
from labbook.data.table_file import TableFile, read_table
from labbook.errors import LabbookError
from labbook.params.tables import Form

ROWS, TRAIN = 240, np.arange(0, 240, 2)
SIZES = ["small", "middle", "large"]


def made(tmp_path: Path, seed: int, names: list[str], numbers: list[str]) -> TableFile:
    """A file with empty fields: two columns of numbers, a category with rare ones, an order."""
    draw = np.random.default_rng(seed)
    cities = draw.choice(
        list("abcdefghij"), ROWS, p=np.array([30, 20, 20, 9, 9, 5, 3, 2, 1, 1]) / 100
    )
    columns = {
        "age": draw.integers(1, 9, ROWS).astype(str),
        "income": draw.normal(size=ROWS).round(6).astype(str),
        "city": cities,
        "size": draw.choice(SIZES, ROWS),
    }
    for cells in columns.values():
        cells[draw.random(ROWS) < 0.1] = ""
    rows = zip(*columns.values(), strict=True)
    path = tmp_path / "t.csv"
    path.write_text("\n".join(",".join(row) for row in [tuple(columns), *rows]) + "\n")
    texts = [name for name in names if name not in numbers]
    return read_table(path, Form(), numbers=numbers, texts=texts)


def ours(encodings: list[Encoding], table: TableFile, **settings: object) -> np.ndarray:
    """All rows, with what is fitted on the training rows."""
    features = encode(encodings, table)
    fitted = fit_columns(features[TRAIN], "all", encodings=encodings, **settings)
    assert all(np.isfinite(fitted[name]).all() for name in ("fill", "mean"))
    route = fitted.pop("route", None)
    split = FittedSplit(TRAIN, TRAIN, TRAIN, **fitted, target_mean=0, target_scale=1, route=route)
    return (split.filled(features) - split.mean) / split.scale


def theirs(transformer: object, columns: np.ndarray) -> np.ndarray:
    """The same by scikit-learn; a column that does not vary in training is 0 there."""
    made = transformer.fit(columns[TRAIN]).transform(columns)
    made = made.toarray() if hasattr(made, "toarray") else np.asarray(made, float)
    still = made[TRAIN].std(axis=0) == 0
    scaled = StandardScaler().fit(made[TRAIN]).transform(made)
    return np.where(still, 0.0, scaled)


@pytest.mark.parametrize("missing", ["median", "mean", "most_frequent"])
@pytest.mark.parametrize("indicator", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_numbers_as_simple_imputer(tmp_path, missing, indicator, seed):
    table = made(tmp_path, seed, ["age", "income"], ["age", "income"])
    encodings = [Encoding(name, "number", indicator=indicator) for name in ("age", "income")]
    found = ours(encodings, table, missing=missing)
    columns = np.stack([table.numbers[name] for name in ("age", "income")], axis=1)
    imputer = SimpleImputer(strategy=missing, add_indicator=indicator)
    order = [0, 2, 1, 3] if indicator else [0, 1]
    np.testing.assert_allclose(found, theirs(imputer, columns)[:, order], atol=1e-12)


@pytest.mark.parametrize(
    ("empty", "rare"),
    [("none", None)]  # scikit-learn has no field that is of no category, where some are pooled
    + [(empty, rare) for empty in ("own", "most_frequent") for rare in (None, 2, 5, 12, 1000)],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_categories_as_one_hot_encoder(tmp_path, empty, rare, seed):
    """Levels are listed over all rows, and those that training lacks come last of all."""
    table = made(tmp_path, seed, ["city"], [])
    texts = table.texts["city"]
    levels = tuple(sorted(set(texts) - {""}))
    one = Encoding(
        "city", "category", levels=levels, filled=empty == "most_frequent",
        indicator=empty == "own", rare=rare is not None,
    )  # fmt: skip
    found = ours([one], table, rare=rare)
    cells = np.where(texts == "", np.nan if empty == "most_frequent" else "~", texts)
    handle = "ignore" if rare is None else "infrequent_if_exist"
    encoder = OneHotEncoder(min_frequency=rare, handle_unknown=handle)
    steps = [encoder]
    if empty == "most_frequent":
        steps.insert(0, SimpleImputer(strategy="most_frequent"))
    expected = theirs(make_pipeline(*steps), cells.astype(object)[:, None])
    if empty == "none":
        expected = expected[:, :-1]  # the column of the empty ones
    used = found[:, np.abs(found).sum(axis=0) > 0]
    expected = expected[:, np.abs(expected).sum(axis=0) > 0]
    np.testing.assert_allclose(used, expected, atol=1e-12)


def test_an_order_as_ordinal_encoder(tmp_path):
    table = made(tmp_path, 0, ["size"], [])
    found = ours([Encoding("size", "ordinal", levels=tuple(SIZES), indicator=True)], table)
    cells = np.where(table.texts["size"] == "", None, table.texts["size"])[:, None]
    encoder = make_pipeline(
        SimpleImputer(missing_values=None, strategy="constant", fill_value="?"),
        OrdinalEncoder(
            categories=[SIZES], handle_unknown="use_encoded_value", unknown_value=np.nan
        ),
        SimpleImputer(strategy="median", add_indicator=True),
    )
    np.testing.assert_allclose(found, theirs(encoder, cells), atol=1e-12)


def test_all_kinds_beside_each_other_as_column_transformer(tmp_path):
    names = ["age", "income", "city", "size"]
    table = made(tmp_path, 3, names, ["age", "income"])
    levels = tuple(sorted(set(table.texts["city"]) - {""}))
    encodings = [
        Encoding("income", "number"),
        Encoding("city", "category", levels=levels, filled=True, rare=True),
        Encoding("size", "ordinal", levels=tuple(SIZES)),
        Encoding("age", "number", indicator=True),
    ]
    assert needed(encodings) == (["income", "age"], ["city", "size"])
    found = ours(encodings, table, rare=8)
    assert found.shape[1] == len(names_of(encodings))
    cells = np.empty((ROWS, 4), object)
    for column, name in enumerate(names):
        values = table.numbers[name] if name in table.numbers else table.texts[name]
        cells[:, column] = np.where(values == "", np.nan, values)
    frequent = SimpleImputer(strategy="most_frequent")
    ordered = OrdinalEncoder(categories=[[*SIZES, np.nan]])
    expected = theirs(
        ColumnTransformer(
            [
                ("income", SimpleImputer(strategy="median"), [1]),
                ("city", make_pipeline(frequent, OneHotEncoder(min_frequency=8, handle_unknown="infrequent_if_exist")), [2]),
                ("size", make_pipeline(ordered, SimpleImputer(strategy="median")), [3]),
                ("age", SimpleImputer(strategy="median", add_indicator=True), [0]),
            ]
        ),
        cells,
    )  # fmt: skip
    used = found[:, np.abs(found).sum(axis=0) > 0]
    np.testing.assert_allclose(used, expected, atol=1e-12)


# ---- what is not scikit-learn's


def texts(tmp_path, name, *cells):
    path = tmp_path / "t.csv"
    path.write_text("\n".join([f"{name},x", *(f"{cell},1" for cell in cells)]) + "\n")
    return read_table(path, Form(), texts=[name])


@pytest.mark.parametrize(
    ("cell", "form", "parts", "numbers"),
    [
        ("2000-01-01", None, ["year", "elapsed"], [2000, 0]),
        ("2026-11-27T12:00", None, ["elapsed"], [9827.5]),
        ("27.11.2026 06:30", "%d.%m.%Y %H:%M", ["hour", "year"], [np.sin(6.5 / 24 * 2 * np.pi), np.cos(6.5 / 24 * 2 * np.pi), 2026]),
        ("1999-12-31", None, ["month", "elapsed"], [-0.5, np.sqrt(0.75), -1]),
        ("2026-11-30", None, ["weekday", "day"], [0, 1, np.sin(29 / 31 * 2 * np.pi), np.cos(29 / 31 * 2 * np.pi)]),
        ("2000-01-01T01:00+01:00", None, ["elapsed"], [0]),
        ("", None, ["month", "year"], [np.nan, np.nan, np.nan]),
    ],
)  # fmt: skip
def test_dates(tmp_path, cell, form, parts, numbers):
    found = numbers_of_dates("when", form, parts, texts(tmp_path, "when", "", cell))
    np.testing.assert_allclose(found[1], numbers, atol=1e-11)


def test_names_of_dates():
    one = Encoding("when", "date", parts=("month", "year"), indicator=True)
    expected = ("when.month.sin", "when.month.cos", "when.year", "when=(missing)")
    assert one.feature_names == expected


@pytest.mark.parametrize(
    ("one", "cells", "words"),
    [
        (Encoding("when", "date"), ["2026-11-27", "27.11.2026"], ["line 3, column 'when': '27.11.2026'", "format: ...", "missing_marks"]),
        (Encoding("when", "date", format="%d.%m.%Y"), ["31.02.2026"], ["is not of form %d.%m.%Y"]),
        (Encoding("size", "ordinal", levels=("low", "high")), ["low", "hihg", "hihg"], ["line 3, column 'size': 'hihg'", "2 such fields", "nearest is 'high'"]),
        (Encoding("size", "ordinal", levels=("LOW", "HIGH")), ["low"], ["nearest is 'LOW'"]),
        (Encoding("size", "ordinal", levels=("1", "2")), ["x"], ["They are 1, 2", "Add it there"]),
    ],
)  # fmt: skip
def test_values_that_are_none_are_refused_with_their_place(tmp_path, one, cells, words):
    with pytest.raises(LabbookError) as caught:
        encode([one], texts(tmp_path, one.name, *cells))
    assert [word for word in words if word not in str(caught.value)] == []


def test_new_rows_with_categories_that_training_lacks(tmp_path):
    table = texts(tmp_path, "city", "a", "z", "")
    plain = Encoding("city", "category", levels=("a", "b"))
    assert encode([plain], table).tolist() == [[1, 0], [0, 0], [0, 0]]
    pooled = Encoding("city", "category", levels=("a", "b"), rare=True)
    assert encode([pooled], table).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    own = Encoding("city", "category", levels=("a",), rare=True, indicator=True)
    assert own.feature_names == ("city=a", "city=(missing)", "city=(rare)")
    assert encode([own], table).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
