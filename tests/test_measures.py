"""Measures from predictions: against scikit-learn, and where they are not defined."""

import numpy as np
import pytest
from sklearn import metrics as reference

from labbook import formulas, measures

DRAW = np.random.default_rng(3)


def logs(classes: int, rows: int = 90) -> np.ndarray:
    """Log-probabilities (rows, classes) with some equal rows."""
    chances = DRAW.dirichlet(np.ones(classes), rows)
    chances[:10] = chances[10:20]
    return np.log(chances).astype(np.float32)


def test_of_quantities() -> None:
    target = DRAW.normal(10, 1, 50)
    predicted = target + DRAW.normal(size=50)
    found = measures.measure_all("regression", "test", target, predicted)
    assert found == pytest.approx({
        "test_mse": reference.mean_squared_error(target, predicted),
        "test_mae": reference.mean_absolute_error(target, predicted),
        "test_r2": reference.r2_score(target, predicted),
        "test_rmse": reference.root_mean_squared_error(target, predicted),
        "test_median_error": reference.median_absolute_error(target, predicted),
        "test_mape": reference.mean_absolute_percentage_error(target, predicted),
    })  # fmt: skip


@pytest.mark.parametrize("classes", [2, 4])
def test_of_classes(classes: int) -> None:
    target, predicted = DRAW.integers(0, classes, 90), logs(classes)
    chances = np.exp(predicted.astype(float))
    chances /= chances.sum(axis=1, keepdims=True)
    scores = chances[:, 1] if classes == 2 else chances
    hard, every = chances.argmax(axis=1), np.eye(classes)[target]
    found = measures.measure_all("classification", "test", target, predicted)
    assert {name: found[f"test_{name}"] for name in measures.measures_of("classification")} == (
        pytest.approx({
            "balanced_accuracy": reference.balanced_accuracy_score(target, hard),
            "macro_f1": reference.f1_score(target, hard, average="macro"),
            "roc_auc": reference.roc_auc_score(target, scores, multi_class="ovr"),
            "average_precision": reference.average_precision_score(
                target if classes == 2 else every, scores
            ),
            "brier": reference.brier_score_loss(target, scores),
            "matthews": reference.matthews_corrcoef(target, hard),
            "calibration_error": calibration_error(chances.max(axis=1), hard == target),
        }, rel=1e-5)
    )  # fmt: skip
    precision, recall, _, _ = reference.precision_recall_fscore_support(target, hard)
    assert formulas.precisions(target, predicted) == pytest.approx(precision)
    assert formulas.recalls(target, predicted) == pytest.approx(recall)


def calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    """By its definition, bin for bin."""
    total = 0.0
    for low in np.arange(10) / 10:
        there = (sure >= low) & (sure < low + 0.1)
        if there.any():
            total += there.mean() * abs(sure[there].mean() - right[there].mean())
    return total


ONE_CLASS = {"balanced_accuracy", "roc_auc", "average_precision", "matthews"}


@pytest.mark.parametrize(
    ("task", "target", "undefined"),
    [
        ("classification", np.zeros(90, int), ONE_CLASS),
        ("regression", np.append(np.ones(89), 0.0), {"mape"}),
        ("regression", np.full(90, 14.62), {"r2"}),
        ("regression", np.linspace(1, 2, 90), set()),
    ],
)
def test_what_a_part_leaves_undefined_is_no_number(
    task: str, target: np.ndarray, undefined: set[str]
) -> None:
    predicted = logs(3) if task == "classification" else target + 0.1
    found = measures.measure_all(task, "valid", target, predicted)
    assert {name for name, value in found.items() if np.isnan(value)} == {
        f"valid_{name}" for name in undefined
    }


def test_sure_rows_keep_their_order() -> None:
    """Probabilities that float32 rounds to 1 are apart by their odds."""
    predicted = np.array([[-30, -1e-13], [-20, -2e-9], [-0.1, -2.3], [-0.2, -1.7]], np.float32)
    assert measures.measure_all("classification", "test", np.array([1, 0, 0, 0]), predicted)[
        "test_roc_auc"
    ] == pytest.approx(1.0)
