"""The engine for many runs on one GPU: stacks whose networks are computed as batches of matrices.

See docs/engine-cuda.md. A run's bits depend on the run alone, on one kind of device: stacks have
a fixed number of places, no number of one run meets another's, and what is random is drawn on
the CPU from the run's own streams.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from labbook.engines.cuda.group import group_runs
from labbook.engines.cuda.inputs import Epoch, batches
from labbook.engines.cuda.layers import Values, forward
from labbook.engines.cuda.memory import EVALUATION_ROWS, splits_at_once
from labbook.engines.cuda.rows import Rows, portions
from labbook.engines.cuda.stack import Stack
from labbook.engines.device import prepare_device
from labbook.models import Network
from labbook.training.course import Course
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
                stack = Stack(group, Rows(portion, chosen), chosen)
                try:
                    yield from _Training(stack, watch).train(deque(portion))
                finally:
                    stack.close()


class _Training:
    """Runs at the places of `stack`, each with its course."""

    def __init__(self, stack: Stack, watch: Watch) -> None:
        self.stack, self.watch = stack, watch
        self.courses: dict[int, Course] = {}

    def train(self, waiting: deque[Run]) -> Iterator[Trained]:
        """Train `waiting`, each from when there is a place for it."""
        stack, courses = self.stack, self.courses
        while waiting or courses:
            for place in range(stack.places):
                if waiting and place not in courses:
                    self._pause_if_asked()
                    run = waiting.popleft()
                    saved = self.watch.load(run.id, run.identity)
                    courses[place] = Course(run, saved)
                    stack.put(place, run, courses[place].epoch, saved)
                    stack.state.remember()
            endings = {place: course.ended() for place, course in courses.items()}
            for place, ended in endings.items():
                if ended is not None:
                    yield self._leave(place, ended)
                    self._pause_if_asked()  # a signal may have come meanwhile
            if not any(endings.values()):  # else their places are taken first
                self._epoch()

    def _epoch(self) -> None:
        """One epoch of all runs; each may be at another."""
        stack, courses = self.stack, self.courses
        rates = {place: course.next_rate() for place, course in courses.items()}
        for place, course in courses.items():
            self._pause_if_asked()
            stack.inputs.draw(place, Epoch.of(course.run, course.epoch + 1))
            if course.run.augment is not None:
                stack.data.augment(course.run, course.epoch + 1, self._pause_if_asked)
        stack.start_epoch(rates)
        stack.inputs.draw_ahead({p: Epoch.of(c.run, c.epoch + 2) for p, c in courses.items()})
        for number, step in enumerate(stack.steps):
            if number % AHEAD == 0 and stack.device.type == "cuda":
                torch.cuda.synchronize(stack.device)
            self._pause_if_asked()
            step()
        train_loss, valid_loss = stack.losses()
        norms = stack.gradient_norms()
        better = np.zeros(stack.places, np.bool_)
        for place, course in courses.items():
            better[place] = course.end_epoch(
                train_loss[place], valid_loss[place], rates[place],
                *(of_layer[place] for of_layer in norms),
            )  # fmt: skip
            self.watch.say(course.run.id, course.epoch)
        stack.state.keep_best(better)
        stack.state.remember()

    def _pause_if_asked(self) -> None:
        """Save all runs as they were after their last whole epoch, where it is time to."""
        if not self.watch.pause():
            return
        saved = self.stack.state.saved()
        for place, course in self.courses.items():
            arrays = saved[place] | course.arrays()
            self.watch.save(course.run.id, course.run.identity, arrays)
        self.watch.go_on()

    def _leave(self, place: int, ended: str) -> Trained:
        """What is to be kept of a run that has ended; its place is free again."""
        course, stack = self.courses.pop(place), self.stack
        weights = stack.state.best_weights(place)
        stack.clear(place)
        outputs = _outputs(stack.group.network, weights, stack.device)
        kept, curves = weights if course.best_epoch else {}, course.arrays(np.float32)
        return Trained(course.run, ended, course.best_epoch, curves, kept, outputs)


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
