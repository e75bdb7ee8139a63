"""A few small images of each class, to be looked at."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

MOST = 100  # images of a data set
EACH = 10  # of a class
SIDE = 28  # pixels; larger images are made smaller


def thumbnails(images: np.ndarray, numbers: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """The first images of each class, small: of `images` (rows, height, width) of brightness.

    `numbers` (rows,) are those of their classes. Pixels are bytes, row by row, in base64. Where
    there are many classes each has fewer images, and the last may have none.
    """
    each = max(1, min(EACH, MOST // len(classes)))
    chosen = [np.flatnonzero(numbers == one)[:each] for one in range(min(len(classes), MOST))]
    height, width = small_size(*images.shape[1:])
    return {
        "height": height,
        "width": width,
        "classes": [
            [
                classes[number],
                [_text(smaller(images[row], height, width)) for row in rows],
            ]
            for number, rows in enumerate(chosen)
        ],
    }


def small_size(height: int, width: int) -> tuple[int, int]:
    """The size of an image of this size once its longer side is no longer than `SIDE`."""
    longest = max(height, width)
    if longest <= SIDE:
        return height, width
    return max(1, height * SIDE // longest), max(1, width * SIDE // longest)


def smaller(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """An image (rows, columns) uint8 of so many pixels, each the mean of those that it covers."""
    tops, lefts = (
        np.arange(n) * size // n for n, size in zip((height, width), image.shape, strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(image.astype(np.int64), tops, axis=0), lefts, axis=1)
    heights, widths = (
        np.diff([*edges, size]) for edges, size in zip((tops, lefts), image.shape, strict=True)
    )
    return np.asarray(sums // np.outer(heights, widths), np.uint8)


def _text(image: np.ndarray) -> str:
    return base64.b64encode(image.tobytes()).decode()
