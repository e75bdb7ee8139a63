"""What all blocks of params.yaml share: names, numbers, addresses and paths that are allowed."""

from pathlib import PurePath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from labbook.addresses import has_user
from labbook.params import limits

LONGEST_NAME = 60
# Names become folders: no separators, no leading dot, nothing that a shell or a page would read.
Name = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=LONGEST_NAME, strict=True),
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
Fraction = Annotated[float, Field(gt=0, lt=1, strict=True)]
Rate = Annotated[float, Field(ge=0, lt=1, strict=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", strict=True)]


def _public(address: str) -> str:
    """Refuses an address with a password, without repeating it."""
    if has_user(address):
        raise ValueError(
            "the address holds a user name or password, and params.yaml and dvc.lock are committed "
            "for all to see; put them into ~/.netrc (machine, login, password), which is read, or "
            "set LABBOOK_MIRROR to such an address"
        )
    return address


Origin = Annotated[
    str,
    StringConstraints(pattern=r"^(https|http|file)://\S+$", strict=True),
    AfterValidator(_public),
]


def of_here(path: str) -> str:
    """The path of a file of this folder. Raises ValueError for one elsewhere.

    Whoever writes a params file could have any file copied.
    """
    if PurePath(path).is_absolute() or ".." in PurePath(path).parts:
        raise ValueError(
            f"{path!r} lies outside of this folder, and a study's data belong to it; copy the file "
            f"under tables/ and write path: tables/{PurePath(path).name}"
        )
    return PurePath(path).as_posix()  # ./a//b is a/b


OwnPath = Annotated[Text, AfterValidator(of_here)]


LATER = "later"  # Annotated[..., LATER]: a setting that was added when there were results already


class Block(BaseModel):
    """A block of params.yaml: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def identity(self) -> dict[str, Any]:
        """The settings that numbers depend on, as plain values: part of a run's identity.

        A setting that was added later changes nothing by its default, so it is left out then.
        """
        return self._without_later_defaults(self.model_dump(mode="json"))

    def _without_later_defaults(self, settings: dict[str, Any]) -> dict[str, Any]:
        kept = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if name not in settings or (LATER in field.metadata and value == field.get_default()):
                continue
            kept[name] = settings[name]
            if isinstance(value, Block):
                kept[name] = value._without_later_defaults(settings[name])
        return kept
