"""champion.json as predictions read it: every entry held against its type and its length.

`labbook.evaluate.taken_away` writes these entries. null stands for a number that is not finite.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from labbook.data.columns import Encoding
from labbook.params import limits
from labbook.params.base import Name, Sha256
from labbook.params.models import Model
from labbook.params.tables import Form

DEPTH = 30
Infinite = Annotated[float, BeforeValidator(lambda value: math.inf if value is None else value)]
Unknown = Annotated[float, BeforeValidator(lambda value: math.nan if value is None else value)]
Count = Annotated[int, Field(ge=0, le=limits.VALUES)]


class Entry(BaseModel):
    """Others may be beside the entries that are read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Seen(Entry):
    """What the training rows had: of each column the ends of its range, and its empty fields."""

    rows: Count
    low: list[Unknown] = []
    high: list[Unknown] = []
    missing: list[Count] = []


class Fitted(Entry):
    """What was fitted on the training rows: a `FittedSplit` without its rows.

    Of images mean, scale and fill are numbers; a scale is infinite where nothing varied.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    mean: list[float] | float
    scale: list[Infinite] | Infinite
    fill: list[Unknown] | Unknown
    target_mean: float
    target_scale: float
    route: list[Count] | None = None


class Rows(Entry):
    """How a row of the file becomes what the network is given."""

    kind: Literal["table", "images"]
    shape: Annotated[
        list[Count], Field(min_length=1, max_length=2)
    ]  # (columns,) or (height, width)
    form: Form
    id: str | None
    target: str  # its name in the file
    encodings: list[Encoding]
    columns: list[Count] | None  # of those that the encodings give the chosen ones; None: all
    fitted: Fitted
    training: Seen


class Figure(Entry):
    """A mean over `n` with its interval."""

    mean: float | None
    low: float | None
    high: float | None
    n: int


class Coverage(Figure):
    """The share of test rows that intervals of a level cover, over seeds, and their mean width."""

    level: float
    width: float | None


class Conformal(Entry):
    """Split conformal prediction: a quantile of the validation errors for each level."""

    rows: Count
    levels: list[float]
    quantiles: list[Infinite]
    coverage: list[Coverage]
    note: str = ""


class Ensemble(Entry):
    """What the mean of several seeds gains on rows that none of them has been fitted to."""

    metric: str
    single: float
    together: float
    gain: Figure
    members: float
    of: int


class Member(Entry):
    """A run of the champion's combination."""

    seed: Annotated[int, Field(ge=0, lt=2**63)]
    run: Annotated[str, Field(pattern=r"^[0-9A-Za-z]+$", max_length=100)]  # becomes a file's name


class Preprocessing(Entry):
    """The names of the classes and of the target."""

    classes: list[str]
    target: str
    log_target: bool = False


class About(Entry):
    """The content of champion.json that predictions need."""

    study: Name
    data: Name
    edition: str
    task: Literal["regression", "classification"]
    combination: str
    seed: int
    run: str
    recipe: dict[str, Any]
    sums: dict[str, Sha256]
    preprocessing: Preprocessing
    rows: Rows
    conformal: Conformal
    members: list[Member]
    ensemble: Ensemble | None = None
    measures: dict[str, Figure] = {}
    parameters: int = 0
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None  # on P(second class); None: 0.5
    ended: str = ""


def model_block(recipe: dict[str, Any]) -> Model:
    """The block `model` of a recipe. Raises pydantic's ValidationError."""
    block: Model = TypeAdapter(Model).validate_python(recipe.get("model"))
    return block


def is_too_deep(value: Any, most: int = DEPTH) -> bool:
    """Whether values of JSON lie in one another more often than labbook ever writes them."""
    level = [value]
    for _ in range(most):
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)
