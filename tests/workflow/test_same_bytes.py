"""Equal input, equal bytes: whatever the cores, the packs, the clock's zone, the language, a kill."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.conftest import Project

# Which runs share a job is in these; everything else must be equal.
OF_PACKS = re.compile(r"results/packs/|\.key$|/key$")


def compare(one: Project, other: Project, *, packs: bool = False) -> None:
    """All results are there in both and equal to the byte."""
    first = {n: c for n, c in one.results().items() if packs or not OF_PACKS.search(n)}
    second = {n: c for n, c in other.results().items() if packs or not OF_PACKS.search(n)}
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert any(name.startswith("results/runs/") for name in first)


def test_packs_of_one(tiny_done: Project, new: Callable[..., Project]) -> None:
    other = new(("packs: {size: 16}", "packs: {size: 1}"), TZ="America/Lima", LC_ALL="C.UTF-8")
    other.snakemake("results/boston-rate/study.json", "results/function-degree/study.json")
    found = {n: c for n, c in other.results().items() if not OF_PACKS.search(n)}
    expected = tiny_done.results()
    assert [name for name in found if found[name] != expected[name]] == []
    assert len([name for name in found if name.startswith("results/runs/")]) == 30


def test_packs_of_seven_after_a_kill_in_another_zone_and_language(
    tiny_done: Project, new: Callable[..., Project]
) -> None:
    """Begun on two cores and ended on one."""
    other = new(
        ("packs: {size: 16}", "packs: {size: 7}"),
        TZ="Asia/Kathmandu", LC_ALL="C", LANG="C", OMP_NUM_THREADS="2", PYTHONHASHSEED="7",
    )  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2"], cwd=other.folder, env=other.environment,
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while len(other.trained()) < 5 and process.poll() is None:
        time.sleep(0.05)
    assert process.poll() is None, "it ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = set(other.trained())
    other.run("snakemake", "--cores", "1")
    again = [run for run in other.trained() if other.trained().count(run) > 1]
    assert before
    assert not again, "a run that was there has been trained again"
    compare(tiny_done, other)


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def can_run_python(*user: str) -> bool:
    """Whether another user may run this Python at all; it may lie in somebody's home."""
    command = [*user, "sh", "-c", f"{sys.executable} -c 'import torch'"]
    return subprocess.run(command, capture_output=True, cwd="/").returncode == 0


def test_another_user_and_a_folder_with_spaces(
    tiny_done: Project, new: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Another home, name and mask of rights; another user for real where the machine allows it."""
    root = os.geteuid() == 0 and shutil.which("setpriv") is not None
    user = NOBODY if root and can_run_python(*NOBODY) else ()
    folder = Path(tempfile.mkdtemp(prefix="labbook ünder ")) / "a b"  # no parent is private
    try:
        shutil.copytree(new().folder, folder)
        if user:
            folder.parent.chmod(0o755)
            subprocess.run(["chown", "-R", "65534:65534", folder], check=True)
        other = Project(folder, HOME=str(folder), USER="somebody", LOGNAME="somebody")
        command = f"umask 077; exec {sys.executable} -m snakemake --cores 2"
        other.run(*user, "sh", "-c", command)
        compare(tiny_done, other, packs=True)
    finally:
        shutil.rmtree(folder.parent)
