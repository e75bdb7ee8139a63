"""Made rows within the ranges of the training rows, as ONNX is given them and as we see them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from labbook.data.columns import Encoding, encode
from labbook.data.table_file import TableFile
from labbook.prediction.champion import Champion
from labbook.prediction.export.inputs import IMAGES, NUMBERS, TEXTS, columns_of, plain_names
from labbook.prediction.rows import used_encodings
from labbook.streams import stream

ROWS, OF_IMAGES = 200, 24  # the reference's convolution is slow
EMPTY = 0.1  # share of empty fields
UNKNOWN = "\N{SNOWMAN} no such category"


@dataclass
class MadeTable:
    """What `encode` asks of a file."""

    rows: int = ROWS
    source: str = "made rows"
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    texts: dict[str, np.ndarray] = field(default_factory=dict)

    def place(self, row: int) -> str:
        """Where a row stands."""
        return f"row {row}"


def made_rows(champion: Champion) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The inputs of the ONNX model by name, and the same rows as the data set has them."""
    draw = stream(0, "export")
    if champion.about.rows.kind == "images":
        shape = (OF_IMAGES, *champion.about.rows.shape)
        images = draw.integers(0, 256, shape).astype(np.uint8)
        return {IMAGES: images}, images
    used, places = used_encodings(champion)
    features = np.zeros((ROWS, len(champion.prepared.feature_names)))
    table, at = MadeTable(), 0
    for one in used:
        own = places[at : at + len(one.feature_names)]
        at += len(own)
        features[:, own] = _made(one, own, champion, draw, table)
    return dict(_inputs(champion, table)), features


def _made(
    one: Encoding, own: np.ndarray, champion: Champion, draw: np.random.Generator, table: MadeTable
) -> np.ndarray:
    """The features (rows, columns) of one encoding, whose values go into `table`."""
    seen = champion.about.rows.training
    empty = draw.random(ROWS) < EMPTY
    if one.kind in ("number", "date"):
        names = plain_names(one)
        ends = [(seen.low[place], seen.high[place]) for place in own[: len(names)]]
        made = [_between(draw, *end) for end in ends]
        table.numbers |= {n: np.where(empty, np.nan, v) for n, v in zip(names, made, strict=True)}
        if one.kind == "date":  # computed outside, from texts that nobody has here
            more = [empty.astype(float)] * one.indicator
            return np.column_stack([*(table.numbers[name] for name in names), *more])
    else:
        levels = [*one.levels, *([UNKNOWN] if one.kind == "category" else [])]
        texts = np.array([levels[i] for i in draw.integers(0, len(levels), ROWS)], object)
        texts[empty] = ""
        table.texts[one.name] = texts
    return encode([one], cast(TableFile, table))


def _between(draw: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Values (rows,) from a range; 0 where nothing is known of it."""
    if not np.isfinite([low, high]).all():
        return np.zeros(ROWS)
    share = draw.random(ROWS)
    return low * (1 - share) + high * share


def _inputs(champion: Champion, table: MadeTable) -> Iterator[tuple[str, np.ndarray]]:
    columns = columns_of(champion)
    if columns.numbers:
        yield NUMBERS, np.column_stack([table.numbers[name] for name in columns.numbers])
    if columns.texts:
        yield TEXTS, np.column_stack([table.texts[name] for name in columns.texts]).astype(object)
