"""From IDX files to images and their classes."""

from pathlib import Path

import numpy as np

from labbook.data.idx import read_idx
from labbook.data.kinds.kind import Kind
from labbook.data.numbers import Numbers
from labbook.errors import LabbookError
from labbook.params.datasets import Images


def read_images(dataset: Images, raw: Path) -> Numbers:
    """Read the images in the folder `raw`, those of a fixed test set last."""
    pairs = [_pair(raw, "train")]
    if dataset.split.test == "fixed":
        pairs.append(_pair(raw, "t10k"))
    features = np.concatenate([images for images, _ in pairs])
    labels = np.concatenate([labels for _, labels in pairs])
    digits, target = np.unique(labels, return_inverse=True)
    fixed = sum(len(images) for images, _ in pairs[1:])
    classes = tuple(map(str, digits.tolist()))
    return Numbers(
        "images", "classification", features, target.astype(np.int64), "label", (), classes, (),
        fixed=fixed,
    )  # fmt: skip


def _pair(raw: Path, begin: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (rows, height, width) and labels (rows,) of the files whose names begin so."""
    arrays = {}
    for kind, dimensions in (("images", 3), ("labels", 1)):
        paths = sorted(raw.glob(f"{begin}*{kind}*"))
        if len(paths) != 1:
            raise LabbookError(
                f"{raw}: has {len(paths)} files named {begin}...{kind}... where one is needed. "
                "Name the files of images as MNIST does: train-images-..., train-labels-..., "
                "t10k-images-..., t10k-labels-..."
            )
        arrays[kind] = read_idx(paths[0], dimensions)
    images, labels = arrays["images"], arrays["labels"]
    if len(images) != len(labels):
        raise LabbookError(f"{raw}: {len(images)} {begin} images, but {len(labels)} labels.")
    return images, labels


KIND = Kind(read_images)
