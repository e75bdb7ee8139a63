"""What a step of tuning is given, and what it finds, decides and asks to be trained next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labbook.data.prepared import Prepared
from labbook.params.studies import Recipe
from labbook.plan.tunings import TuningPlan
from labbook.training.runfile import RunRecord


@dataclass(frozen=True)
class Trial:
    """One training that a step asks for.

    Those of one `label` differ in the seed, and in the goal that follows from a seed's tiny sample.
    """

    label: str
    recipe: Recipe
    seed: int


@dataclass(frozen=True)
class Tried:
    """A trial and its run, with learning curves; `read` gives further arrays of its file."""

    trial: Trial
    record: RunRecord
    read: Callable[[str], RunRecord]


@dataclass(frozen=True)
class Found:
    """What a step came to.

    `said` is a paragraph: what was found, what is decided, and why. `rows` are the figures behind
    it, plain values by name, a row per setting or seed. `decided` are plain values for later
    steps. `stopped` says why there is no going on, and what to check; empty where there is.
    `asked` is what the next step trains; nothing where it is stopped.
    """

    step: str
    said: str
    rows: tuple[Mapping[str, Any], ...] = ()
    decided: Mapping[str, Any] = field(default_factory=dict)
    stopped: str = ""
    asked: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class Before:
    """What a step is given.

    `found` are the steps before it by name, none of them stopped; `tried` is what the last of them
    asked for; `columns` says which columns a seed's network sees, None for all of them, and images.
    """

    plan: TuningPlan
    data: Prepared
    columns: Callable[[int], np.ndarray | None]
    found: Mapping[str, Found]
    tried: tuple[Tried, ...]


def found_to_json(found: Found) -> dict[str, Any]:
    """What a step came to as plain values: those of a file of JSON."""
    asked = [
        {"label": one.label, "recipe": one.recipe.model_dump(mode="json"), "seed": one.seed}
        for one in found.asked
    ]
    plain = {name: value for name, value in vars(found).items() if name not in ("rows", "asked")}
    return {**plain, "rows": list(map(dict, found.rows)), "asked": asked}


def found_from_json(document: Mapping[str, Any]) -> Found:
    """What `found_to_json` turned into plain values. Raises KeyError or ValueError for others."""
    asked = tuple(
        Trial(one["label"], Recipe.model_validate(one["recipe"]), one["seed"])
        for one in document["asked"]
    )
    return Found(
        step=document["step"],
        said=document["said"],
        rows=tuple(document["rows"]),
        decided=document["decided"],
        stopped=document["stopped"],
        asked=asked,
    )
