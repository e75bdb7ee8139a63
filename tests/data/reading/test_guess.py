"""Forms that are guessed: each kind of file that people have, and what the guess rests on."""

import random
from collections.abc import Callable

import openpyxl
import pytest

from labbook.data.form_of import guess_form
from labbook.data.table_file import column_names, read_table
from labbook.errors import LabbookError
from labbook.params.tables import Form

ROW = Callable[[int], str]


def uniform(i: int) -> str:
    return f"{random.Random(i).random() * 10:.2f}"


def iris(i: int) -> str:
    return f"{uniform(i)},{uniform(i + 1)},Iris-{'ab'[i % 2]}"


def auto(i: int) -> str:
    return f'{uniform(i)}   8   {"?" if i in (3, 40) else "130.0"}\t"ford  {i}"'


def air(i: int) -> str:
    missing = "-200" if i % 3 else str(i)
    return f"10/03/2004;18.00.00;{uniform(i).replace('.', ',')};{missing};;"


CASES: list[tuple[str, str, ROW, str, dict[str, object], str]] = [
    ("comma", "a,b\n", lambda i: f"{i},x", "utf-8", {}, ""),
    ("index", ",a\n", lambda i: f"{i},{uniform(i)}", "utf-8", {}, ""),
    ("one column", "y\n", uniform, "utf-8", {}, ""),
    ("mark", "a,b\n", lambda i: f"{i},é", "utf-8-sig", {}, ""),
    ("years", "land,1990,1991\n", lambda i: f"L{i},{uniform(i)},{uniform(i)}", "utf-8", {}, ""),
    ("counted", "0,1\n", lambda i: f"{uniform(i)},{uniform(i)}", "utf-8", {}, ""),
    ("iris", "", iris, "utf-8", {"header": False}, "above numbers"),
    ("mushroom", "", lambda i: f"{'xs'[i % 2]},{'np'[i % 2]},w", "utf-8", {"header": False}, "come again below ('x')"),
    ("wine", "a;b\n", lambda i: f"{i};{uniform(i)}", "utf-8", {"delimiter": ";"}, "';' divides 101 lines into 2 fields"),
    ("tabs", "a\tb\n", lambda i: f"{i}\tx, y", "utf-8", {"delimiter": "\t"}, "(tab)"),
    ("auto", "", auto, "utf-8", {"delimiter": "whitespace", "header": False, "missing_marks": ["?"]}, "2 fields are '?' (3)"),
    ("air", "Date;Time;CO;NMHC;;\n", air, "utf-8", {"delimiter": ";", "decimal": ",", "missing_marks": ["-200"]}, "in the column 'CO' is a number with a decimal comma"),
    ("adult", "", lambda i: f"{i}, {'?' if i % 5 else 'Private'}, <=50K", "utf-8", {"header": False, "missing_marks": ["?"]}, "80 fields"),
    ("german", "Größe;Preis\n", lambda i: f"{i},5;1.{100 + i},50", "cp1252", {"delimiter": ";", "encoding": "cp1252", "decimal": ",", "thousands": "."}, "line 1 has the byte 0xf6"),
    ("thousands", "a,b\n", lambda i: f'{i},"{i + 1},000,000"', "utf-8", {"thousands": ","}, "1,000,000 in the column 'b'"),
    ("mixed", "a;b\n", lambda i: f"{i};{['1.554,54', '582,83'][i % 2]}", "utf-8", {"delimiter": ";", "decimal": ",", "thousands": "."}, "'b'"),
    ("one mixed", "b\n", lambda i: f'"{["1.554,54", "582,83"][i % 2]}"', "utf-8", {"decimal": ",", "thousands": "."}, "'b'"),
    ("English", "a,b\n", lambda i: f"{i}," + ['"1,101.50"', "100.50"][i % 2], "utf-8", {"thousands": ","}, "1,101.50 in the column 'b'"),
    ("English;", "a;b\n", lambda i: f'{i};{["1,101.50", "100.50", "1,200"][i % 3]}', "utf-8", {"delimiter": ";", "thousands": ","}, "'b'"),
    ("French", "a;b\n", lambda i: f"{i};" + ["1\N{NARROW NO-BREAK SPACE}554,54", "582,83"][i % 2], "utf-8", {"delimiter": ";", "decimal": ",", "thousands": " "}, "'b'"),
    ("Swiss", "a;b\n", lambda i: f"{i};" + ["1'554.54", "582.83"][i % 2], "utf-8", {"delimiter": ";", "thousands": "'"}, "'b'"),
    ("whole", "a;b\n", lambda i: f"{i};{['5.782', '1.569', '973'][i % 3]}", "utf-8", {"delimiter": ";", "decimal": ",", "thousands": "."}, "none in numbers below 1000"),
    ("whole comma", "a;b\n", lambda i: f"{i};{['5,782', '1,569', '973'][i % 3]}", "utf-8", {"delimiter": ";", "thousands": ","}, "none in numbers below 1000"),
    ("against", "a;b\n", lambda i: f"{uniform(i)};{['5.782', '1.569', '973'][i % 3]}", "utf-8", {"delimiter": ";"}, ""),
    ("in doubt", "a;b\n", lambda i: f"{i};{['5.782', '1.569', '9'][i % 3]}", "utf-8", {"delimiter": ";"}, ""),
    ("three digits", "a;b\n", lambda i: f"{i};{['5.782', '1.569', '0.125'][i % 3]}", "utf-8", {"delimiter": ";"}, ""),
    ("more points", "a;b;c\n", lambda i: f"{uniform(i)};{uniform(i + 1)};{i},5", "utf-8", {"delimiter": ";"}, ""),
    ("utf-16", "a,b\n", lambda i: f"{i},é", "utf-16", {"encoding": "utf-16"}, "mark of UTF-16"),
    ("no mark", "a,b\n", lambda i: f"{i},é", "utf-16-le", {"encoding": "utf-16-le"}, "every other byte"),
    ("title", "My results\n\nof 2024\na,b\n", lambda i: f"{i},x", "utf-8", {"skip_lines": 3}, "above it stands 'My results'"),
    ("padded title", "My results,,\na,b,c\n", lambda i: f"{i},x,y", "utf-8", {"skip_lines": 1}, "line 2"),
    ("comments", "# by x\n# y\na b\n", lambda i: f"{i} {uniform(i)}", "utf-8", {"delimiter": "whitespace", "comment": "#"}, "2 lines begin with it"),
    ("#name", "#a,b\n", lambda i: f"{i},x", "utf-8", {}, ""),
    ("twice", "a,b,a\n", lambda i: f"{i},x,y", "utf-8", {"repeated_columns": "number"}, "(a)"),
    ("weather", "t,p\n", lambda i: f"{uniform(i)},{-9999 if i % 7 == 0 else 1000 + i}", "utf-8", {"missing_marks": ["-9999"]}, "15 fields are '-9999' (p)"),
    ("ages", "t,p\n", lambda i: f"{i},{99 if i % 7 == 0 else i}", "utf-8", {}, ""),
    ("with NA", "t,p\n", lambda i: f"{i},{['?', 'NA', '7', '8', '9', '6'][i % 6]}", "utf-8", {"missing_marks": ["?", "NA"]}, "17 fields are '?'"),
    ("k.A.", "a,b\n", lambda i: f"{i},{'k.A.' if i == 7 else uniform(i)}", "utf-8", {"missing_marks": ["k.A."]}, "1 field is 'k.A.' (b)"),
    ("inf", "a,b\n", lambda i: f"{i},{'inf' if i == 7 else uniform(i)}", "utf-8", {"missing_marks": ["inf"]}, "'inf' (b)"),
    ("broken", "a,b\n", lambda i: f"{['ok', 'broken'][i % 2]},{['broken', 'NA', uniform(i)][min(i, 2)]}", "utf-8", {"missing_marks": {"b": ["broken", "NA"]}}, "'broken' (b)"),
    ("three texts", "a,b\n", lambda i: f"{i},{['u', 'v', 'w', uniform(i)][min(i, 3)]}", "utf-8", {}, ""),
    ("3+", "a,b\n", lambda i: f"{i},{'3+' if i % 20 == 0 else i % 3}", "utf-8", {}, ""),
    ("tenth", "a,b\n", lambda i: f"{i},{'u' if i % 9 == 0 else uniform(i)}", "utf-8", {}, ""),
    ("NA alone", "t,p\n", lambda i: f"{i},{['NA', '8', '9'][i % 3]}", "utf-8", {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("head", "row", "encoding", "settings", "reason"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])  # fmt: skip
def test_guessed(tmp_path, head, row, encoding, settings, reason):
    path = tmp_path / "t.data"
    path.write_bytes((head + "".join(f"{row(i)}\n" for i in range(100))).encode(encoding))
    form, reasons = guess_form(path)
    assert form.model_dump(exclude_defaults=True) == settings
    assert {setting for setting, _ in reasons} == set(settings)
    assert reason in "; ".join(text for _, text in reasons)
    assert read_table(path, form, texts=column_names(path, form)).rows == 100


def test_names_of_rows_without_a_name(tmp_path):
    """As R writes them: nothing is passed over, and reading says what to do."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"r{i},{i},{i}\n" for i in range(50)))
    form, reasons = guess_form(path)
    assert (form, reasons) == (Form(), [])
    with pytest.raises(LabbookError, match="one field more than the first line has names"):
        read_table(path, form)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08", b"<html><table>", b"\x80\x04\0\0"])
def test_what_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(LabbookError, match=r"t\.csv"):
        guess_form(path)


def test_a_sheet_beside_a_cover(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Read me"])
    sheet = book.create_sheet("Data")
    sheet.append(["Measured in 2024"])
    sheet.merge_cells("A1:C1")
    sheet.append(["a", "b", "c"])
    for i in range(50):
        sheet.append([i, -999 if i % 2 else i / 8, "x"])
    book.save(tmp_path / "t.xlsx")
    form, reasons = guess_form(tmp_path / "t.xlsx")
    assert form.model_dump(exclude_defaults=True) == {
        "sheet": "Data", "skip_lines": 1, "missing_marks": ["-999"],
    }  # fmt: skip
    assert dict(reasons)["sheet"] == "it has the most cells; the first sheet is 'Sheet'"
