"""How a search stands: what it may try, what it has tried, and how many epochs that took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np

from labbook.evaluate.statistics.intervals import oriented
from labbook.metrics import chosen_by
from labbook.params.combinations import Combination
from labbook.params.searched import searched
from labbook.params.studies import Recipe
from labbook.params.tuning import Search
from labbook.plan.tunings import TuningPlan
from labbook.tuning.step import Found, Tried

NAN = float("nan")
STANDING = "standing"  # in what a step decided: the standing after it, for the next


@dataclass(frozen=True)
class Standing:
    """What one step of a search hands on to the next.

    `spent` counts the epochs of all trainings so far. `racing` are the labels of those that are not
    dropped, in the order in which they were drawn. `values` has of each that was trained to the end
    the metric by which the search chooses, a value for each of the first so many seeds, NaN where
    the run diverged. `over` says why nothing more is trained before the last step, empty before.
    """

    spent: int
    racing: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]
    over: str = ""

    @property
    def seeds(self) -> int:
        """With how many seeds those that race have been trained."""
        return len(self.values[self.racing[0]]) if self.values else 0

    def table(self, metric: str) -> np.ndarray:
        """Values of those that race, (combinations, seeds), larger is better; NaN: diverged."""
        return oriented(np.array([self.values[label] for label in self.racing]), metric)

    def mean(self, label: str) -> float:
        """The mean of a combination's values over the seeds where it has one."""
        found = np.array(self.values[label])
        return float(found[np.isfinite(found)].mean())

    def after(self, tried: Iterable[Tried], metric: str) -> Self:
        """The standing with further runs; their order does not matter."""
        runs = {(one.trial.seed, one.trial.label): one for one in tried}
        values = {label: list(found) for label, found in self.values.items()}
        for _, label in sorted(runs):
            values.setdefault(label, [])
        for (_, label), run in sorted(runs.items()):
            values[label].append(value_of(run, metric))
        spent = self.spent + sum(run.record.epochs for run in runs.values())
        return replace(self, spent=spent, values={k: tuple(v) for k, v in values.items()})

    def plain(self) -> dict[str, Any]:
        """Itself as plain values; `of` is the opposite."""
        values = {
            label: [one if np.isfinite(one) else None for one in found]
            for label, found in self.values.items()
        }
        return {**vars(self), "racing": list(self.racing), "values": values}

    @classmethod
    def of(cls, found: Found) -> Self:
        """The standing after a step."""
        plain = dict(found.decided[STANDING])
        values = {
            label: tuple(NAN if one is None else float(one) for one in of_label)
            for label, of_label in plain["values"].items()
        }
        return cls(**plain | {"racing": tuple(plain["racing"]), "values": values})


def search_of(plan: TuningPlan) -> Search:
    """The plan's block `search`, which a plan with these steps has."""
    assert plan.block.search is not None
    return plan.block.search


def combinations_of(plan: TuningPlan) -> dict[str, Combination]:
    """What the search may choose, by label: the start, then the drawn ones in their order."""
    return _drawn(
        search_of(plan).model_dump_json(), plan.recipe.model_dump_json(exclude_unset=True)
    )


@lru_cache(maxsize=4)
def _drawn(search: str, start: str) -> dict[str, Combination]:
    """Drawn once and not for every row: a hundred recipes to validate take their time."""
    drawn, _ = searched(Search.model_validate_json(search), Recipe.model_validate_json(start))
    return {one.label: one for one in drawn}


def metric_of_choice(plan: TuningPlan) -> str:
    """The metric by which the search chooses: of validation rows, never of test rows."""
    return chosen_by(plan.task)


def value_of(run: Tried, metric: str) -> float:
    """A run's metric; NaN where it diverged before it had learnt anything."""
    value = run.record.metrics.get(metric, NAN)
    return float(value) if np.isfinite(value) else NAN


def shortened(recipe: Recipe, epochs: int) -> Recipe:
    """The recipe with so few epochs, and no rule that would stop it earlier still."""
    training = recipe.training
    changed: dict[str, Any] = {"epochs": min(epochs, training.epochs)}
    for rule in ("patience", "stalled"):
        value = getattr(training, rule)
        if value is not None and value >= changed["epochs"]:
            changed[rule] = None
    return recipe.model_copy(update={"training": training.model_copy(update=changed)})
