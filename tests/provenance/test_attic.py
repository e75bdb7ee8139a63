"""What is no longer asked for is moved aside and comes back."""

from pathlib import Path

import pytest

from labbook.cli import main
from labbook.files import write_json, write_text
from labbook.identity.code import file_digest
from labbook.paths import RUNS
from labbook.provenance.attic import ATTIC, bring_back, move_aside, unasked
from labbook.provenance.graph import Graph
from labbook.provenance.made import remember
from labbook.training.runfile import run_path


def test_only_what_nobody_asks_for_is_moved(project: Path) -> None:
    graph = Graph.load()
    owned = next(iter(graph.nodes["train/digits-kernel-000"].extras))
    old = [
        RUNS / "0123456789abcdef.safetensors",
        Path("results/old-study/runs.csv"),
        Path("data/raw/old/a.csv"),
    ]
    kept = [owned, Path("results/log/x.log"), Path("results/bench/x.json")]
    kept.append(Path("results/bench_size.json"))
    for path in [*old, *kept]:
        write_text(path, path.name)
    remember({path: file_digest(path) for path in old})
    assert unasked(graph) == sorted(old)
    move_aside(unasked(graph))
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in kept)
    assert [(ATTIC / path).read_text() for path in old] == [path.name for path in old]
    assert not Path("results/old-study").exists()


def test_a_run_comes_back_when_it_is_asked_for(project: Path) -> None:
    path = run_path(RUNS, "0123456789abcdef")
    write_text(path, "weights")
    move_aside([path])
    bring_back(["0123456789abcdef", "fedcba9876543210"])
    assert path.read_text() == "weights"
    assert not (ATTIC / path).exists()


def test_a_run_that_was_changed_in_the_attic_is_not_believed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run_path(RUNS, "0123456789abcdef")
    write_text(path, "weights")
    move_aside([path])
    write_text(ATTIC / path, "weight5")
    bring_back(["0123456789abcdef"])
    assert not path.exists()
    assert "not what was moved there" in capsys.readouterr().err
    write_text(path, "weights")  # trained again, and moved again: neither takes the other's place
    move_aside([path])
    names = sorted(aside.name for aside in (ATTIC / RUNS).iterdir())
    assert names == [path.name, f"{path.name}.1"]


def test_the_champion_of_a_study_is_kept(project: Path) -> None:
    write_json(Path("results/boston-rate/champion/champion.json"), {"sums": {}})
    write_text(Path("results/boston-rate/champion/prediction.csv"), "id,x\n")
    assert unasked(Graph.load()) == []


def test_tidy_asks_first(project: Path, capsys: object) -> None:
    write_text(RUNS / "0123456789abcdef.safetensors", "weights")
    assert main(["tidy"]) == 0
    assert (RUNS / "0123456789abcdef.safetensors").exists()
    assert main(["tidy", "--yes"]) == 0
    assert not (RUNS / "0123456789abcdef.safetensors").exists()
