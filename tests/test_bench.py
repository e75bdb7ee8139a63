"""The benchmark: its arithmetic, what it writes, and one real round."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from bench.figure import draw_ratios, draw_roofline
from bench.peak import gflops
from bench.results import entries, table, write_results
from bench.rivals import RIVALS, MissingError, entered, labbook_engines
from bench.rounds import Timing, measure
from bench.workloads import WORKLOADS, Workload
from labbook.engines.cuda.engine import Engine as Cuda
from tests.conftest import ROOT, clean_environment

FOUND = [
    Timing("compiled", "W1a", 1, [1e-4, 2e-4, 1.5e-4]),
    Timing("notebook", "W1a", 1, [1.5e-2, 1.5e-2, 1.6e-2]),
    Timing("compiled", "W1a", 2, [0.8e-4]),
]


def test_operations_by_hand() -> None:
    small = Workload("small", (3,), (5,), rows=7, valid_rows=2, batch=4)
    per_row = 2 * (3 * 5 + 5 * 1)
    assert small.flops() == 7 * (3 * per_row - 2 * 3 * 5) + 2 * per_row
    image = Workload(
        "image", (1, 8, 8), (4,), rows=1, valid_rows=0, batch=1, channels=(2,), kernel=3, classes=3
    )
    convolution, dense = 64 * 2 * 9, 2 * 16 * 4 + 4 * 3
    assert image.flops() == 6 * (convolution + dense) - 2 * convolution


def test_entries_have_their_ratios_and_shares(tmp_path) -> None:
    found = entries(FOUND, peak=100.0)
    first = found[0]
    assert first["microseconds"] == 150
    assert first["ratios"] == {"notebook": 100.0}
    assert first["gflops"] == pytest.approx(WORKLOADS["W1a"].flops() / 1.5e-4 / 1e9, abs=0.01)
    assert first["share_of_peak"] == pytest.approx(first["gflops"] / 100, abs=1e-3)
    assert found[2]["ratios"] == {}  # no notebook loop on two threads
    write_results(tmp_path / "bench.json", found)
    assert json.loads((tmp_path / "bench.json").read_text()) == found
    assert "compiled" in table(found)


def test_pictures(tmp_path) -> None:
    found = entries(FOUND, peak=100.0)
    draw_ratios(found, tmp_path / "ratios.svg")
    draw_roofline(found, 100.0, tmp_path / "roofline.svg")
    assert all("</svg>" in path.read_text() for path in tmp_path.iterdir())


def test_a_real_round(monkeypatch) -> None:
    found = measure(["compiled", "lean"], "W3", 1, 2)
    assert [one.engine for one in found] == ["compiled", "lean"]
    assert all(len(one.seconds) == 2 and one.median > 0 for one in found)


def test_a_rival_that_is_not_installed_is_left_out(monkeypatch, capsys) -> None:
    monkeypatch.setattr("bench.rounds.sys.executable", shutil.which("false"))
    assert measure(["jax"], "W3", 1, 1) == []
    assert "jax is left out" in capsys.readouterr().out


def test_a_gpu_is_timed_in_packs_or_left_out_with_the_reason(capsys) -> None:
    assert entered(list(RIVALS), "W1a", 1) == list(RIVALS)
    assert {"cuda-256", "cuda-1024"} <= set(RIVALS)
    without = [name for name in RIVALS if not name.startswith("cuda")]
    assert entered(list(RIVALS), "W1a", 2) == entered(list(RIVALS), "CNN", 1) == without
    if not torch.cuda.is_available():
        assert measure(["cuda-256"], "W1a", 1, 1) == []
        assert "cuda-256 is left out: missing a GPU that torch can use" in capsys.readouterr().out


def test_a_pack_is_trained_whole_and_its_time_is_per_run(monkeypatch) -> None:
    """On the CPU, with few rows: what a GPU does with more."""
    workload = replace(WORKLOADS["W1a"], rows=20, valid_rows=5, batch=8)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingError, match="GPU"):
        labbook_engines.prepare(workload, "cuda-256")
    monkeypatch.setattr(labbook_engines, "_gpu", lambda: "cpu")
    given: list[int] = []
    whole = Cuda.train
    monkeypatch.setattr(
        Cuda, "train", lambda self, runs, *more: given.append(len(runs)) or whole(self, runs, *more)
    )
    train, models = labbook_engines.prepare(workload, "cuda-40")
    train(2)
    assert given == [models] == [40]


def test_a_gpu_has_no_share_of_a_core(tmp_path) -> None:
    found = entries([FOUND[0], Timing("cuda-256", "W1a", 1, [2e-6])], peak=100.0)
    assert [one["share_of_peak"] is None for one in found] == [False, True]
    assert "cuda-256" in table(found)
    draw_roofline(found, 100.0, tmp_path / "roofline.svg")
    assert "cuda" not in (tmp_path / "roofline.svg").read_text()


def test_the_peak_is_one_that_a_core_can_have() -> None:
    assert 1 < gflops(rounds=200_000) < 10_000


def test_the_package_never_imports_the_benchmark() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        assert "import bench" not in path.read_text()
        assert "from bench" not in path.read_text()


def test_help() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, cwd=ROOT,
        env=clean_environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}"),
    )  # fmt: skip
    assert ran.returncode == 0
    assert "--quick" in ran.stdout
