"""The engine `cuda`: equal to itself to the bit, equal to torch.nn and torch.optim in rounding."""

import math
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from labbook.data.prepared import FittedSplit, Prepared
from labbook.engines.cuda import draws, graph, inputs, memory, products, stack
from labbook.engines.cuda.engine import Engine
from labbook.engines.cuda.group import group_runs
from labbook.engines.cuda.rows import Rows
from labbook.errors import LabbookError
from labbook.models import layers
from labbook.models.initialisation import initial_weights
from labbook.params.models import Cnn, Linear, Mlp, Polynomial
from labbook.params.studies import Recipe
from labbook.params.training import (
    Adagrad,
    Adam,
    AdamW,
    Cosine,
    Momentum,
    Nesterov,
    Plateau,
    RMSProp,
    Sgd,
    Step,
    Training,
)
from labbook.plan.memory import process_bytes
from labbook.streams import stream
from labbook.training import schedules
from labbook.training.run import Run, Trained
from labbook.training.runfile import CONVERGED, DIVERGED, STOPPED, UNFINISHED, USED_UP
from labbook.training.watch import Watch
from tests.engines.equality import NUDGES, TIMES, ULP

pytestmark = pytest.mark.thorough

SEEDS = range(12)
GPU_TIMES = 20  # its elementary functions round more often than a CPU's; not yet seen on a card
NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")


# ---- runs on small data in memory


def _split(seed: int, rows: int, columns: int, scale: float) -> FittedSplit:
    order = np.random.default_rng(seed).permutation(rows)
    cut = rows // 5
    centre = np.full(columns, 0.01 * seed)  # every seed sees other numbers
    return FittedSplit(
        train=order[2 * cut :],
        valid=order[:cut],
        test=order[cut : 2 * cut],
        mean=centre,
        scale=np.full(columns, scale),
        fill=np.zeros(columns),
        target_mean=0.0,
        target_scale=2.0,
    )


def _prepared(kind: str, task: str, features: np.ndarray, target: np.ndarray) -> Prepared:
    columns = features.shape[1] if kind == "table" else 1
    scale = 1.0 if kind == "table" else 0.5
    classes = ("a", "b", "c") if task == "classification" else ()
    splits = {seed: _split(seed, len(target), columns, scale) for seed in SEEDS}
    return Prepared(
        source="made", kind=kind, task=task, feature_names=(), target_name="y", classes=classes,
        unlabelled_ids=(), edition="generated", note="", features=features, target=target,
        unlabelled=None, splits=splits,
    )  # fmt: skip


def table(rows: int = 61, columns: int = 3) -> Prepared:
    draw = np.random.default_rng(1)
    x = draw.standard_normal((rows, columns))
    y = x @ np.arange(1, columns + 1) + 0.1 * draw.standard_normal(rows)
    return _prepared("table", "regression", x, y)


def classes(rows: int = 61, columns: int = 3) -> Prepared:
    made = table(rows, columns)
    number = np.digitize(made.target, [-1.0, 1.0])
    return _prepared("table", "classification", made.features, number)


def images(rows: int = 40, side: int = 7) -> Prepared:
    draw = np.random.default_rng(2)
    target = np.arange(rows) % 3
    x = draw.integers(0, 60, (rows, side, side))
    for row, number in enumerate(target):
        x[row, 2 * number : 2 * number + 2] += 150
    return _prepared("images", "classification", x.astype(np.uint8), target)


TABLE, CLASSES, IMAGES = table(), classes(), images()


def run(
    data: Prepared = TABLE, seed: int = 0, model=None, optimizer=None, schedule=None, **training
) -> Run:
    recipe = Recipe(
        dataset="made",
        model=model or Mlp(hidden=[5, 4], activation="silu"),
        optimizer=optimizer or Adam(rate=0.01),
        training=Training(**{"batch": 8, "epochs": 4} | training),
        **({} if schedule is None else {"schedule": schedule}),
    )
    name = f"{seed}-{abs(hash(recipe.model_dump_json())):x}"
    return Run(name, {"seed": seed}, recipe, seed, data, None)


def trained(runs: Sequence[Run], folder: Path, device: str = "cpu") -> dict[str, Trained]:
    return {made.run.id: made for made in Engine().train(runs, device, Watch(folder))}


