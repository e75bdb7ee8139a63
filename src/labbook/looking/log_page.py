"""results/log.html: what the work has cost, in time and memory. Never the same twice.

So it is no part of the report, no output that keys know, and DVC does not record it.
"""

import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.looking.timeline import ORDER, Work, all_work, picture, sessions
from labbook.paths import RESULTS
from labbook.running.job_logs import DONE, Cost, Entry, read_cost
from labbook.running.progress import human_time
from labbook.training.costlog import read_lines
from labbook.wording import count, printable

PAGE = RESULTS / "log.html"
MOST_LISTED, MOST_PICTURES = 15, 4


def write_log_page(out: Path = PAGE) -> int:
    """Write the page of what the logs say; how many jobs there are.

    Raises `LabbookError` where there is no log.
    """
    works = all_work()
    if not works:
        raise LabbookError("No log yet: nothing has been made in this folder. Run snakemake first.")
    last = {work.node: work for work in works if work.text == DONE}
    costs = {node: cost for node in last if (cost := read_cost(node)) is not None}
    pieces = sessions(works)
    context = {
        "lead": _lead(last.values(), costs),
        "machines": _machines(),
        "pieces": [_piece(piece) for piece in reversed(pieces[-MOST_PICTURES:])],
        "older": len(pieces[:-MOST_PICTURES]),
        "rules": _rules(last.values(), costs),
        "longest": _longest(last.values(), costs),
        "largest": _largest(last.values(), costs),
        "failed": _failed(works),
        "kinds": ORDER,
    }
    write_text(out, _templates().get_template("log.html.j2").render(context))
    return len(last)


def _templates() -> Environment:
    """Under the report's rules, whose own templates would bring all of its libraries along."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda text: printable(text) if type(text) is str else text,
    )


def _lead(works: Iterable[Work], costs: Mapping[str, Cost]) -> str:
    """How many jobs made what is there, in how much time and memory."""
    works = list(works)
    total = sum(work.seconds for work in works)
    peak = max((cost.megabytes for cost in costs.values()), default=0.0)
    memory = f"; at most {peak:,.0f} MB of memory a job" if peak else ""
    return f"{count(len(works), 'job')}, {human_time(total)} of work in all{memory}."


def _machines() -> str:
    """Where runs were trained, and how many: of the log of single runs."""
    lines = read_lines().values()
    names = sorted({f"{line.get('machine')} ({line.get('processor')})" for line in lines})
    return f"{count(len(lines), 'run')} trained on {', '.join(names)}." if names else ""


def _piece(works: Sequence[Work]) -> dict[str, Any]:
    begun, end = min(work.begun for work in works), max(work.end for work in works)
    busy = sum(work.seconds for work in works)
    return {
        "when": time.strftime("%Y-%m-%d %H:%M", time.gmtime(begun)),
        "words": f"{count(len(works), 'job')} in {human_time(end - begun)}, "
        f"{busy / max(end - begun, 1):.1f} at a time",
        "picture": picture(works),
    }


def _rules(works: Iterable[Work], costs: Mapping[str, Cost]) -> list[dict[str, Any]]:
    by_kind: dict[str, list[Work]] = {}
    for work in works:
        by_kind.setdefault(work.kind, []).append(work)
    rows = []
    for kind in sorted(by_kind, key=lambda kind: -sum(work.seconds for work in by_kind[kind])):
        seconds = [work.seconds for work in by_kind[kind]]
        known = [costs[work.node] for work in by_kind[kind] if work.node in costs]
        rows.append({
            "kind": kind,
            "jobs": len(seconds),
            "total": human_time(sum(seconds)),
            "median": human_time(statistics.median(seconds)),
            "longest": human_time(max(seconds)),
            "processor": human_time(sum(cost.processor for cost in known)) if known else "–",
            "memory": f"{max(cost.megabytes for cost in known):,.0f} MB" if known else "–",
        })  # fmt: skip
    return rows


def _longest(works: Iterable[Work], costs: Mapping[str, Cost]) -> list[dict[str, str]]:
    ordered = sorted(works, key=lambda work: (-work.seconds, work.node))
    return [_row(work, costs) for work in ordered[:MOST_LISTED]]


def _largest(works: Iterable[Work], costs: Mapping[str, Cost]) -> list[dict[str, str]]:
    known = [work for work in works if work.node in costs]
    ordered = sorted(known, key=lambda work: (-costs[work.node].megabytes, work.node))
    return [_row(work, costs) for work in ordered[:MOST_LISTED]]


def _row(work: Work, costs: Mapping[str, Cost]) -> dict[str, str]:
    cost = costs.get(work.node)
    return {
        "node": work.node,
        "kind": work.kind,
        "seconds": human_time(work.seconds),
        "memory": f"{cost.megabytes:,.0f} MB" if cost and cost.megabytes else "–",
    }


def _failed(works: Sequence[Work]) -> list[dict[str, str]]:
    """The newest failures, whether mended since or not."""
    failed = [
        (work, entry)
        for work in works
        if (entry := Entry(work.begun, work.seconds, work.text)).failed
    ]
    return [
        {
            "node": work.node,
            "when": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(work.begun)),
            "why": entry.message,
        }
        for work, entry in reversed(failed[-MOST_LISTED:])
    ]
