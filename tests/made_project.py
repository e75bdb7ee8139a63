"""The tiny project with made-up files in place of what its jobs would make: nothing is trained."""

import contextlib
import shutil
from pathlib import Path

import pytest

from labbook.files import write_json, write_text
from labbook.identity.code import file_digest
from labbook.provenance.checksums import Sums, is_fresh, write_key
from labbook.provenance.graph import Graph
from tests.conftest import copy_project

MADE_UP = "\0" * 8 + "made up\n"  # to safetensors: an empty header


def finish(graph: Graph) -> None:
    """Make up the outputs of every node, as if its job had run."""
    for name in graph.names:
        node = Graph(graph.plan).node(name)
        for path in (*node.outputs, *node.extras):
            write_text(path, MADE_UP)
        if node.kind == "download":
            own = graph.plan.params.datasets[name.partition("/")[2]].own_files
            sums = {copy: file_digest(Path(path)) for copy, path in own.items()}
            sums = sums or {"file.csv": "0" * 64}
            files = {file: {"sha256": sha256, "bytes": 1} for file, sha256 in sums.items()}
            edition = "stand-in" if name.endswith("covid") else "real"
            write_json(node.extras[0], {"edition": edition, "note": "", "files": files})
            for file in files:
                write_text(node.extras[0].with_name(file), "x")
        if node.kind == "figures":
            write_json(node.outputs[0], [])
        if node.kind == "evaluate":
            write_json(node.extras[0], {"sums": {}})
        write_key(Graph(graph.plan).node(name))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished project, to be copied: without code, as that of this folder answers."""
    folder = copy_project(tmp_path_factory.mktemp("made") / "project")
    for name in ("src", ".labbook"):
        shutil.rmtree(folder / name)
    with contextlib.chdir(folder):
        finish(Graph.load())
    return folder


@pytest.fixture
def finished(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a copy of it, to be changed at will."""
    monkeypatch.chdir(shutil.copytree(made_once, tmp_path / "project"))
    return tmp_path / "project"


def edit(*pairs: tuple[str, str]) -> None:
    """Replace texts in params.yaml, each once."""
    text = Path("params.yaml").read_text()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    Path("params.yaml").write_text(text)


def stale() -> set[str]:
    """The names of the nodes that Snakemake would make."""
    return {node.name for node in Graph.load().nodes.values() if not is_fresh(node, Sums())}
