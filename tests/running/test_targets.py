"""Targets of Snakemake with a name that params.yaml does not have: a sentence says what it has."""

from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.provenance.graph import Graph
from labbook.running.targets import refuse_unknown
from tests.conftest import TINY

KNOWN = [
    "results/tune/good/report.html",
    "results/tune/good/6a-finalists.json",
    "results/tune/good/figures/index.json",
    "results/boston-rate/study.json",
    "results/runs/0123456789abcdef.safetensors",
    "results/report.html",
    "results/mine/notes.csv",
    "results/tune",
    "all_data",
    "--cores",
]
UNKNOWN = {
    "results/tune/goof/report.html": 'has no tuning .goof.; did you mean "good"',
    "results/tune/good/3-rote.json": 'has no step .3-rote.; did you mean "3-rate"',
    "results/boston-rat/study.json": 'has no study .boston-rat.; did you mean "boston-rate"',
    "./results/nope/figures/index.json": "has no study .nope.; Allowed: .*boston-rate",
}


@pytest.fixture
def graph(project: Path) -> Graph:
    block = "tune:\n  good: {recipe: boston}\n"
    Path("params.yaml").write_text(TINY.read_text() + block)
    return Graph.load()


def test_a_name_that_there_is_not_is_refused(graph: Graph) -> None:
    refuse_unknown(graph, KNOWN)
    for target, said in UNKNOWN.items():
        with pytest.raises(LabbookError, match=said):
            refuse_unknown(graph, ["--cores", "2", target])
