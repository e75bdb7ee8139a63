"""Rows that stand more than once, and on both sides of a split."""

from collections.abc import Iterator, Mapping

import numpy as np

from labbook.data.numbers import Numbers
from labbook.metrics import PARTS
from labbook.streams import stream
from labbook.wording import count

CHUNK = 1_000_000  # numbers that are looked at at once


def row_remarks(numbers: Numbers, splits: Mapping[int, Mapping[str, np.ndarray]]) -> Iterator[str]:
    """How many test and validation rows equal a row that is trained on, target and all."""
    prints = fingerprints(numbers)
    _, which, times = np.unique(prints, return_inverse=True, return_counts=True)
    again = int((times[which] > 1).sum())
    if not again or not splits:
        return
    seen, looked_at = 0, 0
    for split in splits.values():
        train = prints[split["train"]]
        others = np.concatenate([prints[split[part]] for part in PARTS if part != "train"])
        seen += int(np.isin(others, train).sum())
        looked_at += len(others)
    if seen:
        yield (
            f"{count(again, 'row')} of {len(prints):,} ({again / len(prints):.0%}) equal another "
            f"in every column. So {seen:,} of {looked_at:,} validation and test rows, counted over "
            f"{count(len(splits), 'seed')}, stand in the training part, too, where learning by "
            "heart pays. Remove rows that were written twice."
        )


def fingerprints(numbers: Numbers) -> np.ndarray:
    """A number (rows,) uint64 that follows from all that a row holds."""
    columns = numbers.features.shape[1]
    weights = stream(0, "fingerprints").integers(0, 2**64, columns + 1, np.uint64) | np.uint64(1)
    step = max(1, CHUNK // (columns + 1))
    pieces = []
    for begin in range(0, len(numbers.target), step):
        rows = slice(begin, begin + step)
        cells = np.column_stack([numbers.features[rows], numbers.target[rows].astype(float)])
        cells = np.where(np.isnan(cells), np.nan, cells + 0.0)  # one NaN, one zero
        pieces.append((_mixed(cells.view(np.uint64)) * weights).sum(axis=1, dtype=np.uint64))
    return np.concatenate(pieces)


def _mixed(bits: np.ndarray) -> np.ndarray:
    """Bits spread over the whole of each number: small integers have all of theirs at one end."""
    for shift, factor in ((33, 0xFF51AFD7ED558CCD), (33, 0xC4CEB9FE1A85EC53)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    mixed: np.ndarray = bits ^ (bits >> np.uint64(33))
    return mixed
