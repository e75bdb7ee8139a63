"""PNG and JPEG files in folders that are called as their classes: grey images of one size."""

import struct
import warnings
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import IO, TYPE_CHECKING

import numpy as np

from labbook.data.own_files import Opened
from labbook.errors import LabbookError, SeveralError
from labbook.params.limits import SIDE, VALUES

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Part = tuple[np.ndarray, np.ndarray]  # images (rows, height, width) uint8, classes (rows,) of str
FILE_BYTES = 100_000_000  # of one picture
TOLD = 5  # files that cannot be read
TOO_LARGE = f"has a side of more than {SIDE:,} pixels, the most allowed. Make it smaller."
LEVELS_16 = 257  # steps of 16 bits in one of 8


def read_pictures(files: Opened, source: str) -> Part:
    """Grey images and their classes, in the order of the files' names: "cat/1.png".

    What is transparent is white; JPEG files are turned as their camera says. Raises `LabbookError`
    for files that are no such images, and for images of different sizes.
    """
    images, wrong = np.empty((0, 0, 0), np.uint8), list[str]()
    first = ""
    for number, (name, opener) in enumerate(files.items()):
        if name.count("/") != 1:
            raise LabbookError(
                f"{source}/{name}: lies too deep. Images lie in one folder for each class, such as "
                f"{source}/cat/1.png."
            )
        try:
            image = read_picture(opener, f"{source}/{name}")
        except LabbookError as error:
            wrong.append(str(error))
            if len(wrong) == TOLD:
                break
            continue
        if not first:
            first, images = name, _room(len(files), image, source)
        if image.shape != images.shape[1:]:
            raise LabbookError(
                f"{source}: {first} is {_size(images[0])} pixels, and {name} is {_size(image)}. "
                "All images must have one size: resize or cut them, and put the new ones here."
            )
        images[number] = image
    if wrong:
        raise SeveralError(tuple(wrong)) if len(wrong) > 1 else LabbookError(*wrong)
    return images, np.array([name.partition("/")[0] for name in files])


def _room(count: int, image: np.ndarray, source: str) -> np.ndarray:
    if count * image.size > VALUES:
        raise LabbookError(
            f"{source}: {count:,} images of {_size(image)} pixels are more than the {VALUES:,} "
            "values that are allowed. Make them smaller, or take fewer."
        )
    return np.empty((count, *image.shape), np.uint8)


def _size(image: np.ndarray) -> str:
    height, width = image.shape
    return f"{width} x {height}"


def read_picture(opener: Callable[[], IO[bytes]], source: str) -> np.ndarray:
    """A PNG or JPEG file as levels of grey, (height, width) uint8. Raises `LabbookError`."""
    from PIL import Image

    try:
        with opener() as file:
            content = file.read(FILE_BYTES + 1)
        if len(content) > FILE_BYTES:
            raise LabbookError(f"{source}: has more than {FILE_BYTES:,} bytes, the most allowed.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd extras, such as a broken note of the camera's
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
                if max(image.size) > SIDE:  # known before anything is unpacked
                    raise LabbookError(f"{source}: {TOO_LARGE}")
                return _grey(image)
    except Image.DecompressionBombError as error:
        raise LabbookError(f"{source}: {TOO_LARGE}") from error
    except (
        OSError, SyntaxError, ValueError, EOFError, OverflowError, LookupError, TypeError,
        struct.error, zlib.error,
    ) as error:  # fmt: skip
        raise LabbookError(
            f"{source}: is no PNG or JPEG image that can be read. Get it anew or save it as PNG; "
            "if it is no image, move it to another place."
        ) from error


def _grey(image: "Picture") -> np.ndarray:
    """Levels from 0 to 255, by Pillow's weights of the colours (ITU-R 601)."""
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits, which Pillow would cut off at 255
        return np.rint(np.asarray(image, np.float64) / LEVELS_16).astype(np.uint8)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return np.asarray(image.convert("L"), np.uint8)
