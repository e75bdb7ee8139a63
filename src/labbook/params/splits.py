"""The block `split`: which rows train, which choose, and which are looked at last."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from labbook.params.base import LATER, Block, Text

Part = Annotated[int, Field(ge=1, strict=True)] | Annotated[float, Field(gt=0, lt=1, strict=True)]
MOST_FOLDS = 100


class Split(Block):
    """How the rows of a data set are divided, anew for every seed."""

    train: Part | None = Field(
        None, description="Share (below 1) or count of rows to train on; left out: all the rest."
    )
    valid: Part | Literal["fixed"] = Field(
        description="Share or count of rows that choose epochs and models; `fixed`: the set's own "
        "validation file."
    )
    test: Part | Literal["fixed"] | None = Field(
        None,
        description="Share or count of rows for the last look; `fixed`: the set's own test file. "
        "Left out with `folds` alone.",
    )
    stratify: bool | None = Field(
        None,
        description="Keep the shares of the classes in every part, each class with three rows in "
        "all of them; of a quantity those of ten ranges with equally many rows. Left out: for "
        "classes.",
    )
    group: Annotated[Text | None, LATER] = Field(
        None,
        description="A column, such as the patient: rows that have the same value there stay "
        "together in one part. It is a feature only where it is under `categorical`.",
    )
    time: Annotated[Text | None, LATER] = Field(
        None,
        description="A column with dates (under `dates` where they are not ISO 8601) or numbers: "
        "the last rows are the test, those before them validate, and the first train. The split is "
        "the same for every seed.",
    )
    folds: Annotated[int | None, Field(ge=2, le=MOST_FOLDS, strict=True), LATER] = Field(
        None,
        description="Repeated k-fold in place of `test`: so many seeds in a row, from a multiple "
        "of it on, test every row once.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Split":
        if mistakes := list(self._mistakes()):
            raise ValueError("; ".join(mistakes))
        return self

    def _mistakes(self) -> Iterator[str]:
        shares = [p for p in (self.train, self.valid, self.test) if isinstance(p, float)]
        if sum(shares) > 1 or (self.train is None and sum(shares) >= 1):
            yield f"the shares {shares} leave no rows to train on; make them smaller"
        if (self.test is None) == (self.folds is None):
            yield "needs either `test` or `folds`"
        if self.time is not None and (self.stratify or self.folds):
            yield "`time` decides about every row; leave out `stratify` and `folds`"
        if self.group is not None and self.stratify:
            yield "rows that stay together by `group` cannot be shared out by `stratify`, too"
