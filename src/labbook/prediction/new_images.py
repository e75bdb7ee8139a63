"""New images for a champion: an IDX file, pictures, or a table of pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labbook.data.idx import parse_idx
from labbook.data.own_files import opener
from labbook.data.pictures import read_picture
from labbook.data.pixels import levels_of
from labbook.data.table_file import column_names, read_table
from labbook.errors import LabbookError
from labbook.params.images import TABLES
from labbook.params.limits import VALUES
from labbook.prediction.champion import Champion

PICTURES = (".png", ".jpg", ".jpeg")
FILE = "file"  # the name of the column with the names of pictures


@dataclass(frozen=True)
class Images:
    """Images (rows, height, width) uint8, the names of pictures, and classes where known."""

    values: np.ndarray
    files: Sequence[str] = ()
    classes: Sequence[str] = ()


def read_new_images(champion: Champion, path: Path) -> Images:
    """The images of a file or a folder of pictures.

    Raises `LabbookError` where they cannot be read, or are not of the size that the model sees.
    """
    height, width = champion.about.rows.shape
    if path.is_dir() or path.suffix.lower() in PICTURES:
        return _pictures(path, (height, width))
    if path.suffix.lower() in TABLES:
        return _pixels(champion, path)
    remedy = (
        f"The model looks at images of {height} x {width}: give an IDX file (as MNIST's), a "
        "folder of PNG files, or a table of pixels. Nothing was written."
    )
    images = parse_idx(opener(path), 3, str(path), remedy)
    _refuse_size(str(path), images.shape[1:], (height, width))
    return Images(images)


def _refuse_size(source: str, found: Sequence[int], wanted: tuple[int, int]) -> None:
    if tuple(found) != wanted:
        raise LabbookError(
            f"{source}: has images of {found[0]} x {found[1]}, and the model looks at images of "
            f"{wanted[0]} x {wanted[1]}: resize them. Nothing was written."
        )


def _pictures(path: Path, shape: tuple[int, int]) -> Images:
    """One picture, or all in a folder and below, by name; a folder may be called as a class."""
    found = [path] if path.is_file() else sorted(path.rglob("*"))
    files = [one for one in found if one.suffix.lower() in PICTURES and one.is_file()]
    if not files:
        raise LabbookError(
            f"{path}: has no {', '.join(PICTURES)} files. Images are given as such files in a "
            "folder, as an IDX file, or as a table of pixels. Nothing was written."
        )
    if len(files) * shape[0] * shape[1] > VALUES:
        raise LabbookError(f"{path}: has {len(files):,} pictures, too many at once; take fewer.")
    images = np.empty((len(files), *shape), np.uint8)
    for number, file in enumerate(files):
        image = read_picture(opener(file), str(file))
        _refuse_size(str(file), image.shape, shape)
        images[number] = image
    base = path.parent if path.is_file() else path
    names = [file.relative_to(base) for file in files]
    classes = [name.parts[0] if len(name.parts) > 1 else "" for name in names]
    return Images(images, [name.as_posix() for name in names], classes)


def _pixels(champion: Champion, path: Path) -> Images:
    """The pixels of an image in each row; all columns but that of the class, which may be there."""
    rows, source = champion.about.rows, str(path)
    form = rows.form.model_copy(update={"delimiter": "\t" if path.suffix == ".tsv" else ","})
    names = column_names(path, form, source)
    height, width = rows.shape
    pixels = [name for name in names if name != rows.target]
    if len(pixels) != height * width:
        raise LabbookError(
            f"{source}: has {len(pixels):,} columns beside {rows.target!r}, and the model looks at "
            f"images of {height} x {width}, {height * width:,} pixels. Nothing was written."
        )
    texts = [rows.target] if len(pixels) < len(names) else []
    table = read_table(path, form, numbers=pixels, texts=texts, source=source)
    images = levels_of(table, pixels).reshape(table.rows, height, width)
    return Images(images, classes=table.texts[rows.target].tolist() if texts else ())
