"""What an epoch of a run draws, on the CPU, from the streams of its seed: see models/layers.py."""

from collections.abc import Iterator

import numpy as np

from labbook.models.layers import Dropout, Network
from labbook.streams import stream


def dropout_units(network: Network) -> dict[str, int]:
    """How many units each dropout layer sees, by its name, in the order of the forward pass."""
    shapes = network.shapes()
    return {n: shapes[n][0] for n, layer in network.layers.items() if isinstance(layer, Dropout)}


def batches(rows: int, batch: int) -> Iterator[slice]:
    """The places of each batch in the order of an epoch; the last one is what is left over."""
    for start in range(0, rows, batch):
        yield slice(start, min(start + batch, rows))


def order(seed: int, epoch: int, rows: int, batch: int) -> np.ndarray:
    """The rows in the order of epoch 1, 2, ...: int64 (rows,); a full batch keeps their own."""
    if batch >= rows:
        return np.arange(rows)
    return stream(seed, "batch order", epoch).permutation(rows)


def kept_units(
    network: Network, seed: int, epoch: int, rows: int, batch: int
) -> dict[str, np.ndarray]:
    """Which units stay, by dropout layer, bool (rows, units), rows in the order of the epoch."""
    units = dropout_units(network)
    rates = {n: layer.rate for n, layer in network.layers.items() if isinstance(layer, Dropout)}
    kept = {name: np.empty((rows, number), np.bool_) for name, number in units.items()}
    generator = stream(seed, "dropout", epoch)
    for rows_of_batch in batches(rows, batch) if units else ():
        shape = rows_of_batch.stop - rows_of_batch.start
        for name, number in units.items():
            drawn = generator.random((shape, number), dtype=np.float32)
            kept[name][rows_of_batch] = drawn >= rates[name]
    return kept
