"""Random streams: each follows from a seed and a name alone.

Not from the pack, the device, the order of jobs or other runs: see docs/design.md. Drawn by
NumPy's Philox, a counter-based generator whose output is fixed by its specification (Salmon et
al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
"""

import hashlib

import numpy as np


def stream_key(seed: int, name: str) -> int:
    """The key, 128 bits, of one purpose of one seed.

    `name` is the purpose: "split", "initialisation", "batch order", "dropout", "selection",
    "points", "augmentation/<what for>/<transformation>", "shuffled target/<recipe>".
    """
    digest = hashlib.sha256(f"{seed}/{name}/0".encode()).digest()
    return int.from_bytes(digest[:16], "little")


def stream(seed: int, name: str, index: int = 0) -> np.random.Generator:
    """The generator of one purpose of one seed.

    `index` numbers independent parts of a stream, such as epochs: the highest word of the counter,
    so a resumed run needs no generator state; it asks for the part of the epoch that comes next.
    """
    counter = np.array([0, 0, 0, index], np.uint64)
    return np.random.Generator(np.random.Philox(key=stream_key(seed, name), counter=counter))
