"""The engine for many runs on one GPU: stacks whose networks are computed as batches of matrices.

See docs/engine-cuda.md. A run's bits depend on the run alone, on one kind of device: stacks have
a fixed number of places, no number of one run meets another's, and what is random is drawn on
the CPU from the run's own streams.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch

from labbook.engines.cuda.draws import batches
from labbook.engines.cuda.group import Group, group_runs
from labbook.engines.cuda.layers import Values, forward
from labbook.engines.cuda.member import Member
from labbook.engines.cuda.memory import EVALUATION_ROWS, splits_at_once
from labbook.engines.cuda.rows import Rows, portions
from labbook.engines.cuda.stack import Stack
from labbook.engines.device import prepare_device
from labbook.models import Network
from labbook.training.run import Run, Trained
from labbook.training.watch import Watch

AHEAD = 16  # steps that may wait on the GPU: so a signal is heard soon, however long they take


class Engine:
    """Trains stacks; see labbook.training.run.Engine."""

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Train `runs`; `device` is "cpu" or "cuda".

        Raises `LabbookError` for "cuda" without a GPU, for a GPU with too little memory, and where
        model, loss and data do not fit together.
        """
        chosen = prepare_device(device)
        for group in group_runs(runs):
            for portion in portions(group.runs, splits_at_once(group, chosen)):
                yield from _train(group, portion, chosen, watch)


def _train(
    group: Group, runs: Sequence[Run], device: torch.device, watch: Watch
) -> Iterator[Trained]:
    """Train `runs` of `group` in one stack."""
    stack = Stack(group, Rows(runs, device), device)
    try:
        yield from _in_stack(stack, deque(runs), watch)
    finally:
        stack.close()


def _in_stack(stack: Stack, waiting: deque[Run], watch: Watch) -> Iterator[Trained]:
    """Train `waiting` at the places of `stack`, each from when there is a place for it."""
    members: dict[int, Member] = {}
    while waiting or members:
        for place in range(stack.places):
            if waiting and place not in members:
                _pause_if_asked(stack, members, watch)
                members[place] = _enter(stack, place, waiting.popleft(), watch)
        endings = {place: member.ended() for place, member in members.items()}
        for place, ended in endings.items():
            if ended is not None:
                yield _leave(stack, place, members.pop(place), ended)
                _pause_if_asked(stack, members, watch)  # a signal may have come meanwhile
        if not any(endings.values()):  # else their places are taken first
            _epoch(stack, members, watch)


def _enter(stack: Stack, place: int, run: Run, watch: Watch) -> Member:
    """`run` takes a place, from its checkpoint if there is one."""
    saved = watch.load(run.id, run.identity)
    member = Member(run, saved)
    stack.put(place, run, member.epoch, saved)
    stack.state.remember()
    return member


def _epoch(stack: Stack, members: dict[int, Member], watch: Watch) -> None:
    """One epoch of all members; each may be at another."""
    rates = {place: member.next_rate() for place, member in members.items()}
    for place, member in members.items():
        _pause_if_asked(stack, members, watch)
        stack.inputs.draw(place, (member.run.seed, member.epoch + 1))
        if member.run.augment is not None:
            pause = partial(_pause_if_asked, stack, members, watch)
            stack.data.augment(member.run, member.epoch + 1, pause)
    stack.start_epoch(rates)
    stack.inputs.draw_ahead({p: (m.run.seed, m.epoch + 2) for p, m in members.items()})
    for number, step in enumerate(stack.steps):
        if number % AHEAD == 0 and stack.device.type == "cuda":
            torch.cuda.synchronize(stack.device)
        _pause_if_asked(stack, members, watch)
        step()
    train_loss, valid_loss = stack.losses()
    norms = stack.gradient_norms()
    better = np.zeros(stack.places, np.bool_)
    for place, member in members.items():
        better[place] = member.end_epoch(
            train_loss[place], valid_loss[place], rates[place],
            *(of_layer[place] for of_layer in norms),
        )  # fmt: skip
        watch.say(member.run.id, member.epoch)
    stack.state.keep_best(better)
    stack.state.remember()


def _pause_if_asked(stack: Stack, members: dict[int, Member], watch: Watch) -> None:
    """Save all members as they were after their last whole epoch, where it is time to."""
    if not watch.pause():
        return
    saved = stack.state.saved()
    for place, member in members.items():
        curves = {name: np.array(values) for name, values in member.curves.items()}
        watch.save(member.run.id, member.run.identity, saved[place] | curves)
    watch.go_on()


def _leave(stack: Stack, place: int, member: Member, ended: str) -> Trained:
    """What is to be kept of a member that has ended; its place is free again."""
    weights = stack.state.best_weights(place)
    stack.clear(place)
    curves = {name: np.array(values, np.float32) for name, values in member.curves.items()}
    outputs = _outputs(stack.group.network, weights, stack.device)
    kept = weights if member.best_epoch else {}
    return Trained(member.run, ended, member.best_epoch, curves, kept, outputs)


def _outputs(
    network: Network, weights: dict[str, np.ndarray], device: torch.device
) -> Callable[[np.ndarray], np.ndarray]:
    """A network alone, in evaluation mode: from inputs (rows, ...) to float32 (rows, outputs)."""

    @torch.no_grad()
    def outputs(x: np.ndarray) -> np.ndarray:
        arrays = {n: torch.tensor(array, device=device)[None] for n, array in weights.items()}
        made = np.empty((len(x), network.outputs), np.float32)
        for rows in batches(len(x), EVALUATION_ROWS):
            block = torch.tensor(x[rows], dtype=torch.float32, device=device)[None]
            made[rows] = forward(network, Values(arrays), block)[0].cpu().numpy()
        return made

    return outputs
