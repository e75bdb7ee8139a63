"""Whether claims stood in a commit before their runs were made: docs/evidence.md has the rule."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os.path import relpath
from typing import Any

from labbook.errors import LabbookError
from labbook.history import git, outcome
from labbook.history.ancestry import ancestry
from labbook.history.dropped import Dropped, dropped, remark_on
from labbook.history.past import Past
from labbook.history.rule import AFTER, BEFORE, NOT_KNOWN, NOT_RUN, Judge, Run, When
from labbook.history.state import Workspace
from labbook.history.stated import Stated, stated
from labbook.params.load import params_path
from labbook.params.source import read_source
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_rounds import decided_with, reached
from labbook.report.result_tables import Row
from labbook.training.costlog import asked_of
from labbook.verdicts import REFUTED, SUPPORTED

CONFIRMED, NOT_CONFIRMED = "confirmed", "not confirmed"
LESSON = (
    "A claim that you wrote after seeing the results has only been found, not tested: chance finds "
    "something in every table."
)


@dataclass(frozen=True)
class Said:
    """A claim, its row of results/claims.csv, and when it was said.

    `confirmation` says what its look again on fresh seeds gave, if there is one, and `by` which
    claim that is. `others` says which of its study's claims came or went after its runs.
    """

    claim: Stated
    row: Row | None
    when: When
    confirmation: str = ""
    by: str = ""
    others: str = ""

    @property
    def verdict(self) -> str:
        """Its verdict, as results/claims.csv has it; "" before there is one."""
        return self.row["verdict"] if self.row else ""

    @property
    def reason(self) -> str:
        """`said before, as ...`."""
        return f"{self.when.said}, as {self.when.why}"

    @property
    def remark(self) -> str:
        """What is odd about when it was said, or about its study's other claims; "" if nothing."""
        return "; ".join(filter(None, (self.when.remark, self.others)))

    @property
    def needs_confirmation(self) -> bool:
        """Whether it was found, decided, and not looked at again."""
        decided = self.verdict in (SUPPORTED, REFUTED)
        return decided and self.when.said == AFTER and not self.by

    def plain(self) -> dict[str, Any]:
        """As an entry of a JSON file."""
        when = self.when
        return {
            "claim": self.claim.id,
            "study": self.claim.study,
            "verdict": self.verdict or None,
            "said": when.said,
            "claim_commit": when.since and when.since.hash,
            "runs_commit": when.made and when.made.hash,
            "runs": when.how or None,
            "why": when.why,
            "remark": self.remark or None,
            "confirmation": self.confirmation or None,
            "confirmed_by": self.by or None,
        }


@dataclass(frozen=True)
class Told:
    """When each claim of params.yaml was said, in its order, and which stand there no longer."""

    claims: list[Said]
    dropped: list[Dropped]


def what_was_said(graph: Graph) -> Told:
    """All that git and the log know of the claims of params.yaml."""
    by_id = {claim.id: claim for claim in stated(read_source(params_path()).document)}
    asked = [(study, claim.id) for study in graph.plan.studies.values() for claim in study.claims]
    claims = [by_id[id_] for _, id_ in asked if id_ in by_id]
    rows = outcome.verdicts(Workspace())
    try:
        judge = Judge.of(claims)
    except LabbookError as error:
        judge = None
        reason = "no git repository" if isinstance(error, git.NoRepositoryError) else str(error)
    found = []
    for study, id_ in asked:
        row = rows.get(f"{study.name}/{id_}")
        if id_ not in by_id:  # no such claim is known, and none is left out without a word
            unknown = Stated(study.name, id_, study.dataset, (), study.seeds, "")
            when = When(NOT_KNOWN, "its test cannot be told from others")
            found.append(Said(unknown, row, when))
        elif judge is None:
            found.append(Said(by_id[id_], row, When(NOT_KNOWN, reason)))
        else:
            when = judge.when(by_id[id_], runs_of(graph, by_id[id_]))
            found.append(Said(by_id[id_], row, when))
    gone = dropped(graph, judge, claims) if judge else []
    found = _with_others(found, gone)
    return Told([_with_confirmation(one, found) for one in found], gone)


def runs_of(graph: Graph, claim: Stated) -> list[Run]:
    """The runs that a claim rests on: in rounds none after the look that decided it."""
    study = graph.plan.studies[claim.study]
    seeds, most = reached(study, len(study.looks)), decided_with(study, claim.id)
    wanted = [
        study.runs[label, seed]
        for label in claim.labels
        for seed in claim.seeds[: min(seeds[label], most)]
    ]
    return [(graph.run_ids[key], asked_of(graph.identities[key])) for key in wanted]


def highest_seed_used(dataset: str, graph: Graph) -> int:
    """The highest seed that a study asks for: one of this data set now, any in a commit."""
    highest = max(graph.plan.seeds_of(dataset))
    try:
        listed = ancestry()
        return max(highest, Past(listed, relpath(params_path())).highest_seed())
    except LabbookError:  # no git
        return highest


def _with_others(found: Sequence[Said], gone: Sequence[Dropped]) -> list[Said]:
    """The same, with what came or went after the runs of those that were said before."""
    added = Counter(one.claim.study for one in found if one.when.said == AFTER)
    return [
        replace(one, others=remark_on(one.claim, gone, added)) if one.when.said == BEFORE else one
        for one in found
    ]


def _with_confirmation(one: Said, found: Sequence[Said]) -> Said:
    """The same with what the same test gave on fresh seeds, if both were said before those runs.

    Else who is not content with some fresh seeds could take others until they confirm, or take
    away what did not come out.
    """
    if one.when.said not in (AFTER, NOT_KNOWN):
        return one
    for other in found:
        same = other.claim.test == one.claim.test != ""
        fresh = not {*other.claim.seeds} & {*one.claim.seeds}
        first = other.when.said in (BEFORE, NOT_RUN) and not other.remark
        if other is not one and same and fresh and first:
            return replace(one, confirmation=_outcome(one, other), by=other.claim.id)
    return one


def _outcome(one: Said, other: Said) -> str:
    """What a look again gave; of a claim that was not decided before simply its verdict."""
    if not other.verdict or other.when.said == NOT_RUN:
        return NOT_RUN
    if one.verdict not in (SUPPORTED, REFUTED):
        return other.verdict
    return CONFIRMED if other.verdict == one.verdict else f"{NOT_CONFIRMED}: {other.verdict}"
