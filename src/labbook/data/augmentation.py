"""Augmentation: images changed at random, each epoch anew, so that a network sees more of them.

Images are brightnesses from 0 (black) to 1, (rows, height, width) float32, before standardisation;
what comes in from outside an image, and what is erased, is black. A transformation is a function
of an image and of some uniform numbers, which come from a stream of its own: so switching one on
changes nothing of the others, and neither packs nor engines change a bit.
"""

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from labbook.data.prepared import Prepared
from labbook.params.augment import Augment
from labbook.streams import stream

BLOCK = 2**15  # pixels at a time: what is made of them on the way stays in the cache
ASPECT = 3.3  # an erased rectangle is at most so many times as high as wide, or as wide as high

Sides = tuple[int, int]  # height, width
# From uniform numbers (rows, some), the settings and the sides to maps (rows, 3, 3).
Geometry = Callable[[np.ndarray, Augment, Sides], np.ndarray]
# Changes images (rows, height, width) in place, by uniform numbers (rows, some) and the settings.
Tone = Callable[[np.ndarray, np.ndarray, Augment], None]


def augmented(
    images: np.ndarray,
    augment: Augment,
    seed: int,
    purpose: str,
    index: int,
    between: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """`images` (rows, height, width), transformed as `augment` says: a new array, all within 0..1.

    `purpose` and `index` choose the part of the seed's streams: "epoch" and its number 1, 2, ...;
    or a part's name and the number of the copy. A row's numbers do not depend on those after it:
    the first rows alone are changed as all of them are. `between` is called every few milliseconds.
    Mixing is left to `mixed`.
    """
    numbers = {
        name: stream(seed, f"augmentation/{purpose}/{name}", index).random((len(images), count))
        for name, (count, _) in (GEOMETRY | TONES).items()
        if getattr(augment, name)
    }
    made = np.empty(images.shape, np.float32)
    rows = max(1, BLOCK // max(1, math.prod(images.shape[1:])))
    for start in range(0, len(images), rows):
        block = slice(start, start + rows)
        own = {name: array[block] for name, array in numbers.items()}
        made[block] = _transformed(images[block], augment, own)
        between()
    return made


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


def mixed(
    images: np.ndarray, classes: np.ndarray, count: int, augment: Augment, seed: int, epoch: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mixup (Zhang et al. 2018, "mixup: beyond empirical risk minimization").

    Each of `images` (rows, height, width) becomes a share of itself and the rest of another one,
    and so does its class of `count`, given as numbers (rows,): the second result is the classes'
    shares, float32 (rows, count). The share is drawn for each image from Beta(alpha, alpha).
    """
    draw = stream(seed, "augmentation/epoch/mixup", epoch)
    other = draw.permutation(len(images))
    share = draw.beta(augment.mixup, augment.mixup, len(images)).astype(np.float32)
    true = np.eye(count, dtype=np.float32)[classes]
    targets = share[:, None] * true + (1 - share[:, None]) * true[other]
    share = share[:, None, None]
    return share * images + (1 - share) * images[other], targets


def copies(
    data: Prepared, seed: int, part: str, augment: Augment, most: int | None = None
) -> Iterator[np.ndarray]:
    """The copies of "train", "valid" or "test" whose predictions are averaged.

    Each is float32 (rows, 1, height, width), standardised; only of the first `most` rows if given.
    """
    pixels = data.pixels(seed, part)[:most]
    for number in range(1, augment.test_copies + 1):
        yield data.standardised(augmented(pixels, augment, seed, part, number), seed)


def averaged(log_p: Iterable[np.ndarray]) -> np.ndarray:
    """Log of the mean of probabilities, given as logs (rows, classes), one array a copy."""
    count, total = 0, np.array(-np.inf)
    for count, one in enumerate(log_p, 1):  # noqa: B007 - how many there were
        total = np.logaddexp(total, one.astype(np.float64))
    return np.asarray(total - math.log(count), np.float32)


def _transformed(
    images: np.ndarray, augment: Augment, numbers: dict[str, np.ndarray]
) -> np.ndarray:
    """A block of images: geometry first, as one map, so that a pixel is interpolated once."""
    maps, sides = None, (images.shape[1], images.shape[2])
    for name, (_, geometry) in GEOMETRY.items():
        if name in numbers:
            own = geometry(numbers[name], augment, sides)
            maps = own if maps is None else maps @ own
    changed = images.copy() if maps is None else warped(images, maps)
    for name, (_, tone) in TONES.items():
        if name in numbers:
            tone(changed, numbers[name], augment)
    np.clip(changed, 0, 1, out=changed)  # rounding, too
    return changed


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
    found = left.take(index)
    step = right.take(index)
    step -= found
    step *= share
    found += step
    return found


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
