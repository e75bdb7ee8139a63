"""Which engine trains a run, on which kind of device.

Both are part of its identity, and follow from params.yaml alone: so ids are the same everywhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from labbook.params.studies import Recipe
from labbook.wording import count


def _mixes(recipe: Recipe) -> bool:
    """Whether targets are shares of several classes."""
    return recipe.training.augments is not None and recipe.training.augments.mixup > 0


def _weighs(recipe: Recipe) -> bool:
    """Whether rows count by their classes."""
    return recipe.training.class_weights is not None


def _norms_all_images(recipe: Recipe) -> bool:
    """Whether batch norm needs the values of all images at once: gigabytes."""
    return recipe.model.kind == "cnn" and recipe.model.batch_norm and recipe.training.batch == "all"


@dataclass(frozen=True)
class EngineTraits:
    """What a plan has to know of an engine, without importing it.

    `runs_per_job`: about how many runs one job trains. Where runs train one after the other: enough
    to make up for the start of a process; on a GPU as many as train at once
    (engines/cuda/memory.py). `step_seconds` and `layer_seconds`: the fixed cost of a training step
    and of each layer in it, measured on one core, for estimates and nothing else. `unsupported`:
    what it leaves to the torch engine, the reason and whether a recipe has it.
    """

    runs_per_job: int
    step_seconds: float
    layer_seconds: float
    unsupported: Mapping[str, Callable[[Recipe], bool]] = field(default_factory=dict)


UNSUPPORTED = {  # by the compiled engine
    "training.augment.mixup": _mixes,
    "model.batch_norm of images with training.batch all": _norms_all_images,
}
UNSUPPORTED_BY_CUDA = {"training.augment.mixup": _mixes, "training.class_weights": _weighs}
ENGINES = {
    "torch": EngineTraits(8, 2.5e-4, 3e-5),
    "compiled": EngineTraits(8, 4e-6, 1e-6, UNSUPPORTED),
    "cuda": EngineTraits(1024, 1e-4, 1e-5, UNSUPPORTED_BY_CUDA),
}


def engine_of(engine: str, device: str, recipe: Recipe) -> str:
    """The engine of a run, for `engine` and `device` of params.yaml.

    `auto` is cuda where a GPU is demanded (`device: cuda`), else compiled. What that engine, or
    the one asked for, does not support falls to torch.
    """
    return "torch" if why_torch(engine, device, recipe) else _preferred(engine, device)


def device_of(engine: str, device: str) -> str:
    """The kind of device, "cpu" or "cuda", for `engine` and `device` of params.yaml.

    `auto` is a GPU where the engine cuda is asked for, whether there is one or not.
    """
    if device == "auto":
        return "cuda" if engine == "cuda" else "cpu"
    return device


def why_torch(engine: str, device: str, recipe: Recipe) -> str | None:
    """What of a recipe the engine that is asked for does not support, or None."""
    reasons = ENGINES[_preferred(engine, device)].unsupported
    return next((reason for reason, holds in reasons.items() if holds(recipe)), None)


def left_to_torch(engine: str, device: str, recipes: Iterable[Recipe]) -> list[str]:
    """How many runs fall to torch because the engine asked for does not support them, and why."""
    reasons = Counter(filter(None, (why_torch(engine, device, recipe) for recipe in recipes)))
    return [
        f"{count(n, 'run is', 'runs are')} left to the engine torch: {why}"
        for why, n in reasons.items()
    ]


def _preferred(engine: str, device: str) -> str:
    if engine == "auto":
        return "cuda" if device == "cuda" else "compiled"
    return engine
