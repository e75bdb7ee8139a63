"""Which engine trains a run, on which kind of device.

Both are part of its identity, and follow from params.yaml alone: so ids are the same everywhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from labbook.params.studies import Recipe
from labbook.wording import count


def _mixes(recipe: Recipe) -> bool:
    """Whether targets are shares of several classes."""
    augment = recipe.training.augments
    return augment is not None and augment.mixup > 0


# About how many runs one job trains, by engine. Where runs train one after the other: enough to
# make up for the start of a process. On a GPU: as many as train at once (engines/cuda/memory.py).
RUNS_PER_JOB = {"torch": 8, "compiled": 8, "cuda": 1024}
ENGINES = tuple(RUNS_PER_JOB)
Reasons = dict[str, Callable[[Recipe], bool]]
# What an engine leaves to the torch engine: the reason, and whether a recipe has it.
UNSUPPORTED: Reasons = {"training.augment.mixup": _mixes}  # by the compiled engine
UNSUPPORTED_BY_CUDA: Reasons = {"training.augment.mixup": _mixes}
LEFT_TO_TORCH: dict[str, Reasons] = {
    "torch": {},
    "compiled": UNSUPPORTED,
    "cuda": UNSUPPORTED_BY_CUDA,
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
    reasons = LEFT_TO_TORCH[_preferred(engine, device)]
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
