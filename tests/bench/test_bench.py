"""The benchmark: its arithmetic, what it writes, and one real round."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import bench.__main__ as program
from bench.figure import draw_roofline
from bench.goals import (
    COLUMNS,
    GOALS,
    GOALS_FOR,
    HEAD,
    PAGE,
    PROCESSOR,
    judge,
    markdown,
    write_page,
)
from bench.peak import gflops
from bench.printing import SEVERAL, TURN, measure_printing
from bench.processor import described, units
from bench.results import entries, table
from bench.rivals import RIVALS, MissingError, entered, labbook_engines
from bench.rounds import Timing, measure
from bench.workloads import WORKLOADS, Workload
from labbook import processor
from labbook.engines.cuda.engine import Engine as Cuda
from tests.conftest import ROOT, clean_environment

pytestmark = pytest.mark.thorough

TIMINGS = [
    Timing("compiled", "W1a", 1, [1e-4, 2e-4, 1.5e-4]),
    Timing("notebook", "W1a", 1, [1.5e-2, 1.5e-2, 1.6e-2]),
    Timing("compiled", "W1a", 2, [0.8e-4]),
    Timing("cuda-256", "W1a", 1, [2e-6]),
    Timing("compiled", "CNN", 1, [0.1]),
    Timing("lean", "CNN", 1, [0.3]),
    Timing("lean_channels_last", "CNN", 1, [0.2]),
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
    found = entries(TIMINGS, peak=100.0)
    assert found[0]["microseconds"] == 150
    assert found[0]["gflops"] == pytest.approx(WORKLOADS["W1a"].flops() / 1.5e-4 / 1e9, abs=0.01)
    assert found[0]["share_of_peak"] == pytest.approx(found[0]["gflops"] / 100, abs=1e-3)
    assert [entry["ratios"] for entry in found[:3]] == [
        {"notebook": 100.0}, {"notebook": 1.0}, {},  # no notebook loop on two threads
    ]  # fmt: skip
    # Of two memory formats the better counts.
    assert [entry["ratios"]["lean"] for entry in found[4:]] == [2.0, 0.667, 1.0]
    # A GPU has no share of a core.
    assert [entry["share_of_peak"] is None for entry in found[:4]] == [False, False, False, True]
    assert all(timing.engine in table(found) for timing in TIMINGS)
    draw_roofline(found, 100.0, tmp_path / "roofline.svg")
    assert "cuda" not in (tmp_path / "roofline.svg").read_text()


def test_what_the_program_writes(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["bench", "--quick", "--workloads", "W1a"])
    monkeypatch.setattr(program, "gflops", lambda: 100.04)
    monkeypatch.setattr(program, "measure", lambda *asked: TIMINGS[:2])
    monkeypatch.setattr(program, "measure_printing", lambda workload, epochs: [])
    extras = [{"what": "start: python", "microseconds": 9.0}]
    monkeypatch.setattr(program, "starts", lambda rounds: extras)
    program.main()
    found = entries(TIMINGS[:2], 100.04)
    assert json.loads((tmp_path / "results/bench.json").read_text()) == {
        "processor": described(), "peak_gflops": 100.0, "timings": found, "goals": judge(found),
        "extras": extras,
    }  # fmt: skip
    pictures = [tmp_path / "results" / name for name in ("bench.svg", "bench_roofline.svg")]
    assert all("</svg>" in path.read_text() for path in pictures)
    printed = capsys.readouterr().out
    assert table(found) in printed
    assert markdown(judge(found), described()) in printed


def timing(workload: str, share: float, **ratios: float) -> dict:
    return {
        "workload": workload, "engine": "compiled", "threads": 1, "share_of_peak": share,
        "ratios": ratios,
    }  # fmt: skip


def test_goals_are_met_from_their_number_on(tmp_path) -> None:
    found = [
        timing("W3", 0.479, notebook=60.0, lean=17.99, jax=2.0),
        timing("CNN", 0.1, notebook=2.0, lean=2.0),
        timing("W1a", 0.9) | {"threads": 2},
        timing("W1a", 0.9, notebook=1000.0) | {"engine": "lean"},
    ]
    judged = {(goal["workload"], goal["over"]): goal["met"] for goal in judge(found)}
    assert [judged["W3", name] for name in COLUMNS] == [True, False, True, False]
    assert judged["CNN", "jax"] is None
    assert judged["W1a", "notebook"] is None  # neither two threads nor another engine count
    assert ("CNN", "share_of_peak") not in judged
    lines = markdown(judge(found), "a processor").splitlines()
    assert (
        "| 60, goal 60: met | 18, goal 18: missed | 2, goal 1.1: met | 48%, goal 48%: missed |"
        in lines[4]
    )
    page = tmp_path / "bench.md"
    page.write_text(f"above\n\n{HEAD}\n|---|\n| old |\n\nbelow\n")
    write_page(judge(found), "a processor", page)
    assert page.read_text() == f"above\n\n{markdown(judge(found), 'a processor')}\n\nbelow\n"


def test_the_page_shows_every_goal() -> None:
    """Whether met is as the figures beside it say."""
    cells = PAGE.read_text().partition(HEAD)[2].partition("\n\n")[0]
    *lines, last = cells.strip().splitlines()[1:]
    assert [line.split(" ")[1] for line in lines] == list(GOALS)
    assert last.startswith(f"| {PROCESSOR} | measured on ")
    assert GOALS_FOR in last
    shown = re.findall(r"([\d.]+)%?, goal ([\d.]+)%?: (met|missed)", cells)
    goals = [goal for of_workload in GOALS.values() for goal in of_workload if goal is not None]
    for (measured, goal, verdict), expected in zip(shown, goals, strict=True):
        assert float(goal) == pytest.approx(expected if expected >= 1 else 100 * expected)
        if float(measured) != float(goal):
            assert (float(measured) > float(goal)) == (verdict == "met")


def test_words_are_read_by_a_terminal() -> None:
    found = {row["what"].removeprefix("C11: "): row for row in measure_printing("W2_200", TURN)}
    assert all(row["microseconds"] > 0 for row in found.values() if "microseconds" in row)
    lines = found["lines that the terminal read"]
    # Every epoch, the one that warms up too; then the lines that are timed alone.
    assert lines["notebook"] == 1 + TURN + SEVERAL
    assert lines["labbook"] >= SEVERAL
    assert found["notebook loop on W2_200, a line every epoch"]["epochs"] == TURN


def test_a_real_round_leaves_out_what_is_missing(monkeypatch, capsys) -> None:
    found = measure(["compiled", "lean", "cuda-256"], "W1a", 1, 1)
    assert [entry.engine for entry in found][:2] == ["compiled", "lean"]
    assert all(len(entry.seconds) == 1 and entry.median > 0 for entry in found)
    if not torch.cuda.is_available():
        assert len(found) == 2
        assert "cuda-256 is left out: missing a GPU that torch can use" in capsys.readouterr().out
    monkeypatch.setattr("bench.rounds.sys.executable", shutil.which("false"))
    assert measure(["jax"], "W3", 1, 1) == []
    assert "jax is left out" in capsys.readouterr().out


def test_who_is_timed_on_what() -> None:
    of_tables = [name for name in RIVALS if name != "lean_channels_last"]  # of images
    packs = {"cuda-256", "cuda-1024"}
    assert packs <= set(RIVALS)
    assert entered(list(RIVALS), "W1a", 1) == of_tables
    assert entered(list(RIVALS), "W1a", 2) == [name for name in of_tables if name not in packs]
    assert not packs & set(entered(list(RIVALS), "CNN", 1))


def test_a_pack_is_trained_whole_and_its_time_is_per_run(monkeypatch) -> None:
    """On the CPU, with few rows: what a GPU does with more."""
    workload = replace(WORKLOADS["W1a"], rows=20, valid_rows=5, batch=8)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingError, match="GPU"):
        labbook_engines.prepare(workload, "cuda-256")
    packs: list[int] = []
    whole = Cuda.train

    def noted(self, runs, *more):
        packs.append(len(runs))
        return whole(self, runs, *more)

    monkeypatch.setattr(Cuda, "train", noted)
    train, models = labbook_engines.prepare(workload, "cuda-40", "cpu")
    train(2)
    assert packs == [models] == [40]


def test_the_peak_is_one_that_a_core_can_have() -> None:
    assert 1 < gflops(rounds=200_000) < 10_000


def test_the_package_never_imports_the_benchmark() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        assert not re.search(r"(import|from) bench", path.read_text()), path


def test_the_processor_is_named() -> None:
    assert processor.name() in described()
    if "avx2" in Path("/proc/cpuinfo").read_text().split():
        assert "AVX2" in units()


def test_the_variables_of_avx2_are_heeded() -> None:
    """Those of `make test-avx2`, by labbook's compiled engine, torch and NumPy's BLAS."""
    line = (ROOT / "Makefile").read_text().partition("AVX2 := ")[2].partition("\n\n")[0]
    variables = dict(word.split("=") for word in line.replace("\\\n", " ").split())
    environment = clean_environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}", **variables)
    ran = subprocess.run(
        [sys.executable, "-m", "bench.processor"], capture_output=True, text=True, cwd=ROOT,
        env=environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    first, second = ran.stdout.splitlines()
    assert first == f"processor: {described()}"
    if "AVX2" in units():
        used = json.loads(second.removeprefix("used: "))
        assert used["compiled engine"] == "AVX2 (haswell)"
        assert used["torch"] == "AVX2"
        assert set(used["BLAS"].values()) == {"Haswell"}
