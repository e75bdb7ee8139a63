"""What figures share about their axes."""

from collections.abc import Sequence

import numpy as np

LOG_FROM = 30.0  # a logarithmic axis where values span more than this factor
LABEL = 34  # characters of a row's name


def spaced(rows: int, most: int) -> np.ndarray:
    """The places of at most so many of `rows` rows, evenly spaced and with both ends."""
    return np.unique(np.rint(np.linspace(0, rows - 1, min(rows, most))).astype(int))


def spans_widely(values: Sequence[float]) -> bool:
    """Whether positive values span so much that a logarithmic axis shows them better."""
    return bool(values) and min(values) > 0 and max(values) > LOG_FROM * min(values)
