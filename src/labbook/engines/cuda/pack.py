"""A pack: a fixed number of places whose members train side by side, in step."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from labbook.engines.cuda.layers import forward
from labbook.engines.cuda.losses import LOSSES
from labbook.engines.cuda.member import Member
from labbook.engines.cuda.optimizers import CONSTANTS
from labbook.engines.cuda.step import captured, make_step
from labbook.losses import loss_name
from labbook.models import Shape
from labbook.models.initialisation import initial_weights
from labbook.models.layers import Dropout
from labbook.streams import stream
from labbook.train.run import Run, Trained
from labbook.train.watch import Watch

BLOCK = 2**22  # input numbers per forward pass outside training: bounds memory
CURVES = ("train_loss", "valid_loss", "rate")
CHANGING = ("weights", "statistics", "first", "second")  # what a step changes
BEST = ("best_weights", "best_statistics")


class Pack:
    """Members that have network, batch, rows and optimiser in common; the rest is their own.

    All tensors have the places in front. A member is put into a free place, trains there in step
    with the others, and leaves it when it ends; no tensor changes its shape.
    """

    def __init__(self, run: Run, places: int, device: torch.device) -> None:
        self.like, self.device, self.places = run, device, places
        self.network, training = run.network, run.recipe.training
        self.members: list[Member | None] = [None] * places
        trained, kept = self.network.weights(), self.network.buffers()
        self.weights, self.statistics = self._zeros(trained), self._zeros(kept)
        self.first, self.second = self._zeros(trained), self._zeros(trained)
        self.best_weights, self.best_statistics = self._zeros(trained), self._zeros(kept)
        self.data = {
            name: [torch.tensor(array, device=device).repeat(places, *(1,) * array.ndim)
                   for array in run.part(name)]
            for name in ("train", "valid")
        }  # fmt: skip
        self.rows = self.data["train"][0].shape[1]
        self.batch = self.rows if training.batch == "all" else min(training.batch, self.rows)
        self.loss_of = LOSSES[loss_name(training.loss, run.task)]
        named = self._named(self.weights, self.statistics)
        self.step = make_step(run, named, self.weights, self.first, self.second)
        if device.type == "cuda":
            self.step = captured(self.step, [getattr(self, name) for name in CHANGING])

    def put(self, member: Member, saved: dict[str, np.ndarray] | None) -> None:
        """Give a member a free place, where it begins or goes on from what was saved of it."""
        place = self.members.index(None)
        self.members[place] = member
        start = initial_weights(self.network, member.run.seed)
        rows: Mapping[str, Any] = saved or {
            "weights": _flat(start, self.network.weights()),
            "statistics": _flat(start, self.network.buffers()),
        }
        for name in (*CHANGING, *BEST):
            row = torch.as_tensor(rows.get(name, 0.0), device=self.device)
            getattr(self, name)[place] = row
        for name, tensors in self.data.items():
            for tensor, array in zip(tensors, member.run.part(name), strict=True):
                tensor[place] = torch.tensor(array, device=self.device)

    @property
    def free(self) -> bool:
        """Whether a member can be put in; the last place stays free (see device.PLACES)."""
        return None in self.members[: self.places - 1]

    @property
    def present(self) -> list[tuple[int, Member]]:
        """The members and their places."""
        return [(place, one) for place, one in enumerate(self.members) if one is not None]

    def train_epoch(self, watch: Watch) -> None:
        """One epoch of every member; those that end are marked, and keep their places."""
        before = {name: getattr(self, name).clone() for name in CHANGING}
        steps_before = {place: one.steps for place, one in self.present}
        for _, member in self.present:
            member.start_epoch()
        orders, draws = self._orders(), self._draws()
        total = torch.zeros(self.places, device=self.device)
        x, y = self.data["train"]
        every = torch.arange(self.places, device=self.device)[:, None]
        for start in range(0, self.rows, self.batch):
            chosen = orders[:, start : start + self.batch]  # (places, rows)
            masks = self._masks(draws, chosen.shape[1])
            losses = self.step(x[every, chosen], y[every, chosen], masks, self._constants())
            total += losses * (chosen.shape[1] / self.rows)
            if watch.pause():
                self._save(watch, before, steps_before)
        self._finish_epoch(total.tolist(), self._validate().tolist())

    def take(self) -> list[Trained]:
        """The members that have ended; their places are free."""
        ended = [(place, member) for place, member in self.present if member.ended is not None]
        for place, _ in ended:
            self.members[place] = None
        return [self._trained(place, member) for place, member in ended]

    def _finish_epoch(self, train: Sequence[float], valid: Sequence[float]) -> None:
        better = torch.zeros(self.places, dtype=torch.bool)
        for place, member in self.present:
            better[place] = member.finish_epoch(train[place], valid[place])
        chosen = better.to(self.device)[:, None]
        self.best_weights = torch.where(chosen, self.weights, self.best_weights)
        self.best_statistics = torch.where(chosen, self.statistics, self.best_statistics)

    @torch.no_grad()
    def _validate(self) -> Tensor:
        """Mean validation losses (places,) in evaluation mode."""
        x, y = self.data["valid"]
        named = self._named(self.weights, self.statistics)
        rows = max(1, BLOCK // max(1, x[:, :1].numel()))
        parts = [forward(self.network, named, part, None) for part in torch.split(x, rows, 1)]
        return self.loss_of(torch.cat(parts, 1), y)

    def _zeros(self, shapes: Mapping[str, Shape]) -> Tensor:
        """A tensor (places, all numbers of these shapes)."""
        return torch.zeros(self.places, sum(map(math.prod, shapes.values())), device=self.device)

    def _named(self, weights: Tensor, statistics: Tensor) -> dict[str, Tensor]:
        """Views of rows of both by name: (members, *shape)."""
        return _views(weights, self.network.weights()) | _views(statistics, self.network.buffers())

    def _orders(self) -> Tensor:
        """The order of the rows in the epoch to come: (places, rows), int64."""
        orders = np.tile(np.arange(self.rows), (self.places, 1))
        if self.batch < self.rows:
            for place, member in self.present:
                draw = stream(member.run.seed, "batch order", member.epoch + 1)
                orders[place] = draw.permutation(self.rows)
        return torch.from_numpy(orders).to(self.device)

    def _draws(self) -> dict[int, np.random.Generator]:
        """Dropout's stream of the epoch to come, by place."""
        if not any(isinstance(layer, Dropout) for layer in self.network.layers.values()):
            return {}
        return {p: stream(m.run.seed, "dropout", m.epoch + 1) for p, m in self.present}

    def _masks(self, draws: dict[int, np.random.Generator], rows: int) -> dict[str, Tensor]:
        """Dropout's factors of a step by layer: (places, rows, units)."""
        masks = {}
        shapes = self.network.shapes()
        for name, layer in self.network.layers.items():
            if isinstance(layer, Dropout):
                factors = np.ones((self.places, rows, *shapes[name]), np.float32)
                for place, draw in draws.items():
                    kept = draw.random((rows, *shapes[name]), dtype=np.float32) >= layer.rate
                    factors[place] = kept.astype(np.float32) / np.float32(1 - layer.rate)
                masks[name] = torch.from_numpy(factors).to(self.device)
        return masks

    def _constants(self) -> Tensor:
        """The optimiser's constants of the step to come: (places, len(CONSTANTS))."""
        table = np.zeros((self.places, len(CONSTANTS)))
        table[:, CONSTANTS.index("epsilon")] = 1  # of a free place: nothing is divided by zero
        for place, member in self.present:
            values = member.constants_of_step()
            table[place] = [values.get(name, 0.0) for name in CONSTANTS]
        return torch.from_numpy(table).to(self.device, torch.float32)

    def _save(self, watch: Watch, before: dict[str, Tensor], steps: dict[int, int]) -> None:
        """Checkpoints as of the last finished epoch; raises if a signal asks for the end."""
        content = before | {name: getattr(self, name) for name in BEST}
        for place, member in self.present:
            arrays = {name: tensor[place].cpu().numpy() for name, tensor in content.items()}
            arrays |= {name: np.array(getattr(member, name)) for name in CURVES}
            arrays["best_at"] = np.array([member.best_epoch, member.best_loss])
            arrays["steps"] = np.array([steps[place]])
            watch.save(member.run.id, member.run.identity, arrays)
        watch.go_on()

    def _trained(self, place: int, member: Member) -> Trained:
        here = slice(place, place + 1)
        named = self._named(self.best_weights[here].clone(), self.best_statistics[here].clone())

        @torch.no_grad()
        def outputs(x: np.ndarray) -> np.ndarray:
            rows = max(1, BLOCK // max(1, x[:1].size))
            parts = torch.split(torch.tensor(x, device=self.device)[None], rows, 1)
            found = torch.cat([forward(self.network, named, part, None) for part in parts], 1)
            return np.asarray(found[0].cpu().numpy())

        weights = {name: tensor[0].cpu().numpy() for name, tensor in named.items()}
        curves = {name: np.array(getattr(member, name), np.float32) for name in CURVES}
        assert member.ended is not None
        return Trained(
            run=member.run,
            ended=member.ended,
            best_epoch=member.best_epoch,
            curves=curves,
            weights=weights if member.best_epoch else {},
            outputs=outputs,
        )


def _flat(arrays: Mapping[str, np.ndarray], names: Iterable[str]) -> np.ndarray:
    """The named arrays in one row."""
    return np.concatenate([np.zeros(0, np.float32), *(arrays[name].ravel() for name in names)])


def _views(rows: Tensor, shapes: Mapping[str, Shape]) -> dict[str, Tensor]:
    """Views of `rows` (members, all) by name: (members, *shape)."""
    parts = torch.split(rows, [math.prod(shape) for shape in shapes.values()], 1)
    return {
        name: part.view(len(rows), *shape)
        for (name, shape), part in zip(shapes.items(), parts, strict=False)
    }


def member_of(run: Run, saved: dict[str, np.ndarray] | None) -> Member:
    """A run before its first epoch, or where a checkpoint left it."""
    if saved is None:
        return Member(run)
    curves = {name: saved[name].tolist() for name in CURVES}
    epoch, loss = saved["best_at"].tolist()
    return Member(
        run, **curves, best_epoch=int(epoch), best_loss=loss, steps=int(saved["steps"][0])
    )


def bytes_each(run: Run) -> int:
    """Memory of one member, known beforehand: data, weights with moments, values on the way."""
    network, training = run.network, run.recipe.training
    split = run.data.split(run.seed)
    numbers = math.prod(network.inputs)
    data = (len(split.train) + len(split.valid)) * (numbers + 1)
    weights = sum(map(math.prod, network.weights().values()))
    rows = len(split.train) if training.batch == "all" else min(training.batch, len(split.train))
    kernel = max(getattr(layer, "kernel", 1) for layer in network.layers.values())
    values = sum(map(math.prod, network.shapes().values())) + numbers
    return 4 * (data + 8 * weights + 3 * rows * values * kernel**2)
