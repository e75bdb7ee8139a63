"""A small study with its controls, trained in this process: so a test can plant a mistake."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from labbook.data.prepared import read_prepared
from labbook.evaluate.controls import Control, judge_controls
from labbook.evaluate.study_runs import StudyRuns, read_study_runs
from labbook.paths import RUNS
from labbook.provenance.graph import Graph
from labbook.running.jobs import run_job

ROWS, COLUMNS, KEPT = 120, 300, 10
RECIPE: dict[str, Any] = {
    "dataset": "made",
    "features": {"method": "f_regression", "k": KEPT},
    "model": {"kind": "linear"},
    "optimizer": {"kind": "adam", "rate": 0.02},
    "training": {"batch": 32, "epochs": 60},
}
STUDY: dict[str, Any] = {"question": "?", "recipe": "made", "vary": {"optimizer.rate": [0.02]}}
SPLIT = {"valid": 30, "test": 30}


def table(seed: int = 0, classes: bool = False) -> list[list[object]]:
    """More columns than rows; the target follows from the first of them, and chance."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(ROWS, COLUMNS))
    y = x[:, 0] + draw.normal(size=ROWS)
    target = [["a", "b"][int(value > 0)] for value in y] if classes else y.tolist()
    names: list[object] = [*(f"x{i}" for i in range(COLUMNS)), "target"]
    return [names, *([*row, value] for row, value in zip(x.tolist(), target, strict=True))]


def trained(folder: Path, *, classes: bool = False, seeds: int = 8, **settings: Any) -> StudyRuns:
    """The runs of a study in `folder`, the current one; `settings` change its recipe's blocks."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    lines = [",".join(map(str, row)) for row in table(classes=classes)]
    (folder / "tables/made.csv").write_text("\n".join(lines) + "\n")
    source = {"kind": "table", "path": "tables/made.csv", "target": "target", "split": SPLIT}
    if classes:
        source |= {"task": "classification"}
        settings = {"features": {"method": "f_classif", "k": KEPT}} | settings
    document = {
        "seeds": seeds,
        "rivals": False,
        "datasets": {"made": source},
        "recipes": {"made": RECIPE | settings},
        "studies": {"made": STUDY},
    }
    (folder / "params.yaml").write_text(json.dumps(document))
    graph = Graph.load()
    for name in graph.names:
        if name.partition("/")[0] in ("download", "prepare", "select", "train"):
            run_job(name, None)
    study = Graph.load().study("made")
    prepared = read_prepared(Path("data/prepared/made.safetensors"))
    return read_study_runs(study, prepared, {}, RUNS)


def controls(results: StudyRuns) -> dict[str, Control]:
    """The study's controls by their names."""
    return {one.control: one for one in judge_controls(results)}
