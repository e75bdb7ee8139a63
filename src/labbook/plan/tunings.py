"""What a block of `tune` asks for: the steps in order, each of which follows from those before."""

from dataclasses import dataclass

from labbook.params.studies import Recipe
from labbook.params.tuning import Tuning

SIX_STEPS = ("initial-loss", "tiny-sample", "rate", "coarse", "fine", "curves")
RACE = 4  # rounds, at most, in which survivors of a search are raced over more seeds
SEARCH = ("draw", "discard", *(f"race-{number}" for number in range(1, RACE + 1)), "final")
SLOTS = 8  # jobs that share out the trainings of a step: fixed, so the plan knows them beforehand


@dataclass(frozen=True)
class TuningPlan:
    """A block of `tune`, resolved."""

    name: str
    block: Tuning
    dataset: str
    task: str  # "regression" or "classification"
    recipe: Recipe  # the start
    than: Recipe  # what the outcome is compared with
    seeds: tuple[int, ...]  # of the last step

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of its steps, in order."""
        return SIX_STEPS if self.block.search is None else SEARCH
