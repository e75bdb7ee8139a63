"""What runs cost: counted over stops, written to a log, and nowhere else."""

import itertools
import json
from pathlib import Path

import pytest

from labbook.commands import costs
from labbook.params.engines import ENGINES
from labbook.provenance.graph import Graph
from labbook.training.costlog import (
    LOG,
    asked_of,
    first_commits,
    median_costs,
    read_lines,
    write_line,
)
from labbook.training.runfile import CONVERGED, RunRecord
from labbook.training.watch import Watch
from tests.engines.stops import StopError, save_always
from tests.made_data import table, task, train


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes between any two looks at it."""
    ticks = itertools.count()
    monkeypatch.setattr("labbook.training.watch.time.monotonic", lambda: float(next(ticks)))


def test_time_goes_on_after_a_stop(tmp_path: Path, clock: None) -> None:
    first = Watch(tmp_path)
    assert first.load("run", {}) is None
    assert first.seconds("run") == 1
    first.save("run", {}, {})  # after 2
    first.seconds("run")  # what comes after the checkpoint is lost
    second = Watch(tmp_path)
    assert second.load("run", {}) == {}  # the engine does not see the time
    assert second.seconds("run") == 3
    assert second.seconds("another") == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_resumed_run_is_told_with_all_its_time(tmp_path, monkeypatch, engine: str) -> None:
    save_always(monkeypatch)
    patch = monkeypatch.setattr
    told: list[float] = []
    one = task("one", 0, engine, epochs=3)

    def halt(run: str, epoch: int) -> None:
        if epoch == 2:
            raise StopError

    def lengthen(watch: Watch) -> None:
        """As if an hour had passed since the last checkpoint."""
        watch.begun = {run: began - 3600 for run, began in watch.begun.items()}

    with monkeypatch.context() as patched:
        patched.setattr(Watch, "go_on", lengthen)
        with pytest.raises(StopError):
            train([one], table(), tmp_path, patch, progress=halt)
    train([one], table(), tmp_path, patch, notify=lambda record, seconds: told.append(seconds))
    assert len(told) == 1
    assert told[0] > 3600


def record(run: str, epochs: int) -> RunRecord:
    return RunRecord(run, {}, CONVERGED, epochs, 1, {})


def test_the_last_line_of_a_run_counts(project: Path) -> None:
    assert read_lines() == {}
    write_line(record("a", 4), 2.0)
    with LOG.open("a") as file:
        file.write('{"run": "cut sh\n')
    for run, seconds in (("a", 8.0), ("b", 2.0), ("c", 400.0)):
        write_line(record(run, 4), seconds)
    lines = read_lines()
    assert {run: line["seconds_per_epoch"] for run, line in lines.items()} == {
        "a": 2.0, "b": 0.5, "c": 100.0,
    }  # fmt: skip
    assert median_costs(lines, ["a", "b", "c", "d"]) == (3, 2.0, 8.0)
    assert median_costs(lines, ["d"])[0] == 0
    assert set(json.loads(LOG.read_text().splitlines()[0])) == {
        "run", "ended", "epochs", "seconds", "seconds_per_epoch", "machine", "processor",
        "commit", "asked",
    }  # fmt: skip


def test_the_first_line_of_a_run_says_what_stood_then(project: Path) -> None:
    """By the run's id, and by what it was asked: another code may have answered before."""
    assert first_commits() == {}
    identity = {"data": {"settings": {"k": 1}, "files": {}}, "recipe": {"r": 1}, "seed": 3}
    newer, other = identity | {"code": "b"}, identity | {"seed": 4}
    for id_, given, commit in (
        ("a", identity | {"code": "a"}, "1" * 40),
        ("a", identity | {"code": "a"}, "2" * 40),
        ("b", newer, "3" * 40),
        ("c", other, None),
    ):
        write_line(RunRecord(id_, given, CONVERGED, 4, 1, {}), 1.0, commit)
    with LOG.open("a") as file:
        file.write('{"run": "old"}\n3\n')
    asked = asked_of(identity)
    assert asked == asked_of(newer) != asked_of(other)
    assert first_commits() == {
        "a": "1" * 40, asked: "1" * 40, "b": "3" * 40, "c": None, asked_of(other): None,
        "old": None,
    }  # fmt: skip


def test_costs_by_combination(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = Graph.load()
    study = next(iter(graph.plan.studies))
    plan = graph.study(study)
    label = plan.combinations[0].label
    for number, seed in enumerate(plan.seeds):
        write_line(record(plan.runs[label, seed], 10), 5.0 + number)
    costs.run(None)  # type: ignore[arg-type]
    told = capsys.readouterr().out.splitlines()
    (row,) = (line for line in told if line.startswith(study))
    assert label in row
    median = 5 + (len(plan.seeds) - 1) / 2
    assert row.split()[-3:] == [str(len(plan.seeds)), f"{median / 10:.3g}", f"{median:.3g}"]
