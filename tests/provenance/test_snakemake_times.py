"""File times say what the keys say, whatever a checkout has left."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from labbook.files import write_text
from labbook.provenance.checksums import write_key
from labbook.provenance.nodes import Node
from labbook.provenance.snakemake_times import mark


def test_a_benchmark_of_before_a_checkout_makes_nothing_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snakemake takes it for an output, and `dvc checkout` makes inputs that are newer."""
    monkeypatch.chdir(tmp_path)
    nodes = {}
    for name, upstream in (("prepare/a", ()), ("select/a/all", ("prepare/a",))):
        outputs = (Path("data", f"{name}.json"), Path("data", f"{name}.key"))
        nodes[name] = Node(name, (), outputs, "asked", "key", upstream)
        write_text(outputs[0], name)
        write_key(nodes[name])
        write_text(nodes[name].benchmark, "s")
        os.utime(nodes[name].benchmark, (1000, 1000))
    mark(SimpleNamespace(nodes=nodes))  # type: ignore[arg-type]
    newest = max(path.stat().st_mtime for path in nodes["prepare/a"].outputs)
    assert nodes["select/a/all"].benchmark.stat().st_mtime >= newest
