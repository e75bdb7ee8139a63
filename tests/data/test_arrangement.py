"""Groups and times of a table's rows, and what is said of them."""

from pathlib import Path

import numpy as np
import pytest

from labbook.data.kinds.table import read_tabular
from labbook.data.prepare import split_seed
from labbook.errors import LabbookError
from labbook.params.tables import Table

ROWS = [(f"p{row // 4}", f"2026-01-{row + 1:02}", row, row % 3) for row in range(24)]
HEADER = "patient,day,a,y"


def table(tmp_path, monkeypatch, rows=ROWS, **split):
    monkeypatch.chdir(tmp_path)
    lines = [HEADER, *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    split = {"valid": 0.2, "test": 0.2} | split
    return Table(path="t.csv", target="y", drop=["patient", "day"], split=split)


def test_no_patient_is_on_both_sides(tmp_path, monkeypatch) -> None:
    dataset = table(tmp_path, monkeypatch, group="patient")
    numbers = read_tabular(dataset, None)
    assert numbers.feature_names == ("a",)
    for seed in range(10):
        parts = split_seed(dataset, numbers, seed)
        sides = [{ROWS[row][0] for row in parts[name]} for name in ("train", "valid", "test")]
        assert sum(map(len, sides)) == 6
    assert any("Rows with the same patient are in one part" in text for text in numbers.told)


@pytest.mark.parametrize("group", [None, "patient"])
def test_the_last_days_are_the_test(tmp_path, monkeypatch, group) -> None:
    backwards = [*reversed(ROWS)]
    dataset = table(tmp_path, monkeypatch, backwards, time="day", group=group)
    numbers = read_tabular(dataset, None)
    parts = split_seed(dataset, numbers, 7)
    days = {name: [backwards[row][1] for row in parts[name]] for name in parts}
    assert max(days["train"]) < min(days["valid"]) <= max(days["valid"]) < min(days["test"])
    assert any("the same for every seed" in text for text in numbers.told)


@pytest.mark.parametrize(
    ("rows", "split", "words"),
    [
        ([("", "2026-01-01", 1, 2), *ROWS], {"group": "patient"}, "1 field is empty (the first in line 2)"),
        ([("p", "soon", 1, 2), *ROWS], {"time": "day"}, "'soon' is neither a number nor a date"),
        (ROWS, {"group": "person"}, "has no column 'person', which `split.group` names"),
        (ROWS, {"time": "date"}, "has no column 'date', which `split.time` names"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_so(tmp_path, monkeypatch, rows, split, words) -> None:
    with pytest.raises(LabbookError) as caught:
        read_tabular(table(tmp_path, monkeypatch, rows, **split), None)
    assert words in str(caught.value)


def test_a_quantity_is_stratified_by_its_ranges(tmp_path, monkeypatch) -> None:
    rows = [("p", 1, row, row * row) for row in range(100)]
    dataset = table(tmp_path, monkeypatch, rows, stratify=True)
    numbers = read_tabular(dataset, None)
    for seed in range(5):
        test = numbers.target[split_seed(dataset, numbers, seed)["test"]]
        assert np.histogram(np.sqrt(test), bins=10, range=(0, 100))[0].tolist() == [2] * 10


def test_a_patient_of_the_test_file_may_not_be_trained_on(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    main = [HEADER, *(",".join(map(str, row)) for row in ROWS)]
    Path("t.csv").write_text("\n".join(main) + "\n")
    settings = {
        "path": "t.csv", "test": "test.csv", "target": "y", "drop": ["patient", "day"],
        "split": {"valid": 0.2, "test": "fixed", "group": "patient"},
    }  # fmt: skip
    Path("test.csv").write_text(f"{HEADER}\np2,1,1,1\nq,1,1,2\n")
    with pytest.raises(LabbookError, match=r"test\.csv: 1 value of 'patient' are in t\.csv, too"):
        read_tabular(Table(**settings), None)
    Path("test.csv").write_text(f"{HEADER}\nr,1,1,1\nq,1,1,2\n")
    assert read_tabular(Table(**settings), None).fixed == 2