def alone(one: Run, folder: Path, device: str = "cpu") -> Trained:
    (made,) = Engine().train([one], device, Watch(folder))
    return made


def assert_same(a: Trained, b: Trained) -> None:
    """To the bit, NaN included."""
    assert (a.run.id, a.ended, a.best_epoch) == (b.run.id, b.ended, b.best_epoch)
    assert a.weights.keys() == b.weights.keys()
    for mine, other in ((a.curves, b.curves), (a.weights, b.weights)):
        for name, array in mine.items():
            assert array.dtype == np.float32
            assert array.tobytes() == other[name].tobytes(), name
    x = a.run.part("valid")[0]
    assert a.outputs(x).tobytes() == b.outputs(x).tobytes()


# ---- the reference: one run in torch.nn and torch.optim


class Powers(nn.Module):
    def __init__(self, degree: int) -> None:
        super().__init__()
        self.degree = degree

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x**power for power in range(1, self.degree + 1)], dim=1)


class Masked(nn.Module):
    generator: np.random.Generator

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = self.generator.random(tuple(x.shape), dtype=np.float32) >= self.rate
        return x * torch.from_numpy(kept) / (1 - self.rate)


class Norm(nn.Module):
    """torch's batch norm, but for batches of a single value."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))
        self.register_buffer("running_mean", torch.zeros(size))
        self.register_buffer("running_var", torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        single = self.training and x.numel() == x.shape[1]
        variance = self.running_var.clone() if single else self.running_var
        return torch.batch_norm(
            x, self.weight, self.bias, self.running_mean, variance, self.training, 0.1, 1e-5, False
        )


ACTIVATIONS = {
    "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "silu": nn.SiLU, "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "elu": nn.ELU,
}  # fmt: skip
MODULES: dict[type, Callable] = {
    layers.Linear: lambda one: nn.Linear(one.inputs, one.outputs, one.bias),
    layers.Convolution: lambda one: nn.Conv2d(
        one.channels, one.outputs, one.kernel, padding="same", bias=one.bias
    ),
    layers.BatchNorm: lambda one: Norm(one.size),
    layers.Activation: lambda one: ACTIVATIONS[one.function](),
    layers.Dropout: lambda one: Masked(one.rate),
    layers.Pooling: lambda one: (nn.MaxPool2d if one.kind == "max" else nn.AvgPool2d)(2),
    layers.Flatten: lambda one: nn.Flatten(),
    layers.Powers: lambda one: Powers(one.degree),
}


def torch_optimizer(block, parameters) -> torch.optim.Optimizer:
    numbers = block.model_dump(exclude={"kind", "rate", "epsilon", "beta1", "beta2"})
    if hasattr(block, "epsilon"):
        numbers["eps"] = block.epsilon
    if hasattr(block, "beta1"):
        numbers["betas"] = (block.beta1, block.beta2)
    if isinstance(block, Nesterov):
        numbers["nesterov"] = True
    kinds = {"adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}
    kind = getattr(torch.optim, kinds.get(block.kind, "SGD"))
    return kind(parameters, lr=block.rate, **numbers)


Course = tuple[dict[str, list[float]], dict[str, np.ndarray]]  # curves, last weights


def reference(one: Run, double: bool = False, nudge: int | None = None) -> Course:
    """Curves and last weights of the whole budget; see tests.engines.equality.by_torch."""
    torch.set_num_threads(1)
    kind = torch.float64 if double else torch.float32
    network, training = one.network, one.recipe.training
    model = nn.Sequential()
    for name, layer in network.layers.items():
        model.add_module(name, MODULES[type(layer)](layer))
    start = initial_weights(network, one.seed)
    model.load_state_dict({name: torch.tensor(array) for name, array in start.items()})
    model.to(kind)
    if nudge is not None:
        draw = torch.Generator().manual_seed(nudge)
        with torch.no_grad():
            for weight in model.parameters():
                weight *= 1 + ULP * (2 * torch.randint(0, 2, weight.shape, generator=draw) - 1)

    def part(name: str) -> list[Tensor]:
        tensors = [torch.tensor(array) for array in one.part(name)]
        return [one.to(kind) if one.is_floating_point() else one for one in tensors]

    (x, y), (x_valid, y_valid) = part("train"), part("valid")
    optimizer = torch_optimizer(one.recipe.optimizer, model.parameters())
    rate_of = schedules.build(one.recipe.schedule, one.recipe.optimizer.rate)
    rows = len(x)
    batch = rows if training.batch == "all" else min(training.batch, rows)

    def loss_of(outputs: Tensor, target: Tensor) -> Tensor:
        if one.task == "regression":
            return nn.functional.mse_loss(outputs.squeeze(1), target)
        return nn.functional.cross_entropy(outputs, target)

    curves: dict[str, list[float]] = {"train_loss": [], "valid_loss": [], "rate": []}
    for epoch in range(1, training.epochs + 1):
        past = curves["valid_loss"][-1] if epoch > 1 else math.inf
        optimizer.param_groups[0]["lr"] = rate_of(epoch - 1, past)
        generator = stream(one.seed, "dropout", epoch)
        for module in model:
            module.generator = generator
        order = torch.arange(rows)
        if batch < rows:
            order = torch.tensor(stream(one.seed, "batch order", epoch).permutation(rows))
        model.train()
        total = 0.0
        for chosen in order.split(batch):
            loss = loss_of(model(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            if training.clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), training.clip)
            optimizer.step()
            total += float(loss.detach()) * len(chosen) / rows
        model.eval()
        with torch.no_grad():
            valid_loss = float(loss_of(model(x_valid), y_valid))
        for name, value in zip(
            curves, (total, valid_loss, optimizer.param_groups[0]["lr"]), strict=True
        ):
            curves[name].append(value)
    return curves, {name: array.numpy() for name, array in model.state_dict().items()}


def off(found: Course, expected: Course) -> dict[str, float]:
    """The largest difference of each curve and weight, relative to the largest of its numbers."""
    both = ({**one[0], **one[1]} for one in (found, expected))
    pairs = {name: list(map(np.asarray, pair)) for name, pair in zip_by_name(*both)}
    return {
        name: float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-3))
        for name, (a, b) in pairs.items()
    }


def zip_by_name(one: dict, other: dict) -> list[tuple[str, tuple]]:
    assert one.keys() == other.keys()
    return [(name, (one[name], other[name])) for name in one]


def assert_near(one: Run, folder: Path, device: str = "cpu", times: int = TIMES) -> None:
    """Curves, and the weights where the last epoch is the best, as the reference has them.

    Allowed is `times` what rounding alone does to the reference; see tests.engines.equality.
    """
    made = alone(one, folder, device)
    expected = reference(one)
    curves, weights = expected
    others = [reference(one, double=True), *(reference(one, nudge=k) for k in range(NUDGES))]
    assert made.best_epoch == 1 + int(np.argmin(curves["valid_loss"]))
    last = made.best_epoch == made.epochs
    found = off((made.curves, made.weights if last else weights), expected)  # type: ignore[arg-type]
    rounding = [off(other, expected) for other in others]
    most = times * max(ULP, *(max(each.values()) for each in rounding))
    assert found == pytest.approx(dict.fromkeys(found, 0.0), abs=most)


OPTIMIZERS = [
    Sgd(rate=0.05, weight_decay=0.01),
    Momentum(rate=0.02, momentum=0.8, weight_decay=0.01),
    Nesterov(rate=0.02, momentum=0.8, weight_decay=0.01),
    Adagrad(rate=0.05, weight_decay=0.01, epsilon=1e-8),
    RMSProp(rate=0.003, alpha=0.9, momentum=0.5, weight_decay=0.01),
    RMSProp(rate=0.003),
    Adam(rate=0.01, beta1=0.8, beta2=0.99, weight_decay=0.01, epsilon=1e-6),
    AdamW(rate=0.01, weight_decay=0.1),
]
MODELS = [
    (TABLE, Mlp(hidden=[5, 4], activation="tanh", batch_norm=True)),
    (TABLE, Mlp(hidden=[5, 4], activation="silu", dropout=[0.3, 0.1])),
    (CLASSES, Mlp(hidden=[6], activation="elu", initialisation="xavier")),
    (TABLE, Linear()),
    (CLASSES, Linear(initialisation="zero")),
    (TABLE, Polynomial(degree=3)),
    (IMAGES, Mlp(hidden=[4], dropout=0.5, initialisation="he")),
    (IMAGES, Cnn(channels=[2, 3], hidden=[5], activation="silu")),
    (IMAGES, Cnn(channels=[2], hidden=[5], pooling="average", batch_norm=True, dropout=0.2)),
    (IMAGES, Cnn(channels=[2], hidden=[], pooling="none", kernel=5, activation="tanh")),
]


@pytest.mark.parametrize("batch", [8, "all"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda block: block.kind)
def test_optimizers_as_torch(optimizer, batch, tmp_path: Path) -> None:
    # 37 training rows, 5 steps an epoch: 1, 10 and 200 steps are among those compared
    assert_near(run(optimizer=optimizer, batch=batch, epochs=40), tmp_path)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_as_torch(activation: str, tmp_path: Path) -> None:
    model = Mlp(hidden=[5, 4], activation=activation)
    assert_near(run(model=model, optimizer=Sgd(rate=0.02), epochs=40), tmp_path)


@pytest.mark.parametrize(("data", "model"), MODELS, ids=lambda value: getattr(value, "kind", ""))
@pytest.mark.parametrize("epochs", [1, 20])
def test_models_as_torch(data: Prepared, model, epochs: int, tmp_path: Path) -> None:
    assert_near(run(data, 3, model, Momentum(rate=0.005), epochs=epochs), tmp_path)


@pytest.mark.parametrize("clip", [0.01, 1.0, 1e9])
def test_clip_as_torch(clip: float, tmp_path: Path) -> None:
    assert_near(run(optimizer=Sgd(rate=0.05), clip=clip, epochs=20), tmp_path)


@pytest.mark.parametrize(
    "schedule", [Step(every=2, factor=0.5), Cosine(first=3), Plateau(patience=1, factor=0.3)]
)
def test_schedules_as_torch(schedule, tmp_path: Path) -> None:
    assert_near(run(optimizer=Sgd(rate=0.05), schedule=schedule, epochs=12), tmp_path)


@pytest.mark.parametrize("batch", [9, 36, 37, 100])
def test_last_batches_as_torch(batch: int, tmp_path: Path) -> None:
    """One row is left over; batch norm then sees a single value per column."""
    model = Mlp(hidden=[4], activation="tanh", batch_norm=True)
    assert_near(run(model=model, optimizer=Sgd(rate=0.02), batch=batch), tmp_path)


def test_outputs_are_those_of_the_best_weights(tmp_path: Path) -> None:
    one = run(CLASSES, 1, Mlp(hidden=[6], batch_norm=True, dropout=0.4), epochs=6)
    made = alone(one, tmp_path)
    x, y = one.part("valid")
    outputs = torch.tensor(made.outputs(x))
    assert outputs.shape == (len(x), 3)
    loss = nn.functional.cross_entropy(outputs, torch.tensor(y))
    assert float(loss) == pytest.approx(made.curves["valid_loss"][made.best_epoch - 1], rel=1e-5)


# ---- equal to itself to the bit


@pytest.mark.parametrize(("data", "model"), MODELS, ids=lambda value: getattr(value, "kind", ""))
@pytest.mark.parametrize("optimizer", [Adam(rate=0.01), RMSProp(rate=0.01)], ids=lambda o: o.kind)
def test_bits_whatever_the_pack(data: Prepared, model, optimizer, tmp_path: Path) -> None:
    """Packs of 1, 3 and 7, in any order, with other budgets and rates around."""
    others = [
        run(data, seed, model, optimizer.model_copy(update={"rate": 0.003 * seed}), epochs=2 + seed)
        for seed in range(1, 7)
    ]
    one = run(data, 0, model, optimizer, clip=None, epochs=5)
    expected = alone(one, tmp_path)
    assert_same(trained([*others[:2], one], tmp_path)[one.id], expected)
    assert_same(trained([*others[:4], one, *others[4:]], tmp_path)[one.id], expected)


def test_bits_of_every_place(tmp_path: Path) -> None:
    one = run(CLASSES, model=Mlp(hidden=[7], activation="gelu", dropout=0.2), clip=0.5, batch=5)
    same = [Run(f"place-{i}", {}, one.recipe, 0, CLASSES, None) for i in range(memory.CPU_PLACES)]
    made = list(Engine().train(same, "cpu", Watch(tmp_path)))
    for other in made[1:]:
        for name, array in made[0].weights.items():
            assert array.tobytes() == other.weights[name].tobytes(), (other.run.id, name)
        assert made[0].curves["train_loss"].tobytes() == other.curves["train_loss"].tobytes()


def test_more_runs_than_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that gets free is taken at once, in the middle of the others' course."""
    monkeypatch.setattr(memory, "CPU_PLACES", 4)
    runs = [run(seed=seed, epochs=2 + seed % 5, optimizer=Adam(rate=0.02)) for seed in SEEDS]
    made = trained(runs, tmp_path)
    assert len(made) == len(runs)
    for one in runs[-3:]:
        assert_same(made[one.id], alone(one, tmp_path))


