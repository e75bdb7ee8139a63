"""Small runs of every engine with their bits, recorded in tests/golden: no number changes unseen.

`make golden` records them anew where a version in src/labbook/provenance/released.json was raised,
and writes there which code makes these numbers: runs made by that code keep their ids however it
is moved, renamed or reworded.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

from labbook import processor
from labbook.certificate.compare import TOLERANCE
from labbook.engines.choice import load
from labbook.params.engines import ENGINES
from labbook.paths import RUNS
from labbook.provenance.graph import Graph
from labbook.provenance.job_code import RELEASED, code_digests, released
from labbook.running.jobs import JOBS
from labbook.training.pack import Task, train_pack
from labbook.training.runfile import read_run, run_path
from tests.conftest import ROOT, copy_project

FOLDER = ROOT / "tests/golden"
PARTS = ("data", *ENGINES)
TINY = {"boston": 5, "digits": 2, "leaves": 3}  # rows of recipes' tiny samples
Numbers = dict[str, dict[str, Any]]  # by what they are of: SHA-256 of all bits, size of each array


def measure(part: str) -> Numbers:
    """The numbers of a part: of an engine's runs of golden.yaml, or of the data."""
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder) / "project")
        engine = "compiled" if part == "data" else part
        params = (ROOT / "tests/golden.yaml").read_text()
        (project / "params.yaml").write_text(f"engine: {engine}\n{params}")
        with contextlib.chdir(project):
            return _data() if part == "data" else _runs()


def _do(*kinds: str) -> Graph:
    for name in Graph.load().names:
        if name.partition("/")[0] in kinds:
            node = Graph.load().node(name)
            JOBS[node.kind](Graph.load(), name.partition("/")[2], node.inputs, node.outputs)
    return Graph.load()


def _data() -> Numbers:
    _do("download")
    _do("prepare", "select")
    paths = sorted(Path("data/prepared").glob("*.safetensors"))
    prepared = {path.stem: load_file(path) for path in paths}
    headers = {path.stem: _header(path) for path in paths}
    selected = {
        path.relative_to("data").as_posix(): {"file": np.frombuffer(path.read_bytes(), np.uint8)}
        for path in Path("data/selected").rglob("*.json")
    }
    entries = sorted((prepared | selected).items())
    return {name: _entry(arrays, headers.get(name, "")) for name, arrays in entries}


def _header(path: Path) -> str:
    """What a file of prepared data says of itself."""
    with safe_open(path, "numpy") as file:
        return hashlib.sha256(json.dumps(file.metadata(), sort_keys=True).encode()).hexdigest()


def _runs() -> Numbers:
    _do("download")
    graph = _do("prepare", "select", "train")
    runs = {
        f"{study.name}: {label}": _entry_of_run(run_path(RUNS, graph.run_ids[key]))
        for study in graph.plan.studies.values()
        for (label, _), key in study.runs.items()
    }
    return runs | {f"tiny sample: {name}": _tiny(graph, name) for name in TINY}


def _tiny(graph: Graph, name: str) -> dict[str, Any]:
    """A run on a tiny sample, which steps of `tune` alone may ask for, and no study."""
    old = graph.plan.params.recipes[name]
    training = old.training.model_copy(update={"tiny": TINY[name], "batch": "all"})
    recipe = old.model_copy(update={"training": training})
    run_id, identity = graph.identified(recipe, 0)
    task = Task(run_id, identity, recipe, 0, graph.engine(recipe), graph.selected(recipe))
    prepared = Path(f"data/prepared/{recipe.dataset}.safetensors")
    train_pack([task], prepared, RUNS, Path(".labbook/checkpoints"), "cpu", load)
    return _entry_of_run(run_path(RUNS, run_id))


def _entry_of_run(path: Path) -> dict[str, Any]:
    """All that a run's file says but its name and what it was made from."""
    record = read_run(path)
    header = [record.ended, record.epochs, record.best_epoch, record.layers]
    metrics = {f"metrics/{name}": np.array(value) for name, value in record.metrics.items()}
    return _entry(load_file(path) | metrics, json.dumps(header))


def _entry(arrays: dict[str, np.ndarray], header: str = "") -> dict[str, Any]:
    total = hashlib.sha256(header.encode())
    for name, array in sorted(arrays.items()):
        total.update(f"{name} {array.dtype} {array.shape}\n".encode() + array.tobytes())
    sizes = {
        name: float(np.abs(np.nan_to_num(array)).mean())
        for name, array in arrays.items()
        if array.size
    }
    return {"bits": total.hexdigest(), "sizes": sizes, "header": header}


def problem(part: str, version: int, recorded: dict[str, Any], numbers: Numbers) -> str | None:
    """What is wrong with numbers of `version`, beside those that were recorded; None if nothing.

    On a kind of processor that has not recorded them they may differ by rounding.
    """
    old = recorded["numbers"]
    numbers = {name: entry for name, entry in numbers.items() if name in old}  # others are new
    same = {name: entry["bits"] for name, entry in old.items()} == {
        name: entry["bits"] for name, entry in numbers.items()
    }
    rounding = processor.name() not in recorded["processors"] and _close(old, numbers)
    if version < recorded["version"]:
        return f"{part}: version {version} has been before: {recorded['version']} is recorded."
    raised = version > recorded["version"]
    if (same or rounding) and raised:
        return f"{part}: the version was raised to {version}, but the numbers are those of before."
    if not (same or rounding) and not raised:
        changed = [name for name in {**old, **numbers} if old.get(name) != numbers.get(name)]
        return f"{part}: numbers changed ({', '.join(changed[:3])}): raise the version of {part}."
    return None


def _close(old: Numbers, new: Numbers) -> bool:
    shapes = [
        {name: [entry["header"], sorted(entry["sizes"])] for name, entry in numbers.items()}
        for numbers in (old, new)
    ]
    return shapes[0] == shapes[1] and all(
        np.isclose(size, new[name]["sizes"][array], rtol=TOLERANCE, atol=1e-6)
        for name, entry in old.items()
        for array, size in entry["sizes"].items()
    )


def read(part: str) -> dict[str, Any]:
    """What was recorded of a part."""
    return json.loads((FOLDER / f"{part}.json").read_text())


def main() -> None:
    """Record all numbers anew, or say why not and record nothing."""
    for name in ("LABBOOK_MIRROR", "LABBOOK_PARAMS"):
        os.environ.pop(name, None)
    versions = released()["versions"]
    measured = {part: measure(part) for part in PARTS}
    problems = [
        problem(part, versions[part], read(part), measured[part])
        for part in PARTS
        if (FOLDER / f"{part}.json").exists()
    ]
    if any(problems):
        sys.exit("\n".join(filter(None, problems)) + f"\nVersions are in {RELEASED}.")
    FOLDER.mkdir(exist_ok=True)
    for part, numbers in measured.items():
        entry = {"version": versions[part], "processors": [processor.name()], "numbers": numbers}
        path = FOLDER / f"{part}.json"
        # Equal but for the rounding of another kind of processor: what was recorded stays.
        if path.exists() and read(part)["version"] == versions[part]:
            entry = read(part)
            entry["numbers"] = numbers | entry["numbers"]
        if not path.exists() or read(part) != entry:
            path.write_text(json.dumps(entry, indent=1) + "\n")
    text = json.dumps({"versions": versions, "code": code_digests()}, indent=2)
    RELEASED.write_text(text + "\n")


if __name__ == "__main__":
    main()
