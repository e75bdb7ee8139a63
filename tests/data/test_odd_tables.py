"""Tables that people have: each works, or one message or sentence leads out."""

import numpy as np
import pytest

from labbook.data.column_remarks import column_remarks
from labbook.data.columns import Encoding
from labbook.data.numbers import Numbers
from labbook.data.row_remarks import fingerprints
from tests.data.test_prepare import refusal, run, table, with_files

CLASSES = {"task": "classification", "target": "kind", "drop": []}
DRAW = np.random.default_rng(5)
NOISE = DRAW.normal(size=400).round(9).tolist()


def rows_of(*columns: list[object]) -> list[list[object]]:
    return [list(row) for row in zip(*columns, strict=False)]


def written(header: str, *columns: list[object]) -> dict[str, list[list[object]]]:
    return {"table_csv": [header.split(","), *rows_of(*columns)]}


# ---- identifiers (case 02)

NAMES = [f"Passenger {i % 7}" for i in range(50)]
NUMBERS = [f"{i:05d}" for i in range(50)]
TICKETS = [f"T{i % 11}" for i in range(50)]


@pytest.mark.parametrize(
    ("settings", "column", "first", "told"),
    [
        ({"id": "No", "drop": ["Name", "Ticket"]}, "No", "00000", ""),
        ({"id": "Name", "drop": ["No", "Ticket"]}, "Name", "Passenger 0", ""),
        ({"drop": ["Name", "Ticket", "No"]}, "No", "00000", ""),
        ({"drop": ["Ticket", "Name"], "categorical": ["No"]}, "id", "0", "Set `id` to the column"),
    ],
)
def test_predictions_have_the_name_of_the_row(tmp_path, settings, column, first, told):
    dataset = with_files(["a.csv", "b.csv"], unlabelled="b.csv", **settings)
    numbers = [str(i % 3) for i in range(50)] if "categorical" in settings else NUMBERS
    rows = rows_of(NAMES, TICKETS, numbers, NOISE, NOISE[50:])
    prepared = run(
        tmp_path, dataset,
        a_csv=[["Name", "Ticket", "No", "size", "price"], *rows],
        b_csv=[["Name", "Ticket", "No", "size"], *(row[:4] for row in rows)],
    )  # fmt: skip
    assert (prepared.id_column, prepared.unlabelled_ids[0]) == (column, first)
    assert len(prepared.unlabelled_ids) == 50
    assert told in " ".join(prepared.remarks)
    if not told:
        assert prepared.feature_names == ("size",)


def test_an_identifier_that_is_not_there_is_refused(tmp_path):
    dataset = with_files(["a.csv", "b.csv"], unlabelled="b.csv", id="no", drop=[])
    rows = rows_of(NUMBERS, NOISE, NOISE[50:])
    files = {"a_csv": [["no", "size", "price"], *rows], "b_csv": [["size"], ["1"]]}
    assert "b.csv: has no column 'no', which `unlabelled` names" in refusal(
        tmp_path, dataset, **files
    )


# ---- labels that differ only in how they are written (case 03)


@pytest.mark.parametrize(
    ("of_training", "of_test", "words"),
    [
        (["no", "yes"], ["no.", "yes."], ["b.csv", "no row of", "'no' and 'no.'; 'yes' and 'yes.'", "without blanks", "if they are different classes, give them names"]),
        (["1", "2"], ["1.0", "2"], ["b.csv", "'1' and '1.0'"]),
        (["no", "yes"], ["No", "yes"], ["b.csv", "'No' and 'no'"]),
        (["no", "yes"], ["no", "y es"], ["b.csv", "'y es' and 'yes'"]),
        (["no", "yes", "YES"], ["no", "yes"], ["a.csv", "differ only in how", "'YES' and 'yes'", "'YES' 16, 'yes' 25"]),
    ],
)  # fmt: skip
def test_classes_that_people_read_as_one(tmp_path, of_training, of_test, words):
    message = refusal(tmp_path, fixed_test(), **two_files(of_training, of_test))
    assert [word for word in words if word not in message] == []


