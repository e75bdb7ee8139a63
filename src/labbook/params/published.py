"""The list `published` of a study: figures that a source gives for its combinations."""

from typing import Annotated, Literal

from pydantic import Field

from labbook.params.base import Block, Text
from labbook.params.claims import Metric, Settings

Given = Annotated[float, Field(allow_inf_nan=False, strict=True)] | Literal["diverged"]


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
