"""The blocks of `tune`: hyper-parameters that labbook chooses, in six steps or by a search."""

from typing import Annotated

from pydantic import Field

from labbook.params import limits
from labbook.params.base import Block, Count, Epochs, Name, Text
from labbook.params.claims import Settings
from labbook.params.sampling import Values


class Search(Block):
    """Settings that are drawn, discarded after few epochs, and raced over seeds."""

    of: Annotated[dict[Text, Values], Field(min_length=1)] = Field(
        description="Settings, each with a block `range` or a list of values."
    )
    budget: Count = Field(description="Epochs of all trainings together, but for the last step's.")
    epochs: Epochs = Field(5, description="After so many the worse ones are discarded.")


class Tuning(Block):
    """A recipe whose settings are chosen: its rate and weight decay in six steps, or any others."""

    recipe: Name = Field(description="Name of a block under `recipes`: where to start.")
    set: Settings | None = Field(None, description="Settings of the start that differ from it.")
    than: Name | None = Field(
        None,
        description="Name of the recipe that the outcome is compared with; left out: `recipe`.",
    )
    seeds: Annotated[int, Field(ge=6, le=limits.SEEDS, strict=True)] = Field(
        8, description="With how many seeds the last step trains and compares."
    )
    remedies: Annotated[bool, Field(strict=True)] = Field(
        True,
        description="Whether a network that cannot learn a handful of rows by heart may get "
        "another optimiser or activation; else the steps end there.",
    )
    search: Search | None = Field(
        None, description="Search these settings instead of going the six steps."
    )
