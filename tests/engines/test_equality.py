"""All engines agree with plain PyTorch, and gradients with finite differences."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.engines.compiled.arrays import Arrays
from labbook.engines.compiled.library import functions
from labbook.engines.cuda import layers, optimizers
from labbook.engines.torch.network import ACTIVATIONS
from labbook.models import forward
from labbook.models.initialisation import initial_weights
from labbook.params.models import Cnn, Mlp
from labbook.params.training import Adam, Sgd
from labbook.training.run import Run
from tests.engines.equality import (
    CASES,
    STEPS,
    Course,
    allowed,
    by_compiled,
    by_cuda,
    by_torch,
    deviation,
    run_of_case,
    table_of_page,
)
from tests.made_data import MadeData, images, recipe, run_of, table


def assert_agree(run: Run, *engines: Callable[[Run], Course]) -> float:
    """Weights and curves of `engines` are PyTorch's; how far off they may be."""
    expected = by_torch(run)
    most = allowed(run, expected)
    for engine in engines:
        assert deviation(engine(run), expected) <= most, engine.__name__
    return most


pytestmark = [pytest.mark.thorough, pytest.mark.vectors]


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("name", CASES)
def test_weights_and_curves_equal_those_of_pytorch(name: str, steps: int) -> None:
    assert_agree(run_of_case(name, steps), by_compiled, by_cuda)


def _changed(run: Run, part: str, **settings: float) -> Run:
    """The run with other settings of a part of its recipe: a formula with a small mistake."""
    block = getattr(run.recipe, part).model_copy(update=settings)
    return replace(run, recipe=run.recipe.model_copy(update={part: block}))


@pytest.mark.parametrize(
    ("name", "part", "mistake"),
    [
        ("adam", "optimizer", {"beta2": 0.9991}),
        ("adam", "optimizer", {"beta1": 0.9001}),
        ("adam", "optimizer", {"epsilon": 2e-7}),
        ("adam", "optimizer", {"weight_decay": 0.0}),
        ("adamw", "optimizer", {"weight_decay": 0.049}),
        ("rmsprop", "optimizer", {"alpha": 0.9501}),
        ("momentum", "optimizer", {"momentum": 0.8001}),
        ("clip", "training", {"clip": 0.5001}),
        ("mlp, batch norm, last batch of one row", "optimizer", {"beta2": 0.998}),
        ("cnn, max pooling", "optimizer", {"rate": 1.001e-3}),
    ],
)
def test_what_is_allowed_does_not_hide_a_mistake(name: str, part: str, mistake: dict) -> None:
    run = run_of_case(name, 10)
    expected = by_torch(run)
    assert deviation(by_compiled(_changed(run, part, **mistake)), expected) > allowed(run, expected)


@pytest.mark.parametrize("name", ["adam", "mlp, batch norm, last batch of one row"])
def test_a_forgotten_correction_of_the_bias_is_seen(name: str, monkeypatch) -> None:
    """By the engine for packs, whose formula is in Python."""
    whole = optimizers.move

    def without(kind, moving, g, settings, step) -> None:
        whole(kind, moving, g, settings, step + 10_000)  # 1 - beta^t is 1

    run = run_of_case(name, 10)
    expected = by_torch(run)
    assert deviation(by_cuda(run), expected) <= allowed(run, expected)
    monkeypatch.setattr(optimizers, "move", without)
    assert deviation(by_cuda(run), expected) > allowed(run, expected)


def test_another_epsilon_of_batch_norm_is_seen(monkeypatch) -> None:
    run = run_of_case("mlp, batch norm, last batch of one row", 10)
    expected = by_torch(run)
    monkeypatch.setattr(layers, "EPSILON", 1.1 * layers.EPSILON)
    assert deviation(by_cuda(run), expected) > allowed(run, expected)


def test_the_page_lists_every_case() -> None:
    rows = table_of_page("| case | 1 step |")
    assert [name for name, *_ in rows] == list(CASES)
    for found, most in (cell.split(" of ") for _, *cells in rows for cell in cells):
        assert float(found) <= float(most)


WIDTHS = st.sampled_from([1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 129])


