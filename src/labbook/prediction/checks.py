"""What is unlike the training rows about new rows: said, never refused."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from labbook.data.columns import Encoding
from labbook.prediction.champion import Champion
from labbook.prediction.rows import NewRows
from labbook.wording import count, number, percent

ROUND = (".sin", ".cos")  # features of dates that have no ends
SHOWN = 8  # columns with one warning, and levels of one column


def warnings(champion: Champion, rows: NewRows) -> list[str]:
    """Sentences: ranges left, categories unseen, fields empty that never were; by column."""
    sentences = [*rows.told]
    if rows.table is None:
        return sentences
    for found in (_outside(champion, rows), _unseen(champion, rows), _empty(champion, rows)):
        ordered = [text for _, text in sorted(found, key=lambda one: -one[0])]
        sentences += ordered[:SHOWN]
        if len(ordered) > SHOWN:
            sentences.append(f"the same of {count(len(ordered) - SHOWN, 'more column')}.")
    return sentences


def _columns(champion: Champion, rows: NewRows) -> Iterator[tuple[Encoding, int, int]]:
    """Each column of `values` that the model looks at: encoding, column, place in the data set."""
    chosen = champion.columns
    column = 0
    for one in rows.used:
        for _ in one.feature_names:
            place = int(rows.places[column])
            if chosen is None or place in chosen:
                yield one, column, place
            column += 1


def _outside(champion: Champion, rows: NewRows) -> Iterator[tuple[int, str]]:
    """Columns with values below or above all of the training rows."""
    seen, names = champion.about.rows.training, champion.prepared.feature_names
    for one, column, place in _columns(champion, rows):
        if one.kind == "category" or names[place].endswith(ROUND):
            continue
        values, low, high = rows.values[:, column], seen.low[place], seen.high[place]
        out = int(((values < low) | (values > high)).sum())
        if out:
            share = percent(out / len(values))
            yield (
                out,
                f"{names[place]}: {count(out, 'row')} ({share}) outside of the training rows' "
                f"range, {number(low)} to {number(high)}; there the model can only guess.",
            )


def _unseen(champion: Champion, rows: NewRows) -> Iterator[tuple[int, str]]:
    """Categories that no training row had."""
    assert rows.table is not None
    high = champion.about.rows.training.high
    column = 0
    for one in rows.used:
        places = rows.places[column : column + len(one.feature_names)]
        column += len(places)
        if one.kind != "category":
            continue
        seen = {level for level, place in zip(one.levels, places, strict=False) if high[place] > 0}
        found = Counter(text for text in rows.table.texts[one.name] if text and text not in seen)
        if found:
            levels = [f"{text[:40]!r}" for text, _ in found.most_common(SHOWN)]
            more = ", ..." if len(found) > SHOWN else ""
            yield (
                found.total(),
                (
                    f"{one.name}: {count(found.total(), 'row')} of categories that no training row "
                    f"had: {', '.join(levels)}{more}."
                ),
            )


def _empty(champion: Champion, rows: NewRows) -> Iterator[tuple[int, str]]:
    """Columns of the file with empty fields where the training rows had none."""
    assert rows.table is not None
    missing = champion.about.rows.training.missing
    told = set()
    for one, _, place in _columns(champion, rows):
        known = one.name in told or missing[place] or one.indicator  # made where fields were empty
        told.add(one.name)
        if known:
            continue
        empty = _count_empty(one, rows)
        if empty:
            yield (
                empty,
                f"{one.name}: {count(empty, 'empty field')}, and the training rows had none; "
                "filled as params.yaml says for such fields.",
            )


def _count_empty(one: Encoding, rows: NewRows) -> int:
    assert rows.table is not None
    if one.kind == "number":
        return int(np.isnan(rows.table.numbers[one.name]).sum())
    return sum(not text for text in rows.table.texts[one.name])
