"""results/claims.csv: the verdicts of all studies in one table."""

from collections.abc import Sequence
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import read_bytes, write_text


def write_claims(studies: Sequence[Path], out: Path) -> None:
    """Write the rows of every study's verdicts.csv below one head, studies in the order given.

    `studies` are results folders. Rows are copied as they stand, so numbers lose no digit. Raises
    `LabbookError` where a file is missing or its columns are not those of the others.
    """
    head, rows = "", ""
    for folder in studies:
        path = Path(folder) / "verdicts.csv"
        columns, found = _split(path)
        if head and columns != head:
            raise LabbookError(
                f"{path}: its columns are not those of the studies before it (found: "
                f"{columns.strip()}; expected: {head.strip()}). Remove the file and run snakemake "
                "again: evaluate makes it anew."
            )
        head, rows = columns, rows + found
    write_text(out, head + rows)


def _split(path: Path) -> tuple[str, str]:
    """The first line of a table and the text of the others."""
    try:
        text = read_bytes(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise LabbookError(
            f"{path}: cannot be read ({error}). Remove it and run snakemake again: it is made anew."
        ) from error
    head, line_end, rows = text.partition("\n")
    return head + line_end, rows
