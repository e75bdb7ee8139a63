"""`labbook recreate` without training: what is meant, how runs compare, which libraries are used."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbook import processor
from labbook.certificate.compare import DIFFERENT, IDENTICAL, ROUNDING, Comparison, compare_runs
from labbook.certificate.copies import copy_of
from labbook.certificate.places import Place, find
from labbook.certificate.recreate import Outcome, refuse_other_libraries
from labbook.certificate.remake import Recreated, recorded_here
from labbook.cli import main
from labbook.errors import LabbookError
from labbook.history.outcome import pins
from labbook.history.state import Workspace
from labbook.provenance.dvc_records import NotInCacheError
from labbook.training.costlog import LOG, write_line
from labbook.training.runfile import RunRecord, write_run

WEIGHTS = {"0.weight": np.array([[1.0, -2.0]], np.float32), "0.bias": np.zeros(1, np.float32)}


def written(path: Path, **changes: Any) -> Path:
    fields = {
        "id": "0123456789abcdef", "identity": {"seed": 1, "code": "a"}, "ended": "converged",
        "epochs": 9, "best_epoch": 5, "metrics": {"valid_mse": 0.5, "test_mse": 0.25},
        "weights": WEIGHTS,
    }  # fmt: skip
    write_run(path, RunRecord(**(fields | changes)))  # type: ignore[arg-type]
    return path


def changed(by: float) -> dict[str, np.ndarray]:
    weights = {name: array.copy() for name, array in WEIGHTS.items()}
    weights["0.weight"][0, 0] += by
    return weights


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return written(tmp_path / "recorded.safetensors")


LOST = {"metrics": {"valid_mse": float("nan")}, "ended": "diverged"}


@pytest.mark.parametrize(
    ("made", "before", "outcome"),
    [
        ({}, {}, IDENTICAL),
        ({"weights": changed(2**-20)}, {}, ROUNDING),
        ({**LOST, "identity": {"code": "b"}}, LOST, ROUNDING),  # NaN where NaN was
        ({"weights": changed(0.1)}, {}, DIFFERENT),
        ({"weights": {"0.weight": WEIGHTS["0.weight"]}}, {}, DIFFERENT),
        ({"weights": WEIGHTS | {"0.bias": np.ones(1, np.float32)}}, {}, DIFFERENT),  # of nothing
        ({"weights": WEIGHTS | {"0.bias": np.full(1, np.nan, np.float32)}}, {}, DIFFERENT),
        ({"metrics": {"valid_mse": 0.502, "test_mse": 0.25}}, {}, DIFFERENT),
        ({"metrics": {"valid_mse": float("nan"), "test_mse": 0.25}}, {}, DIFFERENT),
        ({"metrics": {"valid_mse": 0.5}}, {}, DIFFERENT),
        ({"epochs": 10}, {}, DIFFERENT),
        ({"ended": "diverged"}, {}, DIFFERENT),
    ],
)
def test_runs_are_identical_within_rounding_or_different(
    tmp_path: Path, made: dict[str, Any], before: dict[str, Any], outcome: str
) -> None:
    pair = written(tmp_path / "made", **made), written(tmp_path / "before", **before)
    assert compare_runs(*pair).outcome == outcome


def test_what_differs_is_measured_and_named(tmp_path: Path, recorded: Path) -> None:
    compared = compare_runs(written(tmp_path / "made", weights=changed(2**-20)), recorded)
    assert compared.weights == pytest.approx(2**-20 / 2)  # a share of the largest weight
    assert compared.metrics == 0
    other = written(tmp_path / "made", identity={"seed": 1, "code": "b"}, id="f" * 16)
    compared = compare_runs(other, recorded)
    assert compared.identity == ("code",)
    assert "are the same" in compared.note
    content = recorded.read_bytes()
    recorded.write_bytes(content[: len(content) // 2])
    compared = compare_runs(other, recorded)
    assert compared.outcome == DIFFERENT
    assert "not a whole run file" in compared.note


class FakeState:
    """A commit with one study's table of runs and champion."""

    name = "1a2b3c4"

    def __init__(self, cached: bool = True) -> None:
        self.cached = cached

    def read(self, path: str) -> bytes | None:
        if not self.cached:
            raise NotInCacheError("not here")
        rows = [
            "run,combination,seed",
            'aaaa0000,"hidden 64-16, k 8",0',
            'aaaa1111,"hidden 64-16, k 8",1',
        ]
        return "\n".join(rows).encode() if path == "results/width/runs.csv" else None

    def json(self, path: str) -> Any:
        about = {"combination": "hidden 8, k 8", "seed": 1, "run": "bbbb1111"}
        return about if "width" in path else {}


