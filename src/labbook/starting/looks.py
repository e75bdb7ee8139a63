"""A look at a user's file: its form, and the texts of its first rows by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labbook.errors import LabbookError
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
        return len(next(iter(self.texts.values()), ()))


def look(path: Path, form: Form | None = None) -> Look:
    """Read the beginning of a table, in the form given or guessed.

    Raises `LabbookError` for a file that is no table.
    """
    reasons: dict[str, str] = {}
    if form is None:
        form, found = guess_form(path)
        reasons = dict(found)
    texts = _texts(path, form)
    if not texts or not len(next(iter(texts.values()))):
        raise LabbookError(f"{path}: has no rows below its header, so there is nothing to learn.")
    rows = len(next(iter(texts.values())))
    return Look(path, form, reasons, texts, rows < MOST_ROWS)


# ---- a stand-in until data/table_file.py is there


def guess_form(path: Path) -> tuple[Form, list[tuple[str, str]]]:
    """The form of a file, and what each setting rests on."""
    if path.suffix in (".xlsx", ".parquet"):
        return Form(), []
    head = path.read_text(encoding="utf-8-sig", errors="replace")[:5000].splitlines()
    counts = {mark: head[0].count(mark) for mark in ",;\t|"}
    mark = max(counts, key=lambda key: counts[key])
    return Form(delimiter=mark), [("delimiter", f"the first line has {counts[mark]} of it")]


def _texts(path: Path, form: Form) -> dict[str, list[str]]:
    import pandas as pd

    frame = pd.read_csv(
        path,
        sep=form.delimiter,
        dtype=str,
        keep_default_na=False,
        nrows=MOST_ROWS,
        encoding="utf-8-sig",
    )
    marks = {"NA", "NaN", "?"}
    return {
        str(name): ["" if text in marks else text.strip() for text in frame[name]]
        for name in frame.columns
    }
