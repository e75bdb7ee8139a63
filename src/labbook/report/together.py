"""What is said of all claims together: results/claims.csv and results/datasets.csv."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES, read_bytes
from labbook.report.result_tables import Row
from labbook.verdicts import ALPHA
from labbook.wording import count, few, percent

NEEDED = {"claims": ("id",), "datasets": ("id", "question", "datasets", "verdict")}
MOST_NAMED = 12


@dataclass(frozen=True)
class Together:
    """`claims`: the rows of claims.csv by id; `over_datasets`: those of datasets.csv."""

    claims: Mapping[str, Row]
    over_datasets: Sequence[Row]

    @property
    def standing(self) -> tuple[list[str], list[str]]:
        """Ids of the verdicts that stand at the false discovery rate, and of those that do not."""
        found: dict[str, list[str]] = {"yes": [], "no": []}
        for name, row in self.claims.items():
            found.get(row.get("stands", ""), []).append(name)
        return found["yes"], found["no"]

    def standing_in_words(self) -> str:
        """How many verdicts stand at the false discovery rate, and which do not; empty for none."""
        stand, fall = self.standing
        total = len(stand) + len(fall)
        if not total:
            return ""
        rate = f"at a false discovery rate of {percent(ALPHA)} over the whole page"
        if not fall:
            many = "The only verdict" if total == 1 else f"All {total:,} verdicts"
            return f"{many} by a test {'stands' if total == 1 else 'stand'} {rate}."
        verb = "stands" if len(stand) == 1 else "stand"
        text = f"Of {count(total, 'verdict')} by a test, {len(stand) or 'none'} {verb} {rate}"
        return f"{text}; not {few(fall, MOST_NAMED)}."


NOTHING_TOGETHER = Together({}, ())


def read_together(claims: Path, over_datasets: Path) -> Together:
    """Read both tables; what is not there is empty. Raises `LabbookError` for one that is unfit."""
    rows = _read(claims)
    return Together({row["id"]: row for row in rows}, _read(over_datasets))


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    try:
        text = read_bytes(path, CONTENT_BYTES).decode()
        rows = list(csv.DictReader(StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unfit(path, f"cannot be read ({error})") from error
    if missing := [name for name in NEEDED[path.stem] if rows and rows[0].get(name) is None]:
        raise _unfit(path, f"no column {', '.join(missing)}")
    return rows


def _unfit(path: Path, problem: str) -> LabbookError:
    return LabbookError(
        f"{path}: {problem}. Remove the file and run snakemake again: it is made anew."
    )
