"""Cases in which an engine must agree with plain PyTorch, and by how much it does.

How far it may be off follows from the case: from what rounding alone does to PyTorch there.
`python -m tests.engines.equality` writes the table of docs/equality.md anew.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args
from unittest.mock import patch

import numpy as np

from labbook.engines.compiled import operations
from labbook.engines.compiled.arrays import Arrays
from labbook.engines.compiled.engine import _fit
from labbook.engines.torch import loop, network
from labbook.params.augment import Augment
from labbook.params.models import Activation, Cnn, Linear, Mlp, Polynomial
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
)
from labbook.training.run import Run
from labbook.training.watch import Watch
from tests.made_data import MadeData, Rows, images, recipe, run_of, table


def two_rows() -> MadeData:
    """So few that a batch of one row makes two steps an epoch: 2 rows train, 1 validates."""

    class TwoRows(MadeData):
        def split(self, seed: int) -> Rows:
            return Rows(np.array([3, 1]), np.array([0]), np.array([2]))

    made = table(4)
    return TwoRows(made.features, made.target)


PAGE = Path(__file__).parents[2] / "docs/equality.md"
STEPS = (1, 10, 200)
# An engine may be off by so many times what rounding does to PyTorch itself (see `allowed`): it
# rounds about as often, and what was measured is the largest of NUDGES + 1 draws. Seen: below 2.
TIMES = 5
NUDGES = 2  # starts that differ by one rounding
FEW_PLACES = 2  # of a stack on the CPU, where it computes all of them; only bits want 32
ULP = 2.0**-23  # of float32, relative: no deviation is told from less

SMALL = Mlp(hidden=[9, 7], activation="tanh")
CASES: dict[str, dict] = {
    **{f"mlp, {name}": {"model": Mlp(hidden=[9, 7], activation=name)} for name in get_args(Activation)},
    **{
        f"mlp, initialisation {name}": {"model": SMALL.model_copy(update={"initialisation": name})}
        for name in ("he", "xavier")
    },
    "mlp, batch norm": {"model": Mlp(hidden=[9, 7], batch_norm=True)},
    "mlp, batch norm, last batch of one row": {
        "model": Mlp(hidden=[9, 7], batch_norm=True), "batch": 44,
    },
    "mlp, one feature, hidden layers of one unit": {
        "model": Mlp(hidden=[1, 1], activation="tanh"), "data": "one feature",
    },
    **{
        f"mlp, widths {' and '.join(map(str, hidden))}": {
            "model": Mlp(hidden=hidden, activation="silu")
        }
        for hidden in ([7, 8], [9, 63], [64, 65], [129, 1])
    },
    "batch of one row, two rows": {"batch": 1, "data": "two rows"},
    "mlp, dropout": {"model": Mlp(hidden=[9, 7], dropout=[0.3, 0.1])},
    **{
        f"mlp, dropout after {name}": {"model": Mlp(hidden=[9, 7], activation=name, dropout=0.3)}
        for name in ("tanh", "sigmoid", "elu", "silu")
    },
    "polynomial on images": {"model": Polynomial(degree=2), "data": "images"},
    "mlp, batch norm and dropout": {"model": Mlp(hidden=[16, 7], batch_norm=True, dropout=0.2)},
    "linear": {"model": Linear()},
    "polynomial": {"model": Polynomial(degree=3)},
    "sgd": {"optimizer": Sgd(rate=0.05, weight_decay=1e-3)},
    "momentum": {"optimizer": Momentum(rate=0.02, momentum=0.8)},
    "nesterov": {"optimizer": Nesterov(rate=0.02, weight_decay=1e-3)},
    "adagrad": {"optimizer": Adagrad(rate=0.02, weight_decay=1e-3)},
    "rmsprop": {"optimizer": RMSProp(rate=1e-3, alpha=0.95)},
    "rmsprop with momentum": {"optimizer": RMSProp(rate=1e-3, alpha=0.95, momentum=0.5)},
    "adam": {"optimizer": Adam(rate=3e-3, weight_decay=1e-4)},
    "adamw": {"optimizer": AdamW(rate=3e-3, beta1=0.8, weight_decay=0.05)},
    "clip": {"optimizer": Sgd(rate=0.05), "clip": 0.5},
    "schedule step": {"schedule": Step(every=3, factor=0.5)},
    "schedule plateau": {"schedule": Plateau(patience=2, factor=0.5), "optimizer": Sgd(rate=0.1)},
    "schedule cosine": {"schedule": Cosine(first=5, multiply=2)},
    "full batch": {"batch": "all"},
    "cnn, max pooling": {"model": Cnn(channels=[4, 5], kernel=3, hidden=[8]), "data": "images"},
    "cnn, average pooling, odd sides": {
        "model": Cnn(channels=[4, 18], kernel=5, pooling="average", activation="silu"),
        "optimizer": Momentum(rate=0.02),
        "data": "odd images",
    },
    "cnn, batch norm, dropout": {
        "model": Cnn(channels=[4, 5], kernel=3, hidden=[8], batch_norm=True, dropout=0.2),
        "data": "odd images",
    },
    "cnn, no pooling, sigmoid": {
        "model": Cnn(channels=[3], kernel=1, pooling="none", hidden=[], activation="sigmoid"),
        "data": "images",
    },
    "mlp on images": {"model": Mlp(hidden=[8]), "data": "images"},
    "cnn, augmented images": {
        # Smooth, for of so many images some have two values that are equal but for rounding.
        "model": Cnn(channels=[4, 5], kernel=3, pooling="average", activation="tanh"),
        "augment": Augment(rotation=10.0, translation=0.1, brightness=0.2, erase=0.5),
        "data": "odd images",
    },
    "mlp, augmented images, full batch": {
        "model": Mlp(hidden=[8]),
        "augment": Augment(flip="horizontal", crop=1, contrast=0.3, scale=0.2),
        "batch": "all",
        "data": "images",
    },
}  # fmt: skip
DATA = {
    "table": table(75), "images": images(75), "odd images": images(75, side=9),
    "one feature": table(75, columns=1), "two rows": two_rows(),
}  # fmt: skip
BATCH = 23  # of 45 training rows: two steps an epoch, the second with a row less


def run_of_case(name: str, steps: int) -> Run:
    """The run of a case that takes so many steps."""
    settings = {"model": SMALL} | CASES[name]
    data: MadeData = DATA[settings.pop("data", "table")]
    batch = settings.pop("batch", BATCH)
    batch = batch if steps > 1 else "all"
    epochs = steps if batch == "all" else steps // 2
    return run_of(data, recipe(batch=batch, epochs=epochs, **settings))


Course = dict[str, np.ndarray]  # a training's last weights and its curves, by name


def by_compiled(run: Run) -> Course:
    """The course of a run by the compiled engine."""
    arrays = Arrays(run)
    with TemporaryDirectory() as checkpoints:
        _fit(arrays, run, Watch(Path(checkpoints)))
    assert arrays.state["ended"] == operations.USED_UP
    arrays["best"][:], arrays["best_statistics"][:] = arrays["weights"], arrays["statistics"]
    curves = {name: arrays[name] for name in ("train_loss", "valid_loss")}
    return arrays.best() | curves | {"rate": arrays["rates"]}


def by_torch(run: Run, double: bool = False, nudge: int | None = None) -> Course:
    """The course of a run by plain PyTorch: in float32, or in float64.

    With a `nudge` (0, 1, ...) each weight starts one rounding of float32 above or below its own.
    """
    import torch

    torch.set_num_threads(1)  # as the engines have it
    kind = torch.float64 if double else torch.float32

    def part(arrays: tuple[np.ndarray, np.ndarray]) -> loop.Part:
        x, y = (torch.tensor(array) for array in arrays)
        return loop.Part(x.to(kind), y.to(kind) if y.is_floating_point() else y)

    model = network.build(run.network, run.seed).to(kind)
    if nudge is not None:
        draw = torch.Generator().manual_seed(nudge)
        with torch.no_grad():
            for weight in model.parameters():
                weight *= 1 + ULP * (2 * torch.randint(0, 2, weight.shape, generator=draw) - 1)
    state = loop.start(run, model)
    loop.fit(
        state, part(run.part("train")), part(run.part("valid")),
        augmented=None if run.augment is None else lambda epoch: part(run.augmented(epoch)),
    )  # fmt: skip
    weights = {name: tensor.numpy() for name, tensor in state.model.state_dict().items()}
    return weights | state.course.arrays()


def by_cuda(run: Run, device: str = "cpu") -> Course:
    """The course of a run by the engine for packs."""
    from labbook.engines.cuda import engine, memory

    weights: list[Course] = []

    class Last(engine.Stack):  # the weights of the last epoch, not of the best
        def clear(self, place: int | slice) -> None:
            if isinstance(place, int):
                rows = (self.state.moving[0, place], self.state.running[place])
                layouts = (self.state.weights, self.state.buffers)
                for layout, row in zip(layouts, rows, strict=True):
                    weights.append(layout.arrays(row.cpu().numpy().copy()))
            super().clear(place)

    with (
        patch.object(engine, "Stack", Last),
        patch.object(memory, "CPU_PLACES", FEW_PLACES),
        TemporaryDirectory() as checkpoints,
    ):
        (trained,) = engine.Engine().train([run], device, Watch(Path(checkpoints)))
    return weights[-2] | weights[-1] | dict(trained.curves)


def allowed(run: Run, expected: Course) -> float:
    """By how much an engine may be off PyTorch's course of this run, `expected`.

    TIMES what rounding does to PyTorch there, the largest of: float32 against float64; and starts
    that differ by one rounding, after which every sum rounds anew. No engine has a part in it.
    """
    others = [by_torch(run, double=True), *(by_torch(run, nudge=k) for k in range(NUDGES))]
    return TIMES * max(ULP, *(deviation(other, expected) for other in others))


def deviation(course: Course, expected: Course) -> float:
    """The largest difference, relative to the largest number of its weight, bias or curve."""
    assert set(course) >= set(expected)
    return max(
        float(np.abs(course[name] - array).max() / max(np.abs(array).max(), 1e-3))
        for name, array in expected.items()
    )


def rows() -> Iterator[str]:
    """The table's rows: for each number of steps the deviation and what is allowed, rounded up."""
    for name in CASES:
        cells = []
        for run in (run_of_case(name, steps) for steps in STEPS):
            course, weights = by_torch(run), {*run.network.weights(), *run.network.buffers()}
            expected = {weight: course[weight] for weight in weights}
            pair = deviation(by_compiled(run), expected), allowed(run, expected)
            cells.append(" of ".join(map(_rounded_up, pair)))
        yield f"| {name} | " + " | ".join(cells) + " |"


def _rounded_up(value: float) -> str:
    steps = itertools.product(range(-8, 1), (1, 2, 5))
    return next(f"{m}e{e}" for e, m in steps if value <= m * 10.0**e)


def table_of_page(head: str) -> list[list[str]]:
    """The cells of the rows of the page's table that begins with `head`."""
    lines = PAGE.read_text().partition(head)[2].partition("\n\n")[0].strip().splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]


def write_page() -> None:
    """The page anew: its text, with tables made now."""
    from tests.engines import endings

    text = PAGE.read_text()
    titles = " | ".join(f"{steps} steps" if steps > 1 else "1 step" for steps in STEPS)
    heads = {
        f"| case | {titles} |": rows(),
        "| case | ended | epochs | best epoch |": endings.rows(),
    }
    for head, lines in heads.items():
        before, _, rest = text.partition(head)
        after = rest.lstrip("\n").partition("\n\n")[2]
        columns = "|---" * (head.count("|") - 1) + "|"
        table = "\n".join([head, columns, *lines])
        text = f"{before}{table}\n" + (f"\n{after}" if after else "")
    PAGE.write_text(text)


if __name__ == "__main__":
    write_page()
