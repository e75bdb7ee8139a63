"""One study's section of the page: everything computed here, the template only places it."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from labbook.files import read_json
from labbook.report.claims import ClaimView, claim_views
from labbook.report.inline import inline_svg
from labbook.report.phrases import (
    Edition,
    answer,
    cautions,
    direction_words,
    edition,
    estimate,
    is_stand_in,
)
from labbook.results import Row, StudyResults, value
from labbook.wording import NOTHING, Digits, count, digits, metric_name, number, p_value, sentence

CHAMPION_FILES = {
    "champion.json": "settings, preprocessing, metrics and sums",
    "model.safetensors": "the run with its weights, without pickle",
    "prediction.csv": "predictions for the unlabelled rows",
}


@dataclass(frozen=True)
class StudyView:
    """What the template shows of a study."""

    name: str
    question: str
    note: str | None
    edition: Edition
    stand_in: bool
    facts: list[tuple[str, str]]
    data: str
    best: str
    value: Digits
    n: str
    measure: str
    compared: str
    single: bool
    runs: int
    answer: list[str]
    cautions: list[str]
    claims: list[ClaimView]
    combinations: list[dict[str, Any]]
    comparisons: list[dict[str, str]]
    measures: tuple[list[str], list[tuple[str, list[str]]]]
    figures: list[dict[str, Any]]
    champion: dict[str, Any] | None
    features: dict[str, Any] | None
    dubious: bool
    reference: str


def study_view(results: StudyResults) -> StudyView:
    """Gather all that the page says about a study."""
    about = results.about
    chosen = about.get("chosen")
    measure = metric_name(str(about.get("choice_metric") or results.metric))
    return StudyView(
        name=results.name,
        question=str(about.get("question") or ""),
        note=about.get("note"),
        edition=edition(results),
        stand_in=is_stand_in(results),
        facts=_facts(results),
        best=str(results.chosen) if chosen else "none",
        data=str(about["data"]["name"]),
        value=_digits(chosen["validation"] if chosen else {}),
        n=str((chosen or {}).get("validation", {}).get("n", NOTHING)),
        measure=measure,
        compared=sentence(metric_name(results.metric)),
        single=bool(about.get("single_seed")),
        runs=len(results.runs),
        answer=answer(results),
        cautions=cautions(results),
        claims=claim_views(results),
        combinations=[_combination(results, label) for label in results.labels],
        comparisons=[_comparison(row) for row in results.table("comparisons")],
        measures=_measures(results),
        figures=[_figure(results, entry) for entry in results.figures()],
        champion=_champion(results),
        features=_features(chosen),
        dubious=is_boston(about["data"]),
        reference=results.reference,
    )


def _digits(entry: Mapping[str, Any]) -> Digits:
    mean, low, high = (_float(entry.get(key)) for key in ("mean", "low", "high"))
    return digits(mean, low, high)


def is_boston(data: Mapping[str, Any]) -> bool:
    """Whether a data set is Boston housing, by its target's name."""
    return data.get("target") == "MEDV" and data.get("columns") == 13


def _facts(results: StudyResults) -> list[tuple[str, str]]:
    about, data = results.about, results.about["data"]
    sizes = about.get("sizes") or {}
    seeds = len(about.get("seeds") or ())
    rows = f"{data['name']}, {edition(results).words}"
    parts = [f"{sizes[key]:,} {name}" for key, name in _PARTS.items() if key in sizes]
    found = [
        ("Data", rows),
        ("Size", f"{count(data['rows'], 'row')}, {_shape(data)}; predicted: {_target(data)}"),
        ("Split per seed", " · ".join(parts) + " rows"),
        ("Varied", ", ".join(about.get("varies") or ()) or NOTHING),
        ("Runs", f"{count(len(results.labels), 'combination')} × {count(seeds, 'seed')}"),
        ("Compared by", _compared_by(results)),
    ]
    if data.get("unlabelled"):
        found.insert(2, ("Unlabelled", f"{data['unlabelled']:,} rows, predicted by the champion"))
    return found


_PARTS = {"train": "training", "valid": "validation", "test": "test"}


def _shape(data: Mapping[str, Any]) -> str:
    if data.get("kind") == "images":
        return "images of " + " × ".join(str(size) for size in data["shape"]) + " pixels"
    return count(data["columns"], "input column")


def _target(data: Mapping[str, Any]) -> str:
    classes = data.get("classes") or ()
    name = str(data.get("target") or "the class")
    return f"{name} ({len(classes)} classes)" if classes else name


def _compared_by(results: StudyResults) -> str:
    unit = (results.about.get("unit") or {}).get(results.metric)
    inside = (
        f"{unit}; {direction_words(results.metric)}" if unit else direction_words(results.metric)
    )
    return f"{metric_name(results.metric)} ({inside})"


