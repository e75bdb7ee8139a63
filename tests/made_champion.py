"""A made champion: a real table, prepared as always, and networks that nobody has trained."""

import json
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from labbook.data.idx import write_idx
from labbook.data.prepare import prepare
from labbook.data.prepared import read_prepared
from labbook.evaluate.champion import write_champion
from labbook.evaluate.choice import Choice
from labbook.evaluate.study_runs import StudyRuns, read_study_runs
from labbook.files import write_json
from labbook.metrics import measure
from labbook.models import build, forward
from labbook.models.initialisation import initial_weights
from labbook.models.losses import predictions
from labbook.params.combinations import Combination
from labbook.params.datasets import Dataset
from labbook.params.studies import Study
from labbook.plan.studies import StudyPlan
from labbook.streams import stream
from labbook.training.runfile import STOPPED, RunRecord, run_path, write_run
from tests.made_study import recipe

LABEL, SEEDS = "all", (0, 1, 2)
MLP = {"kind": "mlp", "hidden": [5]}
SPLIT = {"valid": 0.25, "test": 0.25}


def csv_text(rows=80, seed=3):
    """Numbers with gaps, a category, an identifier and two targets."""
    draw = np.random.default_rng(seed)
    lines = ["who,age,size,colour,price,kind"]
    for row in range(rows):
        age = "" if row % 9 == 4 else f"{draw.normal(40, 9):.2f}"
        size, colour = draw.gamma(2.0, 3.0), draw.choice(["red", "green", "blue, dark"])
        price = 100 + 3 * size + (7 if colour == "red" else 0) + draw.normal()
        kind = "big" if size > 5 else "small"
        lines.append(f'r{row:03d},{age},{size:.3f},"{colour}",{price:.2f},{kind}')
    return "\n".join(lines) + "\n"


def table(**settings):
    """The block of such a table, its target the price."""
    block = {
        "kind": "table", "path": "t.csv", "target": "price", "drop": ["kind"], "id": "who",
        "categorical": ["colour"], "missing": "median", "split": SPLIT,
    }  # fmt: skip
    return TypeAdapter(Dataset).validate_python(block | settings)


def of_classes(**settings):
    """The block of such a table, its target the kind."""
    return table(**({"target": "kind", "task": "classification", "drop": ["price"]} | settings))


def images(**settings):
    """The block of images in IDX files."""
    block = {"kind": "images", "package": "mnist-5k", "split": SPLIT}
    return TypeAdapter(Dataset).validate_python(block | settings)


def write_raw(dataset, raw: Path, text: str | None = None):
    """The raw files of a data set: this table, or 40 images of noise."""
    raw.mkdir(parents=True, exist_ok=True)
    write_json(raw / "edition.json", {"edition": "own", "note": ""})
    if dataset.kind == "table":
        (raw / dataset.main_file).write_text(text or csv_text())
        return
    draw = np.random.default_rng(5)
    pixels = draw.integers(0, 256, (40, 8, 6)).astype(np.uint8)
    (raw / "train-images-idx3-ubyte.gz").write_bytes(write_idx(pixels))
    labels = (np.arange(40) % 3).astype(np.uint8)
    (raw / "train-labels-idx1-ubyte.gz").write_bytes(write_idx(labels))


def made_record(prepared, block, seed, run_id, columns):
    """The run of a network as it was drawn, with batch norm's statistics drawn, too."""
    shape = prepared.row_shape(columns)
    network = build(block.model, shape, len(prepared.classes) or 1)
    weights = dict(initial_weights(network, seed))
    draw = stream(seed, "made")
    for name in network.buffers():
        weights[name] = draw.uniform(0.5, 1.5, weights[name].shape).astype(np.float32)
    given, metrics = {}, {}
    for part in ("train", "valid", "test"):
        outputs = forward(network, weights, prepared.part(seed, part, columns)[0])
        found = predictions(outputs, prepared.task)
        given[part] = prepared.original(found, seed) if prepared.task == "regression" else found
        target = prepared.target[getattr(prepared.split(seed), part)]
        metrics |= measure(prepared.task, part, target, given[part])
    del given["train"]
    curves = {"train_loss": np.ones(3), "valid_loss": np.ones(3)}
    return RunRecord(
        run_id, {"seed": seed}, STOPPED, 3, 2, metrics, layers=network.summary(), curves=curves,
        weights=weights, predictions=given,
    )  # fmt: skip


def made_champion(
    folder: Path,
    dataset=None,
    *,
    model=MLP,
    features=None,
    text=None,
    seed=SEEDS[1],
    threshold=None,
) -> StudyRuns:
    """A project in `folder` whose study `made` has one combination: data, runs, champion."""
    dataset = dataset or table()
    write_raw(dataset, folder / "data/raw/made", text)
    path = folder / "data/prepared/made.safetensors"
    prepare(dataset, folder / "data/raw/made", SEEDS, path)
    prepared = read_prepared(path)
    block = recipe(dataset="made", model=model, features=features or {"method": "all"})
    selections, columns = {}, None
    if dataset.kind == "table":
        names = features["names"] if features else prepared.feature_names
        columns = np.array(sorted(prepared.feature_names.index(name) for name in names))
        selections[LABEL] = _selection(folder, prepared, block, columns.tolist())
    runs = {(LABEL, one): f"{one:04d}" for one in SEEDS}
    for (_, one), run_id in runs.items():
        record = made_record(prepared, block, one, run_id, columns)
        write_run(run_path(folder / "results/runs", run_id), record)
    question = {"question": "Which?", "recipe": "made", "vary": {"optimizer.rate": [0.1]}}
    question["threshold"] = threshold
    study = StudyPlan(
        name="made", block=Study.model_validate(question), dataset="made", task=prepared.task,
        combinations=(Combination(LABEL, {"optimizer.rate": 0.1}, block),), seeds=SEEDS,
        runs=runs, reference=LABEL, claims=(),
        metric="valid_mse" if prepared.task == "regression" else "valid_accuracy",
    )  # fmt: skip
    results = read_study_runs(study, prepared, selections, folder / "results/runs", dataset)
    write_champion(results, Choice(LABEL, seed), folder / "results/made/champion")
    return results


def _selection(folder, prepared, block, columns):
    from labbook.plan.packs import selection_name

    path = folder / f"data/selected/made/{selection_name(block.features)}.json"
    scores = [None] * len(prepared.feature_names)
    splits = {str(seed): {"columns": columns, "scores": scores} for seed in SEEDS}
    features = list(prepared.feature_names)
    write_json(path, {"method": "names", "k": None, "splits": splits, "features": features})
    return path


def changed(folder: Path, **entries):
    """champion.json with other entries, by dotted path with __ for the dots."""
    path = folder / "champion.json"
    content = json.loads(path.read_text())
    for name, value in entries.items():
        place = content
        *outer, last = name.split("__")
        for key in outer:
            place = place[key]
        place[last] = value
    path.write_text(json.dumps(content))
