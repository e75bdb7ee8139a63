"""Equal input, equal bytes: whatever the cores, the packs, the clock's zone, the language, a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from tests.workflow.conftest import Project
from tests.workflow.finished import assert_equal


def test_packs_of_seven_another_zone_and_language_a_kill_and_one_core(
    tiny_done: Project, new: Callable[..., Project]
) -> None:
    """Another user and packs of one: tests/workflow/test_places.py."""
    other = new(
        ("packs: {size: 16}", "packs: {size: 7}"),
        TZ="Asia/Kathmandu", LC_ALL="C", LANG="C", OMP_NUM_THREADS="2", PYTHONHASHSEED="7",
    )  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2"], cwd=other.folder, env=other.cold,
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while len(other.trained()) < 5 and process.poll() is None:
        time.sleep(0.05)
    assert process.poll() is None, "it ended before it could be killed"
    jobs = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    psutil.wait_procs(jobs)  # one that waits for the disk ends when that has answered
    before = set(other.trained())
    other.environment |= {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    other.run("snakemake", "--cores", "1")
    again = [run for run in other.trained() if other.trained().count(run) > 1]
    assert before
    assert not again, "a run that was there has been trained again"
    assert_equal(tiny_done, other, packs=False)
