"""How much of the spread between runs each varied setting explains: a functional ANOVA.

A complete grid is decomposed exactly, by the analysis of variance of its means. Settings that were
drawn are decomposed through a forest of trees (Hutter, Hoos and Leyton-Brown 2014), extremely
randomised ones (Geurts, Ernst and Wehenkel 2006), whose greed does not crowd out small effects;
SciPy computes the Sobol indices of what it predicts. Both are corrected for chance, so that
settings without an effect get a share near 0. docs/evidence.md says how.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook.evaluate.results import Results
from labbook.evaluate.statistics.design import Design, estimate
from labbook.evaluate.tables import write_table

COLUMNS = ("setting", "kind", "metric", "scale", "method", "share", "low", "high", "n", "values")
SETTING, TOGETHER, REST = "setting", "together", "chance"  # what a row of the table is


@dataclass(frozen=True)
class Importance:
    """The share of the variance that one setting, or all acting together, or chance explains."""

    setting: str
    kind: str
    share: float
    low: float
    high: float
    values: int = 0


def importance(results: Results) -> tuple[str, Design, list[Importance]] | None:
    """Method, design and the shares by setting, then `together`, then `chance`, from 0 to 1.

    None where there is no `estimate`.
    """
    found = estimate(results)
    if found is None:
        return None
    method, design, estimated = found
    shares, errors = estimated.shares, estimated.half_widths
    low, high = (np.clip(shares + sign * errors, 0, 1) for sign in (-1, 1))
    shares = np.clip(shares, 0, 1)
    names = [*design.names, TOGETHER, REST]
    kinds = [SETTING] * len(design.names) + [TOGETHER, REST]
    values = [*design.counts, 0, 0]
    rows = zip(names, kinds, shares.tolist(), low.tolist(), high.tolist(), values, strict=True)
    return method, design, [Importance(*row) for row in rows]


def write_importance(results: Results, path: Path) -> None:
    """Write one row per setting that varies; only a header where there is nothing to say."""
    found = importance(results)
    rows: list[list[Any]] = []
    if found is not None:
        method, design, shares = found
        for one in shares:
            row: list[Any] = [one.setting, one.kind, results.study.metric, design.scale, method]
            row += [one.share, one.low, one.high, design.metric.shape[1], one.values or None]
            rows.append(row)
    write_table(path, COLUMNS, rows)
