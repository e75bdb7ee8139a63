"""What to do about a diagnosis, as far as a study's own results do not speak against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labbook.wording import listing, sentence

UP, DOWN = 1, -1


@dataclass(frozen=True)
class Remedy:
    """Words for a change of settings; `moves` says up or down by the last name of each's path."""

    words: str
    moves: Mapping[str, int]

    def opposes(self, tried: Mapping[str, int]) -> bool:
        """Whether a study's best values lie the other way, by the last name of a setting."""
        return any(tried.get(name) == -way for name, way in self.moves.items())


LARGER = {"hidden": UP, "channels": UP, "degree": UP}
SMALLER = dict.fromkeys(LARGER, DOWN)
LESS_REGULAR = {"weight_decay": DOWN, "dropout": DOWN}
MORE_REGULAR = dict.fromkeys(LESS_REGULAR, UP)
LOWER_RATE = Remedy("lower the learning rate", {"rate": DOWN})
OTHERWISE = "See which of the values that were tried does best."


def advice(remedies: tuple[Remedy, ...], tried: Mapping[str, int]) -> str:
    """The remedies in a sentence, without those from which the study's best values lead away."""
    kept = [one.words for one in remedies if not one.opposes(tried)]
    return f"{sentence(listing(kept, 'or'))}." if kept else OTHERWISE


def way(before: Any, after: Any) -> int:
    """UP or DOWN, for numbers and for widths of layers by their sum; 0 for all else."""
    one, other = (sum(value) if isinstance(value, list) else value for value in (before, after))
    return (other > one) - (other < one)
