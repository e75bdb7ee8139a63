"""Which combinations may be the best, and the simplest of them; the test: statistics/best_set.py.

All by the metric of validation rows that chooses, over combinations that may be chosen (`choice`).
The chosen one is always in the set. Recommended is the one with the fewest parameters in it, of
those that are not worse than the chosen one by the whole interval of their paired difference: the
set allows for all comparisons, and who reads of one difference should not find it against the
advice. Of several such: the one with the best mean, unless others need clearly fewer epochs than
that, by more than what matters (5 %; paired, p < 0.05 after Holm's correction); then the one of
these with the fewest. Where nothing is tested all may be the best, and none is recommended.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.choice import Choice
from labbook.evaluate.claims.forms.better import compare
from labbook.evaluate.claims.outcome import RATIO, Outcome
from labbook.evaluate.claims.side_figures import margin
from labbook.evaluate.claims.sides import Side
from labbook.evaluate.claims.untestable import ROUNDED, is_rounding, still_text, target_is_still
from labbook.evaluate.statistics.best_set import none_better
from labbook.evaluate.statistics.intervals import NAN, holm, metric_interval, oriented
from labbook.evaluate.statistics.paired import compare as compare_pairs
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table
from labbook.measures import higher_is_better
from labbook.params.redraws import redraws_alone
from labbook.verdicts import ALPHA, FEWEST_SEEDS, STAND_IN

COLUMNS = (
    "combination", "metric", "n", "mean", "low", "high", "p", "may_be_best", "parameters",
    "epochs", "recommended",
)  # fmt: skip
YES, NO, SET_ASIDE = "yes", "no", "set aside"


@dataclass(frozen=True)
class BestSet:
    """Combinations that may be the best by their labels, in the study's order.

    `p` is of each combination that may be chosen: that none is better; NaN where nothing is tested,
    for the reason `why`. `recommended` is the simplest in the set, None where nothing is tested.
    """

    labels: tuple[str, ...]
    p: dict[str, float]
    recommended: str | None
    why: str


def write_best_set(results: StudyRuns, choice: Choice | None, path: Path) -> dict[str, Any]:
    """best_set.csv: a row per combination; and the entries of study.json that go with it.

    Only a header, and no entries but None, where no run has a result, where there is a single
    combination, or where what varies is chance alone.
    """
    rows: list[dict[str, Any]] = []
    about: dict[str, Any] = {"best_set": None, "recommended": None}
    alone = redraws_alone(results.study.combinations)
    if choice is not None and len(results.labels) > 1 and not alone:
        found = best_set(results, choice)
        rows = [_row(results, choice, found, label) for label in results.labels]
        size = {"in_set": len(found.labels), "of": len(results.labels)}
        about["best_set"] = size | {"n": len(results.study.seeds), "why": found.why}
        if found.recommended is not None:
            about["recommended"] = _recommendation(results, choice, found.recommended) | size
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))
    return about


def best_set(results: StudyRuns, choice: Choice) -> BestSet:
    """The set that holds the best combination in at least 95 % of studies, by validation rows."""
    labels = [label for label in results.labels if label not in choice.set_aside]
    if why := _untested(results, labels):
        return BestSet(tuple(labels), dict.fromkeys(labels, NAN), None, why)
    metric = results.choice
    values = np.array([oriented(results.values(label, metric), metric) for label in labels])
    unknown = np.array([results.untold(label, metric) for label in labels])
    p = dict(zip(labels, none_better(values, unknown).tolist(), strict=True))
    # By its mean the chosen one comes first; by ranks, where runs failed, it need not.
    kept = tuple(label for label in labels if not p[label] < ALPHA or label == choice.label)
    return BestSet(kept, p, _simplest(results, choice, kept), "")


def _untested(results: StudyRuns, labels: list[str]) -> str:
    """Why nothing is tested; empty where it is."""
    if results.prepared.edition == STAND_IN:
        return "The data are a stand-in: nothing is tested on them"
    if len(results.study.seeds) < FEWEST_SEEDS:
        return f"Fewer than {FEWEST_SEEDS} seeds decide nothing"
    if target_is_still(results):
        return still_text(results)
    return ROUNDED if is_rounding(results, labels, results.choice) else ""


def _simplest(results: StudyRuns, choice: Choice, labels: tuple[str, ...]) -> str:
    """The combination with the fewest parameters; of equals by epochs, as said at the top."""
    sizes = {label: parameters(results, label) for label in labels}
    for size in sorted(set(sizes.values())):
        equal = [label for label in labels if sizes[label] == size]
        if found := [label for label in equal if _no_worse(results, label, choice.label)]:
            leader = choice.label if choice.label in found else max(found, key=_mean(results))
            return _quickest(results, found, leader)
    return choice.label


def _no_worse(results: StudyRuns, label: str, chosen: str) -> bool:
    """Whether the interval of the difference from the chosen combination reaches no difference."""
    outcome = _compared(results, label, chosen)
    return not outcome.high < (1 if outcome.scale == RATIO else 0)  # an open end reaches it


def _compared(results: StudyRuns, label: str, chosen: str) -> Outcome:
    own, other = (Side(results, results.choice, (one,)) for one in (label, chosen))
    return compare(own, other)


def _quickest(results: StudyRuns, labels: list[str], leader: str) -> str:
    """The one that needs the fewest epochs, if clearly fewer than the leader, else the leader."""
    others = [label for label in labels if label != leader]
    of_leader = oriented(results.values(leader, "epochs"), "epochs")
    limit, _ = margin("epochs", None)
    compared = [
        compare_pairs(oriented(results.values(label, "epochs"), "epochs"), of_leader)
        for label in others
    ]
    corrected = holm(np.array([one.p for one in compared]))
    clear = [
        label
        for label, one, p in zip(others, compared, corrected, strict=True)
        if p < ALPHA and one.favours > 0 and one.difference.mean > limit
    ]
    return min(clear, key=lambda label: epochs(results, label)) if clear else leader


def _mean(results: StudyRuns) -> Any:
    """How good a combination's mean is, larger is better."""
    metric = results.choice
    return lambda label: float(np.nanmean(oriented(results.values(label, metric), metric)))


