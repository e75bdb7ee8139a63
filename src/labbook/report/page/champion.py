"""The champion of a study: its run, model, settings and the features that were selected."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labbook.files import read_json
from labbook.report.page.answer import estimate
from labbook.report.study_results import StudyResults, as_number
from labbook.wording import metric_name, number, sentence

FILES = {
    "champion.json": "settings, preprocessing, metrics and sums",
    "model.safetensors": "the run with its weights, without pickle",
    "prediction.csv": "predictions for the unlabelled rows",
}


def champion_view(results: StudyResults) -> dict[str, Any] | None:
    """What the page shows of the champion; None where all runs diverged."""
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
    return [(name, text) for name, text in FILES.items() if (folder / name).exists()]


def _run_sentence(chosen: Mapping[str, Any], kept: Mapping[str, Any]) -> str:
    text = f"The run {chosen.get('run')} of seed {chosen.get('seed')}, {_run_by(chosen)}"
    if kept.get("epochs"):
        text += f"; weights of epoch {kept['best_epoch']:,} of {kept['epochs']:,}; {kept['ended']}"
    return text + "."


def _run_by(chosen: Mapping[str, Any]) -> str:
    """By what the run was chosen among those of its combination: `run_by` of the choice."""
    if chosen.get("run_by") == "median":
        return "the median of its combination on validation rows"
    return "of its combination the one furthest ahead of the others on the same validation rows"


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


def features_view(chosen: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The selected features with their mean scores; None where nothing was selected."""
    features = (chosen or {}).get("features")
    if not features or not features.get("best"):
        return None
    rows = [
        (
            one["feature"],
            number(as_number(one.get("score"))),
            f"{one['chosen']} of {features['splits']}",
        )
        for one in features["best"]
    ]
    return {"method": features["method"], "k": features["k"], "rows": rows}
