"""The block `datasets`: what the numbers are and where they come from.

To add a kind of data, write its block here, name it in `Dataset`, and see data/kinds/.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from labbook.params import limits
from labbook.params.base import (
    Block,
    Count,
    FileName,
    NotNegative,
    Number,
    Origin,
    OwnPath,
    Seed,
    Sha256,
    Text,
)

BOSTON = "CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,B,LSTAT,MEDV"  # columns
PACKAGED = {"boston": (506, 13), "mnist-5k": (5000, 28, 28)}  # rows and what is in one
OF_IMAGES = frozenset({"mnist-5k"})  # those of the packages and stand-ins that have images
# What is expected of other data as long as they have not been prepared:
TABLE_SHAPE = (3000, 60)
IMAGE_BYTES = 165  # of MNIST, compressed

Part = Annotated[int, Field(ge=1, strict=True)] | Annotated[float, Field(gt=0, lt=1, strict=True)]


class File(Block):
    """A file to download, pinned by its sum."""

    sha256: Sha256 = Field(description="SHA-256 of the file; any other content is refused.")
    bytes: Annotated[int, Field(ge=1, le=limits.DOWNLOAD, strict=True)] = Field(
        description="Size of the file in bytes."
    )
    origins: list[Origin] = Field(
        min_length=1, description="Addresses of the file, tried in this order after the mirror."
    )


class Split(Block):
    """How the rows of a data set are divided, anew for every seed."""

    train: Part | None = Field(
        None, description="Share (below 1) or count of rows to train on; left out: all the rest."
    )
    valid: Part = Field(description="Share or count of rows that choose epochs and models.")
    test: Part | Literal["fixed"] = Field(
        description="Share or count of rows for the last look; `fixed`: the set's own test file."
    )
    stratify: bool | None = Field(
        None,
        description="Keep the shares of the classes in every part, each class with three rows in "
        "all of them; left out: for classes.",
    )

    @model_validator(mode="after")
    def _shares(self) -> "Split":
        shares = [p for p in (self.train, self.valid, self.test) if isinstance(p, float)]
        if sum(shares) > 1 or (self.train is None and sum(shares) >= 1):
            raise ValueError(f"the shares {shares} leave no rows to train on; make them smaller")
        return self


class Data(Block):
    """What every kind of data can be asked; a kind says itself what differs.

    Besides, each has a `split`, and a `task`: "classification" of a class or "regression" of a
    quantity.
    """

    OWN_COPY: ClassVar[str] = "table.csv"  # the name under data/raw of a copy of the user's file
    has_images: ClassVar[bool] = False

    @property
    def own_path(self) -> str | None:
        """The user's own file that the data are in."""
        return None

    @property
    def downloads(self) -> Mapping[str, File]:
        """The files to download, by name."""
        return {}

    def made_by(self, *, standing_in: bool) -> str | None:
        """Which of the MAKERS of data/fetching/ makes the raw files, or those of the stand-in."""
        return None

    def source(self) -> dict[str, Any]:
        """What the raw data follow from, but for the content of the user's own file."""
        return {}

    def identity(self) -> dict[str, Any]:
        """Settings without addresses: where a pinned file came from changes no number."""
        settings = self.model_dump(mode="json", exclude={"stand_in", "path"})
        return settings | self.source()

    def rows_drawn(self) -> int | None:
        """How many rows each seed draws; None if it has all."""
        return None

    def expected_shape(self) -> tuple[int, ...]:
        """About how many rows there will be, and columns (or height and width)."""
        return TABLE_SHAPE


class Source(Data):
    """What tables and images share: exactly one of `files`, `package` and `path`."""

    files: dict[FileName, File] | None = Field(
        None, description="Files to download, by the name that they get under data/raw."
    )
    package: Literal["boston", "mnist-5k"] | None = Field(
        None, description="A data set that comes inside an installed package, no network needed."
    )
    stand_in: Literal["covid", "mnist-5k"] | None = Field(
        None, description="What to use, plainly marked, where no origin can be reached."
    )
    split: Split = Field(description="How the rows are divided.")

    @property
    def downloads(self) -> Mapping[str, File]:
        return self.files or {}

    def made_by(self, *, standing_in: bool) -> str | None:
        if standing_in:
            return self.stand_in and f"stand-in {self.stand_in}"
        return self.package

    def source(self) -> dict[str, Any]:
        files = {name: file.sha256 for name, file in self.downloads.items()}
        return {"files": files, "package": self.package}

    def expected_shape(self) -> tuple[int, ...]:
        return TABLE_SHAPE if self.package is None else PACKAGED[self.package]

    def _of_another_kind(self) -> Iterator[str]:
        """Packages and stand-ins whose data are of another kind than the block's."""
        for name in filter(None, (self.package, self.stand_in)):
            if name in OF_IMAGES and not self.has_images:
                yield f"{name} has images: use it with kind: images"
            if self.has_images and name not in OF_IMAGES:
                yield f"{name} has a table: use it with kind: table"