def test_classes_and_categories_of_fixed_rows_that_training_lacks_are_told(tmp_path):
    said = run(tmp_path, fixed_test(), **two_files(["no", "yes"], ["no", "maybe"])).remarks
    assert len(said) == 1
    assert "8 rows have a class that no row of" in said[0]
    assert "('maybe')" in said[0]
    files = two_files(["no", "yes"], ["no", "yes"])
    for name, cities in (("a_csv", "xyz"), ("b_csv", ["x", "Y", "q", "x"])):
        files[name] = [
            [*row[:1], cities[i % len(cities)] if i else "city", row[-1]]
            for i, row in enumerate(files[name])
        ]
    said = " ".join(run(tmp_path, fixed_test(categorical=["city"]), **files).remarks)
    assert "8 rows with a category of city that" in said
    assert "(Y, q)" in said
    assert "'Y' and 'y'. Write each in one way" in said


def fixed_test(**more):
    return with_files(
        ["a.csv", "b.csv"], test="b.csv", split={"valid": 0.2, "test": "fixed"}, **CLASSES | more
    )  # fmt: skip


def two_files(of_training, of_test):
    first = [[NOISE[i], of_training[i % len(of_training)]] for i in range(50)]
    second = [[NOISE[-1 - i], of_test[i % len(of_test)]] for i in range(16)]
    return {"a_csv": [["size", "kind"], *first], "b_csv": [["size", "kind"], *second]}


# ---- what stands for nothing, and does not (case 08)

ALLEYS = [["NA", "NA", "Grvl", "Pave"][i % 4] for i in range(60)]


def test_empty_fields_of_a_category_and_of_classes(tmp_path):
    files = written("size,alley,price", NOISE, ALLEYS, NOISE[60:])
    block = {"drop": [], "categorical": ["alley"]}
    assert "`missing_marks: {alley: []}`" in refusal(tmp_path, table(**block), **files)
    block["missing"] = "median"
    prepared = run(tmp_path, table(**block), **files)
    assert prepared.feature_names == ("size", "alley=Grvl", "alley=Pave")
    assert "alley: 30 empty fields are none of its categories" in prepared.remarks[0]
    own = run(tmp_path, table(missing_category="own", **block), **files)
    assert own.feature_names == ("size", "alley=Grvl", "alley=Pave", "alley=(missing)")
    assert own.remarks == ()
    assert own.features[:4, 3].tolist() == [1, 1, 0, 0]
    frequent = run(tmp_path, table(missing_category="most_frequent", **block), **files)
    assert set(frequent.split(0).fill[1:].tolist()) == {0.0, 1.0}
    files = written("size,kind", NOISE, ["None", "Mild", "Severe"] * 20)
    assert "If NA or None is a class, set `missing_marks: {kind: []}`" in refusal(
        tmp_path, table(**CLASSES), **files
    )


def test_marks_make_values_of_them_or_nothing_of_a_sign(tmp_path):
    """What the messages advise works: NA as a value, None as a class, ? as nothing."""
    files = written("size,alley,price", NOISE, ALLEYS, NOISE[60:])
    block = table(drop=[], categorical=["alley"], missing_marks={"alley": []})
    assert run(tmp_path, block, **files).feature_names[1:] == (
        "alley=Grvl",
        "alley=NA",
        "alley=Pave",
    )
    files = written("size,kind", NOISE, ["None", "Mild", "Severe"] * 20)
    block = table(missing_marks={"kind": []}, **CLASSES)
    assert run(tmp_path, block, **files).classes == ("Mild", "None", "Severe")
    files = written("power,price", POWERS, NOISE)
    message = refusal(tmp_path, table(drop=[], missing="median"), **files)
    assert "set `missing_marks: [" in message
    assert "'?']`" in message
    prepared = run(tmp_path, table(drop=[], missing="median", missing_marks=["?"]), **files)
    assert int(np.isnan(prepared.features).sum()) == 3


# ---- a target of texts (case 09)


def test_a_target_of_texts_leads_to_classification(tmp_path):
    files = written("size,kind", NOISE, ["setosa", "virginica"] * 30)
    message = refusal(tmp_path, table(target="kind", drop=[]), **files)
    assert "column 'kind', line 2" in message
    assert "set `task: classification`" in message
    assert "categorical" not in message
    assert "drop" not in message


# ---- categories that are none (cases 10 and 12)

UNIQUE = [f"{i * 7919:x}" for i in range(60)]
DAYS = [f"2026-{1 + i % 12:02d}-{1 + i // 12:02d}" for i in range(60)]
POWERS = ["?" if i % 20 == 3 else str(50 + i) for i in range(60)]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (UNIQUE, ["column 'what'", "60 categories in 60 rows", "set `id: what`", "`drop`"]),
        (DAYS, ["look like dates", "`dates`"]),
        (POWERS, ["numbers, but for '?' in 3 rows", "`missing_marks: ['?']`"]),
        ([str(i) for i in range(60)], ["They are numbers: take it out of `categorical`."]),
    ],
)
def test_more_categories_than_tell_anything_are_refused(tmp_path, cells, words):
    files = written("what,price", cells, NOISE)
    message = refusal(tmp_path, table(drop=[], categorical=["what"]), **files)
    assert [word for word in words if word not in message] == []


