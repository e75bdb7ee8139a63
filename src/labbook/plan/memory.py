"""About how much memory training takes: estimates for `labbook plan`, without torch.

Of a process that trains one run after the other the largest run counts. To add an engine, name it
in ESTIMATES.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labbook import models
from labbook.models import Network
from labbook.models.layers import Convolution
from labbook.params.studies import Recipe

FLOAT = 4  # bytes
# Measured: a process without any data, with what its engine imports.
PROCESS_BYTES = {"compiled": 130_000_000, "torch": 330_000_000}
READ_IMAGES, READ_TABLE = 9, 24  # bytes per number while data are read, cut and scaled
TORCH_WEIGHTS = 5  # copies: themselves, gradients, two moments, the best
TORCH_VALUES = 3  # of a layer's output: itself, its gradient, one in passing
TORCH_EVALUATED = 2**18  # numbers that go in at once outside training
CUDA_WEIGHTS = 12  # as engines/cuda/memory.py counts them, with two moments
CUDA_STACK = 2**30  # bytes that a stack fills with runs, as far as they are small enough for two,
CUDA_PLACES = 1024  # and so many runs at most


@dataclass(frozen=True)
class Job:
    """What an estimate follows from; `rows` are all of the data set."""

    recipe: Recipe
    network: Network
    rows: int
    batch: int
    read: int  # bytes

    @property
    def inputs(self) -> int:
        """Numbers of a row."""
        return math.prod(self.network.inputs)

    @property
    def weights(self) -> int:
        """Trained numbers."""
        return sum(map(math.prod, self.network.weights().values()))

    @property
    def outputs(self) -> int:
        """Numbers that come out of all layers for a row."""
        return sum(map(math.prod, self.network.shapes().values()))


def process_bytes(recipe: Recipe, shape: Sequence[int], classes: int, engine: str) -> int:
    """Estimate of the memory in which `engine` trains `recipe` on data of `shape`.

    `shape` is (rows, columns) or (rows, height, width). Bytes of the process; for the engine cuda
    of the GPU.
    """
    inputs = (1, *shape[1:]) if len(shape) == 3 else (recipe.features.k or shape[1],)
    network = models.build(recipe.model, inputs, max(classes, 1))
    batch = shape[0] if recipe.training.batch == "all" else min(recipe.training.batch, shape[0])
    read = math.prod(shape) * (READ_IMAGES if len(shape) == 3 else READ_TABLE)
    if recipe.training.augments is not None:
        read *= 2  # and once more on the way to each epoch's images
    return ESTIMATES[engine](Job(recipe, network, shape[0], batch, read))


def _compiled(job: Job) -> int:
    """Nearly exact: all arrays are known beforehand."""
    from labbook.engines.compiled.layers import plan

    program = plan(job.network, job.batch)
    arrays = program.bytes(job.rows, 0, job.recipe.training.epochs)
    return PROCESS_BYTES["compiled"] + job.read + arrays


def _torch(job: Job) -> int:
    """Weights with what the optimiser keeps, data, and what a step's gradient needs."""
    evaluated = min(job.rows, TORCH_EVALUATED // job.inputs + 1)
    step = job.batch * (job.inputs + TORCH_VALUES * job.outputs)
    largest = max(step, evaluated * (job.inputs + job.outputs))
    data = job.rows * (job.inputs + 1)
    floats = TORCH_WEIGHTS * job.weights + data + largest
    return PROCESS_BYTES["torch"] + job.read + FLOAT * floats


def _cuda(job: Job) -> int:
    """On the GPU: a stack, or one run where that is larger, and the rows of one split.

    Without what runs draw for an epoch.
    """
    patches = sum(
        math.prod(shape) // layer.outputs * layer.channels * layer.kernel**2
        for layer, shape in zip(
            job.network.layers.values(), job.network.shapes().values(), strict=True
        )
        if isinstance(layer, Convolution)
    )
    per_row = 2 * job.inputs + 4 * job.outputs + 3 * patches
    run = FLOAT * (CUDA_WEIGHTS * job.weights + job.batch * per_row)
    return max(min(CUDA_STACK, CUDA_PLACES * run), run) + FLOAT * job.rows * (job.inputs + 2)


ESTIMATES: dict[str, Callable[[Job], int]] = {
    "compiled": _compiled,
    "torch": _torch,
    "cuda": _cuda,
}
