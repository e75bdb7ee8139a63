"""What `training.redraw` draws anew, in all engines: that stream alone, of a seed that no run has."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args
from unittest.mock import patch

import numpy as np
import pytest

from labbook import streams
from labbook.engines.choice import load
from labbook.engines.compiled import arrays
from labbook.engines.cuda import memory
from labbook.params.augment import Augment
from labbook.params.base import Seed
from labbook.params.engines import ENGINES
from labbook.params.models import Cnn, Mlp
from labbook.params.redraws import IDLE, redrawn, streams_of
from labbook.params.training import Redrawn
from labbook.training.run import ANEW, Run
from labbook.training.watch import Watch
from tests.engines.equality import FEW_PLACES
from tests.made_data import MadeData, Rows, images, recipe, run_of, table

pytestmark = pytest.mark.vectors

STREAMS = tuple(name for name in get_args(Redrawn) if name != "all")
SEED = 3
TABLE = {"model": Mlp(hidden=[6, 4], dropout=0.3), "batch": 16, "epochs": 3}
IMAGES = {
    "model": Cnn(channels=[2], hidden=[4], dropout=0.3),
    "augment": Augment(rotation=10.0, mixup=0.2),
    "batch": 16,
    "epochs": 2,
}


def trained(engine: str, run: Run) -> dict[str, np.ndarray]:
    """Weights and curves of a run by an engine, on the CPU."""
    with TemporaryDirectory() as checkpoints, patch.object(memory, "CPU_PLACES", FEW_PLACES):
        (found,) = load(engine).train([run], "cpu", Watch(Path(checkpoints)))
    return {**found.weights, **found.curves}


def run(redraw: str | None, settings=TABLE, data: MadeData | None = None, seed: int = SEED) -> Run:
    data = data or (images(45) if "augment" in settings else table(50))
    return run_of(data, recipe(**settings, redraw=redraw), seed)


def test_streams_are_those_that_can_be_drawn_anew() -> None:
    assert set(STREAMS) == set(IDLE)
    assert streams_of(run(None).recipe) == ("initialisation", "batch order", "dropout")
    assert streams_of(run(None, IMAGES).recipe) == STREAMS
    assert redrawn(run("all").recipe) == set(streams_of(run(None).recipe))
    assert redrawn(run("dropout").recipe) == {"dropout"}


@pytest.mark.parametrize("settings", [TABLE, IMAGES], ids=["table", "images"])
@pytest.mark.parametrize("engine", ENGINES)
def test_it_draws_that_stream_alone_anew(engine, settings, monkeypatch) -> None:
    """Every draw of a training asks for a key: of which seed, for which purpose."""
    asked: set[tuple[int, str]] = set()

    def noted(seed: int, name: str) -> int:
        asked.add((seed, name))
        return of_key(seed, name)

    of_key = streams.stream_key
    monkeypatch.setattr(streams, "stream_key", noted)
    monkeypatch.setattr(arrays, "stream_key", noted)
    drawn = {}
    present = streams_of(run(None, settings).recipe)
    for redraw in (None, "all", *present):
        asked.clear()
        trained(engine, run(redraw, settings))
        drawn[redraw] = {(seed, name.partition("/")[0]) for seed, name in asked}
    for redraw, found in drawn.items():
        anew = {None: (), "all": present}.get(redraw, (redraw,))
        expected = {(SEED + ANEW if name in anew else SEED, name) for name in present}
        found -= {(0, "dropout")}  # of a torch module that no epoch has begun in
        assert found == expected, redraw


@pytest.mark.parametrize("engine", ENGINES)
def test_every_stream_makes_another_training(engine) -> None:
    redraws = (None, "all", *streams_of(run(None).recipe))
    found = [trained(engine, run(redraw))["valid_loss"] for redraw in redraws]
    for place, one in enumerate(found):
        assert not any(np.array_equal(one, other) for other in found[:place])


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_the_same_training_but_for_that_stream(engine) -> None:
    """All drawn anew is a run of the other seed on the same split, to the bit."""
    made = table(50)

    @dataclass(frozen=True)
    class SameSplit(MadeData):
        def split(self, seed: int) -> Rows:
            return super().split(SEED)

    same = SameSplit(made.features, made.target)
    anew = trained(engine, run("all"))
    other = trained(engine, run(None, data=same, seed=SEED + ANEW))
    assert anew.keys() == other.keys()
    assert all(np.array_equal(anew[name], other[name]) for name in anew)


def test_no_run_has_the_seed_of_what_is_drawn_anew() -> None:
    (limits,) = (one for one in get_args(Seed)[1:] if hasattr(one, "metadata"))
    most = max(limit.lt for limit in limits.metadata if hasattr(limit, "lt"))
    assert most <= ANEW
    seeds = (0, 1, 2, most - 1)
    keys = [
        streams.stream_key(run(redraw, seed=seed).seed_of(name), name)
        for seed in seeds
        for redraw in (None, "all")
        for name in STREAMS
    ]
    assert len(set(keys)) == len(keys)


def test_a_run_that_draws_nothing_anew_has_the_identity_that_it_had() -> None:
    assert "redraw" not in run(None).recipe.identity()["training"]
    assert run("all").recipe.identity()["training"]["redraw"] == "all"
