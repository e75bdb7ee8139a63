"""`make gpu`, as far as it can be tried without a card: its wheels, its tests, its benchmark."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench import gpu, wheels
from bench.workloads import WORKLOADS
from labbook.errors import LabbookError
from tests.conftest import ROOT, clean_environment

pytestmark = pytest.mark.thorough

TESTS = ("tests/engines/test_cuda_engine.py", "tests/training/test_pack.py")
MODULES = (
    *(path.removesuffix(".py").replace("/", ".") for path in TESTS),
    "tests.conftest", "bench.gpu", "bench.processor", "bench.rivals.labbook_engines",
    "bench.rivals.lean",
    *(f"labbook.engines.{name}.engine" for name in ("torch", "compiled", "cuda")),
)  # fmt: skip
IMPORTED = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(name)
ours = [one for name, one in sys.modules.items() if name.partition(".")[0] in ("labbook", "bench", "tests")]
print(*(one.__file__ for one in ours if getattr(one, "__file__", None)))
"""
no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT,
        env=clean_environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}"),
    )  # fmt: skip


def imports(path: Path) -> set[str]:
    """The packages that a file imports wherever it is imported itself."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).partition(".")[0])
    return names


def test_all_that_is_imported_is_there_or_brought_along_and_nothing_large() -> None:
    ran = python("-W", "ignore", "-c", IMPORTED, *MODULES)
    assert ran.returncode == 0, ran.stderr
    packages = metadata.packages_distributions()
    names = {name for path in ran.stdout.split() for name in imports(Path(path))}
    imported = {canonicalize_name(of) for name in names for of in packages.get(name, ())}
    assert {"torch", "pydantic", "pytest"} <= imported
    missing = set(wheels.missing())
    assert imported - {"labbook"} <= wheels.closure(wheels.THERE) | missing
    assert {"pydantic", "pydantic-core", "pytest", "hypothesis", "sortedcontainers"} <= missing
    assert not missing & {"torch", "numpy", "scipy", "numba", "llvmlite", "pandas", "scikit-learn"}


def test_versions_are_those_of_the_lock(tmp_path, monkeypatch) -> None:
    command = wheels.command(tmp_path)
    locked = re.findall(r"^\S+==\S+", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    wanted = [word for word in command if "==" in word]
    assert len(wanted) == len(wheels.missing())
    assert set(wanted) <= set(locked)
    assert command[command.index("--python-version") + 1] == "3.12"
    monkeypatch.setattr(wheels, "missing", lambda: ["pytest", "nowhere"])
    with pytest.raises(LabbookError, match="has no nowhere"):
        wheels.command(tmp_path)


def test_too_much_is_refused_and_old_wheels_go(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "old-1.whl").write_bytes(b"old")

    def fetch(command, check) -> None:
        (tmp_path / "new-2.whl").write_bytes(b"x" * 2000)

    monkeypatch.setattr(wheels.subprocess, "run", fetch)
    wheels.main(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new-2.whl"]
    assert "packages, 0.0 MB" in capsys.readouterr().out
    monkeypatch.setattr(wheels, "MOST_BYTES", 1999)
    with pytest.raises(LabbookError, match="more than 0 MB"):
        wheels.main(tmp_path)


def test_the_torch_of_such_a_machine_is_allowed() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    (pin,) = (line.strip().strip('",') for line in lines if line.strip().startswith('"torch'))
    allowed = Requirement(pin).specifier
    assert allowed.contains("2.11.0")
    assert allowed.contains(wheels.locked((ROOT / "requirements-torch.lock").read_text())["torch"])


@no_gpu
def test_the_tests_of_a_gpu_are_there_and_say_why_they_are_skipped() -> None:
    ran = python("-m", "pytest", "-m", "gpu", "-p", "no:cacheprovider", *TESTS)
    assert ran.returncode == 0, ran.stdout
    assert "torch finds no GPU here" in ran.stdout
    assert " skipped" in ran.stdout
    assert " passed" not in ran.stdout


def test_the_benchmark_runs_without_a_card(tmp_path, monkeypatch, capsys) -> None:
    small = replace(WORKLOADS["W1a"], rows=24, valid_rows=8, batch=8)
    monkeypatch.setitem(WORKLOADS, "W1a", small)
    monkeypatch.setattr(gpu, "PACKS", {"cpu": (1, 3)})
    monkeypatch.chdir(tmp_path)
    gpu.main(["--device", "cpu", "--rounds", "2", "--workloads", "W1a"])
    found = json.loads((tmp_path / "results/bench_gpu.json").read_text())
    assert [timing["models"] for timing in found["timings"]] == [1, 3, 1, 1, 1]
    assert all(0 < t["lowest"] <= t["microseconds"] for t in found["timings"])
    assert found["same_bits"] == {"W1a": True}
    assert gpu.HEAD in capsys.readouterr().out


@no_gpu
def test_without_a_card_it_says_so() -> None:
    with pytest.raises(LabbookError, match="needs a GPU that torch can use"):
        gpu.card("cuda")
