"""Is a whole results folder fit to be published? `python -m tests.results_check results`.

No name twice in a head, no column empty throughout and no number missing without a reason, all
numbers finite, every study with its metric's figure and its rows in plots.csv, every mean and every
claim's metric to be had from runs.csv.
"""

import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from labbook.curve_metrics import CURVE_METRICS
from labbook.evaluate.statistics.intervals import metric_interval
from labbook.measures import is_measure, metric_of
from labbook.metrics import PARTS
from labbook.report.dvc_metrics import plot_table
from labbook.report.result_tables import NEEDED, measured
from labbook.report.study_results import StudyResults, read_results
from labbook.training.runfile import DIVERGED
from labbook.verdicts import FEWEST_SEEDS

Row = dict[str, str]
# Why a claim of enough seeds has no test: see evaluate/claims/untestable.py.
UNTESTED = ("Not every run reached the goal", "does not vary", "could come from rounding alone")


def _failed(row: Row, study: StudyResults) -> bool:
    """Runs failed, or did not get there, so that an effect is not known or has no end."""
    return row["n"] == "0" or row["failed"] != "0" or row["failed_reference"] != "0"


def _few_or_still(row: Row, study: StudyResults) -> bool:
    """Comparisons of too few seeds, or of a target that does not vary, have no test."""
    return _is_still(study) or int(row["n"]) < FEWEST_SEEDS


def _is_still(study: StudyResults) -> bool:
    """Whether the target does not vary, of which R2 has no value, as a remark says."""
    remarks = " ".join(study.about["data"].get("remarks", ()))
    return "does not vary" in remarks or "R2 has no value" in remarks


def _untested(row: Row, study: StudyResults) -> bool:
    """A claim without p says why; a count is no test."""
    if row["verdict"] == "not judged" or row["test"] == "exact":
        return True
    told = int(row["n"]) < FEWEST_SEEDS or any(text in row["why"] for text in UNTESTED)
    return row["test"] == "none" and told


def _no_shares(row: Row, study: StudyResults) -> bool:
    """Shares of chance need some seeds, and some variance."""
    same = {"ratio": "1.0", "difference": "0.0"}[row["scale"]]
    return int(row["n"]) < FEWEST_SEEDS or row["spread"] == same


