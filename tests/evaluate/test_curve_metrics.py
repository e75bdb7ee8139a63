"""What learning curves say in one number, on made curves."""

import numpy as np
import pytest

from labbook.curve_metrics import CURVE_METRICS

EPOCHS = np.arange(200)
FALL = 10 + 84 * np.exp(-0.05 * EPOCHS)
ZIGZAG = FALL * (1 + 0.02 * (-1.0) ** EPOCHS)


def of(name: str, valid: np.ndarray, train: np.ndarray | None = None) -> float:
    losses = {"train_loss": valid if train is None else train, "valid_loss": valid}
    return CURVE_METRICS[name].formula(
        {key: loss.astype(np.float32) for key, loss in losses.items()}
    )


def test_a_loss_settles_when_nine_tenths_of_its_fall_are_done() -> None:
    expected = np.argmax(np.exp(-0.05 * EPOCHS) <= 0.1) + 1
    assert of("settled_epoch", FALL) == pytest.approx(expected, abs=1)
    assert np.isnan(of("settled_epoch", np.linspace(84, 82, 50)))  # nothing was learnt


def test_only_rises_are_rough() -> None:
    smooth, rough = of("valid_roughness", FALL), of("valid_roughness", ZIGZAG)
    assert smooth <= 1e-6
    assert 0.01 < rough < 0.03
    assert of("train_roughness", FALL, ZIGZAG) == pytest.approx(rough)
    assert smooth > 0  # it has a logarithm


def test_best_and_last_epochs() -> None:
    turned = np.concatenate([FALL[:60], FALL[:60][::-1]])
    assert of("best_epoch", turned) == 60
    assert of("last_valid_loss", turned) == pytest.approx(94)
    assert of("last_train_loss", FALL, turned) == pytest.approx(94)


def test_a_gradient_that_vanishes_on_its_way() -> None:
    curves = {
        "valid_loss": FALL, "linear10": np.array([0.5, 9]),
        "linear2": np.array([50.0, 9]),
    }  # fmt: skip
    assert CURVE_METRICS["vanishing"].formula(curves) == 100
