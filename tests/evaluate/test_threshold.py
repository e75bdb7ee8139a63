"""A threshold is the best on validation rows, is measured on test rows, and names new rows."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from labbook.cli import main
from labbook.errors import LabbookError
from labbook.evaluate.choice import Choice
from labbook.evaluate.measures import write_measures
from labbook.evaluate.threshold import best_threshold, check_two_classes, decided
from labbook.formulas import balanced_accuracy
from labbook.measures import ALL
from tests.made_champion import LABEL, SEEDS, made_champion, of_classes

CHAMPION = Path("results/made/champion/champion.json")


def log_probabilities(chances) -> np.ndarray:
    """Of the second class's chances (rows,): (rows, 2)."""
    second = np.asarray(chances, float)
    return np.log(np.column_stack([1 - second, second])).astype(np.float32)


def by_hand(target: np.ndarray, predicted: np.ndarray) -> float:
    """Every cut between rows and 0.5, one by one."""
    ends = sorted({0.0, 1.0, *np.exp(predicted[:, 1].astype(float)).tolist()})
    cuts = [0.5, *((a + b) / 2 for a, b in pairwise(ends))]

    def gain(cut: float) -> float:
        return round(balanced_accuracy(target, decided(predicted, cut)), 12)

    best = max(map(gain, cuts))
    return min((cut for cut in cuts if gain(cut) == best), key=lambda cut: (abs(cut - 0.5), cut))


@pytest.mark.parametrize("seed", range(30))
def test_it_is_that_of_a_search_by_hand(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = int(draw.integers(4, 40))
    target = np.append([0, 1], draw.random(rows - 2) < 0.3).astype(int)
    chances = np.round(draw.beta(1 + target, 4), int(draw.integers(1, 4))).clip(0.001, 0.999)
    predicted = log_probabilities(chances)
    assert best_threshold(target, predicted) == by_hand(target, predicted)


@pytest.mark.parametrize(
    ("target", "chances", "expected"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], 0.25),  # all are below 0.5
        ([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], 0.5),  # the nearest of 0.45 and 0.5
        ([0, 0, 0], [0.1, 0.2, 0.7], 0.5),  # one class alone
        ([], [], 0.5),
        ([0, 1], [0.2, 0.2], 0.5),  # nothing tells them apart
    ],
)
def test_which_of_equals(target: list[int], chances: list[float], expected: float) -> None:
    found = best_threshold(np.array(target, int), log_probabilities(chances))
    assert found == pytest.approx(expected, abs=1e-7)


def test_test_rows_are_measured_at_each_run_s_own(tmp_path: Path) -> None:
    results = made_champion(tmp_path, of_classes(), threshold="valid")
    path = tmp_path / "measures.csv"
    write_measures(results, Choice(LABEL, SEEDS[1]), path)
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "test_at_threshold"]
    assert [row["who"] for row in rows] == [LABEL] * 5 + ["the constant"] * 5
    found = {row["metric"]: float(row["mean"]) for row in rows if row["who"] == LABEL}
    thresholds, values = [], {name: [] for name in found if name != "threshold"}
    for seed in SEEDS:
        given = results.read(LABEL, seed, "predictions").predictions
        split, target = results.prepared.split(seed), results.prepared.target
        thresholds.append(by_hand(target[split.valid], given["valid"]))
        for name, own in values.items():
            taken = decided(given["test"], thresholds[-1])
            own.append(ALL[name].formula(target[split.test], taken))
    assert found["threshold"] == pytest.approx(np.mean(thresholds))
    assert any(abs(one - 0.5) > 0.01 for one in thresholds)
    for name, own in values.items():
        assert found[name] == pytest.approx(np.mean(own)), name


def test_new_rows_are_named_by_the_champion_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    results = made_champion(tmp_path, of_classes())
    assert "threshold" not in json.loads(CHAMPION.read_text())
    results = made_champion(tmp_path, of_classes(), threshold="valid", seed=SEEDS[2])
    threshold = json.loads(CHAMPION.read_text())["threshold"]
    first, second = results.prepared.classes
    assert main(["predict", "made", "data/raw/made/table.csv", "-o", "out.csv"]) == 0
    with Path("out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert row["kind"] == (second if float(row[f"P({second})"]) >= threshold else first)
    assert any((float(row[f"P({second})"]) >= 0.5) != (row["kind"] == second) for row in rows)
    said = f"A row is {second} from P({second}) = {threshold:.4g} on"
    assert said in capsys.readouterr().out


def test_the_exported_model_names_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx")
    monkeypatch.chdir(tmp_path)
    made_champion(tmp_path, of_classes(), threshold="valid", seed=SEEDS[2])
    assert main(["export", "made", "-o", "made.onnx"]) == 0  # which compares them on made rows
    card = Path("made.md").read_text()
    assert "chosen by balanced accuracy on the validation rows" in card


def test_more_classes_are_refused() -> None:
    with pytest.raises(LabbookError, match=r"studies.s.threshold: .* 3 classes, .* leave it out"):
        check_two_classes("s", ("a", "b", "c"))
