"""Two states side by side."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from labbook.history import outcome
from labbook.history.changes import (
    ABSENT,
    Causes,
    causes,
    paired,
    renamed_studies,
    under_new_names,
)  # fmt: skip
from labbook.history.state import State
from labbook.report.result_tables import Row, value


@dataclass(frozen=True)
class Pair:
    """One claim or study in both states; `differs` where verdict or best combination do."""

    name: str
    differs: bool
    texts: tuple[str, str]
    plain: Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """`runs` are the numbers of those shared, only in the first and only in the second."""

    claims: list[Pair]
    bests: list[Pair]
    runs: tuple[int, int, int]
    causes: Causes

    def plain(self) -> dict[str, Any]:
        """As an entry of a JSON file."""
        return {
            "claims": {pair.name: pair.plain for pair in self.claims},
            "bests": {pair.name: pair.plain for pair in self.bests},
            "runs": dict(zip(("shared", "only_a", "only_b"), self.runs, strict=True)),
            **asdict(self.causes),
        }


def compare(a: State, b: State) -> Comparison:
    """What two states have in common and what not; what differs comes first.

    Raises `NotInCacheError` where the results of one are not in the cache.
    """
    runs_a, runs_b = outcome.runs(a), outcome.runs(b)
    names = renamed_studies(a, b)

    def pairs(
        table: Callable[[State], Mapping[str, Any]], make: Callable[[str, Any, Any], Pair]
    ) -> list[Pair]:
        both = paired(under_new_names(table(a), names), table(b))
        return sorted((make(*sides) for sides in both), key=lambda pair: not pair.differs)

    return Comparison(
        claims=pairs(outcome.verdicts, _claim),
        bests=pairs(outcome.bests, _best),
        runs=(len(runs_a & runs_b), len(runs_a - runs_b), len(runs_b - runs_a)),
        causes=causes(a, b),
    )


def _claim(name: str, a: Row | None, b: Row | None) -> Pair:
    texts = [f"{row['verdict']}, {outcome.effect(row)}" if row else ABSENT for row in (a, b)]
    differs = (a and a["verdict"]) != (b and b["verdict"])
    return Pair(name, differs, (texts[0], texts[1]), {"a": _numbers(a), "b": _numbers(b)})


def _numbers(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    numbers = {name: value(row, name) for name in ("effect", "low", "high", "n", "p_holm")}
    finite = {name: n if math.isfinite(n) else None for name, n in numbers.items()}
    return {"verdict": row["verdict"], "scale": row["scale"], **finite}


def _best(name: str, a: outcome.Best | None, b: outcome.Best | None) -> Pair:
    differs = (a and a.combination) != (b and b.combination)
    plain = {"a": a and a.plain(), "b": b and b.plain()}
    return Pair(name, differs, (str(a or ABSENT), str(b or ABSENT)), plain)
