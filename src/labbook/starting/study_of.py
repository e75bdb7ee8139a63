"""A recipe and a first study that fit the size and the task of a table."""

from collections.abc import Sequence
from dataclasses import dataclass

SEEDS = 8


@dataclass(frozen=True)
class Sizes:
    """The settings of a first training that follow from how many rows there are."""

    widths: tuple[int, int, int]
    rate: float
    batch: int
    epochs: int
    patience: int


# By the number of rows from which on they hold: small tables in small steps, large ones in few.
BY_ROWS: Sequence[tuple[int, Sizes]] = (
    (50_000, Sizes((16, 64, 128), 0.001, 512, 40, 6)),
    (5_000, Sizes((8, 32, 128), 0.001, 128, 100, 12)),
    (500, Sizes((8, 32, 128), 0.002, 32, 200, 20)),
    (100, Sizes((4, 16, 64), 0.003, 16, 300, 30)),
    (0, Sizes((2, 8, 32), 0.005, 8, 400, 60)),
)
TEST, VALID = 0.2, 0.2


def sizes_of(rows: int) -> Sizes:
    """What suits a table of so many rows."""
    return next(sizes for least, sizes in BY_ROWS if rows >= least)
