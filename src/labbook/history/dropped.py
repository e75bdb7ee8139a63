"""Claims that stood when their runs were made and stand no longer: what was not told.

Who states six claims and takes away the five that failed leaves one that was said before. It was
one of six tests all the same, and Holm's method has to know of them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from labbook.history.git import Commit
from labbook.history.made import PERHAPS, TRAINED
from labbook.history.rule import Judge
from labbook.history.stated import Stated
from labbook.identity.code import digest
from labbook.provenance.graph import Graph
from labbook.training.costlog import asked_of


@dataclass(frozen=True)
class Dropped:
    """A claim that is gone; `stood` is a commit in which it stood when its runs were made.

    `changed`: a claim of its id is there, with another test or on other seeds.
    """

    claim: Stated
    stood: Commit
    changed: bool

    @property
    def how(self) -> str:
        """`dropped after its runs`, or changed."""
        return f"{'changed' if self.changed else 'dropped'} after its runs"

    def plain(self) -> dict[str, Any]:
        """As an entry of a JSON file."""
        return {
            "claim": self.claim.id,
            "study": self.claim.study,
            "sentence": self.claim.sentence,
            "how": self.how,
            "stood_in": self.stood.hash,
        }


def dropped(graph: Graph, judge: Judge, claims: Sequence[Stated]) -> list[Dropped]:
    """Those of data sets that params.yaml has, oldest first; `claims` are those that it states."""
    there = _by_test(claims)
    ids, runs = {claim.id for claim in claims}, _Runs(graph, judge)
    found: dict[tuple[str, str], Dropped] = {}
    for commit in judge.ancestors.commits.values():
        for claim in judge.stated_in(commit):
            still = any(_shares_seeds(claim, one) for one in there.get(claim.test, ()))
            if not still and commit.hash in runs.made_at(claim):
                one = Dropped(claim, commit, claim.id in ids)
                found.setdefault((claim.study, claim.seeded), one)
    return list(found.values())


def _by_test(claims: Sequence[Stated]) -> dict[str, list[Stated]]:
    found: dict[str, list[Stated]] = {}
    for claim in claims:
        found.setdefault(claim.test, []).append(claim)
    return found


def _shares_seeds(claim: Stated, other: Stated) -> bool:
    return not {*claim.seeds}.isdisjoint(other.seeds)


class _Runs:
    """When the runs of claims were made, also of those that params.yaml asks for no longer."""

    def __init__(self, graph: Graph, judge: Judge) -> None:
        self._graph, self._judge = graph, judge
        self._known: dict[str, set[str]] = {}

    def made_at(self, claim: Stated) -> set[str]:
        """The commits at which HEAD was when runs of a claim were made.

        Of runs that no log knows: those before the commit that recorded them.
        """
        if claim.seeded not in self._known:
            self._known[claim.seeded] = {commit for one in self._asked(claim) for commit in one}
        return self._known[claim.seeded]

    def _asked(self, claim: Stated) -> Iterator[list[str]]:
        data = self._data.get(claim.data)
        for recipe in claim.recipes if data else ():
            for seed in claim.seeds:
                asked = asked_of({"data": data, "recipe": json.loads(recipe), "seed": seed})
                yield self._commits(self._ids.get(asked, asked), asked)

    def _commits(self, run: str, asked: str) -> list[str]:
        commits: list[str] = []
        for one in self._judge.made.evidence(run, asked):
            if one.how == TRAINED:
                commits.append(one.commit)
            elif one.how != PERHAPS:
                commits += self._judge.ancestors.commits[one.commit].parents
        return commits

    @cached_property
    def _data(self) -> Mapping[str, dict[str, Any]]:
        """What runs depend on of the data sets that are there, by digest of their settings."""
        datasets = {name: self._graph.data(name) for name in self._graph.datasets}
        return {digest(data["settings"]): data for data in datasets.values()}

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        ids = self._graph.run_ids
        return {asked_of(one): ids[key] for key, one in self._graph.identities.items()}


def remark_on(claim: Stated, gone: Sequence[Dropped], added: Mapping[str, int]) -> str:
    """What came or went of others after their runs, beside a claim that was said before.

    `added` counts by study the claims that were said after. "" where there is nothing to say.
    """
    others = [one.claim for one in gone if one.claim.id != claim.id]
    less = sum(one.study == claim.study for one in others)
    more = added.get(claim.study, 0)
    parts = []
    if any(one.claim.test == claim.test for one in gone):
        parts.append("the same test on other seeds was dropped after its runs")
    if less:
        after = "dropped or changed after its runs, and no correction of p counts them"
        parts.append(f"{_others(less)} {after}")
    if more:
        parts.append(f"{_others(more)} added after its runs")
    return "; ".join(parts)


def _others(many: int) -> str:
    others = "1 other claim" if many == 1 else f"{many} other claims"
    return f"{others} of its study {'was' if many == 1 else 'were'}"
