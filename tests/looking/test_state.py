"""How far work is, looked at while jobs begin and end."""

import pytest

from labbook.looking import state as looking
from labbook.looking.state import KILLED, State
from labbook.running.job_logs import BEGUN, DONE, Entry

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
