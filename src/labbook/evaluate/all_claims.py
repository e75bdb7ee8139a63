"""results/claims.csv: the verdicts of all studies in one table, and which stand among so many."""

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from labbook.errors import LabbookError
from labbook.files import read_bytes, write_text
from labbook.verdicts import ALPHA, REFUTED, SUPPORTED

ADDED = ("q", "stands")


def write_claims(studies: Sequence[Path], out: Path) -> None:
    """Write the rows of every study's verdicts.csv below one head, studies in the order given.

    `studies` are results folders. Rows are copied as they stand, so numbers lose no digit; `q` and
    `stands` come behind. Raises `LabbookError` where a file is missing or its columns are not those
    of the others.
    """
    head = ""
    rows: list[str] = []
    for folder in studies:
        path = Path(folder) / "verdicts.csv"
        columns, *found = _records(path)
        if head and columns != head:
            raise LabbookError(
                f"{path}: its columns are not those of the studies before it (found: "
                f"{columns.strip()}; expected: {head.strip()}). Remove the file and run snakemake "
                "again: evaluate makes it anew."
            )
        head = columns
        rows += found
    ends = _standing(list(csv.DictReader([head, *rows])))
    lines = zip([head, *rows], [",".join(ADDED), *ends], strict=True)
    write_text(out, "".join(f"{row[:-1]},{end}\n" for row, end in lines))


def false_discovery_rates(p: np.ndarray) -> np.ndarray:
    """q of Benjamini and Hochberg (1995) of each p, shape (claims,); NaN where there is no p."""
    from scipy.stats import false_discovery_control  # slow to import

    q, tested = np.full(len(p), np.nan), np.isfinite(p)
    if tested.any():
        q[tested] = false_discovery_control(p[tested], method="bh")
    return q


def _standing(rows: Sequence[dict[str, str]]) -> list[str]:
    """The fields `q`, of what was tested, and `stands`, of what a test decided, of all claims."""
    p = [entering(row["verdict"], float(row["p"] or math.nan)) for row in rows]
    q = false_discovery_rates(np.array(p))
    return [
        f"{'' if math.isnan(rate) else repr(rate)},{_stands(row['verdict'], rate)}"
        for row, rate in zip(rows, q.tolist(), strict=True)
    ]


def entering(verdict: str, p: float) -> float:
    """The p of a claim that its study decided, 1 of one that it left open; NaN without a test.

    Else a study of many true claims would make room on the page for the false ones of small
    studies, though its own correction leaves most of them undecided. No p gets smaller, and none of
    them grows where another falls, so the rate still holds (Blanchard and Roquain 2008).
    """
    if math.isnan(p):
        return p
    return p if verdict in (SUPPORTED, REFUTED) else 1.0


def _stands(verdict: str, q: float) -> str:
    if verdict not in (SUPPORTED, REFUTED) or math.isnan(q):
        return ""
    return "yes" if q <= ALPHA else "no"


def table_text(path: Path) -> str:
    """The text of a study's table. Raises `LabbookError` where it cannot be read."""
    try:
        return read_bytes(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise LabbookError(
            f"{path}: cannot be read ({error}). Remove it and run snakemake again: it is made anew."
        ) from error


def _records(path: Path) -> Iterator[str]:
    """The head and the rows of a table as they are written; a text may have several lines."""
    text, record = table_text(path), ""
    for line in text.split("\n")[:-1]:
        record += line + "\n"
        if record.count('"') % 2 == 0:  # no quoted text is open
            yield record
            record = ""
    if record or not text.endswith("\n"):
        raise LabbookError(
            f"{path}: ends within a text. Remove it and run snakemake again: it is made anew."
        )
