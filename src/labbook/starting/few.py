"""What there is little of: rows in all, and rows of a class."""

from collections import Counter
from collections.abc import Iterator

from labbook.data.reading.names import some
from labbook.starting.guess import Guess
from labbook.wording import count, plain

FOLDED_ROWS = 200  # below, a test part of a fifth is small: better each row is tested once
FEWEST_ROWS = 30  # below, hardly anything is learned and measured
RARE_CLASS = 0.1  # of the rows, or half of what an equal share would be
FOLDS = 4


def rare_classes(guess: Guess) -> str:
    """The classes with few rows, each with its count, in words; "" where there are none."""
    if guess.target.task != "classification":
        return ""
    rows = Counter(guess.look.texts[guess.target.name])
    least = min(RARE_CLASS, 0.5 / len(rows)) * guess.look.rows
    rare = [f"{plain(name)} {number:,}" for name, number in sorted(rows.items()) if number < least]
    return f"{some(rare)} of {count(guess.look.rows, 'row')}" if rare else ""


def remarks(guess: Guess) -> Iterator[str]:
    """Sentences about what there is little of."""
    if guess.look.rows < FEWEST_ROWS:
        yield (
            f"The table has {count(guess.look.rows, 'row')}. Hardly anything can be learned and "
            "measured from so few: take what comes out for a first try."
        )
    if rare := rare_classes(guess):
        yield (
            f"Few rows of a class: {rare}. A network may do well by never saying it: look at "
            "balanced accuracy, and try `class_weights: balanced` in the recipe."
        )
