"""How far the training is, over all packs and processes: a line every few seconds at most."""

import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from labbook.documents import read_text
from labbook.history.git import head_hash
from labbook.params.studies import Recipe
from labbook.paths import ATTIC, RUNS
from labbook.plan.cost import data_shape, run_seconds
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_rounds import look_file
from labbook.provenance.nodes_of_tunings import asked_of_step, step_files
from labbook.training.costlog import write_line
from labbook.training.runfile import RunRecord, run_path
from labbook.wording import count

BEGUN = Path(".labbook/begun.json")  # when the first training job of this Snakemake began
SPOKEN = Path(".labbook/spoken")  # its time is that of the last line: processes take turns
SECONDS_TO_TELL = 10.0  # of training: the pace of the first runs says little
LIVE = "LABBOOK_LIVE"  # set where a bar shows what is said
SECONDS_BETWEEN_LINES = 0.5 if LIVE in os.environ else 5.0


class Progress:
    """Counts the runs that are asked for and those that are there; talks about it, sparingly.

    `cost` has the seconds of each run that is asked for, by id. Runs of later rounds and of
    tunings are asked for when a look or a step has said so: until then `may_come` counts the first,
    and `steps_to_come` by tuning the steps that may ask for more. What an edit has made old asks
    for nothing.
    """

    def __init__(self, graph: Graph) -> None:
        self._shapes = {
            name: data_shape(name, block) for name, block in graph.plan.params.datasets.items()
        }
        recipes = {run.settings: run.recipe for run in graph.plan.runs.values()}
        seconds = {settings: self._seconds(graph, one) for settings, one in recipes.items()}
        self.seconds = {key: seconds[run.settings] for key, run in graph.plan.runs.items()}
        self.commit: str | None = None
        self._take_ids(graph)

    def _seconds(self, graph: Graph, recipe: Recipe) -> float:
        return run_seconds(recipe, self._shapes[recipe.dataset], graph.engine(recipe))

    def _take_ids(self, graph: Graph) -> None:
        self.graph, self.editions, plan = graph, graph.editions(), graph.plan
        self._decisions = self._decided()  # first: what comes meanwhile is seen the next time
        known = {name: graph.asked_of(pack) for name, pack in plan.packs.items()}
        self.packs = {
            name: [graph.run_ids[run.key] for run in runs]
            for name, runs in known.items()
            if runs is not None
        }
        self.cost = {
            graph.run_ids[run.key]: self.seconds[run.key]
            for runs in known.values()
            for run in runs or ()
        }
        self.steps_to_come: Counter[str] = Counter()
        for tuning in plan.tunings.values():
            for step in tuning.steps[:-1]:
                asked = asked_of_step(graph, tuning, step)
                self.steps_to_come[tuning.name] += asked is None
                for recipe, seed in asked or ():
                    self.cost[graph.identified(recipe, seed)[0]] = self._seconds(graph, recipe)
        unknown = [plan.packs[name].runs for name, runs in known.items() if runs is None]
        self.may_come = {
            graph.run_ids[run.key]: self.seconds[run.key] for runs in unknown for run in runs
        }

    def _decided(self) -> list[float]:
        """When looks and steps had decided: then their keys are written."""
        plan = self.graph.plan
        files = [look_file(*look) for pack in plan.packs.values() for look in pack.after]
        files += [path for tuning in plan.tunings.values() for path in step_files(tuning)]
        keys = [path.with_suffix(".key") for path in dict.fromkeys(files)]
        return [path.stat().st_mtime for path in keys if path.exists()]

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
        """Ids of the runs that are asked for and have a file.

        Data that have come since this process began give their runs ids that it did not foresee.
        """
        if self.graph.editions() != self.editions:
            self._take_ids(Graph(self.graph.plan))
        elif self._decided() != self._decisions:
            self._take_ids(self.graph)
        try:
            names = {entry.name for entry in os.scandir(RUNS)}
        except OSError:
            return set()
        return {run for run in self.cost if f"{run}.safetensors" in names}

    def set_aside(self) -> set[str]:
        """Ids of the runs that are asked for and have none there, and one in the attic."""
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
        whole, packs = self.whole_packs(trained), len(self.packs)
        text = f"training: {len(trained)} of {len(self.cost)} runs, {whole} of {packs} packs"
        text = ", ".join([text, *(more := self.more_to_come())])
        left = self.seconds_left(trained)
        return (
            f"{text}, about {human_time(left)} left{' without that' * bool(more)}" if left else text
        )

    def more_to_come(self) -> list[str]:
        """What nobody knows yet, so that no count and no time has it in it."""
        more = []
        if self.may_come:
            more.append(f"up to {len(self.may_come)} more where claims stay undecided")
        if steps := self.steps_to_come.total():
            more.append(f"and what {count(steps, 'step')} of tunings will ask for")
        return more

    def whole_packs(self, trained: Collection[str]) -> int:
        """How many packs have all of their runs."""
        return sum(all(run in trained for run in runs) for runs in self.packs.values())

    def seconds_left(self, trained: Collection[str]) -> float:
        """How long the training may go on, by its pace so far; 0 where that is not known."""
        left = sum(cost for run, cost in self.cost.items() if run not in trained)
        done = sum(self.cost[run] for run in trained)
        try:
            begun = json.loads(read_text(BEGUN))
            passed = time.time() - begun["time"]
            speed = (done - begun["cost_done"]) / passed if passed > SECONDS_TO_TELL else 0.0
        except (OSError, ValueError):
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