def parameters(results: StudyRuns, label: str) -> int:
    """How many parameters a combination's network has: the most of its runs."""
    runs = (results.records[label, seed] for seed in results.study.seeds)
    return max(sum(count for _, _, count in run.layers) for run in runs)


def epochs(results: StudyRuns, label: str) -> float:
    """How many epochs its runs trained, the geometric mean of those that ended."""
    return metric_interval(results.values(label, "epochs"), "epochs").mean


def _row(results: StudyRuns, choice: Choice, found: BestSet, label: str) -> dict[str, Any]:
    metric = results.choice
    interval = metric_interval(results.values(label, metric), metric)
    may = YES if label in found.labels else NO
    return {
        "combination": label, "metric": metric,
        "n": interval.n, "mean": interval.mean, "low": interval.low, "high": interval.high,
        "p": found.p.get(label, NAN),
        "may_be_best": SET_ASIDE if label in choice.set_aside else may,
        "parameters": parameters(results, label), "epochs": epochs(results, label),
        "recommended": YES if label == found.recommended else NO,
    }  # fmt: skip


def _recommendation(results: StudyRuns, choice: Choice, label: str) -> dict[str, Any]:
    """The recommended combination, what it saves, and how it differs from the chosen one.

    The difference is in the metric's own direction: divided by the chosen one's, or minus it.
    """
    own, chosen = (parameters(results, one) for one in (label, choice.label))
    entry = {
        "label": label, "parameters": own, "fewer_parameters": chosen - own,
        "epochs": epochs(results, label), "chosen_epochs": epochs(results, choice.label),
    }  # fmt: skip
    if label == choice.label:
        return entry
    metric = results.choice
    outcome = _compared(results, label, choice.label)
    ends = [outcome.effect, outcome.low, outcome.high]
    if outcome.scale == RATIO:
        ends = [1 / end if end > 0 else NAN for end in (ends[0], ends[2], ends[1])]
    elif not higher_is_better(metric):
        ends = [-ends[0], -ends[2], -ends[1]]
    effect, low, high = ends
    return entry | {
        "scale": outcome.scale, "effect": effect, "low": low, "high": high, "n": outcome.n,
    }  # fmt: skip
