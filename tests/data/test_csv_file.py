import csv
import io

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.csv_file import names_like, parse, parse_columns, read_table
from labbook.errors import LabbookError


def write(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_numbers_come_back(tmp_path_factory, rows, delimiter, line_end, mark):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([["a", "b", "c d"], *rows])
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + text.getvalue().encode())
    table = read_table(path, delimiter=delimiter)
    assert list(table.cells) == ["a", "b", "c d"]
    np.testing.assert_array_equal(parse_columns(table, ["c d", "a"]), np.array(rows)[:, [2, 0]])


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(content)
    try:
        table = read_table(path, repeated="number")
    except LabbookError as error:
        said = str(error)
    else:
        said = "t.csv"
        assert all(len(cells) == len(table.lines) for cells in table.cells.values())
    assert "t.csv" in said


def test_quotes_blank_lines_and_line_numbers(tmp_path):
    table = read_table(write(tmp_path, 'a, b\n\n1,"x, y"\n\n2,"two\nlines"\n3,z'))
    assert table.cells["b"] == ("x, y", "two\nlines", "z")
    assert table.lines == (3, 6, 7)


@pytest.mark.parametrize("text", ["", " ", "NA", "nan", "NaN", "null", "N/A", "None"])
def test_empty_fields_are_nan(text):
    assert np.isnan(parse(text))


@pytest.mark.parametrize("text", ["1_000", "1,5", "one", "0x10", "--1"])
def test_no_numbers(text):
    with pytest.raises(ValueError, match=r"could not convert|1_000"):
        parse(text)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b,a,a", ["a", "b", "a.1", "a.2"]),
        ("a,a.1,a", ["a", "a.1", "a.2"]),
        ("a,a,a.1", ["a", "a.2", "a.1"]),
        (",b,", ["Unnamed: 0", "b", "Unnamed: 2"]),
    ],
)
def test_repeated_columns_numbered_as_pandas_does(tmp_path, header, names):
    path = write(tmp_path, header + "\n" + "1," * header.count(",") + "1\n")
    table = read_table(path, repeated="number")
    assert list(table.cells) == names == list(pandas.read_csv(path).columns)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["mine.csv: is empty"]),
        (b"\n\n", ["is empty"]),
        (b"a,b\n", ["no row below"]),
        (b"a;b\n1;2\n", ["';'"]),
        (b"a\tb\n1\t2\n", ["(tab)"]),
        (b"a,b\n1,\xe9\n", ["line 2: is not UTF-8"]),
        ('a,b\n1,"2\n3,4\n', ["is not CSV"]),
        ("a,b\n" + "9" * 200_000 + ",1\n", ["is not CSV"]),
        ("a,b,c\n1,2,3\n4,5", ["line 3: has 2 fields", "3 columns"]),
        ("a,b,c\n1,2,3,4\n", ["line 2: has 4 fields"]),
        ("a,b\n1,2\n3,male\n4,female\n", ["column 'b', line 3: 'male'", "`categorical`", "`drop`"]),
        ("a,b\n1,2\n-inf,1e999\n", ["line 3, column 'a': '-inf' is not a finite number (one of 2"]),
        ("a,b,a\n1,2,3\n", ["same name: a.", "repeated_columns: number"]),
    ],
)
def test_refused(tmp_path, content, words):
    def numbers():
        table = read_table(write(tmp_path, content), source="tables/mine.csv")
        parse_columns(table, list(table.cells))

    with pytest.raises(LabbookError) as caught:
        numbers()
    assert str(caught.value).startswith("tables/mine.csv")
    assert [word for word in words if word not in str(caught.value)] == []


def test_names_that_are_not_there(tmp_path):
    for name, names, sentence in (
        ("tested_positve", ["a", "tested_positive"], "Nearest names: tested_positive."),
        ("tested", ["a", "tested_positive.2"], "Nearest names: tested_positive.2."),
        ("z", list("abcdefgh"), "Names there are: a, b, c, d, e, f and 2 more."),
    ):
        assert names_like(name, names) == sentence
    table = read_table(write(tmp_path, "price,b\n1,2\n"))
    with pytest.raises(LabbookError, match=r"'prize', which `target` names\. Nearest names: price"):
        table.require(["prize"], "target")
    with pytest.raises(LabbookError, match="cannot be read"):
        read_table(tmp_path / "none.csv")
