"""What people see while Snakemake works: a live bar on a terminal, few plain lines elsewhere."""

import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.running.job_logs import BEGUN, LOGS, NOTHING_FAILED, Entry, read_entries
from labbook.running.progress import LIVE

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

NO_RECORD = re.compile("Missing metadata for file").match  # the profile turns them off
# Of Snakemake: that it ends by a Ctrl-C, and what it then says of each job and of all.
INTERRUPTED = re.compile(r"Terminating processes on user request|.*Signals\.SIGINT", re.S).match
ENDED = re.compile(
    r"RuleException:|CalledProcessError|WorkflowError:\nAt least one job did not"
).match
FAILED = re.compile("Exiting because a job execution failed|WorkflowError:\nAt least one job").match
COMMAND = re.compile(
    r"RuleException:\nCalledProcessError.* --log (?P<log>[^\s']+)", re.DOTALL
).match
NOT_DONE = "labbook: not done: "
AFTER_AN_EDIT = (
    "labbook: params.yaml, the code or the data have been edited while snakemake was at work. "
    f"{NOTHING_FAILED}"
)
# What jobs print (running/progress.py, commands/job.py) and a bar shows without lines of their own.
TRAINING = re.compile(r"training: (?P<counts>(?P<done>\d+) of (?P<total>\d+) runs, .*)")
JOB_DONE = re.compile(r"(?P<node>[\w./-]+): \d+\.\d s")
SECONDS_FOR_THE_REST = 2.0  # for a job that has outlived Snakemake, and holds the pipe open


def quieten_snakemake() -> None:
    """Keep Snakemake from printing a line for each job, also those that its `quiet` lets through.

    Its errors stay, and each job that fails or is killed is named; but after a Ctrl-C, of which all
    jobs end, none is.
    """
    logging.getLogger("snakemake.logging").addFilter(Shown())


class Shown(logging.Filter):
    """Which of Snakemake's messages people see."""

    interrupted = False  # by a Ctrl-C
    overtaken = False  # a job, by an edit; others may have failed
    failed = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this one is shown."""
        event, text = getattr(record, "event", None), str(record.msg)
        self.interrupted = self.interrupted or bool(INTERRUPTED(text))
        if self.interrupted and ENDED(text):
            return False
        if event == "job_error" and not self.interrupted:  # which quiet: rules hides
            for log in map(Path, getattr(record, "log", [])):
                self._name(log)
        if self.overtaken and not self.failed and FAILED(text):
            if ENDED(text) is None:  # the first of two
                _say(AFTER_AN_EDIT)
            return False
        command = COMMAND(text)
        has_said = command is not None and _ending(Path(command["log"])) is not None
        return not (
            event == "job_started"
            or text == "Select jobs to execute..."
            or NO_RECORD(text)
            or has_said
        )

    def _name(self, log: Path) -> None:
        """Name a job that was not done, unless an edit has overtaken it: that is no failure."""
        ending = _ending(log)
        if ending is not None and ending.overtaken:
            self.overtaken = True
            return
        self.failed = True
        _say(f"{NOT_DONE}{_node(log)}" + (f"; see {log}" if log.exists() else ""))


def _node(log: Path) -> str:
    """The job that writes a log, or the log where it is none of ours."""
    ours = log.relative_to(LOGS).with_suffix("") if log.is_relative_to(LOGS) else log
    return ours.as_posix()


def _ending(log: Path) -> Entry | None:
    """What a job has said of its end, if it could."""
    entries = read_entries(_node(log))
    return entries[-1] if entries and entries[-1].text != BEGUN else None


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def live_bar() -> Iterator[dict[str, Any]]:
    """On a terminal show a bar below what a program prints; options for `Popen`, to begin it."""
    if not sys.stderr.isatty():
        yield {}
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeElapsedColumn(),
    )
    reading, writing = os.pipe()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        thread = threading.Thread(target=_show_lines, args=(reading, bar), daemon=True)
        thread.start()
        try:
            yield {"stderr": writing, "env": {**os.environ, LIVE: "1"}}
        finally:
            os.close(writing)
            thread.join(SECONDS_FOR_THE_REST)


def _show_lines(reading: int, bar: "Bar") -> None:
    """Take what jobs say of their work into the bar, and print all else above it."""
    task, failures, counts = bar.add_task("starting", total=None, counts=""), 0, ""
    with os.fdopen(reading, errors="replace") as lines:
        for line in map(str.rstrip, lines):
            if training := TRAINING.fullmatch(line):
                counts = training["counts"]
                done, total = int(training["done"]), int(training["total"])
                bar.update(task, description="training", completed=done, total=total)
            elif job := JOB_DONE.fullmatch(line):
                bar.update(task, description=job["node"])
            else:
                bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
                failures += line.startswith(NOT_DONE)
            failed = f"{failures} failed" if failures else ""
            bar.update(task, counts=", ".join(filter(None, (counts, failed))))
