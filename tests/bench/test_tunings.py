"""The benchmark of the six steps: the project that it makes, and a line of its table."""

from pathlib import Path

from bench.tunings import HEADS, SEEDS, STARTS, make_folder, row
from labbook.params.load import load_params
from labbook.plan.tunings import tuning_plans


def test_each_data_set_goes_from_each_start(tmp_path: Path) -> None:
    make_folder(tmp_path / "project", SEEDS)
    plans = tuning_plans(load_params(tmp_path / "project/params.yaml"))
    assert list(plans) == [f"{data}-{start}" for data in SEEDS for start in STARTS]
    for plan in plans.values():
        assert len(plan.seeds) == SEEDS[plan.dataset]
        assert plan.than == plans[f"{plan.dataset}-recipe"].recipe
    assert plans["covid-rate"].recipe.optimizer.rate == 10
    assert plans["digits-sgd"].recipe.optimizer.kind == "sgd"
    assert len(plans["boston-sigmoid"].recipe.model.hidden) == 8


def test_a_line_has_a_cell_for_each_head() -> None:
    mean = {"mean": 1.5, "low": 1.25, "high": 1.75}
    outcome = {
        "chosen": mean, "than": mean, "scale": "ratio", "effect": 0.9, "low": None, "high": 1.02,
        "verdict": "at least as good", "n": 24, "variant": "start", "rate": 0.01, "weight_decay": 0,
    }  # fmt: skip
    cost = {"data": "covid", "start": "sgd", "runs": 12, "seconds": 3.2, "cpu_seconds": 4.6}
    line = row({**cost, "outcome": outcome})
    assert line.count("|") == len(HEADS) + 1
    assert "at least as good, n 24 | 12 | 3 | 5 |" in line
    lost = {"mean": None, "low": None, "high": None}
    diverged = row({**cost, "outcome": {**outcome, "chosen": lost, "effect": None, "high": None}})
    assert diverged.count("|") == len(HEADS) + 1
    stopped = row({**cost, "outcome": {"stopped": "The loss does not fall."}})
    assert stopped.count("|") == len(HEADS) + 1
    assert "The loss does not fall." in stopped
