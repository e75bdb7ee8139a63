"""`labbook recreate` and `verify --recreate` of a study that names several data sets, in earnest."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from labbook.cli import main
from labbook.provenance.graph import Graph
from tests.conftest import copy_project

pytestmark = pytest.mark.thorough
PARAMS = """\
seeds: 6
datasets:
  line: {kind: function, expression: x, low: 0, high: 1, points: 40, split: {valid: 10, test: 10}}
  curve: {kind: function, expression: x ** 2, low: 0, high: 1, points: 40, split: {valid: 10, test: 10}}
recipes:
  line:
    dataset: line
    model: {kind: linear}
    optimizer: {kind: sgd, rate: 0.1}
    training: {batch: 10, epochs: 1}
studies:
  usual:
    question: Does Adam win?
    recipe: line
    datasets: [line, curve]
    vary: {optimizer.kind: [sgd, adam]}
    set: {training.epochs: 2}
    claims:
      - {id: adam, sentence: Adam wins., better: {optimizer.kind: adam}, than: {optimizer.kind: sgd}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all runs and evaluations made."""
    folder = copy_project(tmp_path_factory.mktemp("several") / "project")
    (folder / "params.yaml").write_text(PARAMS)
    with contextlib.chdir(folder):
        for name in Graph.load().names:
            if not name.startswith(("figures", "report")):
                assert main(["job", name]) == 0
    return folder


def document(capfd: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    """What a command finds, as --json has it."""
    capfd.readouterr()
    code = main([*command, "--json"])
    found: dict[str, Any] = json.loads(capfd.readouterr().out)
    assert found["exit_code"] == code
    return found


def test_a_combination_a_champion_and_a_sample(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    found = document(capfd, "recreate", "usual-on-curve/kind adam")
    assert found["exit_code"] == 0
    assert [run["outcome"] for run in found["runs"]] == ["identical"] * 6
    found = document(capfd, "recreate", "usual-on-curve/champion")
    assert found["exit_code"] == 0
    assert found["note"] == ""
    assert set(found["champion"].values()) == {"identical"}
    found = document(capfd, "verify", "--recreate", "3")
    assert [run["outcome"] for run in found["recreated"]] == ["identical"] * 3
