"""Text files: what is read as it was, what is refused, and the lines that messages name."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.reading.names import names_like
from labbook.data.reading.text import TextRows
from labbook.data.table_file import column_names, read_table
from labbook.errors import LabbookError
from labbook.params.tables import Form

DELIMITERS = [",", ";", "\t", "|", " ", "~", "whitespace"]


def write(folder: Path, content: bytes | str) -> Path:
    path = folder / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts_of(path: Path, form: Form) -> dict[str, list[str]]:
    table = read_table(path, form, texts=column_names(path, form))
    return {name: list(column) for name, column in table.texts.items()}


def refusal(path: Path, form: Form, **asked: object) -> str:
    with pytest.raises(LabbookError) as caught:
        read_table(path, form, source="tables/mine.csv", **asked)  # type: ignore[arg-type]
    return str(caught.value)


FIELDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(FIELDS, min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(DELIMITERS[:-1]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_any_texts_come_back(tmp_path_factory, rows, delimiter, line_end, encoding, quoted):
    """As they were, without blanks around."""
    if not quoted:  # csv.writer leaves these without quotation marks where lines end otherwise
        rows = [[field.replace("\r", "").replace("\n", "") for field in row] for row in rows]
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([["a", "b", "c d"], *rows])
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    form = Form(delimiter=delimiter, encoding=encoding.removesuffix("-sig"), missing_marks=[])
    kept = [row for row in rows if any(row)]
    if not kept:
        return
    read = texts_of(path, form)
    assert read == {
        name: [row[i].strip() for row in kept] for i, name in enumerate(["a", "b", "c d"])
    }


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(DELIMITERS[1:]),
    st.sampled_from([".", ","]),
)
def test_numbers_come_back_bit_for_bit(tmp_path_factory, rows, delimiter, decimal):
    lines = [[str(number).replace(".", decimal) for number in row] for row in rows]
    between = "  \t" if delimiter == "whitespace" else delimiter
    text = "".join(between.join(line) + "\n" for line in [["a", "b", "c"], *lines])
    path = write(tmp_path_factory.mktemp("csv"), text)
    form = Form(delimiter=delimiter, decimal=decimal)
    table = read_table(path, form, numbers=["c", "a"])
    expected = np.array(rows)
    assert table.numbers["c"].tobytes() == expected[:, 2].copy().tobytes()
    assert table.numbers["a"].tobytes() == expected[:, 0].copy().tobytes()


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(DELIMITERS))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, delimiter):
    path = write(tmp_path_factory.mktemp("csv"), content)
    form = Form(delimiter=delimiter, repeated_columns="number")
    said = "t.csv"
    try:
        assert len(set(map(len, texts_of(path, form).values()))) == 1
    except LabbookError as error:
        said = str(error)
    assert "t.csv" in said


@pytest.mark.parametrize(
    ("content", "form", "lines"),
    [
        ('a, b\n\n1,"x, y"\n\n2,"two\nlines"\n3,z', {}, [3, 6, 7]),
        ("title\n\na,b\n1,x\n#no\n2,#x\n", {"skip_lines": 2, "comment": "#"}, [4, 6]),
        ('a,b\n1,"x\n# no comment"\n2,y\n', {"comment": "#"}, [3, 4]),
        ("1,x\n,\n\n2,y\n", {"header": False}, [1, 4]),
        ("a b\n 1   x\n\n2\t'y'\n", {"delimiter": "whitespace"}, [2, 4]),
        ("a\tb\r1\tx\r2\ty\r", {"delimiter": "\t"}, [2, 3]),
    ],
)
def test_lines_that_messages_name(tmp_path, content, form, lines):
    path = write(tmp_path, content)
    table = read_table(path, Form(**form))
    assert [table.place(row) for row in range(table.rows)] == [f"line {n}" for n in lines]


def test_a_table_between_blanks(tmp_path):
    text = '18.0   8   307.0\t"chevrolet  chevelle"\n 15.0   8   350.0\t"buick ""x"""\n'
    form = Form(delimiter="whitespace", header=False)
    table = read_table(write(tmp_path, text), form, numbers=["1"], texts=["4"])
    assert table.numbers["1"].tolist() == [18, 15]
    assert table.texts["4"].tolist() == ["chevrolet  chevelle", 'buick "x"']


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
    found = column_names(path, Form(repeated_columns="number"))
    assert list(found) == names == list(pandas.read_csv(path).columns)


