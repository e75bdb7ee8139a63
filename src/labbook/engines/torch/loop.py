"""The reference loop: one run in plain PyTorch, to be read from top to bottom."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from labbook.engines.torch import optimizers
from labbook.engines.torch.losses import LOSSES
from labbook.engines.torch.network import start_epoch
from labbook.models.losses import loss_name
from labbook.params.studies import Recipe
from labbook.streams import stream
from labbook.training import schedules
from labbook.training.stopping import ended_by_budget, ended_early

BLOCK = 2**18  # input numbers per forward pass outside training: bounds memory, stays in caches


@dataclass(frozen=True)
class Part:
    """Rows that a model sees: `x` (rows, columns) or (rows, 1, height, width), `y` (rows,).

    Of images that were mixed, `y` is the classes' shares (rows, classes).
    """

    x: Tensor
    y: Tensor


@dataclass
class State:
    """Everything of a run that changes with an epoch, and so all that a checkpoint holds."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    best: dict[str, Tensor]  # the weights and running statistics of the best epoch
    best_epoch: int = 0
    best_loss: float = math.inf
    train_loss: list[float] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    gradient_norms: list[list[float]] = field(default_factory=list)  # (epochs, layers), if asked

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.rate)


def start(model: nn.Module, recipe: Recipe) -> State:
    """A run of `model` before its first epoch."""
    optimizer = optimizers.build(recipe.optimizer, model.parameters())
    best = {name: weight.clone() for name, weight in model.state_dict().items()}
    return State(model, optimizer, best)


def fit(
    state: State,
    train: Part,
    valid: Part,
    task: str,
    recipe: Recipe,
    seed: int,
    after_step: Callable[[], None] = lambda: None,
    after_epoch: Callable[[State], None] = lambda state: None,
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
    model, optimizer, training = state.model, state.optimizer, recipe.training
    loss_of = LOSSES[loss_name(training.loss, task)]
    weights = model.state_dict()  # shares its memory with the model
    parameters = list(model.parameters())
    rows = len(train.x)
    batch = rows if training.batch == "all" else min(training.batch, rows)
    shares = torch.tensor(
        [len(b) / rows for b in torch.split(train.x, batch)], device=train.x.device
    )
    rate_of = schedules.build(recipe.schedule, recipe.optimizer.rate)
    for epoch, past in enumerate([math.inf, *state.valid_loss[:-1]][: state.epoch]):
        rate_of(epoch, past)  # a resumed run: the schedule sees what it saw before

    for epoch in range(state.epoch + 1, training.epochs + 1):
        rate = rate_of(epoch - 1, state.valid_loss[-1] if state.valid_loss else math.inf)
        for group in optimizer.param_groups:
            group["lr"] = rate

        model.train()
        start_epoch(model, seed, epoch)
        part = train if augmented is None else augmented(epoch)
        part = part if batch == rows else _shuffled(part, seed, epoch)
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
        state.train_loss.append(train_loss)
        state.valid_loss.append(valid_loss)
        state.rate.append(rate)
        if training.gradient_norms:
            state.gradient_norms.append(torch.stack(norms).mean(dim=0).tolist())
        if valid_loss < state.best_loss:
            state.best_loss, state.best_epoch = valid_loss, epoch
            for name, weight in weights.items():
                state.best[name].copy_(weight)

        ended = ended_early(training, state.train_loss, state.valid_loss, state.best_epoch)
        if ended is not None:
            return ended
        after_epoch(state)
    return ended_by_budget(state.valid_loss)


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
