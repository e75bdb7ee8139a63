"""The block `claims` of a study: sentences, and the test that decides each."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from labbook.curve_metrics import CURVE_METRICS
from labbook.measures import MEASURED, MEASURES
from labbook.metrics import METRICS
from labbook.params.base import LATER, Block, Count, Name, Positive, Text

Settings = Annotated[dict[Text, Any], Field(min_length=1)]
Sides = Settings | Annotated[list[Settings], Field(min_length=2)]
Selector = Sides | Literal["all", "others"]
if TYPE_CHECKING:
    Metric = str
else:
    Metric = Literal[
        *(f"{part}_{name}" for part in ("valid", "test", "train") for name in METRICS),
        *(f"{part}_{name}" for part in MEASURED for name in MEASURES),
        "epochs", *CURVE_METRICS,
    ]  # fmt: skip
Measured = Literal["converged", "stopped early", "stalled", "used up", "unfinished"]
Ending = Literal[Measured, "diverged"]


class Difference(Block):
    """One side against another."""

    better: Sides = Field(description="Picks the combination (or several: their mean).")
    than: Sides = Field(description="Picks those that it is compared with.")


class Bounded(Block):
    """Something that should be above or below a number, or between two."""

    of: Sides | Literal["all"] = Field(description="Picks the combination (or several, together).")
    above: float | None = Field(None, description="Claimed to be above this.")
    below: float | None = Field(None, description="Claimed to be below this; or with `above`.")

    @model_validator(mode="after")
    def _bound(self) -> "Bounded":
        if self.above is None and self.below is None:
            raise ValueError("name a bound: above, below, or both")
        if self.above is not None and self.below is not None and self.above >= self.below:
            raise ValueError(f"above ({self.above}) must be smaller than below ({self.below})")
        return self


class Share(Bounded):
    """How many of the runs end in a certain way."""

    ended: Ending = Field(description="How a run has to end to be counted.")

    @model_validator(mode="after")
    def _share(self) -> "Share":
        for bound in (self.above, self.below):
            if bound is not None and not 0 < bound < 1:
                raise ValueError(f"a share lies between 0 and 1, and so must its bound ({bound})")
        if self.above is not None and self.below is not None:
            raise ValueError("a share has one bound: above or below")
        return self


class Level(Bounded):
    """The metric itself, not a difference of two."""

    among: Measured | None = Field(None, description="Only runs that ended so; left out: all.")

    @field_validator("among", mode="before")
    @classmethod
    def _with_metric(cls, among: Any) -> Any:
        if among == "diverged":
            raise ValueError("runs that diverged have no metric; ask how many did so, by share")
        return among


class Exact(Block):
    """What must be exactly so."""

    of: Settings = Field(description="Picks one combination.")
    parameters: Count | None = Field(None, description="Weights and biases of the network.")
    layers: list[Count] | None = Field(
        None, description="The same by layer, those without left out."
    )

    @model_validator(mode="after")
    def _something(self) -> "Exact":
        if self.parameters is None and self.layers is None:
            raise ValueError("name what is exact: parameters, layers, or both")
        return self


# The settings that name a test, and the forms of claims; of BESIDE each goes with `better`.
FORMS = ("better", "more_than", "tuned", "order", "alike", "matters", "share", "level", "exact")
BESIDE = ("more_than", "tuned")

# What a test would take no notice of, and why.
UNUSED = {
    "metric": {
        "matters": "matters is about the study's metric",
        "share": "share counts how runs ended, not a metric",
        "exact": "exact counts weights, not a metric",
    },
    "margin": {
        "matters": "matters compares shares of the variance, which have no margin",
        "share": "share is compared with its bound: give the bound that matters",
        "level": "level is compared with its bound: give the bound that matters",
        "exact": "exact is exact",
    },
}


class Claim(Block):
    """A statement that the study tests, by exactly one of the tests below, paired by seed."""

    id: Name = Field(description="Short name, unique in the file.")
    sentence: Text = Field(description="The claim in words.")
    reported: Text | None = Field(
        None,
        description="What the source of the claim reported. Claims of one source are gathered by "
        "the capitals that their ids begin with; one without is your own.",
    )
    conditions: Text | None = Field(
        None,
        description="In what this study's conditions differ from the source's; a verdict is then "
        "marked as found under other conditions.",
    )
    metric: Metric | None = Field(None, description="Left out: the study's metric.")
    margin: Positive | None = Field(
        None,
        description="An effect smaller than this does not matter: a share for errors and epochs "
        "(0.05: 5 %), the difference itself for accuracy and R2. Left out: 0.05, 0.005 and 0.01. "
        "With better, order, alike.",
    )
    better: Sides | None = Field(
        None,
        description="Test: picks the combination claimed better; several, by a setting that they "
        "share or by a list of settings: their mean.",
    )
    than: Sides | Literal["others"] = Field(
        "others",
        description="With `better`: what it is compared with; `others`: the mean of all the rest.",
    )
    at_least: Positive | None = Field(
        None,
        description="With `better`: by at least so much, as `margin` counts (1: twice the error).",
    )
    tuned: Annotated[Count | None, LATER] = Field(
        None,
        description="With `better` and `than`: each side at its best of so many of its "
        "combinations. Of each seed validation rows choose, and test rows judge what they chose; "
        "the mean over all choices of so many counts. The metric is then one of test rows.",
    )
    more_than: Difference | None = Field(
        None, description="With `better` and `than`: their difference is larger than this one."
    )
    order: Annotated[list[Settings], Field(min_length=3)] | None = Field(
        None,
        description="Test: three or more combinations, best first; each must beat the next.",
    )
    alike: Annotated[list[Settings], Field(min_length=2, max_length=2)] | None = Field(
        None, description="Test: two combinations that differ by less than the margin."
    )
    matters: Annotated[list[Text], Field(min_length=2)] | None = Field(
        None,
        description="Test: two or more settings that vary, the one that matters most first; each "
        "must explain more of the study's metric than the next.",
    )
    share: Share | None = Field(
        None, description="Test: the share of runs that end in some way, counted by seed."
    )
    level: Level | None = Field(None, description="Test: the metric is above or below a number.")
    exact: Exact | None = Field(None, description="Test: a count that must be exactly so.")

    @property
    def form(self) -> str:
        """Which test decides: one of FORMS."""
        for name in BESIDE:
            if getattr(self, name) is not None:
                return name
        return next(name for name in FORMS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_test(self) -> "Claim":
        tests = [n for n in FORMS if n not in BESIDE and getattr(self, n) is not None]
        if len(tests) != 1:
            names = " and ".join(tests) or "none"
            raise ValueError(
                f"a claim has one test, found {names}; write one of: better (with than), order, "
                "alike, matters, share, level, exact"
            )
        others = self.than != "others" or self.more_than or self.at_least or self.tuned
        if tests != ["better"] and others:
            raise ValueError(
                f"than, at_least, tuned and more_than go with better, not with {tests[0]}"
            )
        if self.more_than is not None and self.at_least is not None:
            raise ValueError("at_least and more_than do not go together; remove one")
        self._of_methods()
        if self.margin is not None and self.at_least is not None:
            raise ValueError(
                "at_least says how much is claimed, which leaves margin nothing to say; "
                "remove margin"
            )
        for name in ("metric", "margin"):
            if getattr(self, name) is not None and tests[0] in UNUSED[name]:
                raise ValueError(f"{UNUSED[name][tests[0]]}; remove {name}")
        if self.more_than is not None and self.than == "others":
            raise ValueError("more_than needs both better and than")
        return self

    def _of_methods(self) -> None:
        """Raises ValueError for what does not go with `tuned`."""
        if self.tuned is None:
            return
        if self.more_than is not None:
            raise ValueError("tuned and more_than do not go together; remove one")
        if self.metric is not None and not self.metric.startswith("test_"):
            raise ValueError(
                f"tuned is judged on test rows, by what validation rows chose; {self.metric} is "
                "not of test rows: write a metric that begins with test_, or leave metric out"
            )

    @property
    def selectors(self) -> dict[str, Selector]:
        """What picks combinations, by its place in the block, in the order of the test's sides."""
        if self.order is not None or self.alike is not None:
            several = self.order or self.alike or []
            return {f"{self.form}.{number}": one for number, one in enumerate(several)}
        if self.matters is not None:
            return {}
        if self.better is None:
            one = self.share or self.level or self.exact
            assert one is not None
            return {f"{self.form}.of": one.of}
        sides: dict[str, Any] = {"better": self.better, "than": self.than}
        if self.more_than is not None:
            sides |= {
                "more_than.better": self.more_than.better,
                "more_than.than": self.more_than.than,
            }
        return sides