class Table(Source):
    """Rows of numbers in a CSV file, one column of them the target."""

    kind: Literal["table"] = "table"
    path: OwnPath | None = Field(
        None,
        description="Your own CSV file, in this folder; under tables/ DVC notices when it changes.",
    )
    table: FileName | None = Field(
        None, description="Which of several `files` is the table; left out: the first."
    )
    unlabelled: FileName | None = Field(
        None, description="Which of `files` has rows without a target, to be predicted."
    )
    test: FileName | None = Field(
        None, description="Which of `files` has the fixed test rows, for `split.test: fixed`."
    )
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1, strict=True)] = Field(
        ",", description="The character between two fields."
    )
    target: Text = Field(description="Name of the column to predict.")
    task: Literal["regression", "classification"] = Field(
        "regression", description="Whether the target is a quantity or a class."
    )
    drop: list[Text] = Field(default=[], description="Columns to leave out, such as row numbers.")
    categorical: list[Text] = Field(
        default=[], description="Text columns to turn into one 0/1 column per category."
    )
    repeated_columns: Literal["refuse", "number"] = Field(
        "refuse", description="`number` renames repeated names: cli, cli.1, cli.2."
    )
    missing: Literal["refuse", "median"] = Field(
        "refuse", description="Empty fields: refused, or the median of the training part."
    )
    standardise: Literal["all", "numbers", "none"] = Field(
        "all", description="Features to mean 0, deviation 1; `numbers` leaves 0/1 columns alone."
    )
    standardise_target: bool = Field(
        False,
        description="The target likewise, if it varies; metrics stay in its original units.",
    )

    @property
    def own_path(self) -> str | None:
        return self.path

    @property
    def main_file(self) -> str:
        """The name under data/raw of the file that has the rows with a target."""
        if self.files is not None:
            return self.table or next(iter(self.files))
        return self.OWN_COPY if self.path is not None else f"{self.package}.csv"

    def identity(self) -> dict[str, Any]:
        """As of every source, with the file that is the table where none is named."""
        return super().identity() | {"table": self.main_file if self.files else None}

    @model_validator(mode="after")
    def _consistent(self) -> "Table":
        if mistakes := [*self._wrong_sources(), *self._wrong_roles()]:
            raise ValueError("; ".join(mistakes))
        return self

    def _wrong_sources(self) -> Iterator[str]:
        given = [k for k in ("files", "package", "path") if getattr(self, k) is not None]
        if len(given) != 1:
            yield f"needs exactly one source (files, package or path), found {given or 'none'}"
        for field in ("table", "unlabelled", "test"):
            name = getattr(self, field)
            if name is not None and name not in (self.files or {}):
                yield f"{field}: {name!r} is not one of the files"
        yield from self._of_another_kind()
        if self.split.test == "fixed" and self.test is None:
            yield "split.test: fixed needs `test`, the file of the test rows"

    def _wrong_roles(self) -> Iterator[str]:
        """Columns that are asked to be two things at once."""
        roles = {"target": [self.target], "categorical": self.categorical, "drop": self.drop}
        for name in sorted({self.target, *self.categorical, *self.drop}):
            under = [f"`{role}`" for role, names in roles.items() if name in names]
            if len(under) > 1:
                yield f"the column {name!r} is under {' and '.join(under)}; keep one of them"
        if self.target in self.categorical:
            yield "a target of classes needs `task: classification` alone"


class Images(Source):
    """Images of one size with a class each, in IDX files (MNIST's format)."""

    kind: Literal["images"] = "images"
    sample: Count | None = Field(
        None, description="Use this many of the training images, drawn anew for every seed."
    )
    has_images: ClassVar[bool] = True

    def rows_drawn(self) -> int | None:
        return self.sample

    @property
    def task(self) -> Literal["classification"]:
        """Each image has a class."""
        return "classification"

    def expected_shape(self) -> tuple[int, ...]:
        if self.package is not None:
            return super().expected_shape()
        largest = max(file.bytes or 0 for file in self.downloads.values())
        return (self.sample or max(largest // IMAGE_BYTES, 1), 28, 28)

    @model_validator(mode="after")
    def _one_source(self) -> "Images":
        if (self.files is None) == (self.package is None):
            raise ValueError("needs exactly one source: files or package")
        if wrong := list(self._of_another_kind()):
            raise ValueError("; ".join(wrong))
        return self


class Function(Data):
    """Points of a function of x, made and not measured."""

    kind: Literal["function"] = "function"
    expression: Text = Field(
        description="A function of x: numbers, + - * / **, pi, e, and log, log2, log10, exp, sqrt, "
        "abs, sin, cos, tan, tanh, minimum, maximum."
    )
    low: Number = Field(description="Smallest x.")
    high: Number = Field(description="Largest x.")
    points: Annotated[int, Field(ge=1, le=limits.POINTS, strict=True)] = Field(
        description="How many points, x uniform between low and high."
    )
    noise: NotNegative = Field(0.0, description="Deviation of normal noise on y.")
    seed: Seed = Field(0, description="Seed of the points and the noise.")
    standardise: Literal["all", "none"] = Field(
        "all", description="x to mean 0 and deviation 1, or as it is."
    )
    standardise_target: bool = Field(False, description="y likewise.")
    split: Split = Field(description="How the points are divided.")

    @property
    def task(self) -> Literal["regression"]:
        """Y is a quantity."""
        return "regression"

    def made_by(self, *, standing_in: bool) -> str | None:
        return None if standing_in else self.kind

    def expected_shape(self) -> tuple[int, ...]:
        return (self.points, 1)

    def source(self) -> dict[str, Any]:
        parts = {"expression", "low", "high", "points", "noise", "seed"}
        return self.model_dump(mode="json", include=parts)

    @model_validator(mode="after")
    def _range(self) -> "Function":
        if not self.low < self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        if self.split.test == "fixed":
            raise ValueError("split.test: fixed is for data sets with a test file of their own")
        return self


Dataset = Annotated[Table | Images | Function, Field(discriminator="kind")]
