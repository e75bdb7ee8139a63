"""What runs cost on which machine: results/log/runs.jsonl, the only file that is never the same.

Times are no part of a run's file, which is a function of its identity alone.
"""

import json
import socket
import statistics
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from labbook import processor
from labbook.documents import read_text
from labbook.files import CONTENT_BYTES
from labbook.identity.code import digest
from labbook.training.runfile import RunRecord

LOG = Path("results/log/runs.jsonl")


def write_line(record: RunRecord, seconds: float, commit: str | None = None) -> None:
    """Note that a run has ended after `seconds` of training, in all processes that worked on it.

    Runs that the engine cuda trains side by side share their time: each is noted with all of it.
    `commit` is what HEAD was at when the training began: which claims then stood (`labbook said`).
    """
    line = {
        "run": record.id,
        "ended": record.ended,
        "epochs": record.epochs,
        "seconds": round(seconds, 3),
        "seconds_per_epoch": float(f"{seconds / max(record.epochs, 1):.4g}"),
        "machine": socket.gethostname(),
        "processor": processor.name(),
        "commit": commit,
        "asked": asked_of(record.identity),
    }
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a") as file:  # one short write: processes do not mix their lines
        file.write(json.dumps(line) + "\n")


def asked_of(identity: Mapping[str, Any]) -> str:
    """What a run was asked: its data, recipe and seed, whichever code and libraries answer.

    Another version of labbook gives the run another id, and its answer is no news to who knows
    that of the older one.
    """
    data = identity.get("data", {})
    of_data = {name: data.get(name) for name in ("settings", "files")}
    return digest(of_data, identity.get("recipe"), identity.get("seed"))


def read_lines() -> dict[str, dict[str, Any]]:
    """The last line of each run, by its id; nothing where there is no log."""
    return {line["run"]: line for line in _lines() if "seconds_per_epoch" in line}


def first_commits() -> dict[str, str | None]:
    """What HEAD was at when a run was first trained, by its id and by what it was asked.

    None where that line does not know: outside of git, or written before lines did.
    """
    commits: dict[str, str | None] = {}
    for line in _lines():
        for name in ("run", "asked"):
            if name in line:
                commits.setdefault(line[name], line.get("commit"))
    return commits


def _lines() -> list[dict[str, Any]]:
    lines = []
    with suppress(OSError, UnicodeDecodeError):
        for text in read_text(LOG, CONTENT_BYTES).splitlines():
            with suppress(ValueError):  # cut short by a full disk
                lines.append(json.loads(text))
    return [line for line in lines if isinstance(line, dict) and "run" in line]


def median_costs(
    lines: Mapping[str, Mapping[str, Any]], ids: Iterable[str]
) -> tuple[int, float, float]:
    """Of these runs: how many are in the log, median seconds per epoch and in all (NaN: none)."""
    costs = [lines[run] for run in ids if run in lines]
    if not costs:
        return 0, float("nan"), float("nan")
    names = ("seconds_per_epoch", "seconds")
    per_epoch, whole = (statistics.median(line[name] for line in costs) for name in names)
    return len(costs), per_epoch, whole
