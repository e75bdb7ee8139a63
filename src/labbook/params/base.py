"""What all blocks of params.yaml share."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from labbook.params import limits

# Names become folders: no separators, no leading dot, nothing that a shell or a page would read.
Name = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60, strict=True)
]
FileName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100, strict=True)
]
Text = Annotated[str, StringConstraints(min_length=1, strict=True)]
Count = Annotated[int, Field(ge=1, le=limits.COUNT, strict=True)]
Epochs = Annotated[int, Field(ge=1, le=limits.EPOCHS, strict=True)]
Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]
Number = Annotated[
    float, Field(ge=-limits.NUMBER, le=limits.NUMBER, allow_inf_nan=False, strict=True)
]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
Rate = Annotated[float, Field(ge=0, lt=1, strict=True)]


class Block(BaseModel):
    """A block of params.yaml: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def identity(self) -> dict[str, Any]:
        """The settings that numbers depend on, as plain values: part of a run's identity."""
        return self.model_dump(mode="json")
