"""The block `datasets`: what the numbers are and where they come from.

Tables and images have modules of their own, tables.py and images.py. To add a kind of data, write
its block here, name it in `Dataset`, and see data/kinds/.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from labbook.params import limits
from labbook.params.base import NotNegative, Number, Seed, Text
from labbook.params.images import Images
from labbook.params.sources import Data
from labbook.params.splits import Split
from labbook.params.tables import Table


class Function(Data):
    """Points of a function of x, made and not measured."""

    kind: Literal["function"] = "function"
    expression: Text = Field(
        description="A function of x: numbers, + - * / **, pi, e, and log, log2, log10, exp, sqrt, "
        "abs, sin, cos, tan, tanh, minimum, maximum."
    )
    low: Number = Field(description="Smallest x.")
    high: Number = Field(description="Largest x.")
    points: Annotated[int, Field(ge=1, le=limits.POINTS, strict=True)] = Field(
        description="How many points, x uniform between low and high."
    )
    noise: NotNegative = Field(0.0, description="Deviation of normal noise on y.")
    seed: Seed = Field(0, description="Seed of the points and the noise.")
    standardise: Literal["all", "none"] = Field(
        "all", description="x to mean 0 and deviation 1, or as it is."
    )
    standardise_target: bool = Field(False, description="y likewise.")
    split: Split = Field(description="How the points are divided.")

    @property
    def task(self) -> Literal["regression"]:
        """Y is a quantity."""
        return "regression"

    def made_by(self, *, standing_in: bool) -> str | None:
        return None if standing_in else self.kind

    def expected_shape(self) -> tuple[int, ...]:
        return (self.points, 1)

    def source(self) -> dict[str, Any]:
        parts = {"expression", "low", "high", "points", "noise", "seed"}
        return self.model_dump(mode="json", include=parts)

    @model_validator(mode="after")
    def _range(self) -> "Function":
        if not self.low < self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        if self.split.test == "fixed":
            raise ValueError("split.test: fixed is for data sets with a test file of their own")
        return self


Dataset = Annotated[Table | Images | Function, Field(discriminator="kind")]
