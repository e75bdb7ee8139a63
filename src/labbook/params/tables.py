"""The block of a table: how its file is read, and what its columns are."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from labbook.params import limits
from labbook.params.base import LATER, Block, FileName, OwnPath, Text
from labbook.params.sources import Source

Character = Annotated[str, StringConstraints(min_length=1, max_length=1, strict=True)]
# A text as the file has it; a number of params.yaml is meant as it is written there.
Value = Annotated[str | int | float, AfterValidator(str)]
Values = list[Value]
DATE_PARTS = ("year", "month", "day", "weekday", "hour", "elapsed")
DatePart = Literal["year", "month", "day", "weekday", "hour", "elapsed"]


class Form(Block):
    """How a file with a table is read; `labbook new` looks at it and writes what it found."""

    delimiter: Character | Literal["whitespace"] = Field(
        ",", description="The character between two fields, or `whitespace` for any blanks."
    )
    encoding: Annotated[Text, LATER] = Field(
        "utf-8", description="How letters are bytes: utf-8, utf-16, cp1252, latin-1, ..."
    )
    decimal: Annotated[Literal[".", ","], LATER] = Field(
        ".", description="The sign before the decimals of a number."
    )
    thousands: Annotated[Literal[",", ".", " ", "'"] | None, LATER] = Field(
        None, description="The sign between thousands; left out: none."
    )
    header: Annotated[bool, LATER] = Field(
        True,
        description="Whether the first line names the columns; if not they are called 1, 2, 3, ...",
    )
    skip_lines: Annotated[int, Field(ge=0, le=limits.COUNT, strict=True), LATER] = Field(
        0, description="How many lines stand before the table, such as a title."
    )
    comment: Annotated[Character | None, LATER] = Field(
        None, description="Lines that begin with this character are passed over."
    )
    sheet: Annotated[Text | None, LATER] = Field(
        None, description="Which sheet of an Excel file; left out: the first."
    )
    missing_marks: Annotated[Values | dict[Text, Values] | None, LATER] = Field(
        None,
        description="What stands for an unknown value beside an empty field: a list for all "
        "columns, or one by column. Left out: NA, N/A, NaN, null, None. `['?', -200]` are "
        "others; by `{alley: []}` each text of the column alley is a value.",
    )
    repeated_columns: Literal["refuse", "number"] = Field(
        "refuse", description="`number` renames repeated names: cli, cli.1, cli.2."
    )


class Dates(Block):
    """How a column with dates becomes numbers."""

    format: Text | None = Field(
        None, description="Such as %d/%m/%Y %H:%M; left out: as ISO 8601 has it, 2026-11-27."
    )
    parts: list[DatePart] = Field(
        default=["month", "weekday", "elapsed"],
        min_length=1,
        description="What of it: `year` and `elapsed` (days since 2000) as numbers; `month`, "
        "`day`, `weekday` and `hour` as a point on a circle, sine and cosine.",
    )


class Table(Source, Form):
    """Rows in a file (CSV, text, Excel or Parquet), one column of them the target."""

    kind: Literal["table"] = "table"
    path: OwnPath | None = Field(
        None,
        description="Your own file, in this folder; under tables/ DVC notices when it changes.",
    )
    table: FileName | None = Field(
        None, description="Which of several `files` is the table; left out: the first."
    )
    unlabelled: OwnPath | None = Field(
        None,
        description="Rows without a target, to be predicted: which of `files`, or beside `path` a "
        "path like it.",
    )
    test: OwnPath | None = Field(
        None, description="The same for the fixed test rows of `split.test: fixed`."
    )
    valid: Annotated[OwnPath | None, LATER] = Field(
        None, description="The same for the fixed validation rows of `split.valid: fixed`."
    )
    target: Text = Field(description="Name of the column to predict.")
    task: Literal["regression", "classification"] = Field(
        "regression", description="Whether the target is a quantity or a class."
    )
    drop: list[Text] = Field(default=[], description="Columns to leave out, such as row numbers.")
    id: Annotated[Text | None, LATER] = Field(
        None,
        description="A column that names rows: no feature, but written beside each prediction.",
    )
    categorical: list[Text] = Field(
        default=[], description="Text columns to turn into one 0/1 column per category."
    )
    rare: Annotated[int | None, Field(ge=2, le=limits.COUNT, strict=True), LATER] = Field(
        None,
        description="Categories with fewer rows in the training part are one category together, "
        "with those that it lacks. Left out: those that it lacks are none.",
    )
    ordinal: Annotated[dict[Text, Values], LATER] = Field(
        default={},
        description="Text columns with an order, and their values from low to high, which become "
        '0, 1, 2: `{size: [small, large], smoker: ["no", "yes"]}`.',
    )
    dates: Annotated[dict[Text, Dates], LATER] = Field(
        default={}, description="Columns with dates, and what of them is used."
    )
    missing: Literal["refuse", "median", "mean", "most_frequent"] = Field(
        "refuse",
        description="Empty fields: refused; or, in place of numbers, what the training part says.",
    )
    missing_category: Annotated[Literal["none", "own", "most_frequent"], LATER] = Field(
        "none",
        description="What an empty field of a category is where `missing` allows it: none of the "
        "categories, a category of its own, or the most frequent of the training part.",
    )
    missing_indicator: Annotated[bool, LATER] = Field(
        False, description="A 0/1 column more for each column of numbers with empty fields."
    )
    standardise: Literal["all", "numbers", "none"] = Field(
        "all", description="Features to mean 0, deviation 1; `numbers` leaves 0/1 columns alone."
    )
    standardise_target: bool = Field(
        False,
        description="The target likewise, if it varies; metrics stay in its original units.",
    )
    log_target: Annotated[bool, LATER] = Field(
        False,
        description="Learn the logarithm of a positive target; metrics stay in original units.",
    )

    @property
    def own_files(self) -> Mapping[str, str]:
        if self.path is None:
            return {}
        paths = {"table": self.path, **self._others}
        return {self.raw_name(role): path for role, path in paths.items()}

    @property
    def _others(self) -> dict[str, str]:
        """The files beside the main one, by their roles."""
        named = {"valid": self.valid, "test": self.test, "unlabelled": self.unlabelled}
        return {role: name for role, name in named.items() if name is not None}

    def raw_name(self, role: str) -> str:
        """The name under data/raw of the file with the role "table", "valid", "test" or so."""
        if role == "table":
            return self.main_file
        name = self._others[role]
        return name if self.path is None else f"{role}{_suffix(name)}"

    @property
    def main_file(self) -> str:
        """The name under data/raw of the file that has the rows with a target."""
        if self.files is not None:
            return self.table or next(iter(self.files))
        return f"table{_suffix(self.path)}" if self.path is not None else f"{self.package}.csv"

    def identity(self) -> dict[str, Any]:
        """As of every source, with the file that is the table where none is named.

        Where one's own files lie is no part of it.
        """
        others = {role: self.raw_name(role) for role in self._others}
        return super().identity() | others | {"table": self.main_file if self.files else None}

    @model_validator(mode="after")
    def _consistent(self) -> "Table":
        if mistakes := [*self._wrong_sources(), *self._wrong_roles()]:
            raise ValueError("; ".join(mistakes))
        return self

    def _wrong_sources(self) -> Iterator[str]:
        given = [k for k in ("files", "package", "path") if getattr(self, k) is not None]
        if len(given) != 1:
            yield f"needs exactly one source (files, package or path), found {given or 'none'}"
        for field in ("table", "unlabelled", "test", "valid"):
            name = getattr(self, field)
            own = self.path is not None and field != "table"
            if name is not None and not own and name not in (self.files or {}):
                yield f"{field}: {name!r} is not one of the files"
        yield from self.twice()
        yield from self._of_another_kind()
        for part in ("valid", "test"):
            if (getattr(self.split, part) == "fixed") != (getattr(self, part) is not None):
                yield f"`{part}`, the file of these rows, and split.{part}: fixed need each other"

    def _wrong_roles(self) -> Iterator[str]:
        """Columns that are asked to be two things at once."""
        roles = {
            "target": [self.target],
            "id": [self.id] if self.id else [],
            "categorical": self.categorical,
            "ordinal": list(self.ordinal),
            "dates": list(self.dates),
            "drop": self.drop,
        }
        for name in sorted({name for names in roles.values() for name in names}):
            under = [f"`{role}`" for role, names in roles.items() if name in names]
            if len(under) > 1:
                yield f"the column {name!r} is under {' and '.join(under)}; keep one of them"
        others = (*self.categorical, *self.ordinal, *self.drop)
        if self.target in others and self.task == "regression":
            yield "if the target has classes, `task: classification` is all that it needs"
        if self.log_target and self.task == "classification":
            yield "log_target is for quantities; leave it out"


def _suffix(path: str) -> str:
    """The end of a file's name, which says how it is read: .csv, .xlsx, .parquet."""
    return PurePath(path).suffix.lower() or ".csv"
