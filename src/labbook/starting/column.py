"""What one column is, and what is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from labbook.params.tables import DatePart

Kind = Literal[
    "number", "category", "ordinal", "yes/no", "date", "text", "identifier", "row counter",
    "constant", "empty", "duplicate", "target",
]  # fmt: skip
Role = Literal["feature", "categorical", "ordinal", "dates", "id", "drop", "target"]


@dataclass(frozen=True)
class Column:
    """A column as it was seen: its kind, its `role` in params.yaml, and the `reason` for both.

    `levels` are those of an ordinal column from low to high, of a category by name; `format` and
    `parts` those of dates. A `warning` is told, and changes nothing.
    """

    name: str
    kind: Kind
    role: Role
    missing: int
    distinct: int
    example: str
    reason: str
    levels: tuple[str, ...] = ()
    format: str | None = None
    parts: tuple[DatePart, ...] = ()
    warning: str = ""

    def done(self) -> str:
        """What will be done with it, in a few words."""
        if self.role == "drop":
            return f"left out: {self.reason}"
        if self.role == "id":
            return "names rows, no feature"
        if self.role == "categorical" and self.kind == "yes/no":
            return f"1 for {self.levels[0]}, 0 where it is empty"
        if self.role == "categorical":
            return f"one 0/1 column for each of {self.distinct}"
        if self.role == "ordinal":
            return " < ".join(self.levels) + f" as 0 to {len(self.levels) - 1}"
        if self.role == "dates":
            return ", ".join(self.parts)
        return "to be predicted" if self.role == "target" else "as it is, standardised"

    def left_out(self, kind: Kind, reason: str) -> "Column":
        """The same column, not used."""
        return replace(self, kind=kind, role="drop", reason=reason)


def counted(name: str, texts: Sequence[str]) -> Column:
    """A column of which nothing is known yet but its counts; `texts` are "" where missing."""
    there = [text for text in texts if text]
    return Column(
        name=name,
        kind="number",
        role="feature",
        missing=len(texts) - len(there),
        distinct=len(set(there)),
        example=there[0] if there else "",
        reason="",
    )