# Columns that may be empty throughout if this holds of every row: all else is a mistake.
EXPLAINED: dict[tuple[str, str], Callable[[Row, StudyResults], bool]] = {
    # nothing has to be said of a mean over all seeds, if they are enough
    ("combinations", "mark"): lambda r, _: int(r["n"]) == int(r["runs"]) >= FEWEST_SEEDS,
    # one value has no interval
    **{("combinations", k): lambda r, _: int(r["n"]) < 2 for k in ("low", "high", "deviation")},
    **{("comparisons", name): _failed for name in ("effect", "low", "high")},  # it has no size
    **{("comparisons", name): _few_or_still for name in ("p", "p_holm")},
    # x is the input of a model that has only one
    ("predictions", "x"): lambda r, study: int(study.about["data"]["columns"]) > 1,
    # the user's own claims have no source; the rest is said of few forms, where it would help
    **{("verdicts", k): lambda r, _: True for k in ("reported", "new_data", "fresh_seeds")},
    ("verdicts", "kind"): lambda r, _: r["verdict"] in ("undecided", "not judged"),
    ("verdicts", "middle"): lambda r, _: r["form"] in ("matters", "share", "exact"),  # no means
    # a claim of an order has the margin of its pairs, one with a bound of its own has that
    ("verdicts", "margin"): lambda r, _: (
        r["form"] in ("matters", "order") or "claimed is at least" in r["why"]
    ),
    **{("verdicts", name): _untested for name in ("p", "p_holm")},
    # of a study that is looked at once
    ("verdicts", "look"): lambda r, _: r["share"] == "1.0",
    # p of an effect, or of being alike, before their correction: not every form has both
    **{("verdicts", name): lambda r, _: True for name in ("p_effect", "p_alike")},
    # of pairs: a side or a gain that is not there, and what few of them have
    **{
        ("pairs", name): lambda r, _: True
        for name in ("first", "second", "gain", "failed", "rows", "first_budget", "second_budget")
    },
    ("verdicts", "effect"): lambda r, _: r["test"] in ("sign", "exact", "none"),
    # with failed runs an end of an interval can be open
    **{
        ("verdicts", name): lambda r, _: r["test"] in ("sign", "signed-rank", "exact", "none")
        for name in ("low", "high")
    },
    # rivals are judged as claims are; what is said of few of them, and where a measure is undefined
    **{
        ("rivals", k): lambda r, _: True
        for k in (
            "effect",
            "low",
            "high",
            "p",
            "p_holm",
            "kind",
            "fresh_seeds",
            "new_data",
            "margin",
            "mean_low",
            "mean_high",
        )
    },
    # few rows of a curve are those that claims have; `all` has none
    # the function itself is of no combination
    **{("fits", k): lambda r, _: r["kind"] == "true" for k in ("combination", "seed")},
    **{("stops", k): lambda r, _: int(r["n"]) < 2 for k in ("valid_low", "valid_high")},
    ("expected_best", "claimed"): lambda r, _: True,
    # one value has no interval
    **{("expected_best", k): lambda r, _: int(r["n"]) < 2 for k in ("low", "high")},
    **{("marginals", k): lambda r, _: int(r["n"]) < 2 for k in ("low", "high")},
    ("marginals", "mean"): lambda r, _: r["n"] == "0" or r["metric"] == "epochs",
    # the effect stands in the row of the ensemble; failed runs leave it open, and it has no test of
    # few seeds
    **{
        ("greedy_ensemble", k): lambda r, _: True
        for k in (
            "low",
            "high",
            "scale",
            "effect",
            "effect_low",
            "effect_high",
            "p",
            "members",
            "candidates",
        )
    },
    **{("measures", k): lambda r, _: True for k in ("note", "low", "high")},
    **{
        ("classes", f"{name}{end}"): lambda r, _: True
        for name in ("precision", "recall")
        for end in ("", "_low", "_high")
    },
    **{("rates", k): lambda r, _: True for k in ("class", "low", "high")},
    **{("permutation", k): lambda r, _: True for k in ("low", "high")},
    **{("dependence", k): lambda r, _: True for k in ("x", "level", "low", "high")},
    # equal in every seed, or nothing was compared; of claims: no two sides
    **{
        (name, f"better_{end}"): lambda r, _: True
        for name in ("comparisons", "verdicts", "rivals")
        for end in ("in", "low", "high")
    },
    # nothing is tested: study.json says why
    # or there is one that may be chosen
    ("best_set", "p"): lambda r, study: (
        bool(study.about["best_set"]["why"]) or study.about["best_set"]["in_set"] == 1
    ),
    # one seed has no interval; of diverged runs nobody knows the epochs
    **{("best_set", k): lambda r, study: int(r["n"]) < 2 for k in ("low", "high")},
    ("best_set", "epochs"): lambda r, _: r["n"] == "0",
    # a control that passed has nothing to explain; one that was left out has no figures, and a
    # shuffled target no twin
    **{("controls", k): lambda r, _: True for k in ("why", "usual", "usual_low", "usual_high")},
    **{
        ("controls", k): lambda r, _: (
            r["outcome"] in ("left out", "not judged") or "diverged" in r["why"]
        )
        for k in ("scale", "effect", "low", "high", "p", "run")
    },
    ("published", "value"): lambda r, _: True,  # all of the reported runs diverged
    # too few seeds without failures, or all runs alike
    **{("chance", k): _no_shares for k in ("share", "low", "high")},
    **{
        ("chance", k): lambda r, _: int(r["n"]) < FEWEST_SEEDS
        for k in ("spread", "spread_low", "spread_high")
    },
    # two seeds have shares and no intervals
    **{
        ("importance", name): lambda r, study: len(study.about["seeds"]) < 3
        for name in ("low", "high")
    },
}
# Metrics that a run that ended need not have: it learnt nothing.
UNDEFINED = (
    "settled_epoch",
    "vanishing",
    *(name for name, one in CURVE_METRICS.items() if one.of_learners),
)


def findings(results: Path) -> list[str]:
    """What is wrong with the folder, a sentence each."""
    folders = sorted(path.parent for path in Path(results).glob("*/study.json"))
    if not folders:
        return [f"{results}: no study in it"]
    found = [f"{path}: {text}" for path in sorted(results.glob("*.csv")) for text in _head(path)]
    plotted = Counter(row["study"] for row in _rows(results / "plots.csv"))
    claims = {row["id"] for row in _rows(results / "claims.csv")}
    for study in map(read_results, folders):
        checks = (_tables, _runs, _means, _json, _figure)
        texts = [text for check in checks for text in check(study)]
        wanted = plot_table([study]).count("\n") - 1
        if plotted[study.name] != wanted or (not wanted and study.chosen):
            texts.append(f"plots.csv has {plotted[study.name]} of {wanted} rows")
        found += [f"{study.name}: {text}" for text in [*texts, *_claims(study, claims)]]
    return found


