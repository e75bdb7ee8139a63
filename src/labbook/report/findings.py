"""What the page opens with: all claims, and where their sources were right or wrong."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labbook.metrics import is_ratio
from labbook.published import Reported, reported_figures
from labbook.report.claims import SYMBOLS, ClaimView
from labbook.report.graphic import AXES, VALUE_WORDS, Axis
from labbook.results import StudyResults
from labbook.verdicts import ALIKE, NOT_JUDGED, OPPOSITE, REFUTED, SUPPORTED, UNDECIDED
from labbook.wording import count, listing, metric_name, number, plain, sentence

OWN = "own"  # the group of claims that no report made
KINDS = {OPPOSITE: "show the opposite", ALIKE: "show no difference that matters"}


@dataclass(frozen=True)
class Headings:
    """Of the part that says what became of the claims."""

    whole: str
    right: str
    wrong: str
    unknown: str
    why_unknown: str


REPORTS = Headings(
    "Where the reports were right, wrong, or could not know", "Right", "Wrong", "Could not know",
    "Even these many runs cannot tell, so one run could not.",
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
    one_run: str
    one_run_studies: list[str]


def findings(results: Sequence[StudyResults], claims: Sequence[ClaimView]) -> Findings:
    """Gather the `claims` of all studies and say in words what became of them."""
    claims = _in_order(claims)
    scales = {one.scale for one in claims if one.graphic}
    reported = {one.name: reported_figures(one) for one in results}
    return Findings(
        headings=REPORTS if any(one.group != OWN for one in claims) else NO_REPORT,
        claims=claims,
        counts=_counts(claims),
        groups=_groups(results, claims),
        axes=[axis for name, axis in AXES.items() if name in scales],
        value_words=VALUE_WORDS if scales - set(AXES) else "",
        stated=_stated(claims),
        right=_with(claims, SUPPORTED),
        wrong=_with(claims, REFUTED),
        unknown=_with(claims, UNDECIDED),
        one_run=one_run([one for figures in reported.values() for one in figures]),
        one_run_studies=[name for name, figures in reported.items() if figures],
    )


def _in_order(claims: Sequence[ClaimView]) -> list[ClaimView]:
    """By group, in the order of their first claim; within a group C2 comes before C10."""
    places = {name: i for i, name in enumerate(dict.fromkeys(one.group for one in claims))}

    def key(one: ClaimView) -> tuple[int, list[tuple[int, str]]]:
        parts = re.findall(r"(\d+)|(\D+)", one.id) if one.group != OWN else []
        return places[one.group], [(int(digits or 0), text) for digits, text in parts]

    return sorted(claims, key=key)


def _counts(claims: Iterable[ClaimView]) -> dict[str, int]:
    counts = Counter(one.verdict for one in claims)
    return {verdict: counts[verdict] for verdict in SYMBOLS}


def _with(claims: Iterable[ClaimView], verdict: str) -> list[ClaimView]:
    return [one for one in claims if one.verdict == verdict]


def _groups(results: Sequence[StudyResults], claims: Sequence[ClaimView]) -> list[Group]:
    """In the order of their first claim, each with the data sets that it is about."""
    data = {one.name: str(one.about["data"]["name"]) for one in results}
    numbers = Counter(one.group for one in claims)
    found = []
    for name, n in numbers.items():
        sets = dict.fromkeys(data[one.study] for one in claims if one.group == name)
        found.append(Group(name, f"{name} ({', '.join(sets)})", n))
    return found


def _stated(claims: Sequence[ClaimView]) -> list[str]:
    """The counts in sentences: those of reports, then those of one's own."""
    reports = [one for one in claims if one.group != OWN]
    own = [one for one in claims if one.group == OWN]
    said = [_tally(reports, f"Of {count(len(reports), 'claim')} from reports")] if reports else []
    if own:
        what = "further claim" if reports else "claim"
        said.append(_tally(own, f"Of {count(len(own), what)} that no report made"))
    new = Counter(one.new_data for one in claims if one.new_data)
    if new["yes"] + new["no"]:
        said.append(
            f"Of {count(new['yes'] + new['no'], 'difference')} that the runs show, {new['yes']} "
            "would also be clear on new data from the same source, where intervals are wider."
        )
    return said


def _tally(claims: Sequence[ClaimView], head: str) -> str:
    counts = _counts(claims)
    kinds = Counter(one.kind for one in claims if one.verdict == REFUTED)
    parts = [f"{kinds[kind]} {words}" for kind, words in KINDS.items() if kinds[kind]]
    text = f"{head} the runs support {counts[SUPPORTED]}, refute {counts[REFUTED]}"
    text += f" ({listing(parts)})" if parts else ""
    text += f" and leave {counts[UNDECIDED]} undecided"
    if counts[NOT_JUDGED]:
        text += f"; {counts[NOT_JUDGED]} cannot be judged on stand-in data"
    return text + "."


def one_run(figures: Sequence[Reported]) -> str:
    """How far figures of single runs can be trusted, in words; nothing without such figures."""
    compared = [one for one in figures if one.runs and one.known]
    if not compared:
        return ""
    total = sum(len(one.known) for one in compared)
    outside = sum(one.outside for one in compared)
    text = (
        f"Sources give {count(total, 'figure')} for combinations that were trained here: {outside} "
        f"of them {'lies' if outside == 1 else 'lie'} outside the range of all our runs."
    )
    errors = [one for one in compared if is_ratio(one.metric)]
    apart = max(errors, key=lambda one: _or_zero(one.apart), default=None)
    if apart is not None and math.isfinite(apart.apart):
        text += (
            f" Two figures of a source for the same combination ({plain(apart.combination)}, "
            f"{metric_name(apart.metric)}) differ by a factor of {number(apart.apart)}."
        )
    spread = max(errors, key=lambda one: _or_zero(one.spread), default=None)
    if spread is not None and math.isfinite(spread.spread):
        text += (
            f" Our own runs of one combination ({plain(spread.combination)}), which differ in the "
            f"seed alone, differ by a factor of up to {number(spread.spread)}."
        )
    return sentence(text)


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0
