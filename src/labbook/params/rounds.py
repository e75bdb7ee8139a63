"""The block `seeds: {from: 8, to: 64, until: decided}`: seeds that are added where a claim asks."""

from typing import Literal

from pydantic import Field, model_validator

from labbook.params import limits
from labbook.params.base import Block
from labbook.verdicts import FEWEST_SEEDS


class Rounds(Block):
    """Seeds in rounds: `from` of them first, then twice as many at each look, up to `to`.

    Only claims that are undecided get more, and each look has its price (docs/seeds.md).
    """

    first: int = Field(
        alias="from",
        ge=FEWEST_SEEDS,
        le=limits.SEEDS,
        strict=True,
        description="Seeds of the first look: fewer decide nothing.",
    )
    to: int = Field(
        ge=1, le=limits.SEEDS, strict=True, description="Seeds of the last look, at most."
    )
    until: Literal["decided"] = Field(
        "decided", description="A claim gets no more seeds once it has a verdict."
    )

    @model_validator(mode="after")
    def _ordered(self) -> "Rounds":
        if not self.first < self.to:
            raise ValueError(
                f"from ({self.first}) must be below to ({self.to}); for a fixed number of seeds "
                f"write seeds: {self.first}"
            )
        return self

    @property
    def looks(self) -> tuple[int, ...]:
        """How many seeds there are at each look: twice as many as before, at last `to`."""
        numbers = [self.first]
        while numbers[-1] < self.to:
            numbers.append(min(2 * numbers[-1], self.to))
        return tuple(numbers)
