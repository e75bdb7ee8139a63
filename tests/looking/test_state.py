"""How far work is, looked at while jobs begin and end."""

from pathlib import Path

import pytest

from labbook.cli import main
from labbook.looking import state as looking
from labbook.looking.missing import missing_studies
from labbook.looking.state import KILLED, State
from labbook.provenance.graph import Graph
from labbook.running.job_logs import BEGUN, DONE, Entry, log_of
from tests.made_project import edit

NODE = "train/one"


def failure_of(monkeypatch: pytest.MonkeyPatch, at_work: set[str], *texts: str) -> str:
    """Why a job failed that was not at work when the look began; empty where it did not."""
    said = iter([*texts, texts[-1]])
    monkeypatch.setattr(looking, "jobs_at_work", lambda: at_work)
    monkeypatch.setattr(looking, "read_entries", lambda node: [Entry(0.0, 0.0, next(said))])
    monkeypatch.setattr(State, "is_fresh", lambda self, node: False)
    state = object.__new__(State)
    state.since, state.in_work = None, set()
    failure = state._failure(NODE)
    return failure.why if failure else ""


def test_a_job_that_begins_meanwhile_has_not_been_killed(monkeypatch) -> None:
    assert failure_of(monkeypatch, {NODE}, BEGUN) == ""
    assert failure_of(monkeypatch, set(), BEGUN, DONE) == ""  # and has ended
    assert failure_of(monkeypatch, set(), BEGUN) == KILLED


def test_a_job_that_an_edit_has_overtaken_has_not_failed(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(("Which rate is too large?", "Which rate is far too large?"))
    node = "evaluate/boston-rate"
    assert main(["job", node, "--asked", "of before", "--log", str(log_of(node))]) == 1
    assert "run the same command again" in capsys.readouterr().err
    state = State()
    assert not state.failures
    (missing,) = missing_studies(state)
    assert (missing.name, missing.failed) == ("boston-rate", False)
    assert missing.why == "params.yaml, the code or the data have been edited meanwhile."
    assert missing.what_to_do.startswith("Nothing failed: run the same command again")


def test_a_job_without_what_it_is_made_from_has_failed_and_nothing_was_edited(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = Graph.load()
    node = graph.node("evaluate/boston-rate")
    lacking = graph.node(node.upstream[0]).key_file
    for path in (lacking, node.key_file):
        path.unlink()
    for asked in ([], ["--asked", node.asked]):
        assert main(["job", node.name, *asked, "--log", str(log_of(node.name))]) == 1
        said = capsys.readouterr().err
        assert f"is not there: {lacking} is missing" in said
        assert f"first: snakemake --cores 2 {lacking}" in said
    (missing,) = missing_studies(State())
    assert (missing.name, missing.failed) == ("boston-rate", True)
    assert "is not there" in missing.why
