"""How far the work of params.yaml is: which studies are finished, and why others are not.

A study is finished where its tables and figures are there and were made for what params.yaml and
the code ask now. Why another lacks, the logs of the jobs say that it follows from.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from labbook.provenance.checksums import Sums, is_fresh
from labbook.provenance.graph import Foreseen, Graph
from labbook.provenance.locks import jobs_at_work, since
from labbook.running.job_logs import BEGUN, DONE, Entry, read_entries
from labbook.running.progress import Progress, human_time
from labbook.wording import count

KILLED = "killed before it could say why, perhaps for want of memory"


@dataclass(frozen=True)
class Failure:
    """A job that did not come to a good end, and what it said."""

    node: str
    why: str

    @property
    def killed(self) -> bool:
        """Whether it could not even say what was wrong."""
        return self.why == KILLED


@dataclass(frozen=True)
class StudyState:
    """How far one study is: its runs, and the failures that keep it from being finished.

    Or an edit has, if `overtaken`.
    """

    name: str
    finished: bool
    runs: int
    trained: int
    failures: tuple[Failure, ...]
    overtaken: bool


class State:
    """How far all of it is, as the files say now. It is looked at once, and then stays the same.

    `ended`: who asks knows that the work has ended, though its process is there still. `sums` are
    checksums taken before.
    """

    def __init__(self, sums: Sums | None = None, *, ended: bool = False) -> None:
        self.since = since()
        self.at_work = not ended and self.since is not None
        self.in_work = set() if ended else jobs_at_work()
        self.graph = Foreseen.load()
        self._sums = Sums() if sums is None else sums
        self._fresh: dict[str, bool] = {}

    @cached_property
    def progress(self) -> Progress:
        """Who counts the runs."""
        return Progress(self.graph)

    @cached_property
    def trained(self) -> set[str]:
        """Ids of the runs that are there."""
        return self.progress.trained()

    @cached_property
    def studies(self) -> Mapping[str, StudyState]:
        """Each study's state, in the order of params.yaml."""
        return {name: self._study(name) for name in self.graph.plan.studies}

    @property
    def finished(self) -> list[str]:
        """The names of the studies that are."""
        return [name for name, study in self.studies.items() if study.finished]

    @cached_property
    def tunings(self) -> list[str]:
        """The names of the tunings whose page is there."""
        return [name for name in self.graph.plan.tunings if self.is_fresh(f"tuned/{name}")]

    @cached_property
    def whole(self) -> bool:
        """Whether the report itself is there, made of all of them."""
        return self.is_fresh("report") and len(self.finished) == len(self.studies)

    @cached_property
    def failures(self) -> list[Failure]:
        """The jobs that failed, each once."""
        return self.failures_above("report")

    def is_fresh(self, node: str) -> bool:
        """Whether a node's files are there and are what is asked for."""
        if node not in self._fresh:
            self._fresh[node] = is_fresh(self.graph.node(node), self._sums)
        return self._fresh[node]

    def failures_above(self, node: str) -> list[Failure]:
        """What failed of all that a node follows from, itself too, upstream first."""
        found = [self._failure(name) for name in _with_upstream(self.graph, node)]
        return [failure for failure in found if failure is not None]

    def overtaken_above(self, node: str) -> bool:
        """Whether an edit has overtaken a job of all that a node follows from."""
        ends = map(self._end, _with_upstream(self.graph, node))
        return any(end is not None and end.overtaken for end in ends)

    def line(self) -> str:
        """How far it is, in a line: studies, runs, packs and, while work goes on, time left."""
        packs, trained = self.progress.packs, self.trained
        parts = [
            f"{len(self.finished)} of {count(len(self.studies), 'study', 'studies')} finished",
            f"{len(trained):,} of {count(len(self.progress.cost), 'run')}",
            f"{self.progress.whole_packs(trained):,} of {count(len(packs), 'pack')}",
        ]
        parts += self.progress.more_to_come()
        if self.at_work and (left := self.progress.seconds_left(trained)):
            parts.append(f"about {human_time(left)} left of training")
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        return ", ".join(parts)

    def _study(self, name: str) -> StudyState:
        ids = set(self.graph.study(name).runs.values()) & self.progress.cost.keys()
        finished = self.is_fresh(f"evaluate/{name}") and self.is_fresh(f"figures/{name}")
        failures = () if finished else tuple(self.failures_above(f"figures/{name}"))
        overtaken = not finished and self.overtaken_above(f"figures/{name}")
        return StudyState(name, finished, len(ids), len(ids & self.trained), failures, overtaken)

    def _end(self, node: str) -> Entry | None:
        """What its job said last that has not made a node; None where that was before this work."""
        if node in self.in_work or not (entries := read_entries(node)):
            return None
        last = entries[-1]
        before = self.since is not None and last.begun < int(self.since)
        return None if before or last.text == DONE or self.is_fresh(node) else last

    def _failure(self, node: str) -> Failure | None:
        """How a job failed; None where it did not, or where that was before the work of now."""
        last = self._end(node)
        if last is None:
            return None
        if last.failed:
            return Failure(node, last.message)
        return Failure(node, KILLED) if last.text == BEGUN and _is_over(node) else None


def _is_over(node: str) -> bool:
    """Whether a job that was begun is neither at work, nor done by now: it may have begun since."""
    return node not in jobs_at_work() and read_entries(node)[-1].text == BEGUN


def _with_upstream(graph: Graph, node: str) -> Collection[str]:
    """A node and all that it follows from, upstream first."""
    wanted, todo = set(), [node]
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += graph.node(name).upstream
    return [name for name in graph.names if name in wanted]