def _combination(results: StudyResults, label: str) -> dict[str, Any]:
    row = results.means.get(label, {})
    values = [value(row, key) for key in ("mean", "low", "high", "median", "best", "worst")]
    text = digits(values[0], values[1], values[2], values[3:])
    n = value(row, "n")
    return {
        "label": label,
        "chosen": label == results.chosen,
        "reference": label == results.reference,
        "mean": text.mean,
        "interval": "single seed" if n == 1 else text.interval,
        "n": f"{n:.0f}" if n == n else "0",
        "others": text.others,
        "ended": [f"{times} {ended}" for ended, times in sorted(results.endings(label).items())],
        "diverged": results.diverged(label),
    }


def _comparison(row: Row) -> dict[str, str]:
    difference, low, high = (value(row, key) for key in ("difference", "low", "high"))
    text = digits(difference, low, high)
    sign = "+" if difference > 0 else ""
    return {
        "label": row["combination"],
        "difference": sign + text.mean,
        "interval": text.interval,
        "n": row["n"],
        "p": p_value(value(row, "p_holm")).removeprefix("= "),
        "direction": row.get("direction") or NOTHING,
    }


def _measures(results: StudyResults) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Other metrics than the study's, of training and validation rows, with their intervals."""
    cells: dict[str, dict[str, str]] = {}
    names: dict[str, None] = {}
    for row in results.table("combinations"):
        metric = row["metric"]
        if metric != results.metric and not metric.startswith("test_"):
            names[metric] = None
            text = digits(value(row, "mean"), value(row, "low"), value(row, "high"))
            short = text.mean if text.interval == NOTHING else f"{text.mean} ({text.interval})"
            cells.setdefault(row["combination"], {})[metric] = short
    rows = [
        (label, [cells.get(label, {}).get(name, NOTHING) for name in names])
        for label in results.labels
    ]
    return [sentence(metric_name(name)) for name in names], rows if names else []


def _figure(results: StudyResults, entry: Mapping[str, str]) -> dict[str, Any]:
    path = results.folder / "figures" / entry["svg"]
    svg = path.read_text(encoding="utf-8")
    prefix = f"{results.name}-{entry['name']}-"
    return {
        "title": entry["title"],
        "caption": entry["caption"],
        "name": entry["name"],
        "svg": inline_svg(svg, prefix, entry["alt"]),
    }


def _champion(results: StudyResults) -> dict[str, Any] | None:
    chosen = results.about.get("chosen")
    if not chosen:
        return None
    folder = results.folder / "champion"
    path = folder / "champion.json"
    kept = read_json(path) if path.exists() else {}
    layers = [
        (name, " × ".join(str(size) for size in shape), f"{parameters:,}")
        for name, shape, parameters in chosen.get("layers") or ()
    ]
    return {
        "combination": chosen["label"],
        "run": _run_sentence(chosen, kept),
        "settings": list(_flat(kept.get("recipe") or chosen.get("settings") or {})),
        "layers": layers,
        "parameters": f"{sum(layer[2] for layer in chosen.get('layers') or ()):,}",
        "folder": f"results/{results.name}/champion/",
        "files": _files(folder),
        "metrics": _test_metrics(chosen),
    }


def _files(folder: Path) -> list[tuple[str, str]]:
    return [(name, text) for name, text in CHAMPION_FILES.items() if (folder / name).exists()]


def _run_sentence(chosen: Mapping[str, Any], kept: Mapping[str, Any]) -> str:
    text = f"The run {chosen.get('run')} of seed {chosen.get('seed')}, the best on validation rows"
    if kept.get("epochs"):
        text += f"; weights of epoch {kept['best_epoch']:,} of {kept['epochs']:,}; {kept['ended']}"
    return text + "."


def _test_metrics(chosen: Mapping[str, Any]) -> list[tuple[str, str]]:
    entries = chosen.get("test_metrics") or {}
    return [(sentence(metric_name(name)), estimate(entry)) for name, entry in entries.items()]


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Dotted paths and values of nested settings, without those that are not set."""
    for key, given in tree.items():
        if isinstance(given, Mapping):
            yield from _flat(given, f"{path}{key}.")
        elif given is not None:
            text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
            yield f"{path}{key}", text


def _features(chosen: Mapping[str, Any] | None) -> dict[str, Any] | None:
    features = (chosen or {}).get("features")
    if not features or not features.get("best"):
        return None
    rows = [
        (
            one["feature"],
            number(_float(one.get("score"))),
            f"{one['chosen']} of {features['splits']}",
        )
        for one in features["best"]
    ]
    return {"method": features["method"], "k": features["k"], "rows": rows}


def _float(given: Any) -> float:
    return math.nan if given is None else float(given)


def figure_sizes(view: StudyView) -> list[tuple[int, str]]:
    """Bytes and place of each figure."""
    return [(len(Markup(one["svg"])), f"{view.name}/{one['name']}") for one in view.figures]
