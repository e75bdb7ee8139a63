"""What a data set is said to look like: numbers as pandas has them, of training rows alone."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.data.describe import describe
from labbook.data.idx import write_idx
from labbook.data.prepare import prepare
from labbook.data.prepared import Prepared, read_prepared
from labbook.data.summaries import MOST_BINS, histogram, summary_of_numbers
from labbook.data.thumbnails import EACH, MOST, SIDE, smaller, thumbnails
from labbook.files import write_json
from labbook.params.datasets import Function, Images, Table
from tests.made_results import HOSTILE

ROWS = 90
FILES = {"table.csv": {"bytes": 7, "sha256": "0" * 64}}
HOSTILE_NAME = HOSTILE.replace(",", "")


def made_table() -> pd.DataFrame:
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "row": range(ROWS),
            HOSTILE_NAME: draw.normal(3, 2, ROWS).round(3),
            "half": draw.integers(0, 9, ROWS) / 2,
            "town": draw.choice(["Ulm", "Bonn", '"Köln"', "<b>"], ROWS, p=[0.5, 0.3, 0.1, 0.1]),
            "size": draw.choice(["small", "large"], ROWS),
            "day": [f"2026-{1 + row % 12:02d}-11" for row in range(ROWS)],
            "price": draw.normal(100, 30, ROWS).round(2),
        }
    )
    frame.loc[::7, HOSTILE_NAME] = np.nan
    frame.loc[::11, "town"] = None
    frame.loc[::13, "size"] = None
    return frame


TABLE = Table(
    path="t.csv",
    target="price",
    drop=["row"],
    categorical=["town"],
    ordinal={"size": ["small", "large"]},
    dates={"day": {"parts": ["year", "month"]}},
    missing="median",
    missing_category="own",
    missing_indicator=True,
    split={"valid": 0.2, "test": 0.2},
)


def prepared_of(folder: Path, dataset: Table | Images | Function) -> Prepared:
    write_json(folder / "edition.json", {"edition": "own", "note": HOSTILE})
    prepare(dataset, folder, [5, 3], folder / "p.safetensors")
    return read_prepared(folder / "p.safetensors")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("table")
    made_table().to_csv(folder / "table.csv", index=False)
    return prepared_of(folder, TABLE)


@pytest.fixture(scope="module")
def about(prepared: Prepared) -> dict:
    described = describe("made", TABLE, prepared, FILES)
    return json.loads(json.dumps(described, allow_nan=False))


def test_numbers_are_those_of_pandas(prepared: Prepared, about: dict) -> None:
    seen = made_table().iloc[prepared.split(3).train]
    of = {column["name"]: column for column in about["columns"]}
    assert list(of) == [
        HOSTILE_NAME, "half", "town", "size", "day.year", "day.month.sin", "day.month.cos"
    ]  # fmt: skip
    for name, found in (
        (HOSTILE_NAME, of[HOSTILE_NAME]),
        ("half", of["half"]),
        ("price", about["target"]),
    ):
        wanted = seen[name].describe()
        assert found["missing"] == seen[name].isna().sum()
        assert found["distinct"] == seen[name].nunique()
        for key, theirs in {
            "min": "min", "q25": "25%", "median": "50%", "q75": "75%", "max": "max",
            "mean": "mean", "deviation": "std",
        }.items():  # fmt: skip
            assert found[key] == pytest.approx(wanted[theirs], rel=1e-12), (name, key)
        assert sum(found["histogram"]["counts"]) == wanted["count"]
    town = seen["town"].value_counts()
    assert (of["town"]["missing"], of["town"]["distinct"]) == (seen["town"].isna().sum(), 4)
    assert dict(of["town"]["levels"]) == town.to_dict()
    assert [n for _, n in of["town"]["levels"]] == sorted(town, reverse=True)
    assert [name for name, _ in of["size"]["levels"]] == ["small", "large"]
    assert of["size"]["missing"] == seen["size"].isna().sum()
    assert of["day.year"]["histogram"] == {"values": [2026.0], "counts": [len(seen)]}


def test_what_else_is_said(about: dict) -> None:
    assert about["files"] == [{"name": "table.csv", "bytes": 7, "sha256": "0" * 64}]
    assert (about["rows"], about["note"], about["left_out"]) == (ROWS, HOSTILE, ["row"])
    assert about["split"]["parts"] == {"train": 54, "valid": 18, "test": 18}
    assert (about["seed"], about["split"]["seeds"]) == (3, [3, 5])
    assert about["split"]["how"] == ["The rows are shared out by chance, anew for every seed."]


def test_other_validation_and_test_rows_look_the_same(prepared: Prepared, about: dict) -> None:
    features, target = prepared.features.copy(), prepared.target.copy()
    others = np.setdiff1d(np.arange(ROWS), prepared.split(3).train)
    features[others], target[others] = np.nan, 1e6
    other = replace(prepared, features=features, target=target)
    assert json.loads(json.dumps(describe("made", TABLE, other, FILES))) == about


def test_a_function_and_numbers_without_a_mean(tmp_path: Path) -> None:
    block = Function(
        expression="x + 1", low=-1, high=1, points=60, split={"valid": 0.2, "test": 0.2}
    )
    points = "".join(f"{x!r},{x + 1!r}\n" for x in np.linspace(-1, 1, 60).tolist())
    (tmp_path / "points.csv").write_text(f"x,y\n{points}")
    about = describe("line", block, prepared_of(tmp_path, block), {})
    (column,) = about["columns"]
    assert (column["name"], column["kind"], column["distinct"]) == ("x", "number", 36)
    assert about["target"]["name"] == "y"
    empty = summary_of_numbers(np.full(3, np.nan))
    assert (empty["missing"], empty["distinct"], empty["mean"]) == (3, 0, None)
    assert empty["histogram"] is None
    large = summary_of_numbers(np.linspace(-1, 1, 60) * 1e308)
    assert large["deviation"] is None  # its squares are no numbers
    assert sum(large["histogram"]["counts"]) == 60


@given(
    st.lists(st.floats(-1e300, 1e300) | st.sampled_from([0.0, 1.0, 5e-324]), min_size=1).map(
        np.array
    )
)
def test_every_value_is_in_one_bin(values: np.ndarray) -> None:
    found = histogram(values)
    assert sum(found["counts"]) == len(values)
    assert 1 <= len(found["counts"]) <= MOST_BINS


def test_bins_are_those_of_numpy() -> None:
    values = np.random.default_rng(2).normal(size=5000)
    found = histogram(values)
    assert found["counts"] == np.histogram(values, bins=MOST_BINS)[0].tolist()
    assert (found["low"], found["high"]) == (values.min(), values.max())
    assert histogram(np.repeat([1.0, 4.0], 3)) == {"values": [1.0, 4.0], "counts": [3, 3]}


def test_ten_images_of_each_class(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    labels = (np.arange(120) % 3).astype(np.uint8)
    images = draw.integers(0, 256, (120, 6, 4)).astype(np.uint8)
    (tmp_path / "train-images").write_bytes(write_idx(images))
    (tmp_path / "train-labels").write_bytes(write_idx(labels))
    block = Images(package="mnist-5k", sample=90, split={"valid": 0.2, "test": 0.2})
    made = prepared_of(tmp_path, block)
    about = describe("shapes", block, made, {})
    train = made.split(3).train
    assert about["classes"] == [[name, int((labels[train] == int(name)).sum())] for name in "012"]
    assert (about["columns"], about["row_shape"]) == ([], [1, 6, 4])
    for name, pictures in about["images"]["classes"]:
        rows = train[labels[train] == int(name)][:EACH]
        assert [base64.b64decode(one) for one in pictures] == [images[r].tobytes() for r in rows]
    assert about["split"]["how"][1:] == [
        "The parts that are drawn have the shares of the classes.",
        "Each seed draws 90 rows.",
    ]


def test_large_images_and_many_classes_become_few_small_ones() -> None:
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert smaller(image, 2, 2).tolist() == [[2, 4], [10, 12]]  # whole means
    assert np.array_equal(smaller(image, 4, 4), image)
    images = np.full((300, 70, 35), 9, np.uint8)
    few = thumbnails(images, np.arange(300) % 150, [str(n) for n in range(150)])
    assert (few["height"], few["width"]) == (SIDE, SIDE // 2)
    assert [len(pictures) for _, pictures in few["classes"]] == [1] * MOST
    assert set(base64.b64decode(few["classes"][0][1][0])) == {9}
