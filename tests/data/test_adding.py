"""docs/adding.md is enough: a kind of data that it lets one add is checked, prepared and planned."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from tests.conftest import ROOT, clean_environment

BLOCK = '''
class Lines(Data):
    """Rows of numbers, a JSON object on each line."""

    kind: Literal["lines"] = "lines"
    path: Text = Field(description="Your file.")
    target: Text = Field(description="The name of what is predicted.")
    split: Split = Field(description="How the rows are divided.")

    @property
    def task(self) -> Literal["regression"]:
        return "regression"

    @property
    def own_files(self) -> dict[str, str]:
        return {"rows.jsonl": self.path}


'''
MODULE = '''"""Rows of JSON."""

import json

import numpy as np

from labbook.data.kinds.kind import Kind
from labbook.data.numbers import Numbers


def read_lines(block, raw):
    rows = [json.loads(line) for line in (raw / "rows.jsonl").read_text().splitlines()]
    names = tuple(name for name in rows[0] if name != block.target)
    features = np.array([[row[name] for name in names] for row in rows], float)
    target = np.array([row[block.target] for row in rows], float)
    return Numbers("table", block.task, features, target, block.target, names, (), ())


KIND = Kind(read_lines)
'''
PARAMS = """\
seeds: 2
controls: false
datasets:
  rows: {kind: lines, path: tables/rows.jsonl, target: y, split: {valid: 0.2, test: 0.2}}
recipes:
  rows:
    dataset: rows
    model: {kind: linear}
    optimizer: {kind: sgd, rate: 0.1}
    training: {batch: 16, epochs: 2}
studies:
  rows: {question: Does it train?, recipe: rows, vary: {optimizer.rate: [0.1, 0.2]}}
"""
PREPARE = """
from labbook.cli import main
from labbook.provenance.graph import Graph
from labbook.running.jobs import JOBS
assert main(["check"]) == 0 and main(["plan"]) == 0 and main(["reference"]) == 0
for name in ("download/rows", "prepare/rows"):
    node = Graph.load().node(name)
    JOBS[node.kind](Graph.load(), "rows", node.inputs, node.outputs)
"""


def add(file: Path, before: str, text: str) -> None:
    """Put `text` before what begins with `before`."""
    content = file.read_text()
    assert before in content
    file.write_text(content.replace(before, f"{text}{before}", 1))


def test_a_toy_kind_of_data_by_the_page_alone(project: Path) -> None:
    lines = (ROOT / "docs/adding.md").read_text().splitlines()
    (row,) = (line for line in lines if line.startswith("| a kind of data"))
    assert row.split("`")[1::2] == [
        "params/datasets.py", "Dataset", "data/kinds/", "KINDS", "data/kinds/__init__.py",
    ]  # fmt: skip
    package = project / "src/labbook"
    add(package / "params/datasets.py", "Dataset = Annotated", BLOCK)
    add(package / "params/datasets.py", "Table | Images", "Lines | ")
    (package / "data/kinds/lines.py").write_text(MODULE)
    add(package / "data/kinds/__init__.py", "function, images", "lines, ")
    add(package / "data/kinds/__init__.py", '    "table"', '    "lines": lines.KIND,\n')
    draw = np.random.default_rng(0).normal(5, 2, (40, 3))
    (project / "tables").mkdir(exist_ok=True)
    text = "".join(
        json.dumps(dict(zip("abcy", [*row, sum(row)], strict=True))) + "\n" for row in draw
    )
    (project / "tables/rows.jsonl").write_text(text)
    (project / "params.yaml").write_text(PARAMS)
    environment = clean_environment(PYTHONPATH=str(package.parent))
    ran = subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "valid." in ran.stdout
    assert (project / "data/raw/rows/rows.jsonl").read_text() == text
    assert "### kind: lines" in (project / "docs/params.md").read_text()
    arrays = load_file(project / "data/prepared/rows.safetensors")
    np.testing.assert_array_equal(arrays["features"], draw)
    np.testing.assert_array_equal(arrays["target"], draw.sum(axis=1))
    assert len(arrays["splits/1/train"]) == 24
