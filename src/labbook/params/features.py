"""The block `features`: which columns a network sees."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from labbook.params import limits
from labbook.params.base import Block, Text


class Features(Block):
    """A choice of columns, fitted on the training part of each split."""

    method: Literal["all", "f_regression", "mutual_info", "f_classif", "variance", "names"] = Field(
        "all", description="How columns are scored (scikit-learn), or `names` to list them."
    )
    k: Annotated[int, Field(ge=1, le=limits.COLUMNS, strict=True)] | None = Field(
        None, description="How many of the best columns to keep."
    )
    names: Annotated[list[Text], Field(min_length=1)] | None = Field(
        None, description="The columns by name, for `method: names`."
    )

    @model_validator(mode="after")
    def _complete(self) -> "Features":
        scored = self.method not in ("all", "names")
        if scored and self.k is None:
            raise ValueError(f"method {self.method} needs k, the number of columns to keep")
        if not scored and self.k is not None:
            raise ValueError(f"method {self.method} takes no k")
        if (self.method == "names") != (self.names is not None):
            raise ValueError("`method: names` and a list of `names` belong together")
        return self
