"""Text in columns of numbers: what is said, and the setting that leads out."""

import numpy as np
import pytest

from labbook.data.table_file import read_table
from labbook.errors import LabbookError
from labbook.params.tables import Form
from tests.data.reading.test_text import refusal, write


@pytest.fixture(autouse=True, params=[0, 1000])
def at_once(request, monkeypatch):
    """From so many rows on pyarrow reads numbers: what is said must not depend on it."""
    monkeypatch.setattr("labbook.data.reading.cells.FEW", request.param)


@pytest.mark.parametrize("text", ["", " ", "NA", "nan", "NaN", "null", "N/A", "None", "nUll"])
def test_usual_marks_are_nan(tmp_path, text):
    table = read_table(write(tmp_path, f"a,b\n{text},x\n1,x\n"), Form(), numbers=["a"], texts=["a"])
    assert np.isnan(table.numbers["a"][0])
    assert table.texts["a"].tolist() == ["", "1"]


@pytest.mark.parametrize(
    ("form", "cells", "expected"),
    [
        ({"missing_marks": ["?", -200]}, ["?", "-200", "-200.0", "-20"], [np.nan] * 3 + [-20]),
        ({"missing_marks": {"b": ["?"]}}, ["NA", "1"], [np.nan, 1]),
        ({"missing_marks": {"a": ["?"]}}, ["?", "1"], [np.nan, 1]),
        ({"decimal": ","}, ["1,5", "-,5", "2", "1e3"], [1.5, -0.5, 2, 1000]),
        ({"decimal": ",", "thousands": "."}, ["1.234,5", "12"], [1234.5, 12]),
        ({"thousands": ","}, ["1,234,567.5", "12", "-1,000"], [1234567.5, 12, -1000]),
        ({"thousands": " "}, ["1 234", "1\N{NO-BREAK SPACE}234", "1"], [1234, 1234, 1]),
        ({"thousands": "'"}, ["1'234"], [1234]),
        ({}, ["+1", " 2 ", ".5", "5.", "1E5", "\N{ARABIC-INDIC DIGIT ONE}"], [1, 2, 0.5, 5, 1e5, 1]),
    ],
)  # fmt: skip
def test_numbers_and_marks(tmp_path, form, cells, expected):
    path = write(tmp_path, "a;b\n" + "".join(f"{cell};x\n" for cell in cells))
    table = read_table(path, Form(delimiter=";", **form), numbers=["a"])
    np.testing.assert_array_equal(table.numbers["a"], expected)


def test_case_08_none_is_a_value(tmp_path):
    path = write(tmp_path, "alley,lot\nNA,1\nGrvl,NA\nNone,2\n")
    form = Form(missing_marks={"alley": []})
    table = read_table(path, form, numbers=["lot"], texts=["alley"])
    assert table.texts["alley"].tolist() == ["NA", "Grvl", "None"]
    assert np.isnan(table.numbers["lot"][1])


NUMBERS = [str(number) for number in range(90)]


@pytest.mark.parametrize(
    ("cells", "form", "words"),
    [
        (["1", "male", "female"], {}, ["column 'a', line 3: 'male'", "2 such fields of 3", "`categorical`", "`drop`"]),
        (["?", *NUMBERS, "?"], {}, ["line 2: '?'", "2 fields are '?'", "set `missing_marks: ['?']`"]),
        (["-", *NUMBERS, "?"], {"missing_marks": ["x"]}, ["1 field is '-'; 1 field is '?'", "missing_marks: ['x', '-', '?']"]),
        (["nan", *NUMBERS], {"missing_marks": ["?"]}, ["missing_marks: ['?', 'nan']"]),
        (["-nan", *NUMBERS], {}, ["missing_marks: ['-nan']"]),
        (["1,5", "2,5"], {}, ['set `decimal: ","`']),
        (["1,234", "2,567", "10"], {}, ['set `thousands: ","`']),
        (["1 234"], {}, ['set `thousands: " "`']),
        (["1.5"], {"decimal": ","}, ["`decimal` is a comma here"]),
        (["2024-01-05", "2024-01-06"], {}, ["dates", "`dates`"]),
        (["10/03/2004 18:00"], {}, ["`dates`"]),
        (["$5", "$7.50"], {}, ["without their unit"]),
        (["1_000"], {}, ["'1_000'"]),
        (["0x10"], {}, ["'0x10'"]),
        (["1,23,4"], {"thousands": ","}, ["'1,23,4'"]),
    ],
)  # fmt: skip
def test_text_among_numbers(tmp_path, cells, form, words):
    path = write(tmp_path, "a;b\n" + "".join(f"{cell};x\n" for cell in cells))
    said = refusal(path, Form(delimiter=";", **form), numbers=["a"])
    assert said.startswith("tables/mine.csv: text where a number is needed")
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("cells", [["a", "b"], ["?", *NUMBERS], ["2024-01-05"]])
def test_of_the_target_another_way_leads_out(tmp_path, cells):
    path = write(tmp_path, "y;x\n" + "".join(f"{cell};x\n" for cell in cells))
    said = refusal(path, Form(delimiter=";"), numbers=["y"], target="y")
    assert "`task: classification`" in said
    assert "categorical" not in said
    assert "`drop`" not in said


def test_all_columns_at_once(tmp_path):
    said = refusal(write(tmp_path, "a,b,c\n1,x,y\n2,x,3\n"), Form(), numbers=["a", "b", "c"])
    assert [line.partition(": '")[0][-19:] for line in said.split("\n")] == [
        "column 'b', line 2", "column 'c', line 2",
    ] or ("column 'b', line 2" in said and "column 'c', line 2" in said)  # fmt: skip


def test_infinite_numbers(tmp_path):
    said = refusal(write(tmp_path, "a,b\n1,2\n-inf,1e999\n"), Form(), numbers=["b", "a"])
    assert "line 3, column" in said
    assert "is not a finite number (one of 2 such fields" in said


def test_text_far_below_is_counted(tmp_path):
    path = write(tmp_path, "a,b\n" + "1,2\n" * 30_000 + "?,2\n" + "1,2\n" * 30_000 + "?,2\n")
    said = refusal(path, Form(), numbers=["a", "b"])
    assert "column 'a', line 30002: '?'. 2 fields are '?'" in said


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(LabbookError, match="cannot be read"):
        read_table(tmp_path / "none.csv", Form())
