"""Which engine trains a run. It follows from params.yaml alone, so ids are the same everywhere."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from labbook.params.document import chosen_engine
from labbook.params.studies import Recipe

if TYPE_CHECKING:  # planning asks for an engine's name, and needs no more
    from labbook.train.run import Engine

ENGINES = ("torch", "compiled", "cuda")
# What the compiled engine leaves to the torch engine: the reason, and whether a recipe has it.
UNSUPPORTED: dict[str, Callable[[Recipe], bool]] = {}


def engine_of(asked: str, device: str, recipe: Recipe) -> str:
    """The engine of a run, for `engine` and `device` of params.yaml.

    What the compiled engine does not support falls to torch.
    """
    chosen = chosen_engine(asked, device)
    return "torch" if chosen == "compiled" and why_not_compiled(recipe) else chosen


def why_not_compiled(recipe: Recipe) -> str | None:
    """What of a recipe the compiled engine does not support, or None."""
    return next((reason for reason, holds in UNSUPPORTED.items() if holds(recipe)), None)


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
