"""Looks at a study's claims: with how many seeds, and what share of the level each may spend.

Who looks several times finds something by chance more often, so the looks share one level: each
has the share that it adds of all seeds, and a p counts as p / share (docs/seeds.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """One look at the claims of a study."""

    seeds: int  # how many there are at this look
    share: float  # of the level; the shares of all looks of a study sum up to 1


def looks_of(numbers: Sequence[int]) -> tuple[Look, ...]:
    """The looks with these numbers of seeds, rising."""
    before = (0, *numbers[:-1])
    return tuple(
        Look(now, (now - earlier) / numbers[-1])
        for earlier, now in zip(before, numbers, strict=True)
    )
