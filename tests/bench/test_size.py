"""The benchmark at size: its arithmetic, and all of it once with a dozen runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.size.__main__ import HEAD, entry, table
from bench.size.project import Cost, cost_of
from tests.conftest import ROOT, clean_environment
from tests.workflow.warm import programs

pytestmark = pytest.mark.thorough


def test_an_entry_has_medians_and_judges_goals() -> None:
    costs = [Cost(4.0, 1.0, 300.0), Cost(2.0, 3.0, 100.0), Cost(3.0, 2.0, 301.0)]
    row = entry("snakemake, nothing to do", costs)
    assert (row["seconds"], row["cpu_seconds"], row["megabytes"]) == (3.0, 2.0, 300)
    assert (row["seconds_low"], row["seconds_high"]) == (2.0, 4.0)
    assert row["goals"] == {"seconds": 3, "megabytes": 300}
    assert row["met"] is True
    assert entry("snakemake, nothing to do", costs[2:])["met"] is False
    assert "met" not in entry("labbook plan", costs)


def test_memory_and_cpu_are_those_of_the_processes_below(tmp_path: Path) -> None:
    program = "x = bytearray(300_000_000); y = sum(range(10_000_000))"
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])"
    # From a small process: what a process had as its peak before it became another one counts.
    measure = (
        "import os, sys; from pathlib import Path; from bench.size.project import cost_of; "
        f"print(cost_of([sys.executable, '-c', {below!r}], Path(), dict(os.environ)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", measure], cwd=tmp_path, capture_output=True, text=True, check=True,
        env=clean_environment(PYTHONPATH=str(ROOT)),
    )  # fmt: skip
    cost = eval(ran.stdout, {"Cost": Cost})
    assert 300 < cost.megabytes < 400
    assert 0.1 < cost.cpu_seconds < 10
    with pytest.raises(RuntimeError, match="gave 3:\noh dear"):
        cost_of(["sh", "-c", "echo oh dear; exit 3"], tmp_path, clean_environment())


@pytest.mark.slow
def test_a_dozen_runs(tmp_path: Path) -> None:
    """Stub training, everything else real: the evaluation checks the champion's weights, too."""
    out = tmp_path / "size.json"
    command = ["-m", "bench.size", "--quick", "--folder", str(tmp_path), "--out", str(out)]
    ran = subprocess.run(
        [programs() / "python", *command], cwd=ROOT, capture_output=True, text=True,
        env=clean_environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}"),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = json.loads(out.read_text())
    assert results["training"] == "stub"
    assert "stub training" in ran.stdout
    assert results["sizes"]["runs_files"] == results["runs"] == 12
    assert results["sizes"]["runs_bytes"] > 12 * 5_000
    rows = {row["what"]: row for row in results["entries"]}
    assert all(row["seconds"] > 0 for row in rows.values())
    for what in ("snakemake, nothing to do", "one combination more, dvc repro", "dvc status"):
        assert rows[what]["goals"]["seconds"] in (3, 15)
    assert HEAD in table(results)
    assert table(results).splitlines()[-1] in ran.stdout  # the sizes
    log = (tmp_path / "project/results/log/runs.jsonl").read_text()
    assert len(set(log.splitlines())) == len(log.splitlines()) == 6 * 3  # two combinations more
    lock = (tmp_path / "project/dvc.lock").read_text()
    assert lock == (tmp_path / "clone/dvc.lock").read_text()
    assert len(list((tmp_path / "clone/results/runs").iterdir())) == 18
