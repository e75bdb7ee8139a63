"""Data sets that are made: points of a function of x."""

import numpy as np

from labbook.data.fetching.expression import compile_expression
from labbook.params.datasets import Function
from labbook.streams import stream

FILE = "points.csv"


def make_points(dataset: Function) -> bytes:
    """The CSV file (columns x, y) of `dataset.points` points, x uniform in [low, high).

    y has 12 significant digits: libraries differ in the last ones of a logarithm or cosine.
    """
    uniform = stream(dataset.seed, "points").random(dataset.points)
    x = dataset.low + (dataset.high - dataset.low) * uniform
    y = compile_expression(dataset.expression)(x)
    if dataset.noise:
        y += dataset.noise * stream(dataset.seed, "noise").standard_normal(len(x))
    lines = (f"{a!r},{float(f'{b:.12g}')!r}\n" for a, b in np.stack([x, y], axis=1).tolist())
    return ("x,y\n" + "".join(lines)).encode()
