"""Snakemake ends with whoever asked for it, and without a traceback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import clean_environment

pytestmark = pytest.mark.thorough

PATIENCE = 120  # seconds that a test waits for something to happen
SLEEPING = (  # in place of Snakemake: it has a job, and says when both are there
    "import subprocess, sys, time; "
    "job = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "print('there', flush=True); time.sleep(600)"
)
STARTER = f"from labbook.running import starter; starter.PROGRAM = {SLEEPING!r}; sys.exit(starter.main([]))"


def start(*command: str) -> "subprocess.Popen[str]":
    """A Python program at work in a process group of its own, as a terminal gives it."""
    return subprocess.Popen(
        [sys.executable, *command], env=clean_environment(), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture
def started() -> Iterator["subprocess.Popen[str]"]:
    """The starter, a child of a process that asked for it as DVC does, with all below at work."""
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {'import sys; ' + STARTER!r}])"
    with start("-c", parent) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        yield process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_snakemake_and_its_jobs_end_with_what_asked_for_them(
    started: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    below = psutil.Process(started.pid).children(recursive=True)
    assert len(below) == 3
    started.send_signal(number)
    _, alive = psutil.wait_procs(below, PATIENCE)
    assert not alive


def test_sigterm_to_the_starter_ends_all(started: "subprocess.Popen[str]") -> None:
    starter, *below = psutil.Process(started.pid).children(recursive=True)
    starter.terminate()
    assert not psutil.wait_procs([starter, *below], PATIENCE)[1]
    output, _ = started.communicate(timeout=PATIENCE)
    assert output == "labbook: interrupted; run the same command again to go on.\n"


def test_sigterm_while_a_ctrl_c_is_waited_for_ends_all(started: "subprocess.Popen[str]") -> None:
    """Nobody would end Snakemake any more, which goes on by itself."""
    starter, *below = psutil.Process(started.pid).children(recursive=True)
    starter.send_signal(signal.SIGINT)
    time.sleep(1)
    starter.terminate()
    assert not psutil.wait_procs([starter, *below], PATIENCE)[1]


@pytest.mark.slow
def test_ctrl_c_while_snakemake_loads_is_no_traceback(project: Path) -> None:
    process = start("-m", "labbook.running.starter", "--cores", "1")
    while not psutil.Process(process.pid).children():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert output == "labbook: interrupted; run the same command again to go on.\n"


@pytest.mark.slow
def test_what_ends_the_reading_of_params_is_told_once_and_alone(project: Path) -> None:
    """A mistake in params.yaml, and a Ctrl-C while keys are taken."""
    params = Path("params.yaml")
    params.write_text(params.read_text().replace("kind: sgd", "kind: sdg", 1))
    process = start("-m", "labbook.running.starter", "--cores", "1")
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert output.count("sdg") == 1
    assert "Error" not in output
    begin = Path("src/labbook/running/begin.py")
    text = begin.read_text()
    assert "    refuse_broken_links()\n" in text
    begin.write_text(text.replace("    refuse_broken_links()\n", "    raise KeyboardInterrupt\n"))
    process = start("-m", "snakemake", "--cores", "1")
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "labbook: interrupted; run the same command again to go on." in output
    assert "Traceback" not in output