def test_portions_of_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [run(seed=seed, optimizer=Adam(rate=rate)) for seed in (0, 1) for rate in (0.1, 0.01)]
    expected = trained(runs, tmp_path)
    monkeypatch.setattr(memory, "CPU_BYTES", 1)
    for name, made in trained(runs, tmp_path).items():
        assert_same(made, expected[name])


@pytest.mark.parametrize("rate", [1e30, 3e5])
def test_a_diverging_member_leaves_the_others_alone(rate: float, tmp_path: Path) -> None:
    good = run(epochs=8, optimizer=Momentum(rate=0.01))
    bad = run(epochs=8, optimizer=Momentum(rate=rate), seed=1)
    made = trained([bad, good], tmp_path)
    assert made[bad.id].ended == DIVERGED
    assert made[bad.id].epochs < 8
    assert_same(made[good.id], alone(good, tmp_path))
    assert_same(made[bad.id], alone(bad, tmp_path))


class StopError(Exception):
    pass


class Interrupted(Watch):
    """Asks for a pause at the n-th question, and then once more is stopped."""

    def __init__(self, folder: Path, questions: int) -> None:
        super().__init__(folder)
        self.questions = questions

    def pause(self) -> bool:
        self.questions -= 1
        return self.questions == 0

    def go_on(self) -> None:
        raise StopError


