"""The reference loop: one run in plain PyTorch, to be read from top to bottom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from labbook.engines.torch import optimizers
from labbook.engines.torch.losses import LOSSES
from labbook.engines.torch.network import start_epoch
from labbook.models.losses import loss_name
from labbook.streams import stream
from labbook.training.course import Course
from labbook.training.run import Run

BLOCK = 2**18  # input numbers per forward pass outside training: bounds memory, stays in caches


@dataclass(frozen=True)
class Part:
    """Rows that a model sees: `x` (rows, columns) or (rows, 1, height, width), `y` (rows,).

    Of images that were mixed, and with class weights, `y` is (rows, classes): see losses.py.
    """

    x: Tensor
    y: Tensor


@dataclass
class State:
    """Everything of a run that changes with an epoch, and so all that a checkpoint holds."""

    course: Course
    model: nn.Module
    optimizer: torch.optim.Optimizer
    best: dict[str, Tensor]  # the weights and running statistics of the best epoch


def start(run: Run, model: nn.Module, saved: Mapping[str, np.ndarray] | None = None) -> State:
    """`run` with `model` before its first epoch; with the curves of a checkpoint, `saved`."""
    optimizer = optimizers.build(run.recipe.optimizer, model.parameters())
    best = {name: weight.clone() for name, weight in model.state_dict().items()}
    return State(Course(run, saved), model, optimizer, best)


def fit(
    state: State,
    train: Part,
    valid: Part,
    after_step: Callable[[], None] = lambda: None,
    after_epoch: Callable[[], None] = lambda: None,
    augmented: Callable[[int], Part] | None = None,
) -> str:
    """Train `state` in place from where it stands to its end; how it ended (see runfile.ENDINGS).

    The training loss of an epoch is the mean over its rows of the losses at the steps, that is
    with the weights and dropout of that moment; the validation loss is that of the epoch's end.
    The last batch holds the rows that are left over; `batch: all`, or a batch as large as the
    training part, takes the rows in their own order. `augmented` gives the training rows as epoch
    1, 2, ... sees them, where that is not always the same. Raises `LabbookError` for a loss that
    does not fit the task.
    """
    course, model, optimizer = state.course, state.model, state.optimizer
    run, training = course.run, course.run.recipe.training
    loss_of = LOSSES[loss_name(training.loss, run.task)]
    weights = model.state_dict()  # shares its memory with the model
    parameters = list(model.parameters())
    rows = len(train.x)
    batch = rows if training.batch == "all" else min(training.batch, rows)
    sizes = [len(x) for x in torch.split(train.x, batch)]
    shares = torch.tensor([size / rows for size in sizes], device=train.x.device)

    while (ended := course.ended()) is None:
        epoch, rate = course.epoch + 1, course.next_rate()
        for group in optimizer.param_groups:
            group["lr"] = rate

        model.train()
        start_epoch(model, run.seed_of("dropout"), epoch)
        part = train if augmented is None else augmented(epoch)
        part = part if batch == rows else _shuffled(part, run.seed_of("batch order"), epoch)
        batch_losses, norms = [], []
        for x, y in zip(torch.split(part.x, batch), torch.split(part.y, batch), strict=True):
            loss = loss_of(model(x), y)
            for parameter in parameters:
                parameter.grad = None  # optimizer.zero_grad without its bookkeeping
            loss.backward()  # type: ignore[no-untyped-call]
            if training.gradient_norms:
                norms.append(gradient_norms(model))
            if training.clip is not None:
                nn.utils.clip_grad_norm_(parameters, training.clip)
            optimizer.step()
            batch_losses.append(loss.detach())
            after_step()

        train_loss = float((torch.stack(batch_losses) * shares).sum())
        valid_loss = float(loss_of(outputs_of(model, valid.x), valid.y))
        mean_norms = torch.stack(norms).mean(dim=0).tolist() if norms else []
        if course.end_epoch(train_loss, valid_loss, rate, *mean_norms):
            for name, weight in weights.items():
                state.best[name].copy_(weight)
        after_epoch()
    return ended


def _shuffled(part: Part, seed: int, epoch: int) -> Part:
    """The rows of `part` in the order of an epoch (1, 2, ...), drawn on the CPU."""
    order = torch.from_numpy(stream(seed, "batch order", epoch).permutation(len(part.x)))
    order = order.to(part.x.device)
    return Part(part.x.index_select(0, order), part.y.index_select(0, order))


def gradient_norms(model: nn.Module) -> Tensor:
    """The Euclidean norm of the gradient of each layer that has weights: (layers,)."""
    layers = [list(layer.parameters()) for layer in model.children()]
    return torch.stack(
        [
            nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None])
            for weights in layers
            if weights
        ]
    )


@torch.inference_mode()
def outputs_of(model: nn.Module, x: Tensor) -> Tensor:
    """What `model` gives for `x` (rows, ...) in evaluation mode: (rows, outputs)."""
    model.eval()
    rows = max(1, BLOCK // max(1, x[:1].numel()))
    return torch.cat([model(block) for block in torch.split(x, rows)])