def test_many_categories_are_refused_before_memory_is_taken(tmp_path, monkeypatch):
    cells = [f"c{i % 1001}" for i in range(5005)]
    block = table(drop=[], categorical=["what"])
    files = written("what,price", cells, range(5005))
    assert "1,001 categories in 5,005 rows" in refusal(tmp_path, block, **files)
    monkeypatch.setattr("labbook.data.encodings.MOST_CELLS", 1000)
    files = written("what,price", cells[:50] * 3, NOISE)
    message = refusal(tmp_path, block, **files)
    assert "150 rows with 50 columns of numbers are 7,500 numbers, and at most 1,000" in message
    assert "Most columns come from categories: 'what' 50" in message


def test_numbers_as_categories_are_told(tmp_path):
    cells = [str(i % 12) for i in range(60)]
    files = written("what,price", cells, NOISE)
    said = run(tmp_path, table(drop=[], categorical=["what"]), **files).remarks
    assert said[0].startswith("what has 12 categories, all of them numbers.")


@pytest.mark.parametrize("empty", ["none", "most_frequent", "own"])
def test_a_category_without_a_value(tmp_path, empty):
    block = table(drop=[], categorical=["what"], missing="median", missing_category=empty)
    files = written("size,what,price", NOISE[:60], [""] * 60, NOISE[60:])
    prepared = run(tmp_path, block, **files)
    assert prepared.feature_names[:1] == ("size",)
    assert "1 column with the same value in every row: what." in " ".join(prepared.remarks)
    files = written("what,price", [""] * 60, NOISE[60:])
    if empty != "own":
        assert "what has no value in any row" in refusal(tmp_path, block, **files)


def test_two_columns_of_one_name_are_refused(tmp_path):
    files = written("what=a,what,price", NOISE, ["a", "b"] * 30, NOISE[60:])
    message = refusal(tmp_path, table(drop=[], categorical=["what"]), **files)
    assert "would have one name: what=a. Rename" in message


# ---- columns that say too much or nothing (case 17)

KINDS = ["low"] * 50 + ["mid"] * 50 + ["top"] * 50
PRICE = NOISE[:150]


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        (",a,kind", range(150), ["counts the rows: Unnamed: 0.", "1 column without a name used as a feature: Unnamed: 0.", "kind is given away by Unnamed: 0 (score 1.0000): from one column alone it tells the class in 150"]),
        ("x,a,kind", range(1, 151), ["counts the rows: x.", "kind is given away by x (score 1.0000)"]),
        (",a,kind", NOISE[150:300], ["1 column without a name used as a feature: Unnamed: 0."]),
        ("x,a,kind", [3.5] * 150, ["1 column with the same value in every row: x."]),
        ("x,a,kind", [""] * 150, ["1 column with the same value in every row: x."]),
        ("x,a,kind", NOISE, ["Columns that say the same in every row: x = a."]),
        ("x,a,kind", [k == "low" for k in KINDS], []),
        ("x,a,price", [2 * p + 1 for p in PRICE], ["price is given away by x (score 1.0000): from one column alone it follows"]),
        ("x,a,price", [np.exp(p) for p in PRICE], ["price is given away by x (score 1.0000)"]),
        ("x,a,price", [p + n / 4 for p, n in zip(PRICE, NOISE[150:], strict=False)], []),
        ("x,a,price", NOISE[150:300], []),
        ("x,a,price", range(2000, 2150), []),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_column_is_told(tmp_path, header, cells, told):
    cells = [int(cell) if isinstance(cell, bool) else cell for cell in cells]
    target = KINDS if header.endswith("kind") else PRICE
    settings = CLASSES if header.endswith("kind") else {"drop": []}
    files = written(header, cells, NOISE[:150] if "=" in "".join(told) else NOISE[250:400], target)
    said = run(tmp_path, table(missing="median", **settings), **files).remarks
    assert len(said) == len(told)
    assert [words for words, text in zip(told, said, strict=True) if words not in text] == []