@pytest.mark.parametrize("questions", [3, 4, 7, 20, 25, 31, 38])
@pytest.mark.parametrize("optimizer", [Adam(rate=0.02), Momentum(rate=0.02)], ids=lambda o: o.kind)
def test_resumed_in_the_middle(optimizer, questions: int, tmp_path: Path) -> None:
    """Also within an epoch, with a schedule that remembers, dropout and batch norm."""
    model = Mlp(hidden=[6], dropout=0.2, batch_norm=True)
    plateau = Plateau(patience=1, factor=0.5)
    runs = [run(TABLE, seed, model, optimizer, plateau, epochs=7 + seed) for seed in (0, 1)]
    expected = trained(runs, tmp_path)
    with pytest.raises(StopError):
        list(Engine().train(runs, "cpu", Interrupted(tmp_path, questions)))
    assert len(list(tmp_path.glob("*.safetensors"))) == 2
    resumed = [alone(runs[1], tmp_path), alone(runs[0], tmp_path)]  # in packs of their own
    for made in resumed:
        assert_same(made, expected[made.run.id])
    if questions > 18:  # there was something to go on from
        assert int(Watch(tmp_path).load(runs[0].id, {"seed": 0})["rate"].size) > 0


def test_pauses_are_asked_for_within_an_epoch(tmp_path: Path) -> None:
    asked = 0

    class Asked(Watch):
        def pause(self) -> bool:
            nonlocal asked
            asked += 1
            return False

    list(Engine().train([run(batch=1, epochs=1)], "cpu", Asked(tmp_path)))
    assert asked > 37  # 37 training rows, one a step


