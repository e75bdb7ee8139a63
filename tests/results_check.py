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
from labbook.metrics import PARTS
from labbook.report.dvc_metrics import plot_table
from labbook.report.study_results import NEEDED, StudyResults, measured, read_results
from labbook.training.runfile import DIVERGED
from labbook.verdicts import FEWEST_SEEDS

Rows = list[dict[str, str]]
Reason = Callable[[Rows, StudyResults], bool]


def _each(holds: Callable[[dict[str, str]], bool]) -> Reason:
    return lambda rows, results: all(holds(row) for row in rows)


def _failed(row: dict[str, str]) -> bool:
    """Runs failed, or did not get there, so that an effect is not known or has no end."""
    failed = row["failed"] != "0" or row["failed_reference"] != "0"
    return row["n"] == "0" or failed


def _never(rows: Rows, results: StudyResults) -> bool:
    return False


def _always(rows: Rows, results: StudyResults) -> bool:
    return True


SINGLE = _each(lambda row: int(row["n"]) < 2)
# With failed runs an end of an interval can be open.
OPEN = _each(lambda row: row["test"] in ("sign", "signed-rank", "exact", "none"))
# Why a claim of enough seeds has no test: see evaluate/claims/reasons.py and evaluate/statistics/still.py.
UNTESTED = ("Not every run reached the goal", "does not vary", "could come from rounding alone")


def _untested(row: dict[str, str]) -> bool:
    """A claim without p says why; a count is no test."""
    if row["verdict"] == "not judged" or row["test"] == "exact":
        return True
    told = int(row["n"]) < FEWEST_SEEDS or any(text in row["why"] for text in UNTESTED)
    return row["test"] == "none" and told


def _no_margin(row: dict[str, str]) -> bool:
    """A claim of an order has that of its pairs, one with a bound of its own has that."""
    return row["form"] in ("matters", "order") or "claimed is at least" in row["why"]


def _few_or_still(rows: Rows, results: StudyResults) -> bool:
    """Comparisons of too few seeds, or of a target that does not vary, have no test."""
    return _is_still(results) or all(int(row["n"]) < FEWEST_SEEDS for row in rows)


def _is_still(results: StudyResults) -> bool:
    """Whether the target does not vary, of which R2 has no value, as a remark says."""
    remarks = results.about["data"].get("remarks", ())
    return any(text in one for one in remarks for text in ("does not vary", "R2 has no value"))


