"""What jobs say of themselves: results/log/<job>.log, and beside it Snakemake's <job>.tsv.

A log has an entry when a job begins and another when it ends, so the last one tells how it stands:
where it says that the job has begun and no such job is at work, it was killed.
"""

import calendar
import csv
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labbook.addresses import shown
from labbook.documents import read_text
from labbook.files import RECORD_BYTES

LOGS = Path("results/log")
WHEN = "%Y-%m-%d %H:%M:%S"
BEGUN, DONE, INTERRUPTED = "begun", "done", "interrupted"
OVERTAKEN = "overtaken by an edit"  # and after a colon what the job says
AGAIN = "run the same command again; what is done stays done."
NOTHING_FAILED = f"Nothing failed: {AGAIN}"  # where jobs were overtaken
ENTRY = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC, (\d+\.\d) s: (.*?)\n"
    r"(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, |\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Entry:
    """When a job began, in seconds of the clock; how long it had been at work; what it said."""

    begun: float
    seconds: float
    text: str

    @property
    def failed(self) -> bool:
        """Whether the job ended, but not well."""
        return self.text not in (BEGUN, DONE, INTERRUPTED) and not self.overtaken

    @property
    def overtaken(self) -> bool:
        """Whether it ended because params.yaml, the code or the data were edited meanwhile."""
        return self.text.startswith(OVERTAKEN)

    @property
    def message(self) -> str:
        """What went wrong in one line: of a traceback its last."""
        lines = self.text.strip().splitlines()
        traceback = bool(lines) and lines[0].startswith("Traceback")
        return lines[-1].strip() if traceback else " ".join(self.text.split())


@dataclass(frozen=True)
class Cost:
    """What Snakemake measured of a job: seconds, megabytes at most, seconds of the processor."""

    seconds: float
    megabytes: float
    processor: float


def write_entry(path: Path, begun: float, text: str) -> None:
    """Add an entry. Logs are sent around, so passwords in addresses are not shown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = time.strftime(WHEN, time.gmtime(begun))
    with path.open("a") as file:
        file.write(f"{at} UTC, {time.time() - begun:.1f} s: {shown(text)}\n")


def log_of(node: str) -> Path:
    """Where the job of a node writes."""
    return LOGS / f"{node}.log"


def read_entries(node: str) -> list[Entry]:
    """All entries of a job, the oldest first; none where it has no log."""
    try:
        text = read_text(log_of(node), RECORD_BYTES)
    except (OSError, UnicodeDecodeError):
        return []
    return [Entry(_seconds(at), float(took), said) for at, took, said in ENTRY.findall(text)]


def _seconds(at: str) -> float:
    try:
        return float(calendar.timegm(time.strptime(at, WHEN)))
    except ValueError:  # somebody edited the log
        return 0.0


def read_cost(node: str) -> Cost | None:
    """What Snakemake measured of a job's last time; None where it did not, or not all of it."""
    try:
        text = read_text(LOGS / f"{node}.tsv", RECORD_BYTES)
        row = list(csv.DictReader(text.splitlines(), delimiter="\t"))[-1]
        return Cost(float(row["s"]), _number(row["max_rss"]), _number(row["cpu_time"]))
    except (OSError, UnicodeDecodeError, csv.Error, LookupError, TypeError, ValueError):
        return None


def _number(text: str) -> float:
    """What a job was too short for is 0; Snakemake writes NA or a dash."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def logged_nodes() -> Iterator[str]:
    """The names of all jobs that have a log, in order."""
    for path in sorted(LOGS.rglob("*.log")):
        yield path.relative_to(LOGS).with_suffix("").as_posix()
