"""What the page opens with: all claims, what became of them, what single runs are worth."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from labbook import verdicts
from labbook.report.page.claims import Claim, verdict_counts
from labbook.report.page.graphic import AXES, VALUE_WORDS
from labbook.report.published import published_values, trust_in_one_run
from labbook.report.study_results import StudyResults
from labbook.wording import count, listing

# What is said of how many claims with one verdict, by kind, in this order.
KINDS = {
    verdicts.OPPOSITE: "with the opposite effect",
    verdicts.WEAKER: "with less than claimed",
    verdicts.OTHER_NUMBER: "with another number",
    verdicts.ALIKE: "with no difference that matters",
    verdicts.SIZE_UNCLEAR: "with an effect of unclear size",
    verdicts.TREND_ONLY: "with a trend only",
    verdicts.SAME: "with sides that are the same by construction",
    verdicts.OTHER_CONDITIONS: "under other conditions than the source’s",
}
NOT_AS_CLAIMED = (verdicts.SAME, verdicts.OTHER_CONDITIONS)  # was tried
UNTRIED = "not tried"
NOT_TRIED = (
    "Not tried as claimed",
    "Here both sides are the same by construction, or the conditions are not the source’s.",
)
# Where claims are of reports, and where they are not: the heading of the whole, then for each
# outcome a heading and a sentence that explains it.
REPORTS = (
    "Where the reports were right, wrong, or could not know",
    {
        verdicts.REFUTED: ("Wrong", ""),
        verdicts.UNDECIDED: ("Could not know", "These runs cannot tell, so one run could not."),
        UNTRIED: NOT_TRIED,
        verdicts.SUPPORTED: ("Right", ""),
    },
)
NO_REPORT = (
    "What holds, what does not, and what stays open",
    {
        verdicts.REFUTED: ("Does not hold", ""),
        verdicts.UNDECIDED: ("Stays open", "These runs cannot tell."),
        UNTRIED: NOT_TRIED,
        verdicts.SUPPORTED: ("Holds", ""),
    },
)


def findings(results: Sequence[StudyResults], claims: Iterable[Claim]) -> dict[str, Any]:
    """Gather the `claims` of all studies and say in words what became of them."""
    claims = _in_order(claims)
    of_reports = any(claim["group"] != verdicts.OWN for claim in claims)
    whole, headings = REPORTS if of_reports else NO_REPORT
    by_outcome: dict[str, list[Claim]] = {}
    for claim in claims:
        outcome = UNTRIED if claim["kind"] in NOT_AS_CLAIMED else claim["verdict"]
        by_outcome.setdefault(outcome, []).append(claim)
    scales = {claim["scale"] for claim in claims if claim["graphic"]}
    published = {study.name: published_values(study) for study in results}
    return {
        "heading": whole,
        "claims": claims,
        "counts": verdict_counts(claim["verdict"] for claim in claims),
        "groups": _groups(results, claims),
        "axes": [axis for name, axis in AXES.items() if name in scales],
        "value_words": VALUE_WORDS if scales - set(AXES) else "",
        "sentences": claims_in_words(claims),
        "parts": [
            {
                "heading": heading,
                "words": words,
                "claims": by_outcome[outcome],
                "untried": outcome == UNTRIED,
            }
            for outcome, (heading, words) in headings.items()
            if outcome in by_outcome
        ],
        "one_run": trust_in_one_run([one for values in published.values() for one in values]),
        "one_run_studies": [name for name, values in published.items() if values],
    }


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    """By group, in the order of their first claim; within a group C2 comes before C10."""
    claims = list(claims)
    groups = list(dict.fromkeys(claim["group"] for claim in claims))

    def key(claim: Claim) -> tuple[int, list[tuple[int, str]]]:
        parts = re.findall(r"(\d+)|(\D+)", claim["id"]) if claim["group"] != verdicts.OWN else []
        return groups.index(claim["group"]), [(int(digits or 0), text) for digits, text in parts]

    return sorted(claims, key=key)


def _groups(results: Sequence[StudyResults], claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Claims of one source each, with the data sets that they are about."""
    data = {study.name: str(study.about["data"]["name"]) for study in results}
    groups = []
    for name, number in Counter(claim["group"] for claim in claims).items():
        names = dict.fromkeys(data[claim["study"]] for claim in claims if claim["group"] == name)
        groups.append({"name": name, "label": f"{name} ({', '.join(names)})", "number": number})
    return groups


def claims_in_words(claims: Sequence[Claim]) -> list[str]:
    """What became of the claims of reports, then of one's own; which would hold on new data."""
    reports = [claim for claim in claims if claim["group"] != verdicts.OWN]
    own = [claim for claim in claims if claim["group"] == verdicts.OWN]
    sentences = [_tally(reports, "claim", "from reports")] if reports else []
    if own:
        what = "further claim" if reports else "claim"
        sentences.append(_tally(own, what, "that no report made"))
    new_data = Counter(claim["new_data"] for claim in claims)
    if new_data["yes"] + new_data["no"]:
        sentences.append(_on_new_data(new_data["yes"], new_data["no"]))
    return sentences


def _tally(claims: Sequence[Claim], what: str, source: str) -> str:
    def kinds(verdict: str, counted: bool = True) -> str:
        """` (3 with the opposite effect and 1 with less than claimed)`."""
        numbers = Counter(claim["kind"] for claim in claims if claim["verdict"] == verdict)
        by_words = {words: numbers[kind] for kind, words in KINDS.items() if numbers[kind]}
        parts = [f"{n} {words}" if counted else words for words, n in by_words.items()]
        return f" ({listing(parts)})" if parts else ""

    if len(claims) == 1:
        verdict = claims[0]["verdict"]
        return f"The only {what} {source} is {verdict}{kinds(verdict, counted=False)}."
    counts = verdict_counts(claim["verdict"] for claim in claims)
    supported, refuted, undecided, not_judged = counts.values()
    text = (
        f"Of {count(len(claims), what)} {source} the runs support "
        f"{supported}{kinds(verdicts.SUPPORTED)}, refute {refuted}{kinds(verdicts.REFUTED)} and "
        f"leave {undecided} undecided{kinds(verdicts.UNDECIDED)}"
    )
    if not_judged:
        text += f"; {not_judged} cannot be judged on stand-in data"
    return text + "."


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