# ---- endings, devices, errors


def test_endings(tmp_path: Path) -> None:
    sgd = Sgd(rate=0.05)
    cases = {
        CONVERGED: run(optimizer=sgd, seed=0, tolerance=0.05, epochs=200),
        UNFINISHED: run(optimizer=sgd, seed=2, epochs=3),
        USED_UP: run(optimizer=Sgd(rate=1e-9), seed=3, epochs=20),
    }
    made = trained(list(cases.values()), tmp_path)
    for ended, one in cases.items():
        assert made[one.id].ended == ended
    assert made[cases[CONVERGED].id].curves["train_loss"][-1] < 0.05


def test_patience_keeps_the_best_weights(tmp_path: Path) -> None:
    settings = {"optimizer": Sgd(rate=0.2), "seed": 4}
    made = alone(run(**settings, patience=3, epochs=200), tmp_path)
    assert made.ended == STOPPED
    losses = made.curves["valid_loss"]
    assert made.best_epoch == made.epochs - 3 == 1 + int(np.argmin(losses))
    shorter = alone(run(**settings, epochs=made.best_epoch), tmp_path)  # ends at its best
    for name, array in shorter.weights.items():
        assert array.tobytes() == made.weights[name].tobytes()


def test_warming_up_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU all steps are made a few times before the first run enters."""
    one = run(model=Mlp(hidden=[6], batch_norm=True, dropout=0.2), clip=1.0)
    expected = alone(one, tmp_path)

    def warmed_up(step: Callable, reset: Callable, *_: object) -> Callable:
        for _ in range(3):
            reset()
            step()
        return step

    monkeypatch.setattr(stack, "captured", warmed_up)
    assert_same(alone(one, tmp_path), expected)


def test_runs_of_many_kinds_at_once(tmp_path: Path) -> None:
    runs = [
        run(), run(batch=16), run(model=Linear()), run(optimizer=Sgd(rate=0.1)), run(clip=1.0),
        run(seed=1), run(optimizer=Adam(rate=0.3)), run(patience=2), run(epochs=2),
    ]  # fmt: skip
    assert [len(group.runs) for group in group_runs(runs)] == [5, 1, 1, 1, 1]
    made = trained(runs, tmp_path)
    assert len(made) == len(runs)
    assert_same(made[runs[-2].id], alone(runs[-2], tmp_path))


def test_a_run_with_chosen_columns(tmp_path: Path) -> None:
    narrow = [
        Run(f"columns-{columns}", {}, run().recipe, 0, TABLE, np.array(columns))
        for columns in ([0, 2], [1, 2])
    ]
    made = trained(narrow, tmp_path)
    for one in narrow:
        assert made[one.id].weights["linear1.weight"].shape == (5, 2)
        assert_same(made[one.id], alone(one, tmp_path))


def test_a_loss_for_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabbookError, match="cross_entropy is for classification"):
        alone(run(loss="cross_entropy"), tmp_path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_cuda_without_a_gpu_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabbookError, match="Set device: cpu"):
        alone(run(), tmp_path, "cuda")


def test_places_do_not_follow_from_the_number_of_runs() -> None:
    device = torch.device("cuda")
    few, many = (group_runs([run(seed=s) for s in range(n)])[0] for n in (1, 9))
    assert memory.places(few, device) == memory.places(many, device) == memory.MOST_PLACES
    (wide,) = group_runs([run(model=Mlp(hidden=[6000, 6000]))])
    assert memory.places(wide, device) == 1


def test_large_draws_take_places() -> None:
    """Masks of dropout for many rows: more than the rest of the pack."""
    device, model = torch.device("cuda"), Mlp(hidden=[5, 4], dropout=0.2)
    few, many = (group_runs([run(table(n), model=model)])[0] for n in (60, 20_000))
    assert memory.epoch_bytes(many) == 12_000 * (8 + 9)
    assert memory.places(few, device) == 1024
    assert memory.places(many, device) < memory.STACK_BYTES // memory.step_bytes(many)
    assert memory.places(many, device) * memory.epoch_bytes(many) < memory.STACK_BYTES


@pytest.mark.parametrize("hidden", [[32, 16, 8], [6000, 6000]])
def test_the_plan_s_estimate_counts_as_the_engine_does(hidden: list[int]) -> None:
    """labbook.plan.memory knows no engine's libraries, and so not this engine's numbers."""
    one = run(table(3000, 16), model=Mlp(hidden=hidden), batch=256)
    (group,) = group_runs([one])
    places = memory.places(group, torch.device("cuda"))
    assert places == (1024 if hidden[0] == 32 else 1)
    estimate = process_bytes(one.recipe, (3000, 16), 1, "cuda")
    assert estimate == pytest.approx(places * memory.step_bytes(group), rel=0.25)


class LiveBytes(TorchDispatchMode):
    """How many bytes the tensors made within take: now, and at most."""

    def __init__(self) -> None:
        super().__init__()
        self.living: set[int] = set()
        self.now = self.most = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, tuple | list) else [made]:
            if isinstance(tensor, Tensor) and id(tensor.untyped_storage()) not in self.living:
                self._note(tensor.untyped_storage())
        return made

    def _note(self, storage: torch.UntypedStorage) -> None:
        key, size = id(storage), storage.nbytes()
        self.living.add(key)
        self.now += size
        self.most = max(self.most, self.now)

        def gone() -> None:
            self.living.remove(key)
            self.now -= size

        weakref.finalize(storage, gone)


@pytest.mark.parametrize("batch", [8, 128])
@pytest.mark.parametrize(
    ("data", "model"),
    [
        ("table", Mlp(hidden=[32, 16, 8], activation="gelu")),
        ("table", Mlp(hidden=[64, 64], batch_norm=True, dropout=0.2)),
        ("table", Linear()),
        ("table", Polynomial(degree=4)),
        ("images", Cnn(channels=[4, 8], hidden=[16])),
        ("images", Cnn(channels=[4], hidden=[], pooling="average", kernel=5, batch_norm=True)),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_the_estimate_of_memory_covers_all_tensors(
    data: str, model, batch: int, monkeypatch
) -> None:
    """Of those on a GPU, which has no copies of matrices that begin on a cache line."""
    monkeypatch.setattr("labbook.engines.cuda.layers.product", products.in_one_kernel)
    one = run(table(400, 16) if data == "table" else images(300, 20), 0, model, batch=batch, clip=1)
    (group,) = group_runs([one])
    rows, cpu = Rows([one], torch.device("cpu")), torch.device("cpu")
    with LiveBytes() as bytes_of:
        made = stack.Stack(group, rows, cpu)
        for step in made.steps:
            step()
    estimate = made.places * (memory.step_bytes(group) + memory.epoch_bytes(group))
    assert bytes_of.most < estimate < 8 * bytes_of.most


@pytest.mark.parametrize("batch", [8, "all"])
def test_draws_ahead_are_those_of_the_run_that_comes(batch, monkeypatch) -> None:
    """Threads draw for the epoch that will probably come; another run may come instead."""
    monkeypatch.setattr(inputs, "SHARE", 2)
    (group,) = group_runs([run(model=Mlp(hidden=[6], dropout=0.2), batch=batch)])
    ahead = inputs.Inputs(group, 5, torch.device("cpu"))
    ahead.draw_ahead({place: (place, 2) for place in range(5)})
    comes = {0: (0, 2), 1: (1, 3), 2: (9, 1), 3: (3, 2)}  # 4 stays free
    for place, epoch in comes.items():
        ahead.draw(place, epoch)
    ahead.send()
    for place, (seed, epoch) in comes.items():
        if batch == 8:
            expected = stream(seed, "batch order", epoch).permutation(group.rows)
            assert ahead.order[place].tolist() == expected.tolist()
        (kept,) = ahead.kept.values()
        drawn = draws.kept_units(group.network, seed, epoch, group.rows, group.batch)
        assert (kept[place].numpy() == next(iter(drawn.values()))).all()


def test_a_failure_of_a_draw_is_heard(monkeypatch) -> None:
    (group,) = group_runs([run()])
    ahead = inputs.Inputs(group, 2, torch.device("cpu"))
    monkeypatch.setattr(inputs, "order", lambda *_: 1 / 0)
    ahead.draw_ahead({0: (0, 1)})
    with pytest.raises(ZeroDivisionError):
        ahead.draw(0, (0, 1))


@pytest.mark.parametrize("ends", [False, True])
def test_a_pack_that_is_left_stops_its_threads(ends: bool, tmp_path, monkeypatch) -> None:
    """Else a process that is told to stop draws for a whole epoch first."""
    asked: list[int] = []

    def slow(group: object, seed: int, epoch: int, *_: object) -> dict:
        asked.append(epoch)
        time.sleep(0.05)
        return {}

    monkeypatch.setattr(inputs, "kept_units", slow)
    monkeypatch.setattr(inputs, "SHARE", 1)
    runs = [run(seed=seed, epochs=1 if ends else 9) for seed in range(8)]
    if ends:
        trained(runs, tmp_path)
    else:
        with pytest.raises(StopError):
            list(Engine().train(runs, "cpu", Interrupted(tmp_path, 20)))
    time.sleep(0.3)
    assert asked.count(1) == 8
    assert asked.count(2) < 5


def test_too_little_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2**20, 2**30))
    with pytest.raises(LabbookError, match="may be used"):
        memory.splits_at_once(group_runs([run()])[0], torch.device("cuda"))


# ---- on a GPU: never run where there is none, so what they test is untested there


@pytest.mark.gpu
@NEEDS_GPU
@pytest.mark.parametrize(("data", "model"), MODELS, ids=lambda value: getattr(value, "kind", ""))
def test_gpu_as_torch(data: Prepared, model, tmp_path: Path, capfd) -> None:
    assert_near(run(data, 3, model, Adam(rate=0.003), epochs=10), tmp_path, "cuda", GPU_TIMES)
    assert "no CUDA graph" not in capfd.readouterr().err


@pytest.mark.gpu
@NEEDS_GPU
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda block: block.kind)
def test_gpu_optimizers_as_torch(optimizer, tmp_path: Path) -> None:
    assert_near(run(optimizer=optimizer, epochs=20, clip=0.5), tmp_path, "cuda", GPU_TIMES)


@pytest.mark.gpu
@NEEDS_GPU
@pytest.mark.parametrize(("data", "model"), MODELS, ids=lambda value: getattr(value, "kind", ""))
def test_gpu_bits_whatever_the_pack(data: Prepared, model, tmp_path: Path) -> None:
    others = [
        run(data, seed, model, Adam(rate=0.01 * seed), epochs=2 + seed) for seed in range(1, 7)
    ]
    bad = run(data, 7, model, Adam(rate=1e30), epochs=9)
    one = run(data, 0, model, epochs=5)
    expected = alone(one, tmp_path, "cuda")
    assert_same(trained([*others[:4], bad, one, *others[4:]], tmp_path, "cuda")[one.id], expected)
    with pytest.raises(StopError):
        list(Engine().train([one], "cuda", Interrupted(tmp_path, 20)))
    assert_same(alone(one, tmp_path, "cuda"), expected)


@pytest.mark.gpu
@NEEDS_GPU
def test_gpu_bits_of_every_place(tmp_path: Path) -> None:
    recipe = run(CLASSES, model=Mlp(hidden=[7], activation="gelu", dropout=0.2), batch=5).recipe
    same = [Run(f"place-{i}", {}, recipe, 0, CLASSES, None) for i in range(memory.MOST_PLACES)]
    made = list(Engine().train(same, "cuda", Watch(tmp_path)))
    for other in made[1:]:
        for name, array in made[0].weights.items():
            assert array.tobytes() == other.weights[name].tobytes(), (other.run.id, name)


@pytest.mark.gpu
@NEEDS_GPU
def test_gpu_without_graphs_has_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    one = run(model=Mlp(hidden=[6], batch_norm=True))
    expected = alone(one, tmp_path, "cuda")

    def fails(*_: object) -> None:
        raise RuntimeError("no graphs today")

    monkeypatch.setattr(torch.cuda, "CUDAGraph", fails)
    assert_same(alone(one, tmp_path, "cuda"), expected)
    assert "no graphs today" in capfd.readouterr().err


def test_a_failed_capture_falls_back(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no graphs today\nand a long trace")

    monkeypatch.setattr(graph, "_stream", fails)
    calls: list[str] = []
    step = graph.captured(lambda: calls.append("step"), lambda: None, torch.device("cuda"))
    step()
    assert calls == ["step"]
    assert capsys.readouterr().err.count("\n") == 1
