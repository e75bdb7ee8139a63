"""Schedules against closed forms and torch's own."""

import math

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from labbook.params.training import Constant, Cosine, Plateau, Step
from labbook.training import schedules

BASE = 0.05
LEVEL = [1.0] * 60
RESTARTS = [(n, period) for period in (4, 8, 16) for n in range(period)]
CLOSED = [  # a block, and its rates where the loss stays what it is
    (Constant(), [BASE] * 5),
    (Step(every=3, factor=0.5), [BASE * 0.5 ** (n // 3) for n in range(9)]),
    (
        Cosine(first=4, multiply=2, minimum=0.01),
        [0.01 + (BASE - 0.01) * (1 + math.cos(math.pi * n / t)) / 2 for n, t in RESTARTS],
    ),
    (Plateau(patience=1, factor=0.5, minimum=1.0), [BASE] * 9),  # never raises the rate
]


def rates(block, losses):
    rate_of = schedules.build(block, BASE)
    return [rate_of(epoch, loss) for epoch, loss in enumerate([math.inf, *losses[:-1]])]


@pytest.mark.parametrize(
    ("block", "expected"), CLOSED, ids=lambda value: getattr(value, "kind", "")
)
def test_closed_forms(block, expected):
    assert rates(block, LEVEL[: len(expected)]) == pytest.approx(expected, rel=1e-14)


def falling(seed: int) -> list[float]:
    return np.abs(np.cumsum(np.random.default_rng(seed).normal(size=80)) - 3).tolist()


@pytest.mark.parametrize(
    ("block", "torchs", "losses"),
    [
        *(
            (
                Cosine(first=5, multiply=multiply, minimum=1e-4),
                lambda o, m=multiply: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, m, 1e-4),
                LEVEL,
            )
            for multiply in (1, 3)
        ),
        *(
            (
                Plateau(patience=3, factor=0.5, minimum=1e-3),
                lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=3, min_lr=1e-3),
                falling(seed),
            )
            for seed in range(5)
        ),
    ],
)
def test_rates_equal_torchs(block, torchs, losses):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], BASE)
    scheduler, expected = torchs(optimizer), []
    for loss in losses:
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(loss) if block.kind == "plateau" else scheduler.step()
    assert rates(block, losses) == pytest.approx(expected, rel=1e-12)
    assert expected[-1] < BASE
