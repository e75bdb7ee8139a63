"""The tables of a room for programs: plain numbers, ends of intervals apart, remarks apart."""

import csv
import io
from pathlib import Path

import pytest

from labbook.report.study_results import read_results
from labbook.report.table_columns import Cell, Table
from labbook.report.tables import as_csv, as_markdown, tables_of
from tests import made_results


def made(*columns: tuple[dict[str, str | None], list[str]]) -> Table:
    """A table of heads with their attributes and cells."""
    heads = [Cell(attributes, texts[0]) for attributes, texts in columns]
    rows = zip(*(map(_cell, texts[1:]) for _, texts in columns), strict=True)
    return Table(cells=[heads, *map(list, rows)])


def _cell(text: str) -> Cell:
    return Cell(text=text)


def test_numbers_are_plain_and_ends_apart() -> None:
    factor = {"data-factor": None}
    table = made(
        ({}, ["Name", "64-16", "1,200", "2.50×10⁻⁵"]),
        (factor, ["Difference", "−8.0\xa0%", "×7.3", "–"]),
        (factor | {"data-ends": "alone"}, ["95 %", "−12 % to +4 %", "from ×5.88 up", "–"]),
        ({"data-ends": "beside"}, ["MSE", "24 (median)", "−0.2 (up to 1,024)", "6 (5 to 7)"]),
    )
    head = ["Name", *(f"Difference (factor){end}" for end in ("", " low", " high"))]
    assert table.data == [
        [*head, "MSE", "MSE low", "MSE high"],
        ["64-16", "0.920", "0.88", "1.04", "24", "", ""],
        ["1200", "7.3", "5.88", "", "-0.2", "", "1024"],
        ["2.50e-5", "", "", "", "6", "5", "7"],
    ]


def test_shares_are_shares() -> None:
    table = made(({"data-ends": "beside"}, ["Share", "30 % (12 to 61 %)"]), ({}, ["Of", "5 %"]))
    assert table.data[1] == ["0.30", "0.12", "0.61", "0.05"]


@pytest.mark.parametrize("make", [made_results.boston, made_results.images])
def test_remarks_and_labels_have_columns_of_their_own(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    results = read_results(made_results.write(make(), tmp_path))
    table = tables_of(results)["combinations"]
    rows = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert [row["Combination"] for row in rows] == results.labels
    remarks = {row["Combination"]: row["Remarks"].split("; ") for row in rows}
    assert "best" in remarks[results.chosen]
    assert "reference" in remarks[results.reference]
    for row in rows:
        for name, text in row.items():
            if name.endswith((" low", " high")) and text:
                float(text)
    assert "(best" in as_markdown(table)


def test_a_language_of_its_own(tmp_path: Path) -> None:
    results = read_results(made_results.write(made_results.boston(), tmp_path))
    english, other = (tables_of(results, name) for name in ("en", "zh"))
    assert list(english) == list(other)
    assert len(as_csv(english["combinations"])) > 0
    ours, theirs = english["combinations"].data, other["combinations"].data
    assert [len(row) for row in ours] == [len(row) for row in theirs]
    assert "备注" in theirs[0]
    assert "Remarks" in ours[0]
