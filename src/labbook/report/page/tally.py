"""What became of the claims, counted, and how far single runs can be trusted: in sentences."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from labbook.metrics import is_ratio
from labbook.report.page.claims import ClaimView, verdict_counts
from labbook.report.reported import Reported
from labbook.verdicts import (
    ALIKE,
    NOT_JUDGED,
    OPPOSITE,
    OTHER_CONDITIONS,
    OTHER_NUMBER,
    OWN,
    REFUTED,
    SAME,
    SIZE_UNCLEAR,
    SUPPORTED,
    TREND_ONLY,
    UNDECIDED,
    WEAKER,
)
from labbook.wording import count, listing, metric_name, number, plain, sentence

# What is said of how many claims with one verdict, by kind, in this order.
KINDS = {
    OPPOSITE: "with the opposite effect",
    WEAKER: "with less than claimed",
    OTHER_NUMBER: "with another number",
    ALIKE: "with no difference that matters",
    SIZE_UNCLEAR: "with an effect of unclear size",
    TREND_ONLY: "with a trend only",
    SAME: "with sides that are the same by construction",
    OTHER_CONDITIONS: "under other conditions than the source’s",
}


def stated(claims: Sequence[ClaimView]) -> list[str]:
    """The counts in sentences: those of reports, then those of one's own."""
    reports = [claim for claim in claims if claim.group != OWN]
    own = [claim for claim in claims if claim.group == OWN]
    sentences = [_tally(reports, "claim", "from reports")] if reports else []
    if own:
        sentences.append(
            _tally(own, "further claim" if reports else "claim", "that no report made")
        )
    new = Counter(claim.new_data for claim in claims if claim.new_data)
    if new["yes"] + new["no"]:
        sentences.append(_on_new_data(new["yes"], new["no"]))
    return sentences


def _tally(claims: Sequence[ClaimView], what: str, source: str) -> str:
    if len(claims) == 1:
        verdict = claims[0].verdict
        return f"The only {what} {source} is {verdict}{_kinds(claims, verdict, counted=False)}."
    counts = verdict_counts(claim.verdict for claim in claims)
    kinds = {verdict: _kinds(claims, verdict) for verdict in counts}
    text = (
        f"Of {count(len(claims), what)} {source} the runs support "
        f"{counts[SUPPORTED]}{kinds[SUPPORTED]}, refute {counts[REFUTED]}{kinds[REFUTED]} and "
        f"leave {counts[UNDECIDED]} undecided{kinds[UNDECIDED]}"
    )
    if counts[NOT_JUDGED]:
        text += f"; {counts[NOT_JUDGED]} cannot be judged on stand-in data"
    return text + "."


def _kinds(claims: Iterable[ClaimView], verdict: str, counted: bool = True) -> str:
    """` (3 the opposite and 1 less than claimed)`: what the claims with a verdict show."""
    kinds = Counter(claim.kind for claim in claims if claim.verdict == verdict)
    by_words = {words: kinds[kind] for kind, words in KINDS.items() if kinds[kind]}
    parts = [f"{n} {words}" if counted else words for words, n in by_words.items()]
    return f" ({listing(parts)})" if parts else ""


def _on_new_data(clear: int, others: int) -> str:
    """Of the verdicts that differences gave, which would also hold where splits share no rows."""
    total = clear + others
    if total == 1:
        would = "would also" if clear else "would not"
        return (
            f"The one difference that the runs show {would} be clear on new data from the same "
            "source, where intervals are wider."
        )
    text = (
        f"Of {total} differences that the runs show, {clear} would also be clear on new data from "
        "the same source, where intervals are wider."
    )
    if not others:
        return text
    them = "other one is" if others == 1 else f"other {others} are"
    text = f"{text} The {them} clear on splits of these data alone"
    return f"{text}; a new sample need not show as much."


def one_run(figures: Sequence[Reported]) -> str:
    """How far figures of single runs can be trusted, in words; nothing without such figures."""
    compared = [figure for figure in figures if figure.runs and figure.finite]
    if not compared:
        return ""
    total = sum(len(figure.finite) for figure in compared)
    outside = sum(figure.outside for figure in compared)
    text = (
        f"Sources give {count(total, 'figure')} for combinations that were trained here: {outside} "
        f"of them {'lies' if outside == 1 else 'lie'} outside the range of all our runs."
    )
    errors = [figure for figure in compared if is_ratio(figure.metric)]
    apart = max(errors, key=lambda figure: _or_zero(figure.apart), default=None)
    if apart is not None and math.isfinite(apart.apart):
        text += (
            f" Two figures of a source for the same combination ({plain(apart.combination)}, "
            f"{metric_name(apart.metric)}) differ by a factor of {number(apart.apart)}."
        )
    spread = max(errors, key=lambda figure: _or_zero(figure.spread), default=None)
    if spread is not None and math.isfinite(spread.spread):
        text += (
            f" Our own runs of one combination ({plain(spread.combination)}), which differ in the "
            f"seed alone, differ by a factor of up to {number(spread.spread)}."
        )
    return sentence(text)


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0
