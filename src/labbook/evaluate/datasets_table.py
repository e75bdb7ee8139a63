"""results/datasets.csv: what a question shows on all of its data sets."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from labbook.errors import LabbookError
from labbook.evaluate.all_claims import table_text
from labbook.evaluate.claims.side_figures import margin
from labbook.evaluate.over_datasets import WITH_EFFECT, Found, Over, over, verdict
from labbook.evaluate.statistics.intervals import NAN, holm
from labbook.evaluate.statistics.location_tests import NO_TEST, T_AND_SIGN, T
from labbook.evaluate.statistics.over_datasets import heterogeneity
from labbook.measures import is_ratio
from labbook.params.over_datasets import on
from labbook.plan.plan import Question
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import ALIKE, NOT_JUDGED, REFUTED, SUPPORTED, UNDECIDED
from labbook.wording import digits as rounded
from labbook.wording import times

COLUMNS = (
    "id", "question", "asked", "sentence", "form", "metric", "scale", "datasets", "left_out",
    "found", "supported", "refuted", "undecided", "here", "p_here", "effect", "low", "high",
    "further_low", "further_high", "i2", "n", "test", "p", "p_holm", "margin", "verdict", "kind",
    "why",
)  # fmt: skip


def write_over_datasets(
    questions: Sequence[Question], folders: Mapping[str, Path], out: Path
) -> None:
    """Write a row per claim of each question; `folders` are the results of its studies by name.

    Only a header where no study names several data sets. Raises `LabbookError` where a study's
    verdicts.csv cannot be read or has no row of a claim.
    """
    import pandas as pd

    from labbook.evaluate.writing import write_table

    rows = []
    for question in questions:
        tables = {
            dataset: _read(folders[study] / "verdicts.csv")
            for dataset, study in question.studies.items()
        }
        overs = [
            over(claim, [_found(name, table, claim) for name, table in tables.items()])
            for claim in question.claims
        ]
        rows += [
            _row(question, *each)
            for each in zip(question.claims, overs, *_holm(overs), strict=True)
        ]
    write_table(out, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _holm(overs: Sequence[Over]) -> tuple[list[float], list[float]]:
    """Corrected p, and corrected p of being alike, over the claims of a question."""
    return (
        holm(np.array([one.p for one in overs])).tolist(),
        holm(np.array([one.p_alike for one in overs])).tolist(),
    )


def _row(
    question: Question, claim: ClaimPlan, one: Over, p: float, p_alike: float
) -> dict[str, object]:
    """A row of the table; numbers on the scale on which they are shown."""
    told, kind = verdict(claim, one, p, p_alike)
    likely = told and (kind == ALIKE or (claim.form == "alike" and told != REFUTED))
    verdicts = [found.verdict for found in one.found]
    same = len(verdicts) > 1 and len(set(verdicts)) == 1 and verdicts[0] != UNDECIDED
    ratio = is_ratio(claim.metric)
    scale = "" if one.effects is None else "ratio" if ratio else "difference"
    ends = [NAN] * 5
    if one.effects is not None:
        whole = one.effects.interval
        ends = [whole.mean, whole.low, whole.high, *one.effects.further]
    if ratio:
        ends = [math.exp(end) if end < 700 else math.inf for end in ends]
    names = ("effect", "low", "high", "further_low", "further_high")
    given = claim.form in WITH_EFFECT and claim.block.at_least is None
    return {
        "id": claim.id, "question": question.name, "asked": question.text,
        "sentence": claim.sentence, "form": claim.form,
        "metric": claim.metric, "scale": scale, "datasets": "; ".join(question.studies),
        "left_out": "; ".join(one.left_out),
        "found": "; ".join(f"{found.dataset}: {found.words}" for found in one.found),
        **{name: verdicts.count(name) for name in (SUPPORTED, REFUTED, UNDECIDED)},
        "here": verdicts[0] if same else "",
        "p_here": max(found.p_holm for found in one.found) if same else NAN,
        **dict(zip(names, ends, strict=True)),
        "i2": _i2(one), "n": len(one.found), "test": one.test,
        "p": (one.p_alike if likely else one.p) if told else NAN,
        "p_holm": (p_alike if likely else p) if told else NAN,
        "margin": margin(claim.metric, claim.block.margin)[1] if given else NAN,
        "verdict": told, "kind": kind, "why": "; ".join(one.why),
    }  # fmt: skip


def _i2(one: Over) -> float:
    """How much data sets differ, where each has a standard error."""
    errors, seeds = (np.array([getattr(f, name) for f in one.found]) for name in ("error", "n"))
    if one.effects is None or one.test == NO_TEST or not (errors > 0).all():
        return NAN
    return heterogeneity(one.effects.values, errors, seeds)


def _found(dataset: str, rows: Mapping[str, Mapping[str, str]], claim: ClaimPlan) -> Found:
    """What a study's verdicts.csv says of the claim. Raises `LabbookError` where it has no row."""
    row = rows.get(on(claim.id, dataset))
    if row is None:
        raise LabbookError(
            f"no verdict on {on(claim.id, dataset)} in its study's verdicts.csv. Remove that file "
            "and run snakemake again: evaluate makes it anew."
        )
    effect, low, high, p = (_number(row[name]) for name in ("effect", "low", "high", "p_holm"))
    shown, n = rounded(effect, low, high), int(row["n"] or 0)
    if row["scale"] == "ratio":
        shown = times(shown)
        effect, low, high = (math.log(end) if end > 0 else -math.inf for end in (effect, low, high))
    spread = high - low if row["test"] in (T, T_AND_SIGN) else NAN
    error = spread / 2 / float(stats.t.ppf((1 + float(row["level"])) / 2, n - 1)) if n > 1 else NAN
    text = f"{shown.mean} ({shown.interval}), " if math.isfinite(effect) else ""
    judged = row["verdict"] != NOT_JUDGED and (math.isfinite(p) or row["test"] == "exact")
    words = f"{text}{row['verdict']}{', ' + row['kind'] if row['kind'] else ''}"
    return Found(dataset, row["verdict"], words, effect, error, p, n, judged)


def _number(cell: str) -> float:
    return float(cell) if cell else NAN


def _read(path: Path) -> dict[str, dict[str, str]]:
    """The rows of verdicts.csv by the claim's id."""
    return {row["id"]: row for row in csv.DictReader(io.StringIO(table_text(path), newline=""))}
