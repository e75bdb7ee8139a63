"""The blocks `recipes` and `studies`: what is asked, of which data, by varying what."""

import math
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from labbook.params import limits
from labbook.params.base import LATER, Block, Name, Seed, Text
from labbook.params.claims import Claim, Metric, Settings
from labbook.params.features import Features
from labbook.params.models import Model
from labbook.params.rounds import Rounds
from labbook.params.sampling import Sample
from labbook.params.training import Constant, Optimizer, Schedule, Training


def _form_of_seeds(seeds: Any) -> str:
    """Which form of `seeds` is meant, for messages about that form alone."""
    if isinstance(seeds, list):
        return "a list"
    return "rounds" if isinstance(seeds, dict | Rounds) else "a count"


Seeds = Annotated[
    Annotated[int, Field(ge=1, le=limits.SEEDS, strict=True), Tag("a count")]
    | Annotated[list[Seed], Field(min_length=1, max_length=limits.SEEDS), Tag("a list")]
    | Annotated[Rounds, Tag("rounds")],
    Discriminator(_form_of_seeds),
]


def _form(vary: Any) -> str:
    """Which form of `vary` is meant, for messages about that form alone."""
    if isinstance(vary, list):
        return "a list"
    drawn = isinstance(vary, Sample) or (isinstance(vary, dict) and "sample" in vary)
    return "a sample" if drawn else "a product"


Vary = Annotated[
    Annotated[dict[Text, Annotated[list[Any], Field(min_length=1)]], Tag("a product")]
    | Annotated[list[Settings], Field(min_length=1), Tag("a list")]
    | Annotated[Sample, Tag("a sample")],
    Discriminator(_form),
]


Given = Annotated[float, Field(allow_inf_nan=False, strict=True)] | Literal["diverged"]

Rivals = bool | Literal["tuned"]


class Recipe(Block):
    """All settings of one training: a starting point that studies vary."""

    dataset: Name = Field(description="Name of a block under `datasets`.")
    features: Features = Field(default=Features(), description="Which columns the network sees.")
    model: Model = Field(description="What is trained.")
    optimizer: Optimizer = Field(description="How the weights are moved.")
    schedule: Schedule = Field(default=Constant(), description="How the rate changes.")
    training: Training = Field(description="How long, in which batches, and when to stop.")


class Published(Block):
    """Figures that a source gives for one combination, to show beside ours; never used otherwise.

    A source that did its experiment twice gives two values: the first set of figures first.
    """

    of: Settings = Field(description="Picks the combination that the figures are of.")
    metric: Metric | None = Field(None, description="Left out: the study's metric.")
    values: Annotated[list[Given], Field(min_length=1)] = Field(
        description="One figure per set, each of one run as far as the source says; `diverged` "
        "for a run that gave none."
    )
    source: Text = Field(description="Where they are from, in words.")


class Study(Block):
    """One question asked of a data set, or of each of several, by varying something."""

    question: Text = Field(description="The question in words, ending in a question mark.")
    recipe: Name = Field(description="Name of a block under `recipes`.")
    datasets: Annotated[Annotated[list[Name], Field(min_length=2)] | None, LATER] = Field(
        None,
        description="Two or more data sets, in place of the recipe's: the question is asked of "
        "each. That makes a study `<name>-on-<data set>` of each, with its claims as "
        "`<id>-on-<data set>`, and results/datasets.csv says what they show together.",
    )
    set: Settings | None = Field(
        None, description="Settings that differ from the recipe in all combinations."
    )
    vary: Vary = Field(
        description="A mapping of settings to lists: every combination of them; or a list of "
        "settings to try one by one; or a block `sample`: combinations that are drawn."
    )
    reference: Settings | None = Field(
        None, description="Picks the combination that others are compared with; else the first."
    )
    metric: Metric | None = Field(
        None, description="What is compared; left out: valid_mse, or valid_accuracy for classes."
    )
    seeds: Seeds | None = Field(None, description="As `seeds` of the file, for this study.")
    rivals: Rivals | None = Field(None, description="As `rivals` of the file, for this study.")
    controls: Annotated[bool | None, LATER, Field(strict=True)] = Field(
        None, description="As `controls` of the file, for this study."
    )
    threshold: Annotated[Literal["valid"] | None, LATER] = Field(
        None,
        description="Of two classes: `valid` chooses the probability from which on a row is of the "
        "second class, for each run on its validation rows, by balanced accuracy. Left out: 0.5.",
    )
    note: Text | None = Field(None, description="A remark to print with the study.")
    claims: list[Claim] = Field(default=[], description="The statements that the study tests.")
    published: list[Published] = Field(
        default=[], description="Figures that a source gives, to show beside ours."
    )

    @property
    def varied(self) -> list[str]:
        """The settings that vary, such as `optimizer.rate`."""
        if isinstance(self.vary, list):
            return [path for settings in self.vary for path in settings]
        return list(self.vary.of if isinstance(self.vary, Sample) else self.vary)

    @property
    def combination_count(self) -> int:
        """How many combinations are asked for."""
        if isinstance(self.vary, Sample):
            return self.vary.sample
        if isinstance(self.vary, list):
            return len(self.vary)
        return math.prod(map(len, self.vary.values()))

    @field_validator("vary")
    @classmethod
    def _not_empty(cls, vary: Any) -> Any:
        if not vary:
            raise ValueError("nothing varies: name at least one setting and its values")
        return vary