@settings(max_examples=40)
@given(
    hidden=st.lists(WIDTHS, min_size=1, max_size=3),
    columns=st.sampled_from([1, 2, 13, 16, 17, 65]),
    rows=st.sampled_from([5, 7, 40, 333]),
    batch=st.sampled_from([1, 2, 7, 64, "all"]),
    batch_norm=st.booleans(),
    classes=st.sampled_from([0, 2, 3, 17]),
)
def test_any_shape(hidden, columns, rows, batch, batch_norm, classes) -> None:
    draw = np.random.default_rng(rows)
    target = draw.integers(0, classes, rows) if classes else draw.standard_normal(rows)
    task = "classification" if classes else "regression"
    names = tuple(map(str, range(classes)))
    data = MadeData(draw.standard_normal((rows, columns)), target, task, classes=names)
    # Of two rows batch norm makes 1 and -1, whatever they were: of what went in only rounding is
    # left, and steps follow it. Of one row it makes the bias, but for torch's rounding; see below.
    batch_norm = batch_norm and batch not in (1, 2)
    model = Mlp(hidden=hidden, activation="tanh", batch_norm=batch_norm)
    run = run_of(data, recipe(model, Sgd(rate=0.01), batch=batch, epochs=2))
    assert_agree(run, by_compiled, by_cuda)


@pytest.mark.parametrize("width", [1, 7, 9, 64, 129])
def test_batch_norm_of_single_rows(width: int) -> None:
    """All batches of one row: the bias comes out, and no gradient goes further.

    Adam would make steps of what rounding leaves of one, and engines would part.
    """
    model = Mlp(hidden=[width], activation="tanh", batch_norm=True)
    run = run_of(table(40), recipe(model, Adam(rate=0.01), batch=1, epochs=2))
    # It is well-conditioned, so this says something.
    assert assert_agree(run, by_compiled, by_cuda) < 1e-4


def run_of_image(height: int, width: int, **settings) -> Run:
    """A run of a network on images of noise."""
    draw = np.random.default_rng(height)
    pixels = draw.integers(0, 256, (40, height, width)).astype(np.uint8)
    data = MadeData(pixels, np.arange(40) % 3, "classification", "images", classes=("a", "b", "c"))
    block = Cnn(activation="tanh", **settings)
    return run_of(data, recipe(block, Sgd(rate=0.05), batch=7, epochs=2))


@settings(max_examples=25)
@given(
    channels=st.lists(st.sampled_from([1, 3, 16, 17]), min_size=1, max_size=2),
    kernel=st.sampled_from([1, 3, 5, 7]),
    side=st.sampled_from([4, 5, 8, 11]),
    pooling=st.sampled_from(["max", "average", "none"]),
    hidden=st.sampled_from([[], [5]]),
)
def test_any_image(side, **settings) -> None:
    assert_agree(run_of_image(side, side, **settings), by_compiled)


@pytest.mark.parametrize(("height", "width"), [(1, 12), (1, 1), (12, 1)])
def test_images_of_one_line(height: int, width: int) -> None:
    run = run_of_image(height, width, channels=[3, 4], kernel=3, pooling="none", hidden=[5])
    assert_agree(run, by_compiled)


def loss_of(run, weights) -> float:
    """The training loss in float64, by the independent forward pass."""
    x, y = run.part("train")
    outputs = forward(run.network, weights, x)
    if run.task == "regression":
        return float(np.mean((outputs[:, 0] - y) ** 2))
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-np.mean(log_p[np.arange(len(y)), y]))


@pytest.mark.parametrize(
    ("model", "data"),
    [
        *((Mlp(hidden=[5, 4], activation=name), table(30)) for name in sorted(ACTIVATIONS)),
        (Cnn(channels=[2, 3], kernel=3, hidden=[4], activation="tanh"), images(30)),
        (Cnn(channels=[2], kernel=5, pooling="average", activation="gelu"), images(30, side=9)),
    ],
)
def test_gradients_are_finite_differences(model, data) -> None:
    run = run_of(data, recipe(model, Sgd(rate=1e-30), batch="all", epochs=1))
    arrays = Arrays(run)
    addresses = arrays.addresses()
    functions()["advance"](addresses.ctypes.data, 1000, 1)
    gradient = {n: arrays["gradient"][i] for n, i in arrays.program.index.items()}
    start = {n: a.astype(np.float64) for n, a in initial_weights(run.network, run.seed).items()}
    draw, size = np.random.default_rng(0), 1e-6
    for name, weight in start.items():
        for place in draw.choice(weight.size, min(weight.size, 6), replace=False):
            at = np.unravel_index(place, weight.shape)
            losses = []
            for step in (size, -size):
                moved = weight.copy()
                moved[at] += step
                losses.append(loss_of(run, start | {name: moved}))
            expected = (losses[0] - losses[1]) / (2 * size)
            assert gradient[name][at] == pytest.approx(expected, rel=2e-4, abs=2e-6), (name, at)
