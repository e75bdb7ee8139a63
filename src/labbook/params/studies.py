"""The blocks `recipes` and `studies`: what is asked, of which data, by varying what."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, field_validator

from labbook.params import limits
from labbook.params.base import Block, Name, Seed, Text
from labbook.params.claims import Claim, Metric, Settings
from labbook.params.features import Features
from labbook.params.models import Model
from labbook.params.published import Published
from labbook.params.sampling import Sample
from labbook.params.training import Constant, Optimizer, Schedule, Training

Seeds = (
    Annotated[int, Field(ge=1, le=limits.SEEDS, strict=True)]
    | Annotated[list[Seed], Field(min_length=1, max_length=limits.SEEDS)]
)


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


class Recipe(Block):
    """All settings of one training: a starting point that studies vary."""

    dataset: Name = Field(description="Name of a block under `datasets`.")
    features: Features = Field(default=Features(), description="Which columns the network sees.")
    model: Model = Field(description="What is trained.")
    optimizer: Optimizer = Field(description="How the weights are moved.")
    schedule: Schedule = Field(default=Constant(), description="How the rate changes.")
    training: Training = Field(description="How long, in which batches, and when to stop.")


class Study(Block):
    """One question asked of one data set by varying something."""

    question: Text = Field(description="The question in words, ending in a question mark.")
    recipe: Name = Field(description="Name of a block under `recipes`.")
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
    note: Text | None = Field(None, description="A remark to print with the study.")
    claims: list[Claim] = Field(default=[], description="The statements that the study tests.")
    published: list[Published] = Field(
        default=[], description="Figures that a source gives, to show beside ours."
    )

    @field_validator("vary")
    @classmethod
    def _not_empty(cls, vary: Any) -> Any:
        if not vary:
            raise ValueError("nothing varies: name at least one setting and its values")
        return vary