LABELS = ("hidden 64-16, k 8", "hidden 8, k 8")
STUDIES = {
    "width": {
        "combinations": {label: {} for label in LABELS},
        "runs": [[label, seed, f"{name}{seed}{seed}{seed}{seed}"]
                 for label, name in zip(LABELS, ("cccc", "bbbb"), strict=True) for seed in (0, 1)],
    },
    "rate": {"combinations": {"rate 0.1": {}}, "runs": [["rate 0.1", 0, "dddd0000"]]},
}  # fmt: skip


def places(what: str, *seeds: int, cached: bool = True) -> list[tuple[str, str, int, str]]:
    asked = find(what, STUDIES, FakeState(cached), seeds)  # type: ignore[arg-type]
    return [(p.study, p.label, p.seed, p.recorded) for p in asked.places]


def test_what_is_asked_for_is_found() -> None:
    first = f"width/{LABELS[0]}"
    place = ("width", LABELS[0], 1, "aaaa1111")
    assert places("aaaa1") == [place]  # by the beginning of the id that was recorded
    assert places("DDDD") == [("rate", "rate 0.1", 0, "dddd0000")]
    assert [seed for _, _, seed, _ in places(first)] == [0, 1]
    assert places(first, 1) == [place]
    assert places(first, 1, cached=False)[0][3] == "cccc1111"  # no table tells: the id of today
    assert places("width/champion") == [("width", LABELS[1], 1, "bbbb1111")]
    with pytest.raises(LabbookError, match="seed 5; its seeds: 0, 1"):
        places(first, 5)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("aaaa", "2 runs begin so"),
        ("aaa", "2 runs begin so"),
        ("ddd", "1 run begins so"),
        ("eeee", "no run of 1a2b3c4 has this id"),
        ("widht", 'did you mean "width"'),
        ("widht/champion", 'did you mean "width"'),
        ("width", f'"width/{LABELS[1]}"'),
        ("width/hidden 64, k 8", f'Did you mean "width/{LABELS[0]}"?'),
        ("rate/champion", "has no champion yet"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest(what: str, reason: str) -> None:
    with pytest.raises(LabbookError) as error:
        places(what)
    assert reason in str(error.value)


def test_other_libraries_are_named_and_those_not_pinned_are_not() -> None:
    lock = b"numpy==2.2.0\nTorch==2.13.0+cpu ; x # e\na[b]==1.0 \\\n    --hash=sha256:1\n# c==2\n"
    pinned = pins(lock + b"  scipy == 1.15.1 ; python_version > '3'\n")
    assert pinned == {"numpy": "2.2.0", "torch": "2.13.0", "a": "1.0", "scipy": "1.15.1"}
    installed = {"numpy": "2.3.1", "torch": "2.13.0", "numba": "0.68.1"}
    with pytest.raises(
        LabbookError, match=r"installed: numpy 2\.2\.0 \(installed: 2\.3\.1\)\. Runs"
    ):
        refuse_other_libraries("v1", pinned, installed)
    refuse_other_libraries("v1", {}, installed)


def test_the_log_tells_on_which_kind_of_processor_a_run_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    of_a_cpu = RunRecord("a", {"engine": "cuda", "device": "cpu"}, "converged", 1, 1, {})
    of_a_gpu = RunRecord("a", {"engine": "torch", "device": "cuda"}, "converged", 1, 1, {})
    assert recorded_here("a", of_a_cpu) is None  # no log
    write_line(of_a_cpu, 1.0)
    assert recorded_here("a", of_a_cpu) is True
    assert recorded_here("b", of_a_cpu) is None
    assert recorded_here("a", of_a_gpu) is None
    LOG.write_text(LOG.read_text().replace(processor.name(), "of another kind"))
    assert recorded_here("a", of_a_cpu) is False


def test_a_champion_of_which_only_the_run_was_made_is_told_by_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    record = RunRecord("0", {}, "converged", 1, 1, {"valid_mse": 0.5})
    for how, code in ((IDENTICAL, 3), (DIFFERENT, 5)):
        run = Recreated(Place("width", "k 8", 0, "0"), "0", Comparison(how), record, record)
        outcome = Outcome((run,), {}, "made by other code, so only its run was made again")
        target = "labbook.certificate.recreate.recreate"
        monkeypatch.setattr(target, lambda *what, outcome=outcome, **options: outcome)
        assert main(["recreate", "width/champion"]) == code
        assert "only its run was made again" in capsys.readouterr().out
        assert main(["recreate", "width/champion", "--json"]) == code
        document = json.loads(capsys.readouterr().out)
        assert document["only_its_run"] is True
        assert "only its run was made again" in document["note"]


def test_a_job_that_fails_in_a_copy_is_named(
    finished: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """And why it failed; those after it are not begun."""
    with copy_of(Workspace()) as copy, pytest.raises(LabbookError, match="job is above"):
        copy.jobs(["download/function", "prepare/boston", "prepare/function"], "prepare")
    said = capfd.readouterr().err
    assert "prepare/boston: download/boston, which it is made from, is not there" in said
    assert "prepare/boston: not done." in said
    assert "prepare/function" not in said
