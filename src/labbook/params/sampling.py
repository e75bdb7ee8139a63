"""Settings that are drawn: `vary: {sample: 40, of: {...}}`, a pure function of the block.

Drawn by the streams of streams.py and a few lines of NumPy instead of scipy.stats.qmc: every
command plans first and must not wait for SciPy, and another SciPy must not mean other combinations.
"""

import itertools
import json
import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from labbook.params import limits
from labbook.params.base import Block, Number, Seed, Text
from labbook.streams import stream

DIGITS = 3  # significant ones of a drawn number: what people read and type
ATTEMPTS = 50  # draws in vain, for each combination that there is, after which there are no more


class Range(Block):
    """A number between two others, both included."""

    low: Number = Field(description="Smallest value.")
    high: Number = Field(description="Largest value.")
    log: bool = Field(False, description="Drawn evenly on a logarithmic scale: for rates.")
    whole: bool = Field(False, description="Whole numbers only: for counts.")

    @model_validator(mode="after")
    def _ordered(self) -> "Range":
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.log and self.low <= 0:
            raise ValueError(f"log needs low above 0, found {self.low:g}")
        if self.whole and (self.low % 1 or self.high % 1):
            raise ValueError("whole needs whole numbers as low and high")
        return self

    def at(self, share: float) -> float | int:
        """The value at `share`, from 0 to 1, of the way from low to high."""
        low, high = self.low, self.high
        if self.whole:  # every whole number has the same room, also the first and the last
            low, high = low - 0.5, high + 0.5
        if self.log:
            value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            value = low + share * (high - low)
        rounded = round(value) if self.whole else float(f"{value:.{DIGITS}g}")
        return type(rounded)(min(max(rounded, self.low), self.high))


Values = Annotated[
    Annotated[Range, Tag("a range")] | Annotated[list[Any], Field(min_length=1), Tag("a list")],
    Discriminator(lambda value: "a range" if isinstance(value, dict | Range) else "a list"),
]


class Sample(Block):
    """Combinations drawn from ranges and lists, for more settings than a grid has room for."""

    sample: Annotated[int, Field(ge=1, le=limits.COMBINATIONS, strict=True)] = Field(
        description="How many combinations are drawn; all of them differ."
    )
    method: Literal["latin-hypercube", "random"] = Field(
        "latin-hypercube",
        description="`latin-hypercube`: each setting's range is cut into as many parts as there "
        "are combinations, and each part is used once; `random`: all drawn independently.",
    )
    seed: Seed = Field(0, description="Another seed draws other combinations.")
    of: Annotated[dict[Text, Values], Field(min_length=1)] = Field(
        description="Settings, each with a block `range` or a list of values. A setting that the "
        "kind drawn with it (of optimiser, model, ...) does not have is left out there."
    )


def draw(
    block: Sample, fitting: Callable[[dict[str, Any]], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The settings of each combination, all different; fewer than asked where there are no more.

    `fitting` leaves out the settings that do not go with others.
    """
    random = stream(block.seed, "sample")
    shares = random.random((block.sample, len(block.of)))  # (combinations, settings)
    if block.method == "latin-hypercube":  # McKay, Beckman and Conover (1979)
        parts = random.permuted(np.tile(np.arange(block.sample), (len(block.of), 1)), axis=1).T
        shares = (parts + shares) / block.sample
    further = (random.random(len(block.of)) for _ in itertools.count())
    drawn: dict[str, dict[str, Any]] = {}
    in_vain = 0  # draws since the last that was new
    for row in itertools.chain(shares, further):
        settings = fitting(
            {
                path: values.at(share)
                if isinstance(values, Range)
                else values[int(share * len(values))]
                for (path, values), share in zip(block.of.items(), row.tolist(), strict=True)
            }
        )
        text = json.dumps(settings, sort_keys=True, default=str)
        in_vain = in_vain + 1 if text in drawn else 0
        drawn.setdefault(text, settings)
        if len(drawn) == block.sample or in_vain > ATTEMPTS * len(drawn):
            break
    return list(drawn.values())