def _rows(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _ended(study: StudyResults) -> list[Row]:
    return [run for run in study.runs if run["ended"] != DIVERGED]


def _head(path: Path) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as file:
        names = Counter(next(csv.reader(file)))
    if twice := [name for name, count in names.items() if count > 1]:
        yield f"{path.name}: names twice in its head: {', '.join(twice)}"


def _tables(study: StudyResults) -> Iterator[str]:
    for name in NEEDED:
        path = study.folder / f"{name}.csv"
        yield from _head(path)
        rows = study.table(name)
        for column in rows[0] if rows else ():
            cells = [row[column] for row in rows]
            holds = EXPLAINED.get((name, column), lambda row, _: False)
            # No run ended, or the metric is one that runs that ended need not have.
            no_value = not _ended(study) or (
                name == "runs" and column.endswith("_r2") and _is_still(study)
            )
            if not any(cells) and not no_value and not all(holds(row, study) for row in rows):
                yield f"{path.name}: the column {column} is empty throughout"
            if any(cell.lower() in ("nan", "inf", "-inf") for cell in cells):
                yield f"{path.name}: the column {column} has a number that is not finite"


def _runs(study: StudyResults) -> Iterator[str]:
    """Runs that ended without a metric."""
    undefined = (*UNDEFINED, *(f"{part}_r2" for part in PARTS if _is_still(study)))
    for metric in study.about["metrics"]:
        if metric in undefined or is_measure(metric):  # which rows of one class leave undefined
            continue
        if study.runs and metric not in study.runs[0]:
            yield f"runs.csv: no column {metric}"
        elif empty := sum(not run[metric] for run in _ended(study)):
            yield f"runs.csv: {empty} runs that ended have no {metric}"


def _means(study: StudyResults) -> Iterator[str]:
    """Means that runs.csv does not give."""
    for row in study.combinations:
        label, metric = row["combination"], row["metric"]
        if row["mark"].startswith("median") or (study.runs and metric not in study.runs[0]):
            continue
        values = np.array([measured(run, metric) for run in study.runs_of(label)])
        interval, mean = metric_interval(values, metric), float(row["mean"] or "nan")
        if interval.n != int(row["n"]) or not np.isclose(interval.mean, mean, equal_nan=True):
            yield f"combinations.csv: the mean {metric} of {label} does not follow from runs.csv"


def _json(study: StudyResults) -> Iterator[str]:
    for path in (study.folder / "study.json", study.folder / "champion/champion.json"):
        if not _finite(json.loads(path.read_text(encoding="utf-8"))):
            yield f"{path.name}: has a number that is not finite"
    for metric in study.about["metrics"]:
        target = str(study.about["data"]["target"])
        if target in study.about["unit"][metric] and not metric_of(metric).power:
            yield f"study.json: {metric} in units of {target}"


def _finite(tree: Any) -> bool:
    if isinstance(tree, dict | list):
        return all(map(_finite, tree.values() if isinstance(tree, dict) else tree))
    return not isinstance(tree, float) or math.isfinite(tree)


def _figure(study: StudyResults) -> Iterator[str]:
    with_value = [run for run in study.runs if math.isfinite(measured(run, study.metric))]
    if with_value and "metric" not in [entry["name"] for entry in study.figures()]:
        yield f"figures: none of {study.metric}, which {len(with_value)} runs have"
    for name in (entry[kind] for entry in study.figures() for kind in ("svg", "png")):
        path = study.folder / "figures" / name
        if not path.exists() or not path.stat().st_size:
            yield f"figures: {name} is not there"


def _claims(study: StudyResults, ids: set[str]) -> Iterator[str]:
    """Claims of which claims.csv does not speak, or whose metric no run of the study has."""
    for row in study.verdicts:
        if row["id"] not in ids:
            yield f"claims.csv lacks {row['id']}"
        values = [measured(run, row["metric"]) for run in _ended(study)]
        if row["form"] not in ("share", "exact") and values and not np.isfinite(values).any():
            yield f"runs.csv has no {row['metric']} of {row['id']}"


if __name__ == "__main__":
    said = findings(Path(sys.argv[1]))
    print("\n".join([*said, f"{len(said)} findings"]))
    sys.exit(bool(said))