@pytest.mark.parametrize(
    ("content", "form", "words"),
    [
        (b"", {}, ["mine.csv: is empty"]),
        (b"\n\n", {}, ["is empty"]),
        (b"a,b\n", {}, ["no row below"]),
        (b"a;b\n1;2\n", {}, ["';'"]),
        (b"a\tb\n1\t2\n", {}, ["(tab)"]),
        (b"18.0  8  307.0\n", {}, ["blanks", "`whitespace`"]),
        (b"a,b\n1,\xe9\n", {}, ["line 2: is not UTF-8", "byte 0xe9", "encoding: cp1252"]),
        ("a,b\n1,é\n".encode("utf-16"), {}, ["encoding: utf-16"]),
        ("a,b\n1,2\n".encode("utf-16-le"), {}, ["line 1: has a NUL", "utf-16"]),
        (b"a,b\n1,2\n", {"encoding": "uft-8"}, ["'uft-8' is not known", "cp1252"]),
        (b"a,b\n1,2\n", {"encoding": "hex"}, ["'hex' is not known"]),
        (b"a,b\n1,\x81\n", {"encoding": "cp1252"}, ["line 2: is not CP1252", "0x81"]),
        (b"a,b\n1,\0\n", {}, ["line 2: has a NUL byte"]),
        ('a,b\n1,2\n1,"2\n3,4\n', {}, ["is not CSV", "from line 3 on"]),
        ("a,b\n" + "9" * 200_000 + ",1\n", {}, ["is not CSV"]),
        ("a,b,c\n1,2,3\n4,5", {}, ["line 3: has 2 fields", "3 columns"]),
        ("a,b,c\n1,2,3\n4", {}, ["line 3: has 1 field "]),
        ("a,b,c\n1,2,3\n1,2,3,4\n", {}, ["line 3: has 4 fields"]),
        ("a,b\nfirst,2,3\n", {}, ["line 2: has one field more", "as R writes them"]),
        ("title\na,b,c\n1,2,3\n", {}, ["line 2: has 3 fields", "`skip_lines`"]),
        ("a,b,a\n1,2,3\n", {}, ["same name: a.", "repeated_columns: number"]),
    ],
)
def test_refused(tmp_path, content, form, words):
    said = refusal(write(tmp_path, content), Form(**form))
    assert said.startswith("tables/mine.csv")
    assert [word for word in words if word not in said] == []


def test_short_rows_far_below_are_found(tmp_path):
    """Beyond the first rows that are read at once."""
    path = write(tmp_path, "a,b\n" + "1,2\n" * 50_000 + "3\n" + "1,2\n" * 10)
    assert "line 50002: has 1 field" in refusal(path, Form(), numbers=["a"])


def test_a_line_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("labbook.data.reading.lines.LONGEST", 1000)
    said = refusal(write(tmp_path, "a" * 5000), Form())
    assert "line 1: is longer than 1,000 characters" in said


def test_too_many_columns(tmp_path, monkeypatch):
    monkeypatch.setattr("labbook.params.limits.COLUMNS", 100)
    assert "has 101 columns; the most is 100" in refusal(write(tmp_path, "a," * 100), Form())


def test_names_that_are_not_there(tmp_path):
    for name, names, sentence in (
        ("tested_positve", ["a", "tested_positive"], "Nearest names: tested_positive."),
        ("tested", ["a", "tested_positive.2"], "Nearest names: tested_positive.2."),
        ("z", list("abcdefgh"), "Names there are: a, b, c, d, e, f and 2 more."),
    ):
        assert names_like(name, names) == sentence
    said = refusal(write(tmp_path, "price,b\n1,2\n"), Form(), numbers=["prize"])
    assert "has no column 'prize'" in said
    assert "Nearest names: price" in said


def test_only_what_is_asked_for_is_kept(tmp_path):
    path = write(tmp_path, "a,b,c\n" + "1,x,y\n" * 5)
    table = read_table(path, Form(), numbers=["a"], texts=["c"], most=3)
    assert (list(table.numbers), list(table.texts), table.rows) == (["a"], ["c"], 3)
    assert table.names == ("a", "b", "c")
    assert len(table.numbers["a"]) == len(table.texts["c"]) == 3


def test_chunks_are_as_long_as_memory_allows(tmp_path, monkeypatch):
    monkeypatch.setattr("labbook.data.reading.text.CELLS_AT_ONCE", 10)
    path = write(tmp_path, "a,b,c\n" + "1,x,y\n" * 50)
    sizes = [len(chunk[0]) for chunk in TextRows(path, Form(), "t").chunks([0])]
    assert max(sizes) <= 4
    assert sum(sizes) == 50
