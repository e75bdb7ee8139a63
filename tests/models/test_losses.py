"""What outputs mean: log-probabilities that never overflow; losses that fit the task."""

import numpy as np
import pytest
import torch

from labbook.errors import LabbookError
from labbook.models.losses import DEFAULT, LOSSES, loss_name, predictions


def test_log_probabilities_are_those_of_torch() -> None:
    draws = np.random.default_rng(0).standard_normal((50, 4))
    outputs = (draws * [1, 10, 1e3, 1e30]).astype(np.float32)  # the powers of the last overflow
    found = predictions(outputs, "classification")
    expected = torch.log_softmax(torch.tensor(outputs), dim=1).numpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_a_quantity_is_the_one_output() -> None:
    outputs = np.array([[1.5], [-2.0]], np.float32)
    assert predictions(outputs, "regression").tolist() == [1.5, -2.0]


def test_a_loss_left_out_is_that_of_the_task() -> None:
    for task, name in DEFAULT.items():
        assert LOSSES[name] == task
        assert loss_name(None, task) == loss_name(name, task) == name


@pytest.mark.parametrize("task", DEFAULT)
def test_a_loss_must_fit_the_task(task: str) -> None:
    [other] = set(LOSSES) - {DEFAULT[task]}
    with pytest.raises(LabbookError, match=rf"training.loss: {other} .* write {DEFAULT[task]} or"):
        loss_name(other, task)
