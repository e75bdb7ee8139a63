"""Transformations of images: where their pixels come from, and what happens to brightnesses.

Images are brightnesses from 0 (black) to 1, (rows, height, width) float32, before standardisation;
what comes in from outside an image, and what is erased, is black. A transformation is a function
of an image and of some uniform numbers: see `GEOMETRY` and `TONES`.
"""

import math
from collections.abc import Callable

import numpy as np

from labbook.params.augment import Augment

ASPECT = 3.3  # an erased rectangle is at most so many times as high as wide, or as wide as high

Sides = tuple[int, int]  # height, width
# From uniform numbers (rows, some), the settings and the sides to maps (rows, 3, 3).
Geometry = Callable[[np.ndarray, Augment, Sides], np.ndarray]
# Changes images (rows, height, width) in place, by uniform numbers (rows, some) and the settings.
Tone = Callable[[np.ndarray, np.ndarray, Augment], None]


def warped(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Each image seen through an affine map, by bilinear interpolation; outside it is black.

    `images` (rows, height, width); `maps` (rows, 3, 3) take a place (y, x, 1) of the new image to
    one of the old, in pixels from the middle of the image. As scipy.ndimage.affine_transform with
    order 1 and mode "grid-constant".
    """
    rows, height, width = images.shape
    padded = np.zeros((rows, height + 3, width + 3), np.float32)
    padded[:, 1:-2, 1:-2] = images
    y, x = (_places(maps[:, axis], axis, (height, width)) for axis in (0, 1))
    top, left = y.astype(np.int32), x.astype(np.int32)  # both not negative: this rounds down
    y -= top
    x -= left
    stride = width + 3
    top *= np.int32(stride)
    top += left
    top += np.arange(rows, dtype=np.int32)[:, None, None] * np.int32(padded[0].size)
    corner = top.astype(np.intp)
    pixels = padded.reshape(-1)
    upper = _between(pixels[0:], pixels[1:], corner, x)
    lower = _between(pixels[stride:], pixels[stride + 1 :], corner, x)
    lower -= upper
    lower *= y
    upper += lower
    return upper


def _places(row: np.ndarray, axis: int, sides: Sides) -> np.ndarray:
    """Where new pixels lie in the padded old image along an axis, (rows, height, width) float32.

    `row` (rows, 3) is that of the maps. What lies outside is put on the black border.
    """
    height, width = sides
    middle = (sides[axis] - 1) / 2
    y = np.arange(height) - (height - 1) / 2
    x = np.arange(width) - (width - 1) / 2
    down = (row[:, :1] * y + (row[:, 2:] + middle + 1)).astype(np.float32)  # (rows, height)
    across = (row[:, 1:2] * x).astype(np.float32)  # (rows, width)
    places = down[:, :, None] + across[:, None, :]
    np.clip(places, 0, sides[axis] + 1, out=places)
    return np.asarray(places)


def _between(
    left: np.ndarray, right: np.ndarray, index: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Values at `index`, of `left` and, as far as `share` says, of `right`."""
    values = left.take(index)
    step = right.take(index)
    step -= values
    step *= share
    values += step
    return values


# ---- geometry: maps from places of the new image to places of the old


def _maps(rows: int) -> np.ndarray:
    return np.tile(np.eye(3), (rows, 1, 1))


def _flip(u: np.ndarray, augment: Augment, sides: Sides) -> np.ndarray:
    """Left and right (or top and bottom) change places in half of the images."""
    maps, axis = _maps(len(u)), 1 if augment.flip == "horizontal" else 0
    maps[:, axis, axis] = np.where(u[:, 0] < 0.5, -1, 1)
    return maps


def _rotation(u: np.ndarray, augment: Augment, sides: Sides) -> np.ndarray:
    """Turned about the middle, either way."""
    angle = np.deg2rad(augment.rotation * (2 * u[:, 0] - 1))
    maps = _maps(len(u))
    maps[:, 0, 0] = maps[:, 1, 1] = np.cos(angle)
    maps[:, 0, 1], maps[:, 1, 0] = -np.sin(angle), np.sin(angle)
    return maps


def _scale(u: np.ndarray, augment: Augment, sides: Sides) -> np.ndarray:
    """Larger or smaller about the middle."""
    maps, factor = _maps(len(u)), 1 + augment.scale * (2 * u[:, 0] - 1)
    maps[:, 0, 0] = maps[:, 1, 1] = 1 / factor
    return maps


def _translation(u: np.ndarray, augment: Augment, sides: Sides) -> np.ndarray:
    """Moved along both sides, by fractions of pixels."""
    maps = _maps(len(u))
    maps[:, :2, 2] = augment.translation * (2 * u - 1) * sides
    return maps


def _crop(u: np.ndarray, augment: Augment, sides: Sides) -> np.ndarray:
    """Cut out at a random place of the image with a black border: moved by whole pixels."""
    maps = _maps(len(u))
    maps[:, :2, 2] = np.floor(u * (2 * augment.crop + 1)) - augment.crop
    return maps


# ---- tone: what happens to brightnesses where they are


def _contrast(images: np.ndarray, u: np.ndarray, augment: Augment) -> None:
    """Distances from the image's mean brightness times a factor."""
    mean = images.mean(axis=(1, 2), keepdims=True, dtype=np.float64).astype(np.float32)
    images -= mean
    images *= _factor(augment.contrast, u)
    images += mean
    np.clip(images, 0, 1, out=images)


def _brightness(images: np.ndarray, u: np.ndarray, augment: Augment) -> None:
    """All brightnesses times a factor."""
    images *= _factor(augment.brightness, u)
    np.clip(images, 0, 1, out=images)


def _factor(share: float, u: np.ndarray) -> np.ndarray:
    """1 +- share, (rows, 1, 1)."""
    return (1 + share * (2 * u[:, :1, None] - 1)).astype(np.float32)


def _erase(images: np.ndarray, u: np.ndarray, augment: Augment) -> None:
    """A rectangle anywhere in the image (Zhong et al. 2020, "Random erasing data augmentation")."""
    sides = images.shape[1:]
    area = augment.erase_share * u[:, 1] * math.prod(sides)  # pixels
    aspect = ASPECT ** (2 * u[:, 2] - 1)
    lengths = np.floor(np.sqrt(area[:, None] * np.stack([aspect, 1 / aspect], axis=1)))
    lengths = np.minimum(lengths, sides) * (u[:, :1] < augment.erase)  # (rows, 2): of both sides
    first = np.floor(u[:, 3:] * (sides - lengths + 1))
    hit = []
    for axis, side in enumerate(sides):
        at = np.arange(side)
        begin, length = first[:, axis, None], lengths[:, axis, None]
        hit.append((at >= begin) & (at < begin + length))  # (rows, side)
    images[hit[0][:, :, None] & hit[1][:, None, :]] = 0


# By the names of the settings, in the order in which they are applied: how many uniform numbers
# an image needs, and the function.
GEOMETRY: dict[str, tuple[int, Geometry]] = {
    "flip": (1, _flip),
    "rotation": (1, _rotation),
    "scale": (1, _scale),
    "translation": (2, _translation),
    "crop": (2, _crop),
}
TONES: dict[str, tuple[int, Tone]] = {
    "contrast": (1, _contrast),
    "brightness": (1, _brightness),
    "erase": (5, _erase),
}