@pytest.mark.parametrize(("rows", "said"), [(24, 0), (90, 1)])
def test_of_many_columns_one_is_in_order_by_chance(rows, said):
    """Three of 24 rows stand first in one of 900 columns: no wonder. 30 of 90 are one."""
    draw = np.random.default_rng(1)
    features = draw.normal(size=(rows, 900))
    target = (np.arange(rows) < rows // 3 if rows > 24 else np.arange(rows) < 3).astype(np.int64)
    features[:, 7] -= 99 * target
    encodings = tuple(Encoding(f"x{i}", "number") for i in range(900))
    names = tuple(one.name for one in encodings)
    numbers = Numbers(
        "table", "classification", features, target, "y", names, ("a", "b"), (),
        encodings=encodings,
    )  # fmt: skip
    assert len(list(column_remarks(numbers))) == said


@pytest.mark.parametrize("target", [KINDS, [float(len(k)) + (k == "low") for k in KINDS]])
def test_a_category_that_gives_the_target_away(tmp_path, target):
    names = {"low": "l", "mid": "m", "top": "t"}
    files = written("x,a,kind", [names[k] for k in KINDS], NOISE, target)
    settings = CLASSES if target is KINDS else {"drop": [], "target": "kind"}
    said = run(tmp_path, table(categorical=["x"], **settings), **files).remarks
    assert [text.split(":")[0] for text in said] == ["kind is given away by x (score 1.0000)"]


def test_rows_on_both_sides_are_counted(tmp_path):
    files = written("a,b,price", NOISE[:50] * 2, NOISE[50:100] * 2, NOISE[100:150] * 2)
    said = run(tmp_path, table(drop=[], split={"valid": 30, "test": 30}), **files).remarks
    assert said[0].startswith("100 rows of 100 (100%) equal another in every column. So ")
    assert " of 120 validation and test rows, counted over 2 seeds," in said[0]
    files = written("a,b,price", NOISE[:50] * 2, NOISE[50:150], NOISE[100:150] * 2)
    assert run(tmp_path, table(drop=[]), **files).remarks == ()


def test_fingerprints_tell_rows_apart():
    draw = np.random.default_rng(0)
    features = draw.integers(0, 12, (100_000, 7)).astype(float)
    features[features == 11] = np.nan
    numbers = Numbers(
        "table", "regression", features, features[:, 0] * -0.0, "y", tuple("abcdefg"), (), ()
    )
    rows = len(np.unique(np.nan_to_num(features, nan=-1), axis=0))
    assert len(np.unique(fingerprints(numbers))) == rows


# ---- a target that is learned as a logarithm


def test_the_logarithm_is_learned_and_predictions_come_back(tmp_path):
    prices = np.exp(np.array(NOISE) * 3 + 5)
    files = written("a,price", NOISE, prices.tolist())
    block = table(drop=[], log_target=True, standardise_target=True)
    prepared = run(tmp_path, block, **files)
    np.testing.assert_array_equal(prepared.target, prices)
    split = prepared.split(0)
    logs = np.log(prices[split.train])
    assert (split.target_mean, split.target_scale) == (logs.mean(), logs.std())
    for part in ("train", "test"):
        _, y = prepared.part(0, part)
        np.testing.assert_allclose(prepared.original(y, 0), prices[getattr(split, part)], rtol=1e-5)
    there_and_back = prepared.in_network_units(prepared.original(logs, 0), 0)
    np.testing.assert_allclose(there_and_back, logs, rtol=1e-12)
    wild = prepared.original(np.array([-1e9, 1e9]), 0)
    assert np.isfinite(wild**2).all()


@pytest.mark.parametrize("column", ["a", "price"])
def test_numbers_without_squares_are_refused(tmp_path, column):
    cells = {"a": NOISE[:40], "price": NOISE[40:80]} | {column: [1, 2, -1e300, 4, 1e200] * 8}
    message = refusal(tmp_path, table(drop=[]), **written("a,price", *cells.values()))
    assert (
        f"line 4, column '{column}': -1e+300 is too large to be learned from (16 fields" in message
    )
    assert "`missing_marks`" in message


@pytest.mark.parametrize("value", [0, -3.5])
def test_a_target_without_a_logarithm_is_refused(tmp_path, value):
    files = written("a,price", NOISE, [5, value] * 20)
    message = refusal(tmp_path, table(drop=[], log_target=True), **files)
    assert f"line 3, column 'price': {value:g} has no logarithm (20 of 40 rows" in message
    assert "Leave out `log_target`" in message
