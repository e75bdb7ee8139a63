"""About how long a run takes on one core: for `labbook plan` and the time left."""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

from labbook.params.datasets import Dataset
from labbook.params.engines import ENGINES
from labbook.params.models import Cnn
from labbook.params.studies import Recipe
from labbook.tensors import shape_of

# Measured on one core; they serve estimates, nothing else.
FLOPS_PER_SECOND = 8e10
PIXEL_SECONDS = 1.2e-8  # for changing a pixel of a training image, once an epoch
TYPICAL_SHARE = 0.35  # of the budget, where a rule may stop a run


def data_shape(name: str, dataset: Dataset) -> tuple[int, ...]:
    """Rows and columns (or height and width) of a data set: as prepared, or as to be expected."""
    shape = shape_of(Path(f"data/prepared/{name}.safetensors"), "features")
    return dataset.expected_shape() if shape is None or len(shape) < 2 else shape


def run_seconds(recipe: Recipe, shape: Sequence[int], engine: str) -> float:
    """Estimated seconds of one run of `recipe` by `engine` on data of `shape`."""
    training, rows = recipe.training, shape[0]
    steps = 1 if training.batch == "all" else math.ceil(rows / training.batch)
    multiplications, layers = _work(recipe, shape)
    traits = ENGINES[engine]
    step_cost = traits.step_seconds + traits.layer_seconds * layers
    epoch = steps * step_cost + 6 * rows * multiplications / FLOPS_PER_SECOND
    if training.augments is not None:
        epoch += PIXEL_SECONDS * math.prod(shape)
    rules = (training.patience, training.tolerance, training.stalled)
    may_stop = any(rule is not None for rule in rules)
    return epoch * training.epochs * (TYPICAL_SHARE if may_stop else 1)


def _work(recipe: Recipe, shape: Sequence[int]) -> tuple[float, int]:
    """Multiplications per row in one pass forward, and the number of layers."""
    model, inputs = recipe.model, recipe.features.k or math.prod(shape[1:])
    if not isinstance(model, Cnn):
        return model.least_weights(inputs), len(getattr(model, "hidden", ())) + 1
    pixels, channels, total = float(math.prod(shape[1:])), 1, 0.0
    for wider in model.channels:
        total += pixels * channels * wider * model.kernel**2
        channels = wider
        pixels /= 1 if model.pooling == "none" else 4
    widths = [int(pixels * channels), *model.hidden, 10]
    total += sum(a * b for a, b in itertools.pairwise(widths))
    return total, len(model.channels) * 3 + len(model.hidden) + 1
