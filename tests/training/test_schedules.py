"""Schedules against closed forms and torch's own."""

import math

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from labbook.params.training import Constant, Cosine, Plateau, Step
from labbook.training import schedules

BASE = 0.05


def rates(block, losses):
    rate_of = schedules.build(block, BASE)
    return [rate_of(epoch, loss) for epoch, loss in enumerate([math.inf, *losses[:-1]])]


def torch_rates(make, losses, plateau=False):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], BASE)
    scheduler = make(optimizer)
    found = []
    for loss in losses:
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(loss) if plateau else scheduler.step()
    return found


def test_constant():
    assert rates(Constant(), [1.0] * 5) == [BASE] * 5


def test_step_closed_form():
    found = rates(Step(every=3, factor=0.5), [1.0] * 9)
    assert found == [BASE * 0.5 ** (n // 3) for n in range(9)]


def test_cosine_closed_form_and_restarts():
    found = rates(Cosine(first=4, multiply=2, minimum=0.01), [1.0] * 28)
    periods = [(n, 4) for n in range(4)] + [(n, 8) for n in range(8)] + [(n, 16) for n in range(16)]
    expected = [0.01 + (BASE - 0.01) * (1 + math.cos(math.pi * n / t)) / 2 for n, t in periods]
    assert found == pytest.approx(expected, rel=1e-14)
    assert found[0] == found[4] == found[12] == BASE


@pytest.mark.parametrize("multiply", [1, 3])
def test_cosine_equals_torch(multiply):
    block = Cosine(first=5, multiply=multiply, minimum=1e-4)
    expected = torch_rates(
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, multiply, 1e-4), [1.0] * 60
    )
    assert rates(block, [1.0] * 60) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_plateau_equals_torch(seed):
    losses = np.abs(np.cumsum(np.random.default_rng(seed).normal(size=80)) - 3).tolist()
    block = Plateau(patience=3, factor=0.5, minimum=1e-3)
    expected = torch_rates(
        lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=3, min_lr=1e-3),
        losses,
        plateau=True,
    )
    assert rates(block, losses) == pytest.approx(expected, rel=1e-12)
    assert rates(block, losses)[-1] < BASE


def test_plateau_never_raises_the_rate():
    block = Plateau(patience=1, factor=0.5, minimum=1.0)
    assert rates(block, [1.0] * 9) == [BASE] * 9
