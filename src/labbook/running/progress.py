"""How far the training is, over all packs and processes: a line every few seconds at most."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Collection
from pathlib import Path

from labbook.documents import read_text
from labbook.history.git import head_hash
from labbook.paths import ATTIC, RUNS
from labbook.plan.cost import data_shape, run_seconds
from labbook.provenance.graph import Graph
from labbook.training.costlog import write_line
from labbook.training.runfile import RunRecord, run_path

BEGUN = Path(".labbook/begun.json")  # when the first training job of this Snakemake began
SPOKEN = Path(".labbook/spoken")  # its time is that of the last line: processes take turns
LIVE = "LABBOOK_LIVE"  # set where a bar shows what is said
SECONDS_BETWEEN_LINES = 0.5 if LIVE in os.environ else 5.0


class Progress:
    """Counts the runs of the plan that are there; talks about it, sparingly."""

    def __init__(self, graph: Graph) -> None:
        shapes = {
            name: data_shape(name, block) for name, block in graph.plan.params.datasets.items()
        }
        recipes = {run.settings: run.recipe for run in graph.plan.runs.values()}
        seconds = {
            settings: run_seconds(recipe, shapes[recipe.dataset], graph.engine(recipe))
            for settings, recipe in recipes.items()
        }
        self.seconds = {key: seconds[run.settings] for key, run in graph.plan.runs.items()}
        self.commit: str | None = None
        self._take_ids(graph)

    def _take_ids(self, graph: Graph) -> None:
        self.graph, self.editions = graph, graph.editions()
        self.cost = {graph.run_ids[key]: seconds for key, seconds in self.seconds.items()}

    def begin(self) -> None:
        """Note what is there before training, so that time left can be told; the first job does.

        Each notes what HEAD is at: a claim that stands there was said before its runs are known.
        """
        self.commit = head_hash()
        done = sum(self.cost[run] for run in self.trained())
        BEGUN.parent.mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError), BEGUN.open("x") as file:
            json.dump({"time": time.time(), "cost_done": done}, file)

    def trained(self) -> set[str]:
        """Ids of the plan's runs that have a file.

        Data that have come since this process began give their runs ids that it did not foresee.
        """
        if self.graph.editions() != self.editions:
            self._take_ids(Graph(self.graph.plan))
        try:
            names = {entry.name for entry in os.scandir(RUNS)}
        except OSError:
            return set()
        return {run for run in self.cost if f"{run}.safetensors" in names}

    def set_aside(self) -> set[str]:
        """Ids of the plan's runs that have none there, and one in the attic."""
        ids = self.cost.keys() - self.trained()
        return {run for run in ids if run_path(ATTIC / RUNS, run).exists()}

    def ended(self, record: RunRecord, seconds: float) -> None:
        """A run has ended: write its time and machine to the log, perhaps say a line."""
        write_line(record, seconds, self.commit)
        self.say()

    def say(self) -> None:
        """Say how far all training is, unless a process has just said something."""
        if not _just_spoken():
            speak(self.line(self.trained()))

    def finish(self) -> None:
        """A pack has ended: say so if it was the last."""
        trained = self.trained()
        if len(trained) == len(self.cost):
            SPOKEN.unlink(missing_ok=True)
            speak(self.line(trained))

    def line(self, trained: Collection[str]) -> str:
        """The line itself: runs, packs and time left."""
        packs = len(self.graph.plan.packs)
        whole = self.whole_packs(trained)
        text = f"training: {len(trained)} of {len(self.cost)} runs, {whole} of {packs} packs"
        left = self.seconds_left(trained)
        return f"{text}, about {human_time(left)} left" if left else text

    def whole_packs(self, trained: Collection[str]) -> int:
        """How many packs have all of their runs."""
        ids, packs = self.graph.run_ids, self.graph.plan.packs.values()
        return sum(all(ids[run.key] in trained for run in pack.runs) for pack in packs)

    def seconds_left(self, trained: Collection[str]) -> float:
        """How long the training may go on, by its pace so far; 0 where that is not known."""
        left = sum(cost for run, cost in self.cost.items() if run not in trained)
        done = sum(self.cost[run] for run in trained)
        try:
            begun = json.loads(read_text(BEGUN))
            speed = (done - begun["cost_done"]) / (time.time() - begun["time"])
        except (OSError, ValueError, ZeroDivisionError):
            speed = 0.0
        return left / speed if speed > 0 else 0.0


def speak(text: str) -> None:
    """Print a line, unless this or another process has just done so: they take turns."""
    if _just_spoken():
        return
    SPOKEN.parent.mkdir(exist_ok=True)
    SPOKEN.touch()
    with contextlib.suppress(OSError):  # a job may outlive whoever reads
        print(text, file=sys.stderr, flush=True)


def _just_spoken() -> bool:
    try:
        return time.time() - SPOKEN.stat().st_mtime < SECONDS_BETWEEN_LINES
    except OSError:
        return False


def human_time(seconds: float) -> str:
    """A duration in the words that people use: 40 s, 3 min, 2 h 10 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
