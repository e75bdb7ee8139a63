"""From the columns of a table, or images, to what the network is given, as nodes of ONNX.

`numbers` (rows, columns) float64 has NaN where a field is empty, `texts` (rows, columns) the
categories and ordinals, without blanks around them, "" where empty. Dates cannot be read inside:
their features are among the numbers, computed outside.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labbook.data.columns import Encoding
from labbook.data.fitted import FittedSplit
from labbook.prediction.champion import Champion
from labbook.prediction.export.graph import BOOL, DOUBLE, Graph
from labbook.prediction.rows import used_encodings

NUMBERS, TEXTS, IMAGES = "numbers", "texts", "images"


@dataclass(frozen=True)
class Columns:
    """The names of the columns of `numbers` and `texts`, in their order."""

    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    outside: tuple[str, ...]  # those of the numbers that are computed of dates


def columns_of(champion: Champion) -> Columns:
    """The columns that the model is given."""
    numbers: list[str] = []
    texts: list[str] = []
    outside: list[str] = []
    for one in used_encodings(champion)[0]:
        if one.kind == "number":
            numbers.append(one.name)
        elif one.kind == "date":
            outside += plain_names(one)
            numbers += plain_names(one)
        else:
            texts.append(one.name)
    return Columns(tuple(numbers), tuple(texts), tuple(outside))


def plain_names(one: Encoding) -> tuple[str, ...]:
    """The features of a date or number without the one that says where it is empty."""
    return one.feature_names[: len(one.feature_names) - one.indicator]


def add_images(graph: Graph, champion: Champion) -> str:
    """Images (rows, height, width) uint8 as the network sees them, float64 (rows, 1, ...)."""
    split = champion.prepared.split(champion.about.seed)
    bright = graph.add("Div", graph.cast(IMAGES, DOUBLE), graph.constant(255.0))
    centred = graph.add("Sub", bright, graph.constant(split.mean))
    scaled = graph.add("Div", centred, graph.constant(split.scale))
    return graph.add("Unsqueeze", scaled, graph.constant([1], np.int64))


def add_table(graph: Graph, champion: Champion) -> str:
    """The chosen features (rows, chosen) as the network sees them, float64."""
    used, places = used_encodings(champion)
    split = champion.prepared.split(champion.about.seed)
    blocks, at = [], 0
    for group, block in _blocks(graph, used, columns_of(champion)):
        own = places[at : at + len(group)]
        at += len(group)
        blocks.append(_filled(graph, block, own, split))
    features = graph.add("Concat", *blocks, axis=1) if len(blocks) > 1 else blocks[0]
    chosen = places if champion.columns is None else champion.columns
    if len(chosen) < len(places):
        positions = np.searchsorted(places, chosen)
        features = graph.add("Gather", features, graph.constant(positions, np.int64), axis=1)
    centred = graph.add("Sub", features, graph.constant(split.mean[chosen]))
    return graph.add("Div", centred, graph.constant(split.scale[chosen]))


def _filled(graph: Graph, block: str, places: np.ndarray, split: FittedSplit) -> str:
    """A block with nothing empty, and rare categories together."""
    fill = graph.constant(split.fill[places])
    values = graph.add("Where", graph.add("IsNaN", block), fill, block)
    if split.route is None or (split.route[places] == places).all():
        return values
    moves = np.zeros((len(places), len(places)))
    moves[np.arange(len(places)), np.searchsorted(places, split.route[places])] = 1.0
    return graph.add("MatMul", values, graph.constant(moves))


def _blocks(
    graph: Graph, used: Sequence[Encoding], columns: Columns
) -> Iterator[tuple[list[str], str]]:
    """Names and value of the features of each encoding; of plain numbers in a row together."""
    row: list[str] = []  # plain numbers that have not come out yet
    for one in used:
        plain = one.kind in ("number", "date")
        if plain:
            row += plain_names(one)
        if row and not (plain and not one.indicator):
            yield row, _numbers(graph, row, columns)
            row = []
        if one.kind in ("category", "ordinal"):
            yield list(one.feature_names), _of_texts(graph, one, columns)
        elif one.indicator:
            first = _numbers(graph, [plain_names(one)[0]], columns)
            yield [one.feature_names[-1]], graph.cast(graph.add("IsNaN", first), DOUBLE)
    if row:
        yield row, _numbers(graph, row, columns)


def _numbers(graph: Graph, names: Sequence[str], columns: Columns) -> str:
    places = [columns.numbers.index(name) for name in names]
    if places == list(range(len(columns.numbers))):
        return NUMBERS
    return graph.add("Gather", NUMBERS, graph.constant(places, np.int64), axis=1)


def _of_texts(graph: Graph, one: Encoding, columns: Columns) -> str:
    """The features of a category, or the rank of an ordinal: NaN where it is none of them."""
    place = graph.constant([columns.texts.index(one.name)], np.int64)
    text = graph.add("Gather", TEXTS, place, axis=1)  # (rows, 1)
    equal = graph.add("Equal", text, graph.constant([list(one.levels)], object))
    ones = graph.cast(equal, DOUBLE)  # (rows, levels)
    if one.kind == "ordinal":
        known = _any(graph, ones)
        rank = graph.add("MatMul", ones, graph.constant(np.arange(len(one.levels))[:, None]))
        value = graph.add("Where", graph.cast(known, BOOL), rank, graph.constant(np.nan))
        if not one.indicator:
            return value
        return graph.add("Concat", value, graph.cast(graph.add("IsNaN", value), DOUBLE), axis=1)
    return _category(graph, one, text, ones)


def _any(graph: Graph, ones: str) -> str:
    """1 in rows with one of the levels, (rows, 1)."""
    return graph.add("ReduceSum", ones, graph.constant([1], np.int64), keepdims=1)


def _category(graph: Graph, one: Encoding, text: str, ones: str) -> str:
    if not (one.indicator or one.rare or one.filled):
        return ones
    empty = graph.add("Equal", text, graph.constant([[""]], object))
    is_empty = graph.cast(empty, DOUBLE)
    parts = [ones, *([is_empty] if one.indicator else [])]
    if one.rare:
        rest = graph.add("Sub", graph.constant(1.0), graph.add("Add", _any(graph, ones), is_empty))
        parts.append(rest)
    block = graph.add("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]
    return graph.add("Where", empty, graph.constant(np.nan), block) if one.filled else block
