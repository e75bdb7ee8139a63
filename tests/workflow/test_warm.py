"""Programs that start at once behave like those of a Python of their own."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.workflow import project as projects
from tests.workflow.project import Project, Started

SHOWN = (
    "import os, sys; print(hash('a'), os.environ.get('OMP_NUM_THREADS'), 'numpy' in sys.modules)"
)


def said(folder: Path, **environment: str) -> list[str]:
    return Project(folder, **environment).run("python", "-c", SHOWN).stdout.split()


def test_hashes_and_threads_are_those_that_a_test_asks_for(tmp_path: Path) -> None:
    """Libraries that are loaded already would not heed them."""
    seven = said(tmp_path, PYTHONHASHSEED="7")
    alone = [sys.executable, "-c", "print(hash('a'))"]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    expected = subprocess.run(alone, env=environment, capture_output=True, text=True, check=True)
    assert seven[0] == expected.stdout.strip()
    assert said(tmp_path, PYTHONHASHSEED="8")[0] != seven[0]
    assert said(tmp_path, OMP_NUM_THREADS="3")[1:] == ["3", "False"]
    assert said(tmp_path)[2] == "True"  # else nothing starts at once
    assert said(tmp_path, OMP_NUM_THREADS="1")[1:] == ["1", "True"]  # as jobs of Snakemake do


@pytest.mark.parametrize("command", ["exec python -c {}", "true && (python -c {}; true)"])
def test_what_a_dvc_of_its_own_starts_has_a_python_of_its_own(tmp_path: Path, command: str) -> None:
    """Else it would not find DVC above it; a shell between them changes nothing."""
    stage = command.format(shlex.quote(SHOWN))
    (tmp_path / "dvc.py").write_text(f"import subprocess; subprocess.run({stage!r}, shell=True)")
    ran = Project(tmp_path).run(sys.executable, "-m", "dvc", "repro")
    assert ran.stdout.split()[2] == "False"
    assert said(tmp_path)[2] == "True"


def test_a_program_whose_reader_is_gone_ends_as_any_other(tmp_path: Path) -> None:
    project = Project(tmp_path)
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        ["python", "-c", "print('too late')"], cwd=tmp_path, env=project.environment,
        stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert ran.returncode == 120
    assert "BrokenPipeError" in ran.stderr
    assert ", in serve" not in ran.stderr
    assert said(tmp_path)


def test_a_signal_to_the_group_of_who_asks_reaches_the_program(tmp_path: Path) -> None:
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with subprocess.Popen(
        ["python", "-c", program], cwd=tmp_path, env=Project(tmp_path).environment, text=True,
        stdout=subprocess.PIPE, process_group=0,
    ) as asking:  # fmt: skip
        assert asking.stdout is not None
        served = psutil.Process(int(asking.stdout.readline()))
        assert served.pid != asking.pid
        os.killpg(asking.pid, signal.SIGKILL)
    assert psutil.wait_procs([served], 60)[1] == []


def test_the_end_of_a_group_is_waited_for_and_who_stays_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has ended and is not asked for its exit code is gone, also where nobody ever asks."""
    asleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    (tmp_path / "project").mkdir()
    (tmp_path / "project/asleep.py").write_text(asleep[-1])
    started = Started(Project(tmp_path / "project"), "asleep")
    with subprocess.Popen(asleep, process_group=started.process.pid) as other:
        left = pytest.raises(AssertionError, match=rf"do not end: .*{other.pid} .*time\.sleep")
        with monkeypatch.context() as hurried, left:
            hurried.setattr(projects, "PATIENCE", 0.1)
            projects.wait_until_gone(started.process.pid)
        assert started.end(signal.SIGKILL) == -signal.SIGKILL
        assert psutil.Process(other.pid).status() == psutil.STATUS_ZOMBIE
