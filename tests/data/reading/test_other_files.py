"""Excel, Parquet, and what is no table at all."""

import os
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.table_file import column_names, read_table
from labbook.errors import LabbookError
from labbook.params.tables import Form
from tests.data.reading.test_text import refusal


def excel(folder: Path, *rows: list[object], title: str = "Data") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def test_excel_cells(tmp_path):
    path = excel(
        tmp_path,
        ["Title of it all"],
        ["a", "b", "day", "yes"],
        [1, "x ", date(2026, 11, 27), True],
        [],
        [0.25, None, datetime(2026, 11, 27, 18, 30), False],
        ["NA", "y", None, None],
        ["", None],
    )
    form = Form(skip_lines=1)
    assert column_names(path, form) == ("a", "b", "day", "yes")
    table = read_table(path, form, numbers=["a"], texts=["b", "day", "yes"])
    np.testing.assert_array_equal(table.numbers["a"], [1, 0.25, np.nan])
    assert table.texts["b"].tolist() == ["x", "", "y"]
    assert table.texts["day"].tolist() == ["2026-11-27", "2026-11-27 18:30:00", ""]
    assert table.texts["yes"].tolist() == ["TRUE", "FALSE", ""]
    assert [table.place(row) for row in range(3)] == [f"row {n} of sheet Data" for n in (3, 5, 6)]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=10))
def test_excel_numbers_come_back_bit_for_bit(tmp_path_factory, numbers):
    """With as many digits as openpyxl writes."""
    numbers = [float(f"{number:.15g}") for number in numbers]
    path = excel(tmp_path_factory.mktemp("x"), ["a", "b"], *([number, 1] for number in numbers))
    for form in (Form(), Form(decimal=",")):
        assert read_table(path, form, numbers=["a"]).numbers["a"].tolist() == numbers


@pytest.mark.parametrize(
    ("rows", "form", "words"),
    [
        ([["a", "b"], [1, 2, 3]], {}, ["row 2 of sheet Data: has 3 fields", "2 columns"]),
        ([["Title"], ["a", "b"], [1, 2]], {}, ["`skip_lines`"]),
        ([["a", "b"]], {}, ["no row below"]),
        ([], {}, ["sheet 'Data' is empty"]),
        ([["a", "b"], [1, 2]], {"sheet": "data"}, ["has no sheet 'data'", "Sheets: Data."]),
        ([["a", "b"], [1, "=A2+1"]], {}, ["row 2 of sheet Data: the formula '=A2+1' has no value"]),
        ([["a", "b"], ["x", 2]], {}, ["column 'a', row 2 of sheet Data: 'x'"]),
    ],
)
def test_excel_refused(tmp_path, rows, form, words):
    said = refusal(excel(tmp_path, *rows), Form(**form), numbers=["a"] if rows[1:] else [])
    assert said.startswith("tables/mine.csv")
    assert [word for word in words if word not in said] == []


def test_parquet(tmp_path):
    frame = pd.DataFrame({
        "n": [0.1 + 0.2, np.nan, -200], "i": [2**53, 5, 6], "t": ["x ", None, "NA"],
        "c": pd.Categorical(["u", "v", "u"]), "b": [True, False, True],
        "d": pd.to_datetime(["2026-11-27 00:00", "2026-11-28 10:00", None]), "l": [[1], [2], [3]],
        "s": ["1.5", "2", ""],
    })  # fmt: skip
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    form = Form(missing_marks=[-200, "NA"])
    table = read_table(path, form, numbers=["n", "i", "s"], texts=["t", "c", "b", "d", "i", "n"])
    np.testing.assert_array_equal(table.numbers["n"], [0.1 + 0.2, np.nan, np.nan])
    np.testing.assert_array_equal(table.numbers["i"], [2**53, 5, 6])
    np.testing.assert_array_equal(table.numbers["s"], [1.5, 2, np.nan])
    assert table.texts["t"].tolist() == ["x", "", ""]
    assert table.texts["c"].tolist() == ["u", "v", "u"]
    assert table.texts["b"].tolist() == ["True", "False", "True"]
    assert table.texts["d"].tolist() == ["2026-11-27", "2026-11-28 10:00:00", ""]
    assert table.texts["i"].tolist() == [str(2**53), "5", "6"]
    assert table.texts["n"].tolist() == ["0.30000000000000004", "", ""]
    assert "'l' has list" in refusal(path, form, texts=["l"])
    said = refusal(path, Form(), numbers=["n", "t"])
    assert "column 't', row 1: 'x'" in said


def test_parquet_infinite(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"n": [1, np.inf], "l": [[1], [2]]}).to_parquet(path)
    assert "row 2, column 'n': 'inf' is not a finite number" in refusal(path, Form(), numbers=["n"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x1f\x8b\x08\0", "is compressed (gzip). Unpack it"),
        (b"BZh91AY", "is compressed (bzip2)"),
        (b"\xd0\xcf\x11\xe0\xa1", "old kind (.xls). Save it as .xlsx"),
        (b"PK\x03\x04 and no more", "is no whole Excel file"),
        (b"PAR1 and no more", "is no whole Parquet file"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"\x89HDF\r\n", "is an HDF5 file"),
        (b"\x93NUMPY\x01\0v\0{'a'}", "has NUL bytes"),
    ],
)
def test_other_kinds_of_files(tmp_path, content, words):
    (tmp_path / "t.csv").write_bytes(content)
    assert words in refusal(tmp_path / "t.csv", Form())


def test_a_zip_file_and_one_that_unpacks_without_end(tmp_path, monkeypatch):
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", "a,b\n1,2\n")
    assert "is a zip file and no Excel file" in refusal(path, Form())
    monkeypatch.setattr("labbook.data.reading.excel.UNPACKED", 100)
    assert "unpacks to" in refusal(excel(tmp_path, ["a", "b"], [1, 2]), Form())


def damaged(whole: bytes) -> Iterator[bytes]:
    """A file cut off at some places, and with other bytes there."""
    for at in range(4, len(whole), len(whole) // 9):
        yield whole[:at]
        yield whole[:at] + b"\xff\xff\xff" + whole[at + 3 :]


def test_excel_cut_off_or_damaged_anywhere(tmp_path):
    path = excel(tmp_path, ["a", "b"], *([i, "x"] for i in range(50)))
    refused = 0
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        try:
            table = read_table(path, Form(), texts=column_names(path, Form()))
            assert len(table.texts) == 2
        except LabbookError:
            refused += 1
    assert refused >= 9  # all that are cut off


def test_parquet_cut_off_or_damaged_anywhere(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"n": np.arange(50.0), "t": ["x"] * 50}).to_parquet(path)
    refused = 0
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        try:
            assert read_table(path, Form(), numbers=["n"], texts=["t"]).rows == 50
        except LabbookError:
            refused += 1
    assert refused >= 9  # all that are cut off


def test_no_plain_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link", "."):
        said = refusal(tmp_path / name, Form())
        assert "cannot be read (not a plain file)" in said