# Columns that may be empty throughout, and when: all else is a mistake.
EXPLAINED: dict[tuple[str, str], Reason] = {
    # nothing has to be said of a mean over all seeds, if they are enough
    ("combinations", "mark"): _each(lambda r: int(r["n"]) == int(r["runs"]) >= FEWEST_SEEDS),
    ("combinations", "low"): SINGLE,  # one value has no interval
    ("combinations", "high"): SINGLE,
    ("combinations", "deviation"): SINGLE,
    ("comparisons", "effect"): _each(_failed),  # a failed run has no size
    ("comparisons", "low"): _each(_failed),
    ("comparisons", "high"): _each(_failed),
    ("comparisons", "p"): _few_or_still,
    ("comparisons", "p_holm"): _few_or_still,
    # x is the input of a model that has only one
    ("predictions", "x"): lambda rows, results: int(results.about["data"]["columns"]) > 1,
    ("verdicts", "reported"): _always,  # the user's own claims have no source
    ("verdicts", "new_data"): _always,  # said of few forms, and only of what is decided
    ("verdicts", "fresh_seeds"): _always,  # said where something is undecided and seeds would help
    ("verdicts", "kind"): _each(lambda row: row["verdict"] in ("undecided", "not judged")),
    # figures that are no means
    ("verdicts", "middle"): _each(lambda row: row["form"] in ("matters", "share", "exact")),
    ("verdicts", "margin"): _each(_no_margin),
    ("verdicts", "p"): _each(_untested),
    ("verdicts", "p_holm"): _each(_untested),
    ("verdicts", "effect"): _each(lambda row: row["test"] in ("sign", "exact", "none")),
    ("verdicts", "low"): OPEN,
    ("verdicts", "high"): OPEN,
    ("published", "value"): _always,  # all of the reported runs diverged
    # two seeds have shares and no intervals
    ("importance", "low"): lambda rows, results: len(results.about["seeds"]) < 3,
    ("importance", "high"): lambda rows, results: len(results.about["seeds"]) < 3,
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
    studies = [read_results(folder) for folder in folders]
    for study in studies:
        for text in [
            *_tables(study),
            *_runs(study),
            *_means(study),
            *_json(study),
            *_figure(study),
        ]:
            found.append(f"{study.name}: {text}")
    return found + _plots(results, studies) + _claims(results, studies)


def _head(path: Path) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as file:
        names = next(csv.reader(file))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        yield f"{path.name}: names twice in its head: {', '.join(twice)}"


def _tables(study: StudyResults) -> Iterator[str]:
    for name in NEEDED:
        path = study.folder / f"{name}.csv"
        yield from _head(path)
        rows = study.table(name)
        for column in rows[0] if rows else ():
            cells = [row[column] for row in rows]
            explained = EXPLAINED.get((name, column), _never)(rows, study)
            if not any(cells) and not explained and not _no_value(study, name, column):
                yield f"{path.name}: the column {column} is empty throughout"
            if any(cell.lower() in ("nan", "inf", "-inf") for cell in cells):
                yield f"{path.name}: the column {column} has a number that is not finite"


def _no_value(study: StudyResults, name: str, column: str) -> bool:
    """Whether no run ended, or the metric is one that runs that ended need not have."""
    ended = [run for run in study.runs if run["ended"] != DIVERGED]
    return not ended or (name == "runs" and column.endswith("_r2") and _is_still(study))


def _runs(study: StudyResults) -> Iterator[str]:
    """Runs that ended without a metric."""
    undefined = (*UNDEFINED, *(f"{part}_r2" for part in PARTS if _is_still(study)))
    metrics = [one for one in study.about["metrics"] if one not in undefined]
    for metric in metrics:
        if study.runs and metric not in study.runs[0]:
            yield f"runs.csv: no column {metric}"
            continue
        ended = [run for run in study.runs if run["ended"] != DIVERGED]
        empty = sum(not run[metric] for run in ended)
        if empty:
            yield f"runs.csv: {empty} runs that ended have no {metric}"


def _means(study: StudyResults) -> Iterator[str]:
    """Means that runs.csv does not give."""
    for row in study.table("combinations"):
        label, metric = row["combination"], row["metric"]
        if row["mark"].startswith("median") or (study.runs and metric not in study.runs[0]):
            continue
        values = np.array([measured(run, metric) for run in study.runs_of(label)])
        interval = metric_interval(values, metric)
        there = float(row["mean"] or "nan")
        if interval.n != int(row["n"]) or not np.isclose(interval.mean, there, equal_nan=True):
            yield f"combinations.csv: the mean {metric} of {label} does not follow from runs.csv"


def _json(study: StudyResults) -> Iterator[str]:
    for path in (study.folder / "study.json", study.folder / "champion/champion.json"):
        if not _finite(json.loads(path.read_text(encoding="utf-8"))):
            yield f"{path.name}: has a number that is not finite"
    for metric in study.about["metrics"]:
        target = str(study.about["data"]["target"])
        if target in study.about["unit"][metric] and not metric.endswith(("mse", "mae")):
            yield f"study.json: {metric} in units of {target}"


def _finite(tree: Any) -> bool:
    if isinstance(tree, dict):
        return all(_finite(one) for one in tree.values())
    if isinstance(tree, list):
        return all(_finite(one) for one in tree)
    return not isinstance(tree, float) or math.isfinite(tree)


def _figure(study: StudyResults) -> Iterator[str]:
    known = [run for run in study.runs if math.isfinite(measured(run, study.metric))]
    drawn = {one["name"]: one for one in study.figures()}
    if known and "metric" not in drawn:
        yield f"figures: none of {study.metric}, which {len(known)} runs have"
    for one in drawn.values():
        for kind in ("svg", "png"):
            path = study.folder / "figures" / one[kind]
            if not path.exists() or not path.stat().st_size:
                yield f"figures: {one[kind]} is not there"


def _plots(results: Path, studies: list[StudyResults]) -> list[str]:
    """Studies whose runs are not in plots.csv."""
    with (results / "plots.csv").open(newline="", encoding="utf-8") as file:
        there = Counter(row["study"] for row in csv.DictReader(file))
    found = []
    for study in studies:
        wanted = plot_table([study]).count("\n") - 1
        if there[study.name] != wanted or (not wanted and study.chosen):
            found.append(f"{study.name}: plots.csv has {there[study.name]} of {wanted} rows")
    return found


def _claims(results: Path, studies: list[StudyResults]) -> list[str]:
    """Claims of which claims.csv does not speak, or whose metric no run of their study has."""
    with (results / "claims.csv").open(newline="", encoding="utf-8") as file:
        together = {row["id"] for row in csv.DictReader(file)}
    found = []
    for study in studies:
        for row in study.verdicts:
            if row["id"] not in together:
                found.append(f"{study.name}: claims.csv lacks {row['id']}")
            ended = [run for run in study.runs if run["ended"] != DIVERGED]
            values = [measured(run, row["metric"]) for run in ended]
            if row["form"] not in ("share", "exact") and ended and not np.isfinite(values).any():
                found.append(f"{study.name}: runs.csv has no {row['metric']} of {row['id']}")
    return found


if __name__ == "__main__":
    said = findings(Path(sys.argv[1]))
    print("\n".join([*said, f"{len(said)} findings"]))
    sys.exit(bool(said))
