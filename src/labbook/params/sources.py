"""What every kind of data can be asked, and where the raw files of tables and images come from."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from labbook.params import limits
from labbook.params.base import Block, FileName, Origin, Sha256
from labbook.params.splits import Split

BOSTON = "CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,B,LSTAT,MEDV"  # columns
PACKAGED = {"boston": (506, 13), "mnist-5k": (5000, 28, 28)}  # rows and what is in one
OF_IMAGES = frozenset({"mnist-5k"})  # those of the packages and stand-ins that have images
# What is expected of other data as long as they have not been prepared:
TABLE_SHAPE = (3000, 60)
PART_ROLES = ("path", "table", "valid", "test")  # settings that name the file of a part
IMAGE_BYTES = 165  # of MNIST, compressed


class File(Block):
    """A file to download, pinned by its sum."""

    sha256: Sha256 = Field(description="SHA-256 of the file; any other content is refused.")
    bytes: Annotated[int, Field(ge=1, le=limits.DOWNLOAD, strict=True)] = Field(
        description="Size of the file in bytes."
    )
    origins: list[Origin] = Field(
        min_length=1, description="Addresses of the file, tried in this order after the mirror."
    )


class Data(Block):
    """What every kind of data can be asked; a kind says itself what differs.

    Besides, each has a `split`, and a `task`: "classification" of a class or "regression" of a
    quantity.
    """

    has_images: ClassVar[bool] = False

    @property
    def own_files(self) -> Mapping[str, str]:
        """The user's own files that the data are in: paths by their copies' names in data/raw."""
        return {}

    def setting_of(self, path: str) -> str:
        """Which setting names a file of the user's own."""
        return next((name for name, value in self if value == path), "path")

    def twice(self) -> Iterator[str]:
        """Files that are named for two parts: rows that are used twice."""
        first: dict[str, str] = {}
        for name in PART_ROLES:
            if isinstance(value := getattr(self, name, None), str):
                if value in first:
                    yield (
                        f"`{first[value]}` and `{name}` name the same {value}: the rows of one "
                        "part must not be those of another; give each part what is its own"
                    )
                first.setdefault(value, name)

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
        return self._without_later_defaults(settings) | self.source()

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
