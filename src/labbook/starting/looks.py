"""A look at a user's file: its form, and the texts of its first rows by column."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labbook.data.reading.cells import Cells
from labbook.data.table_file import column_names, read_table
from labbook.params.tables import Form

MOST_ROWS = 100_000  # that are looked at


@dataclass(frozen=True)
class Look:
    """What was seen of a file: `texts` by column, stripped, "" where a value is missing."""

    path: Path
    form: Form
    reasons: Mapping[str, str]  # what each setting of the form rests on
    texts: Mapping[str, Sequence[str]]
    whole: bool  # or the first MOST_ROWS alone

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return len(next(iter(self.texts.values())))


def look(path: Path) -> Look:
    """Guess the form of a table and read its beginning. Raises `LabbookError` where it is none."""
    form, reasons = guess_form(path)
    table = read_table(path, form, texts=column_names(path, form), most=MOST_ROWS)
    texts = {
        name: _without_marks(values.tolist(), Cells.of(form, name))
        for name, values in table.texts.items()
    }
    return Look(path, form, dict(reasons), texts, table.rows < MOST_ROWS)


def _without_marks(texts: Sequence[str], cells: Cells) -> Sequence[str]:
    """The texts with "" also for a mark that is written in another way, -200.0 for -200."""
    if not cells.marks:
        return texts
    marks = {text for text in set(texts) if _is_unknown(text, cells)}
    return ["" if text in marks else text for text in texts] if marks else texts


def _is_unknown(text: str, cells: Cells) -> bool:
    try:
        return math.isnan(cells.number(text))
    except ValueError:
        return False


# ---- a stand-in until data/form_of.py is there


def guess_form(path: Path) -> tuple[Form, list[tuple[str, str]]]:
    """The form of a file, and what each setting rests on."""
    if path.suffix in (".xlsx", ".parquet"):
        return Form(), []
    head = path.read_text(encoding="utf-8-sig", errors="replace")[:5000].splitlines()
    counts = {mark: head[0].count(mark) for mark in ",;\t|"}
    mark = max(counts, key=lambda key: counts[key])
    return Form(delimiter=mark), [("delimiter", f"the first line has {counts[mark]} of it")]
