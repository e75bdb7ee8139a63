"""The block of images: where they are, and what a table of pixels looks like."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from labbook.params import limits
from labbook.params.base import LATER, Count, OwnPath, Text
from labbook.params.sources import IMAGE_BYTES, Source

MADE = ("data", "results")  # what labbook makes; a copy of the images would be in it
ROWS = 1000  # of images of one's own, before anybody has looked
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")  # ends of names; a folder has none of them


class Images(Source):
    """Images of one size with a class each: IDX files (MNIST's format), or your own."""

    kind: Literal["images"] = "images"
    path: Annotated[OwnPath | None, LATER] = Field(
        None,
        description="Your own images, in this folder: a folder with IDX files named as MNIST's; or "
        "one with a folder for each class, of PNG or JPEG files of one size, which are made grey; "
        "or a table with the pixels of an image in each row, from 0 to 255 or from 0 to 1.",
    )
    test: Annotated[OwnPath | None, LATER] = Field(
        None,
        description="The same for the fixed test images of `split.test: fixed`. IDX files named "
        "t10k-... in the folder of `path` need no such setting.",
    )
    valid: Annotated[OwnPath | None, LATER] = Field(
        None, description="The same for the fixed validation images of `split.valid: fixed`."
    )
    target: Annotated[Text | None, LATER] = Field(
        None,
        description="Of a table of pixels, the column with the classes; all others are pixels, row "
        "by row.",
    )
    header: Annotated[bool, LATER] = Field(
        True,
        description="Of a table of pixels, whether its first line names the columns; if not they "
        "are called 1, 2, 3, ...",
    )
    height: Annotated[Count | None, LATER] = Field(
        None, description="Of a table of pixels, rows of an image. Left out: images are square."
    )
    sample: Count | None = Field(
        None, description="Use this many of the training images, drawn anew for every seed."
    )
    has_images: ClassVar[bool] = True

    @property
    def own_files(self) -> Mapping[str, str]:
        if self.path is None:
            return {}
        return {self.raw_name(role): str(getattr(self, role)) for role in ("path", *self._others)}

    @property
    def _others(self) -> list[str]:
        return [role for role in ("valid", "test") if getattr(self, role) is not None]

    def raw_name(self, role: str) -> str:
        """The name under data/raw of what the setting `path`, `valid` or `test` names."""
        end = PurePath(getattr(self, role)).suffix.lower()
        return f"{'images' if role == 'path' else role}{end if end in TABLES else '.tar'}"

    def identity(self) -> dict[str, Any]:
        """As of every source: where one's own images lie is no part of it."""
        return super().identity() | {role: self.raw_name(role) for role in self._others}

    def rows_drawn(self) -> int | None:
        return self.sample

    @property
    def task(self) -> Literal["classification"]:
        """Each image has a class."""
        return "classification"

    def expected_shape(self) -> tuple[int, ...]:
        if self.package is not None:
            return super().expected_shape()
        largest = max((file.bytes or 0 for file in self.downloads.values()), default=0)
        rows = largest // IMAGE_BYTES if self.path is None else ROWS
        return (self.sample or max(rows, 1), 28, 28)

    @model_validator(mode="after")
    def _consistent(self) -> "Images":
        if mistakes := [*self._wrong_sources(), *self._of_another_kind(), *self._wrong_table()]:
            raise ValueError("; ".join(mistakes))
        return self

    def _wrong_sources(self) -> Iterator[str]:
        given = [k for k in ("files", "package", "path") if getattr(self, k) is not None]
        if len(given) != 1:
            yield f"needs exactly one source (files, package or path), found {given or 'none'}"
        if self._others and self.path is None:
            yield f"`{self._others[0]}` is for images of your own, beside `path`"
        if self.valid is None and self.split.valid == "fixed":
            yield "split.valid: fixed needs `valid`, your own validation images"
        for part in self._others:
            if getattr(self.split, part) != "fixed":
                yield f"`{part}`, the images of this part, needs split.{part}: fixed"
        yield from self.twice()
        for role in ("path", *self._others) if self.path else ():
            if PurePath(getattr(self, role)).parts[:1] in [(), *((top,) for top in MADE)]:
                yield f"`{role}`: name a folder for images alone, such as tables/pets"

    def _wrong_table(self) -> Iterator[str]:
        """Settings of a table where there is none, and a table without them."""
        table = PurePath(self.path or "").suffix.lower() in TABLES
        if table and self.target is None:
            yield "a table of pixels needs `target`, the column with the classes"
        if not table and (self.target or self.height or not self.header):
            yield "target, header and height are for a `path` to a table of pixels"
        if self.height is not None and self.height > limits.SIDE:
            yield f"height: an image has at most {limits.SIDE:,} rows"
