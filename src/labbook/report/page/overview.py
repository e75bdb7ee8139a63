"""The first screen: what was studied, verdicts as a picture, what matters most, what is next."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labbook import verdicts
from labbook.report.page.claims import Claim
from labbook.report.page.findings import NOT_AS_CLAIMED
from labbook.report.page.study import EDITIONS
from labbook.report.result_tables import value
from labbook.report.study_results import StudyResults
from labbook.wording import count, listing, sentence

MOST_FINDINGS = 5
MATTERS, LARGEST = math.log(1.05), math.log(10)  # of ratios: the usual margin, the picture's end
# What a suggestion is about, by the entry of the study's block that it changes.
NEXT = {
    "vary": "Values beyond those that were tried: the best was at the edge",
    "seeds": "Fresh seeds, since claims stayed undecided",
    "set": "A longer budget: training was still improving when it ended",
}


def overview(
    results: Sequence[StudyResults], claims: Sequence[Claim], groups: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What overview.html.j2 calls `overview`; `claims` and their `groups` as findings has them."""
    return {
        "lead": lead(results),
        "facts": _facts(results),
        "data": _data(results),
        "strip": [
            {
                "label": group["label"],
                "marks": [_mark(claim) for claim in claims if claim["group"] == group["name"]],
            }
            for group in groups
        ],
        "most": most_telling(claims),
        "next": _next(results),
    }


def lead(results: Sequence[StudyResults]) -> str:
    """How much was studied, on how many data sets."""
    data = {str(study.about["data"]["name"]) for study in results}
    seeds = sorted({len(study.about.get("seeds") or ()) for study in results})
    return (
        f"{sentence(count(len(results), 'study', 'studies'))} on {count(len(data), 'data set')}, "
        f"{listing(map(str, seeds), 'or')} {'seed' if seeds == [1] else 'seeds'} per setting."
    )


def _facts(results: Sequence[StudyResults]) -> list[tuple[str, str]]:
    """Numbers and what they count. A run that several studies share counts once."""
    runs = {row["run"]: value(row, "epochs") for study in results for row in study.runs}
    epochs = sum(int(number) for number in runs.values() if math.isfinite(number))
    numbers = {
        "study": (len(results), "studies"),
        "combination": (sum(len(study.labels) for study in results), "combinations"),
        "run": (len(runs), "runs"),
        "model-epoch": (epochs, "model-epochs"),
    }
    return [
        (f"{number:,}", one if number == 1 else many) for one, (number, many) in numbers.items()
    ]


def _data(results: Sequence[StudyResults]) -> list[dict[str, Any]]:
    """Each data set, whether it is real, and its studies."""
    sets: dict[tuple[str, str], dict[str, Any]] = {}
    for study in results:
        data = study.about["data"]
        edition = str(data.get("edition", ""))
        badge = EDITIONS[edition].badge if edition in EDITIONS else edition
        one = sets.setdefault(
            (str(data["name"]), edition),
            {"name": str(data["name"]), "badge": badge, "stand_in": study.stand_in, "studies": []},
        )
        one["studies"].append(study.name)
    return list(sets.values())


def _mark(claim: Claim) -> dict[str, str]:
    """A claim's mark in the strip: its link, its place above or below the line, what it says."""
    effect = f"{claim['effect']} ({claim['interval']})" if claim["graphic"] else ""
    said = [f"{claim['id']}, {claim['verdict']}: {claim['sentence']}", effect, claim["metric"]]
    return {
        "id": claim["id"],
        "css": claim["css"],
        "at": f"{_height(claim):.2f}",
        "said": " ".join(filter(None, said)),
    }


def _height(claim: Claim) -> float:
    """-1 to 1: how far the effect goes the claimed way; 0 where the scale has no such way.

    An effect that has only one end, as where a side did not reach its goal, counts as that end.
    """
    ends = (value(claim, name) for name in ("number", "low", "high"))
    effect = next((end for end in ends if math.isfinite(end)), math.nan)
    if math.isnan(effect):
        return 0.0
    if claim["scale"] == "ratio":
        share = _spread(math.log(effect), MATTERS, LARGEST) if effect > 0 else -1.0
    elif claim["scale"] == "difference":
        share = _spread(effect, 0.005, 0.3)
    else:
        share = effect if claim["scale"] == "correlation" else 0.0
    return min(max(share, -1.0), 1.0) if share == share else 0.0


def _spread(effect: float, matters: float, largest: float) -> float:
    """-1 to 1 up to the largest: evenly where effects are small, by their logarithm beyond."""
    return math.asinh(effect / matters) / math.asinh(largest / matters)


def most_telling(claims: Iterable[Claim]) -> list[Claim]:
    """The findings that matter most, at most five and one of a study.

    Supported or refuted claims of reports (one's own where no report made any), on real data and
    tried as they were claimed, that stand at the page's false discovery rate where it was
    controlled. The largest first: by how many margins their interval is at least away from no
    effect.
    """
    fit = [claim for claim in claims if _is_told(claim) and _margins(claim) > 0]
    fit = [claim for claim in fit if claim["group"] != verdicts.OWN] or fit
    fit.sort(key=lambda claim: -_margins(claim))
    by_study: dict[str, Claim] = {}
    for claim in fit:
        by_study.setdefault(claim["study"], claim)
    return list(by_study.values())[:MOST_FINDINGS]


def _is_told(claim: Claim) -> bool:
    told = claim["verdict"] in (verdicts.SUPPORTED, verdicts.REFUTED)
    return told and not claim["falls"] and claim["kind"] not in NOT_AS_CLAIMED


def _margins(claim: Claim) -> float:
    """How many margins the interval's end that is nearer to no effect is away from it, at least."""
    low, high, margin = (value(claim, name) for name in ("low", "high", "bound"))
    if claim["scale"] == "ratio":
        if not (margin > 1 and low > 0):
            return 0.0
        low, high, margin = math.log(low), math.log(high), math.log(margin)
    elif claim["scale"] != "difference" or not margin > 0:
        return 0.0
    return max(low, -high, 0.0) / margin if low == low and high == high else 0.0


def _next(results: Sequence[StudyResults]) -> list[dict[str, Any]]:
    """What studies suggest, the most frequent first, with the studies that do."""
    studies: dict[str, list[str]] = {}
    for study in results:
        for one in study.about.get("suggestions") or ():
            for key in re.findall(r"^    (\w+):", str(one["yaml"]), re.M):
                studies.setdefault(key, []).append(study.name)
    counts = Counter({key: len(names) for key, names in studies.items() if key in NEXT})
    return [{"words": NEXT[key], "studies": studies[key]} for key, _ in counts.most_common()]
