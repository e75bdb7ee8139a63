"""Random streams: each follows from a seed and a name alone.

Not from the pack, the device, the order of jobs or other runs: see docs/design.md. Drawn by
NumPy's Philox, a counter-based generator whose output is fixed by its specification (Salmon et
al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
"""

import hashlib

import numpy as np


def stream(seed: int, name: str, index: int = 0) -> np.random.Generator:
    """The generator of one purpose of one seed.

    `name` is the purpose: "split", "initialisation", "batch order", "dropout", "augmentation",
    "selection", "points". `index` numbers independent parts of a stream, such as epochs, so that
    a resumed run needs no generator state: it asks for the stream of the epoch that comes next.
    """
    digest = hashlib.sha256(f"{seed}/{name}/{index}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
