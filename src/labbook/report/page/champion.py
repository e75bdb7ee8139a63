"""The champion of a study: its run, model, settings and the features that were selected."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from labbook.files import read_json
from labbook.report.page.answer import estimate
from labbook.report.page.taken_away import taken_away_view
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, number, sentence, short

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
    record = read_json(path) if path.exists() else {}
    reason = "of its combination the one furthest ahead of the others on the same validation rows"
    if chosen.get("run_by") == "median":
        reason = "the median of its combination on validation rows"
    run = f"The run {chosen.get('run')} of seed {chosen.get('seed')}, {reason}"
    if record.get("epochs"):
        epochs = f"{record['best_epoch']:,} of {record['epochs']:,}"
        run += f"; weights of epoch {epochs}; {record['ended']}"
    layers = chosen.get("layers") or ()
    return {
        "run": run + ".",
        "settings": list(_flat(record.get("recipe") or chosen.get("settings") or {})),
        "layers": [
            (name, " × ".join(str(size) for size in shape), f"{parameters:,}")
            for name, shape, parameters in layers
        ],
        "parameters": f"{sum(parameters for _, _, parameters in layers):,}",
        "folder": f"results/{results.name}/champion/",
        "files": [(name, text) for name, text in FILES.items() if (folder / name).exists()],
        "taken_away": taken_away_view(results.name, record),
        "network": network_graphic(layers),
        "sums": list(_flat(record.get("sums") or {})),
        "figures": [
            (sentence(metric_name(name)), estimate(entry))
            for name, entry in [
                (results.choice_metric, chosen["validation"]),
                *(chosen.get("test_metrics") or {}).items(),
            ]
        ],
    }


def network_graphic(layers: Sequence[tuple[str, Sequence[int], int]]) -> Markup:
    """The network as a row of bars, a layer each: as high as the logarithm of its outputs."""
    width, height, middle = 74, 64, 32
    parts = []
    for place, (name, shape, _) in enumerate(layers):
        outputs = math.prod(shape)
        x, half = width * place + width / 2, min(middle, 4 + 3.4 * math.log2(max(outputs, 1)))
        size = "×".join(str(one) for one in shape)
        if place:
            parts.append(f'<path class="link" d="M{x - width + 7:g} {middle}H{x - 7:g}"/>')
        parts.append(
            f'<rect x="{x - 6:g}" y="{middle - half:.1f}" width="12" height="{2 * half:.1f}"/>'
        )
        parts.append(
            f'<text x="{x:g}" y="{height + 13}">{escape(short(name, 11))}</text>'
            f'<text class="size" x="{x:g}" y="{height + 26}">{escape(size)}</text>'
        )
    if not parts:
        return Markup("")
    words = escape(", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape, _ in layers))
    box = f"0 0 {width * len(layers)} {height + 32}"
    return Markup(  # names and numbers, escaped
        f'<svg class="layers" role="img" aria-label="Layers with their outputs: {words}" '
        f'viewBox="{box}" width="{width * len(layers)}">{"".join(parts)}</svg>'
    )


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Dotted paths and values of nested settings, without those that are not set."""
    for key, setting in tree.items():
        if isinstance(setting, Mapping):
            yield from _flat(setting, f"{path}{key}.")
        elif setting is not None:
            text = setting if isinstance(setting, str) else json.dumps(setting, ensure_ascii=False)
            yield f"{path}{key}", text


def features_view(chosen: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The selected features with their mean scores; None where nothing was selected."""
    features = (chosen or {}).get("features")
    if not features or not features.get("best"):
        return None
    splits = features["splits"]
    rows = [
        (best["feature"], number(as_number(best.get("score"))), f"{best['chosen']} of {splits}")
        for best in features["best"]
    ]
    return {"method": features["method"], "k": features["k"], "rows": rows}
