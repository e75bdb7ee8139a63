"""Tunings, by the real commands: the same bytes, at rest, a gate that fails, the search."""

import html
from pathlib import Path

import pytest

from labbook.files import read_json
from labbook.plan.tunings import NUMBERS, SEARCH, SIX_STEPS
from labbook.provenance.runs_in_training import in_training
from tests.workflow.adapting import (
    DATA,
    killed_then_ended,
    made_with_other_hashes,
    project_of,
    trained_twice,
)
from tests.workflow.finished import assert_equal
from tests.workflow.project import Project, Started, made_once

PARAMS = f"""\
{DATA}
seeds: 6
studies:
  plain:
    question: Is a rate of 0.1 better than one of 0.01?
    recipe: curve
    vary: {{optimizer.rate: [0.1, 0.01]}}
tune:
  steps: {{recipe: curve, set: {{optimizer.rate: 10.0}}, seeds: 6}}
  stuck: {{recipe: straight, seeds: 6}}
  search:
    recipe: curve
    seeds: 6
    search: {{budget: 800, epochs: 5, of: {{optimizer.rate: {{low: 0.001, high: 1, log: true}}, model.activation: [tanh, relu]}}}}
"""
PAGES = [f"results/tune/{name}/report.html" for name in ("steps", "stuck", "search")]


@pytest.fixture(scope="session")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after one `snakemake`, shared by all: do not change."""
    make = lambda folder: project_of(folder, PARAMS).snakemake()  # noqa: E731
    return Project(made_once(tmp_path_factory, "tuned", make))


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after one tuning alone was asked for, shared by all: do not change."""
    make = lambda folder: project_of(folder, PARAMS).snakemake(PAGES[1])  # noqa: E731
    return Project(made_once(tmp_path_factory, "alone", make))


def test_each_step_has_its_file_and_the_page_is_there(tuned: Project) -> None:
    for name, steps in {"steps": SIX_STEPS, "search": SEARCH}.items():
        for step in steps:
            found = read_json(tuned.folder / f"results/tune/{name}/{NUMBERS[step]}-{step}.json")
            assert found["said"]
            assert not found["stopped"], found["said"]
    assert all((tuned.folder / page).exists() for page in PAGES)


def test_a_gate_that_fails_stops_later_steps_and_says_why(tuned: Project) -> None:
    found = [
        read_json(tuned.folder / f"results/tune/stuck/{NUMBERS[step]}-{step}.json")
        for step in SIX_STEPS
    ]
    assert [bool(one["stopped"]) for one in found] == [False, *[True] * 6]
    assert "cannot learn" in found[1]["said"]
    assert all(one["said"].startswith("Not reached") for one in found[2:])
    assert not any(one["asked"] for one in found[1:])
    assert "not reached" in (tuned.folder / "results/tune/stuck/report.html").read_text().lower()


def test_a_second_run_is_idle_and_nothing_lies_about(tuned: Project, tmp_path: Path) -> None:
    copy = tuned.copy(tmp_path / "copy")
    assert not copy.jobs()
    copy.run("labbook", "fresh")
    assert "Nothing to tidy" in copy.run("labbook", "tidy").stdout


def test_one_tuning_is_made_by_its_page_alone(tuned: Project, alone: Project) -> None:
    made = {name: content for name, content in alone.results().items() if "tune/" in name}
    assert set(made) == {name for name in tuned.results() if name.startswith("results/tune/stuck/")}
    assert all(tuned.results()[name] == content for name, content in made.items())


def test_the_page_of_what_there_is_says_how_far_a_tuning_came(
    tuned: Project, tmp_path: Path
) -> None:
    """Those that are finished are shown in full."""
    copy = tuned.copy(tmp_path / "copy")
    said = read_json(copy.folder / "results/tune/steps/3-rate.json")["said"]
    for lost in ("report.html", "results/report.key", PAGES[0], "results/tune/steps/4-coarse.json"):
        (copy.folder / lost).unlink(missing_ok=True)
    assert copy.run("labbook", "report", ok=False).returncode == 1
    page = (copy.folder / "results/report.html").read_text()
    top = page[: page.index('class="counted"')]
    assert "1 of 1 studies" in top
    assert "<strong>steps</strong>: not done yet." in top
    assert "3 of 6 steps are made; the last of them says:" in top
    assert html.escape(said, quote=False) in top
    assert 'id="tuning-search"' in page
    assert 'id="tuning-steps"' not in page


def test_a_kill_and_other_workers_give_the_same_bytes(
    tuned: Project, alone: Project, tmp_path: Path
) -> None:
    other = alone.copy(tmp_path / "other")
    killed_then_ended(other, len(other.trained()) + 30)
    assert not trained_twice(other)
    assert_equal(tuned, other)


def test_other_hashes_give_the_same_bytes(tuned: Project, tmp_path: Path) -> None:
    assert_equal(tuned, made_with_other_hashes(tmp_path / "other", PARAMS))


def test_an_edit_runs_what_depends_on_it(tuned: Project, tmp_path: Path) -> None:
    copy = tuned.copy(tmp_path / "copy")
    copy.edit("optimizer.rate: 10.0", "optimizer.rate: 11.0")
    jobs = copy.jobs()
    assert jobs["tune"] == len(SIX_STEPS)
    assert jobs["tuned"] == 1
    assert "evaluate" not in jobs
    before = len(copy.trained())
    copy.snakemake(PAGES[0])
    # No step reads the rate of the start, but the last compares the same recipes: nothing is new.
    assert len(copy.trained()) == before


def test_a_run_that_another_trains_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study and a tuning may ask for the same run, which nobody knows beforehand."""
    project = project_of(tmp_path / "project", PARAMS)
    pack = "plain-000"
    prepared = "data/prepared/curve.safetensors"
    project.run("snakemake", "--cores", "2", prepared, "data/selected/curve/all.json")
    ids = project.run("python", "-c", IDS.format(pack=pack)).stdout.split()
    monkeypatch.chdir(project.folder)
    with in_training([max(ids)]):
        started = Started(project, "labbook", "job", f"train/{pack}")
        assert started.wait_for(lambda: "waiting for another job" in started.output), started.output
        assert not project.trained()
    assert started.end() == 0, started.output
    assert set(project.trained()) == set(ids)


IDS = """
from labbook.provenance.graph import Graph
graph = Graph.load()
print(*(graph.run_ids[run.key] for run in graph.plan.packs["{pack}"].runs))
"""
