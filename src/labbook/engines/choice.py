"""Which engine trains a run. It follows from params.yaml alone, so ids are the same everywhere."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from labbook.params.studies import Recipe

if TYPE_CHECKING:  # planning asks for an engine's name, and needs no more
    from labbook.train.run import Engine


def _mixes(recipe: Recipe) -> bool:
    """Whether targets are shares of several classes."""
    augment = recipe.training.augments
    return augment is not None and augment.mixup > 0


ENGINES = ("torch", "compiled", "cuda")
Reasons = dict[str, Callable[[Recipe], bool]]
# What an engine leaves to the torch engine: the reason, and whether a recipe has it.
UNSUPPORTED: Reasons = {"training.augment.mixup": _mixes}  # by the compiled engine
UNSUPPORTED_BY_CUDA: Reasons = {"training.augment.mixup": _mixes}
LEFT_TO_TORCH: dict[str, Reasons] = {
    "torch": {},
    "compiled": UNSUPPORTED,
    "cuda": UNSUPPORTED_BY_CUDA,
}


def engine_of(asked: str, device: str, recipe: Recipe) -> str:
    """The engine of a run, for `engine` and `device` of params.yaml.

    `auto` is cuda where a GPU is demanded (`device: cuda`), else compiled. What that engine, or
    the one asked for, does not support falls to torch.
    """
    return "torch" if why_torch(asked, device, recipe) else _preferred(asked, device)


def why_torch(asked: str, device: str, recipe: Recipe) -> str | None:
    """What of a recipe the engine that is asked for does not support, or None."""
    reasons = LEFT_TO_TORCH[_preferred(asked, device)]
    return next((reason for reason, holds in reasons.items() if holds(recipe)), None)


def _preferred(asked: str, device: str) -> str:
    if asked == "auto":
        return "cuda" if device == "cuda" else "compiled"
    return asked


def load(name: str) -> "Engine":
    """An engine by its name; only that one is imported."""
    if name == "compiled":
        from labbook.engines.compiled.engine import Engine as Compiled

        return Compiled()
    if name == "cuda":
        from labbook.engines.cuda.engine import Engine as Cuda

        return Cuda()
    from labbook.engines.torch.engine import Engine as Torch

    return Torch()
