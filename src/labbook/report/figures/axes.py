"""What figures share about their axes."""

from collections.abc import Sequence
from statistics import median

import numpy as np

from labbook.report.figures.figure import Axis
from labbook.wording import count, number

HIGHEST = 1e3  # what is above this factor of the median is no part of the picture
FARTHEST = 1e2  # so, of values that may be negative, what is this many usual distances from it
LOG_FROM = 30.0  # a logarithmic axis where values span more than this factor
LABEL = 34  # characters of a row's name


def spaced(rows: int, most: int) -> np.ndarray:
    """The places of at most so many of `rows` rows, evenly spaced and with both ends."""
    return np.unique(np.rint(np.linspace(0, rows - 1, min(rows, most))).astype(int))


def spans_widely(values: Sequence[float]) -> bool:
    """Whether positive values span so much that a logarithmic axis shows them better."""
    return bool(values) and min(values) > 0 and max(values) > LOG_FROM * min(values)


def axis_of(label: str, values: Sequence[float], switch: bool = False) -> Axis:
    """An axis of values that a few wild ones do not set the ends of."""
    middle = median(values)
    limit = HIGHEST * middle
    if min(values) <= 0:
        limit = FARTHEST * median(abs(value - middle) for value in values)
    kept = [value for value in values if abs(value - middle) <= limit or not limit]
    log = spans_widely(values)
    if len(kept) == len(values):
        return Axis(label, log=log, switch=switch)
    low, high = min(kept), max(kept)
    room = 0.05 * (high - low)
    ends = (low / 1.3, high * 1.3) if log else (low - room, high + room)
    return Axis(label, log=log, switch=switch, low=ends[0], high=ends[1])


def beyond(axis: Axis, values: Sequence[float]) -> str:
    """How many combinations with these values an axis leaves out, for a caption."""
    if axis.low is None or axis.high is None:
        return ""
    out = [value for value in values if not axis.low <= value <= axis.high]
    lie = "lies" if len(out) == 1 else "lie"
    farthest = max(out, key=abs, default=0.0)
    some = f" {count(len(out), 'combination')} {lie} beyond the picture, the farthest at "
    return f"{some}{number(farthest)}." if out else ""
