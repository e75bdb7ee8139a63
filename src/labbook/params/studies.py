"""The blocks `recipes` and `studies`: what is asked, of which data, by varying what."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from labbook.params.base import Block, Count, Name, Seed, Text
from labbook.params.features import Features
from labbook.params.models import Model
from labbook.params.sampling import Sample
from labbook.params.training import Constant, Optimizer, Schedule, Training

Seeds = Count | Annotated[list[Seed], Field(min_length=1)]
Settings = Annotated[dict[Text, Any], Field(min_length=1)]
Metric = Literal[
    "valid_mse", "valid_mae", "valid_r2", "valid_accuracy", "valid_cross_entropy",
    "test_mse", "test_mae", "test_r2", "test_accuracy", "test_cross_entropy",
    "train_mse", "train_mae", "train_r2", "train_accuracy", "train_cross_entropy", "epochs",
]  # fmt: skip


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


class Claim(Block):
    """A statement that the study tests: `better` beats `than` on `metric`, paired by seed."""

    id: Name = Field(description="Short name, unique in the file.")
    sentence: Text = Field(description="The claim in words.")
    reported: Text | None = Field(None, description="What the source of the claim reported.")
    metric: Metric | None = Field(None, description="Left out: the study's metric.")
    better: Settings = Field(
        description="Settings that pick the combination (or several: their mean) claimed better."
    )
    than: Settings | Literal["others"] = Field(
        default="others", description="Those it is compared with; `others`: all the rest."
    )


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

    @field_validator("vary")
    @classmethod
    def _not_empty(cls, vary: Any) -> Any:
        if not vary:
            raise ValueError("nothing varies: name at least one setting and its values")
        return vary
