"""The blocks of `tune`: hyper-parameters that labbook chooses, in six steps or by a search."""

from typing import Annotated

from pydantic import Field

from labbook.params import limits
from labbook.params.base import Block, Count, Epochs, Name, Seed, Text
from labbook.params.claims import Settings
from labbook.params.sampling import Values
from labbook.verdicts import FEWEST_SEEDS

FIRST_SEEDS, MOST_SEEDS = 3, 24  # of a combination in the race
FEWEST_RACING = 2  # combinations
MOST_DRAWN = 128  # a few epochs do not tell the best of more apart (docs/tuning-search.md)


class Search(Block):
    """Settings that are drawn, discarded after few epochs, and raced over seeds.

    The start is always among them.
    """

    of: Annotated[dict[Text, Values], Field(min_length=1)] = Field(
        description="Settings, each with a block `range` or a list of values."
    )
    budget: Count = Field(
        description="Epochs of all trainings together, but for those of the last step; about half "
        "of them go to the drawn combinations."
    )
    epochs: Epochs = Field(5, description="After so many the worse ones are discarded.")
    seed: Seed = Field(0, description="Another seed draws other combinations.")

    def sample(self, epochs: int) -> int:
        """How many combinations are drawn: half of the budget is for them and the start.

        Or less, so that two can race, whose full trainings have `epochs`.
        """
        drawing = min(self.budget // 2, self.budget - FEWEST_RACING * FIRST_SEEDS * epochs)
        return min(max(drawing // self.epochs - 1, 1), MOST_DRAWN)

    def least_budget(self, epochs: int) -> int:
        """Epochs for the start and one other combination, whose full trainings have `epochs`."""
        return 2 * self.epochs + FEWEST_RACING * FIRST_SEEDS * epochs


class Tuning(Block):
    """A recipe whose settings are chosen: its rate and weight decay in six steps, or any others."""

    recipe: Name = Field(description="Name of a block under `recipes`: where to start.")
    set: Settings | None = Field(None, description="Settings of the start that differ from it.")
    than: Name | None = Field(
        None,
        description="Name of the recipe that the outcome is compared with; left out: `recipe`.",
    )
    seeds: Annotated[int, Field(ge=FEWEST_SEEDS, le=limits.SEEDS, strict=True)] = Field(
        8, description="With how many seeds the last step trains and compares."
    )
    remedies: Annotated[bool, Field(strict=True)] = Field(
        True,
        description="Whether a network that cannot learn a handful of rows by heart may get "
        "another optimiser or activation; else the steps end there. Not beside `search`.",
    )
    search: Search | None = Field(
        None, description="Search these settings instead of going the six steps."
    )

    @property
    def search_seeds(self) -> tuple[int, ...]:
        """The seeds of a search: others than those of the last step, on which it was not chosen."""
        return tuple(range(self.seeds, self.seeds + MOST_SEEDS)) if self.search else ()
