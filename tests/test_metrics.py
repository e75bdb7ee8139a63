"""Metrics against scikit-learn, and that a record in METRICS is all that a new one needs."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as reference

from labbook import measures, metrics
from labbook.files import read_json
from tests.conftest import ROOT, clean_environment


def test_they_are_those_of_scikit_learn():
    draw = np.random.default_rng(0)
    target = draw.normal(10, 3, 50)
    predicted = (target + draw.normal(size=50)).astype(np.float32)
    assert metrics.measure("regression", "test", target, predicted) == pytest.approx({
        "test_mse": reference.mean_squared_error(target, predicted),
        "test_mae": reference.mean_absolute_error(target, predicted),
        "test_r2": reference.r2_score(target, predicted),
    })  # fmt: skip
    classes, chances = draw.integers(0, 4, 80), draw.dirichlet(np.ones(4), 80)
    logs = np.log(chances).astype(np.float32)
    assert metrics.measure("classification", "valid", classes, logs) == pytest.approx({
        "valid_accuracy": reference.accuracy_score(classes, chances.argmax(1)),
        "valid_cross_entropy": reference.log_loss(classes, chances),
    }, rel=1e-5)  # fmt: skip


def test_r2_of_a_constant_target_is_undefined():
    assert np.isnan(metrics.r2(np.ones(3), np.zeros(3)))
    near = np.full(60, 14.62)  # its mean is not quite 14.62
    assert near.std() > 0
    assert np.isnan(metrics.r2(near, near + 1e-7))
    assert np.isfinite(metrics.r2(near + 1e-9 * np.arange(60), near))


def test_which_way_is_better():
    names = ("valid_mse", "test_mae", "train_r2", "valid_accuracy", "epochs", "r2")
    better = [name for name in names if measures.higher_is_better(name)]
    assert better == ["train_r2", "valid_accuracy", "r2"]
    assert (metrics.chosen_by("regression"), metrics.chosen_by("classification")) == (
        "valid_mse", "valid_accuracy",
    )  # fmt: skip


TOY = '    "worst": Metric(worst, "{target}", "worst error", "regression", power=1),\n'
FORMULA = '''
def worst(target: np.ndarray, predicted: np.ndarray) -> float:
    """The largest error, in units of the target."""
    return float(np.abs(predicted - target).max())


'''
PARAMS = """\
seeds: 6
controls: false
device: cpu
datasets:
  curve: {kind: function, expression: "x ** 2", low: -1, high: 1, points: 60, noise: 0.1, split: {valid: 0.2, test: 0.2}}
recipes:
  curve:
    dataset: curve
    model: {kind: mlp, hidden: [4]}
    optimizer: {kind: adam, rate: 0.1}
    training: {batch: all, epochs: 3}
studies:
  toy:
    question: Does it fall?
    recipe: curve
    metric: valid_worst
    vary: {optimizer.rate: [0.1, 0.0001]}
    claims: [{id: W, sentence: Quick is better., metric: test_worst, better: {optimizer.rate: 0.1}}]
"""
RUN = """
from labbook.provenance.graph import Graph
from labbook.running.jobs import JOBS
for name in Graph.load().names:
    kind, _, rest = name.partition("/")
    if kind in ("download", "prepare", "select", "train", "evaluate"):
        node = Graph.load().node(name)
        JOBS[kind](Graph.load(), rest, node.inputs, node.outputs)
"""


def test_a_toy_metric_by_the_page_alone(project: Path) -> None:
    """A formula and its record: what the page's line says, and nothing else."""
    page = (ROOT / "docs/adding.md").read_text().splitlines()
    (line,) = [one for one in page if one.startswith("| a metric |")]
    assert line.split("`")[1:4:2] == ["METRICS", "metrics.py"]
    file = project / "src/labbook/metrics.py"
    for text, before in ((FORMULA, "@dataclass"), (TOY, '    "r2": ')):
        assert before in file.read_text()
        file.write_text(file.read_text().replace(before, text + before, 1))
    (project / "params.yaml").write_text(PARAMS)
    environment = clean_environment(PYTHONPATH=str(project / "src"))
    ran = subprocess.run(
        [sys.executable, "-c", RUN], cwd=project, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    about = read_json(project / "results/toy/study.json")
    assert {"train_worst", "valid_worst", "test_worst"} < set(about["metrics"])
    assert (about["metric"], about["choice_metric"]) == ("valid_worst", "valid_worst")
    assert about["unit"]["valid_worst"] == about["unit"]["valid_mae"] == "y"
    with (project / "results/toy/verdicts.csv").open() as table:
        (verdict,) = csv.DictReader(table)
    assert (verdict["metric"], verdict["scale"]) == ("test_worst", "ratio")
    assert "test worst error" in verdict["why"]
