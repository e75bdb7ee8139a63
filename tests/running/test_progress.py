"""What is said while training goes on: runs, packs, time left; sparingly."""

import json
import time
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.files import write_json, write_text
from labbook.params.document import Params
from labbook.params.load import load_params
from labbook.params.studies import Recipe
from labbook.paths import RUNS
from labbook.plan.cost import run_seconds
from labbook.plan.tunings import NUMBERS, SIX_STEPS
from labbook.provenance.graph import Graph
from labbook.running.jobs import run_job
from labbook.running.progress import BEGUN, SPOKEN, Progress, human_time
from labbook.training.runfile import run_path
from tests.conftest import ROOT
from tests.made_project import edit


def finish_runs(graph: Graph, count: int) -> None:
    for run_id in list(graph.run_ids.values())[:count]:
        write_text(run_path(RUNS, run_id), "")


def decide(graph: Graph, name: str, content: dict[str, object]) -> None:
    """Make up what a look or a step has decided."""
    node = graph.node(name)
    write_json(node.outputs[0], content)
    write_text(node.key_file, f"{node.key}\n")


def test_a_line_counts_runs_and_packs_and_the_time_left(project: Path) -> None:
    graph = Graph.load()
    progress = Progress(graph)
    assert progress.line(progress.trained()) == "training: 0 of 130 runs, 0 of 13 packs"
    progress.begin()
    finish_runs(graph, 24)  # the first study, two packs
    trained = progress.trained()
    assert progress.line(trained).startswith("training: 24 of 130 runs, 2 of 13 packs")
    done = sum(progress.cost[run] for run in trained)
    left = sum(progress.cost.values()) - done
    begun = json.loads(BEGUN.read_text())
    write_text(BEGUN, json.dumps({**begun, "time": time.time() - 100}))
    assert progress.line(trained).endswith(f"about {human_time(100 * left / done)} left")


def test_what_steps_of_tunings_will_ask_for_is_in_no_count(project: Path) -> None:
    params = Path("params.yaml")
    params.write_text(f"{params.read_text()}tune: {{good: {{recipe: boston}}}}\n")
    graph = Graph.load()
    progress = Progress(graph)
    unknown = "and what 6 steps of tunings will ask for"
    assert progress.line(set()) == f"training: 0 of 130 runs, 0 of 13 packs, {unknown}"
    progress.begin()
    finish_runs(graph, 24)
    assert progress.line(progress.trained()).endswith(unknown)  # a moment's pace says little
    begun = json.loads(BEGUN.read_text())
    write_text(BEGUN, json.dumps({**begun, "time": time.time() - 100}))
    assert progress.line(progress.trained()).endswith("left without that")
    decide(graph, "tune/good/1-initial-loss", {"asked": []})
    assert "5 steps of tunings" in progress.line(progress.trained())


def test_what_an_edit_has_made_old_asks_for_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a step of a tuning nor a look, until it is made anew: a file that lies about is not."""
    tune = "tune: {good: {recipe: boston, seeds: 6}}"
    edit(
        ("published:", "seeds: {from: 6, to: 12, until: decided}\n    published:"),
        ("studies:", f"{tune}\nstudies:"),
    )
    graph = Graph.load()
    recipe = graph.plan.params.recipes["digits"].model_dump(mode="json")
    for step in SIX_STEPS[:-1]:
        asked = [{"recipe": recipe, "seed": seed} for seed in (50, 51) if step == "rate"]
        decide(graph, f"tune/good/{NUMBERS[step]}-{step}", {"asked": asked})
    first = graph.plan.studies["boston-rate"].combinations[0]
    decide(graph, "look/boston-rate/1", {"going_on": [first.label]})
    progress = Progress(graph)
    asked = 130 + 2 + 6  # known at first; by a step; by a look
    assert progress.line(set()) == f"training: 0 of {asked} runs, 0 of 14 packs"
    main(["plan"])
    assert "at most" not in capsys.readouterr().out.lower()
    edit(
        ("seeds: 6}}", "seeds: 7}}"),
        ("better: {optimizer.rate: 0.05}", "level: {of: {optimizer.rate: 0.05}, below: 9}"),
    )
    line = Progress(Graph.load()).line(set())
    assert line.startswith("training: 0 of 130 runs, 0 of 13 packs, up to 12 more where claims")
    assert "6 steps of tunings" in line
    main(["plan"])
    assert "what the steps of tuning ask for, each" in capsys.readouterr().out


def test_processes_take_turns_and_the_last_pack_has_its_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress(Graph.load())
    finish_runs(progress.graph, 129)
    progress.say()
    progress.say()
    progress.finish()
    assert capsys.readouterr().err.count("training: 129 of 130 runs") == 1
    assert SPOKEN.exists()
    finish_runs(progress.graph, 130)
    progress.finish()
    assert capsys.readouterr().err == "training: 130 of 130 runs, 13 of 13 packs\n"


def test_runs_of_data_that_came_later_are_counted(project: Path) -> None:
    """A pack that trains while other data are downloaded goes on counting all runs."""
    progress = Progress(Graph.load())
    foreseen = set(progress.cost)
    run_job("download/digits", None)
    graph = Graph.load()
    finish_runs(graph, len(graph.run_ids))
    assert foreseen != set(graph.run_ids.values())
    assert progress.line(progress.trained()) == "training: 130 of 130 runs, 13 of 13 packs"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (40, "40 s"), (200, "3 min"), (7800, "2 h 10 min"), (7200, "2 h 00 min")],
)
def test_times_as_people_say_them(seconds: float, text: str) -> None:
    assert human_time(seconds) == text


def test_cost_grows_with_the_work(tiny: Params) -> None:
    recipes = load_params(ROOT / "params.yaml").recipes
    covid, digits = recipes["covid"], recipes["digits"]
    training = covid.training.model_copy(update={"epochs": 2 * covid.training.epochs})
    longer = covid.model_copy(update={"training": training})
    assert cost(longer, (3009, 87)) > cost(covid, (3009, 87))
    assert cost(digits, (5000, 28, 28)) > cost(digits, (500, 28, 28))
    assert all(run_seconds(r, (100, 28, 28), "torch") > 0 for r in tiny.recipes.values())


def cost(recipe: Recipe, shape: tuple[int, ...]) -> float:
    return run_seconds(recipe, shape, "compiled")
