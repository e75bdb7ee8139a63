"""Augmentation: images changed at random, each epoch anew, so that a network sees more of them.

What can happen to an image is in transformations.py. The uniform numbers of each transformation
come from a stream of its own: so switching one on changes nothing of the others, and neither packs
nor engines change a bit.
"""

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from labbook.data.prepared import Prepared
from labbook.data.transformations import GEOMETRY, TONES, warped
from labbook.params.augment import Augment
from labbook.streams import stream

BLOCK = 2**15  # pixels at a time: what is made of them on the way stays in the cache


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
    changed = np.empty(images.shape, np.float32)
    rows = max(1, BLOCK // max(1, math.prod(images.shape[1:])))
    for start in range(0, len(images), rows):
        block = slice(start, start + rows)
        drawn = {name: array[block] for name, array in numbers.items()}
        changed[block] = _transformed(images[block], augment, drawn)
        between()
    return changed


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
    for count, logs in enumerate(log_p, 1):  # noqa: B007 - how many there were
        total = np.logaddexp(total, logs.astype(np.float64))
    return np.asarray(total - math.log(count), np.float32)


def _transformed(
    images: np.ndarray, augment: Augment, numbers: dict[str, np.ndarray]
) -> np.ndarray:
    """A block of images: geometry first, as one map, so that a pixel is interpolated once."""
    maps, sides = None, (images.shape[1], images.shape[2])
    for name, (_, geometry) in GEOMETRY.items():
        if name in numbers:
            turned = geometry(numbers[name], augment, sides)
            maps = turned if maps is None else maps @ turned
    changed = images.copy() if maps is None else warped(images, maps)
    for name, (_, tone) in TONES.items():
        if name in numbers:
            tone(changed, numbers[name], augment)
    np.clip(changed, 0, 1, out=changed)  # rounding, too
    return changed
