"""What the page opens with: all claims, and where their sources were right or wrong."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labbook.report.page.claims import ClaimView, verdict_counts
from labbook.report.page.graphic import AXES, VALUE_WORDS, Axis
from labbook.report.page.tally import one_run, stated
from labbook.report.reported import reported_figures
from labbook.report.study_results import StudyResults
from labbook.verdicts import OTHER_CONDITIONS, OWN, REFUTED, SAME, SUPPORTED, UNDECIDED

NOT_AS_CLAIMED = (SAME, OTHER_CONDITIONS)  # what was tried is not what was claimed


@dataclass(frozen=True)
class Headings:
    """Of the part that says what became of the claims."""

    whole: str
    right: str
    wrong: str
    unknown: str
    why_unknown: str
    untried: str = "Not tried as claimed"
    why_untried: str = (
        "Here both sides are the same by construction, or the conditions are not the source’s."
    )


REPORTS = Headings(
    "Where the reports were right, wrong, or could not know", "Right", "Wrong", "Could not know",
    "These runs cannot tell, so one run could not.",
)  # fmt: skip
NO_REPORT = Headings(
    "What holds, what does not, and what stays open", "Holds", "Does not hold", "Stays open",
    "These runs cannot tell.",
)  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Claims of one source, by the first letters of their ids."""

    name: str
    label: str
    number: int


@dataclass(frozen=True)
class Findings:
    """The page's first part."""

    headings: Headings
    claims: list[ClaimView]
    counts: Mapping[str, int]
    groups: list[Group]
    axes: list[Axis]
    value_words: str
    stated: list[str]
    right: list[ClaimView]
    wrong: list[ClaimView]
    unknown: list[ClaimView]
    untried: list[ClaimView]
    one_run: str
    one_run_studies: list[str]


def findings(results: Sequence[StudyResults], claims: Sequence[ClaimView]) -> Findings:
    """Gather the `claims` of all studies and say in words what became of them."""
    claims = _in_order(claims)
    scales = {claim.scale for claim in claims if claim.graphic}
    reported = {study.name: reported_figures(study) for study in results}
    return Findings(
        headings=REPORTS if any(claim.group != OWN for claim in claims) else NO_REPORT,
        claims=claims,
        counts=verdict_counts(claim.verdict for claim in claims),
        groups=_groups(results, claims),
        axes=[axis for name, axis in AXES.items() if name in scales],
        value_words=VALUE_WORDS if scales - set(AXES) else "",
        stated=stated(claims),
        right=_with(claims, SUPPORTED),
        wrong=_with(claims, REFUTED),
        unknown=_with(claims, UNDECIDED),
        untried=[claim for claim in claims if claim.kind in NOT_AS_CLAIMED],
        one_run=one_run([figure for figures in reported.values() for figure in figures]),
        one_run_studies=[name for name, figures in reported.items() if figures],
    )


def _in_order(claims: Sequence[ClaimView]) -> list[ClaimView]:
    """By group, in the order of their first claim; within a group C2 comes before C10."""
    places = {name: i for i, name in enumerate(dict.fromkeys(claim.group for claim in claims))}

    def key(claim: ClaimView) -> tuple[int, list[tuple[int, str]]]:
        parts = re.findall(r"(\d+)|(\D+)", claim.id) if claim.group != OWN else []
        return places[claim.group], [(int(digits or 0), text) for digits, text in parts]

    return sorted(claims, key=key)


def _with(claims: Iterable[ClaimView], verdict: str) -> list[ClaimView]:
    """Those with a verdict on what was claimed."""
    return [
        claim for claim in claims if claim.verdict == verdict and claim.kind not in NOT_AS_CLAIMED
    ]


def _groups(results: Sequence[StudyResults], claims: Sequence[ClaimView]) -> list[Group]:
    """In the order of their first claim, each with the data sets that it is about."""
    data = {study.name: str(study.about["data"]["name"]) for study in results}
    numbers = Counter(claim.group for claim in claims)
    groups = []
    for name, n in numbers.items():
        sets = dict.fromkeys(data[claim.study] for claim in claims if claim.group == name)
        groups.append(Group(name, f"{name} ({', '.join(sets)})", n))
    return groups
