"""What a column is taken for, and what is done with it."""

import pytest

from labbook.params.tables import Form
from labbook.starting.columns_of import column_of, columns_of

ROWS = 100
FORM = Form()
COLORS = ["red", "green", "blue", "red"]
SENTENCE = "it was a bright cold day in April number"


def repeated(*values: str) -> list[str]:
    return [values[row % len(values)] for row in range(ROWS)]


def numbered(prefix: str = "", start: int = 0, step: int = 1) -> list[str]:
    return [f"{prefix}{start + step * row}" for row in range(ROWS)]


COLUMNS = [
    ("weight", numbered(start=17, step=3), "number", "feature"),
    ("weight", repeated("1.5", "-2e3", ""), "number", "feature"),
    ("", numbered(), "row counter", "id"),
    ("row", numbered(start=1), "row counter", "id"),
    ("year", numbered(start=1900), "number", "feature"),
    ("passenger_id", numbered(start=1000, step=7), "identifier", "id"),
    ("PassengerId", numbered(start=1000, step=7), "identifier", "id"),
    ("population", numbered(start=1000, step=7), "number", "feature"),
    ("loan", numbered("LP-"), "identifier", "id"),
    ("color", repeated(*COLORS), "category", "categorical"),
    ("code", repeated(*(f"c{i}" for i in range(20))), "category", "categorical"),
    ("code", repeated(*(f"c{i}" for i in range(40))), "text", "drop"),
    ("note", numbered(SENTENCE), "text", "drop"),
    ("review", repeated(*(f"{SENTENCE} {i}" for i in range(30))), "text", "drop"),
    ("tax", [f"{row}%" for row in range(ROWS)], "text", "drop"),
    ("rent", [f"$ {row},000.50" for row in range(ROWS)], "text", "drop"),
    ("flat", [f"{row % 8}a" for row in range(ROWS)], "category", "categorical"),
    ("size", repeated("Small", "Large", "medium"), "ordinal", "ordinal"),
    ("smoker", repeated("No", "Yes"), "yes/no", "ordinal"),
    ("smoker", repeated("true", "false", ""), "yes/no", "ordinal"),
    ("day", [f"2024-01-{1 + row % 28:02}" for row in range(ROWS)], "date", "dates"),
    ("town", repeated("01001", "01002", "20000"), "category", "categorical"),
    ("town", [f"{row:05}" for row in range(ROWS)], "identifier", "id"),
    ("town", [f"{row % 30:05}" for row in range(ROWS)], "text", "drop"),
    ("part", repeated("01", "02", "10"), "category", "categorical"),
    ("minute", [f"{row % 60:02}" for row in range(ROWS)], "number", "feature"),
    ("share", repeated("0", "0.5", "10"), "number", "feature"),
    ("ticked", repeated("x", ""), "yes/no", "categorical"),
    ("ticked", repeated("1", ""), "yes/no", "categorical"),
    ("still", repeated("x"), "constant", "drop"),
    ("still", repeated("3"), "constant", "drop"),
    ("still", repeated("3", ""), "constant", "drop"),
    ("nothing", repeated(""), "empty", "drop"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "kind", "role"), COLUMNS)
def test_a_column_by_itself(name: str, values: list[str], kind: str, role: str) -> None:
    column = column_of(name, values, FORM)
    assert (column.kind, column.role) == (kind, role)
    assert column.reason
    assert column.missing == values.count("")
    assert column.distinct == len(set(values) - {""})


def test_a_column_that_says_the_same_as_another_is_left_out_with_its_name() -> None:
    columns = columns_of({"a": numbered(step=5), "b": numbered(step=5), "c": numbered()}, FORM)
    assert [column.role for column in columns] == ["feature", "drop", "id"]
    assert "a" in columns[1].reason


def test_one_column_names_the_rows_and_none_without_a_name_does() -> None:
    texts = {"Unnamed: 0": numbered(), "key": numbered("K"), "second_id": numbered("M")}
    columns = columns_of(texts, FORM)
    assert [column.role for column in columns] == ["drop", "id", "drop"]


def test_numbers_are_read_as_the_file_has_them() -> None:
    form = Form(delimiter=";", decimal=",", thousands=".")
    assert column_of("price", repeated("1.234,5", "2,5"), form).kind == "number"
    assert column_of("price", repeated("1.234,5", "2,5"), FORM).kind == "category"


SIGNS = [
    (repeated("5.782", "1.569", "973"), ".", "if that is a sign between thousands"),
    (repeated("5.782", "1.569", "0.125"), ".", ""),
    (repeated("5.782", "1.569"), ".", ""),
    (repeated("5.78", "1.5"), ",", "write all columns in one way"),
    (repeated("5,78", "1,5"), ".", "write all columns in one way"),
    (repeated("5,78", "1.554,5"), ",", ""),
    (repeated("12", "1,5"), ",", ""),
    (repeated("a.b", "c,d"), ".", ""),
]


@pytest.mark.parametrize(("values", "decimal", "text"), SIGNS)
def test_signs_that_may_be_other_ones_are_told(values: list[str], decimal: str, text: str) -> None:
    form = Form(decimal=decimal, thousands="." if decimal == "," and "1.554,5" in values else None)
    (column,) = columns_of({"price": values}, form)
    assert text in column.warning
    assert bool(text) == bool(column.warning)
