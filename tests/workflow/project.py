"""A labbook project in a folder of its own, and ways to run programs in it."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from tests.conftest import ROOT, clean_environment
from tests.workflow.warm import programs

PATIENCE = 900  # seconds that a test waits for something to happen; then a program hangs


class Project:
    """A labbook project in a folder of its own, and what can be done with it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        path = f"{programs()}:{os.environ['PATH']}"
        self.environment = clean_environment(**{"PATH": path, **environment})

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the folder; its output in `stdout`, both streams."""
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, text=True, process_group=0,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert not ok or process.returncode == 0, f"{command} gave {process.returncode}:\n{output}"
        return subprocess.CompletedProcess(command, process.returncode, output, "")

    def snakemake(self, *arguments: str, ok: bool = True) -> str:
        """Run Snakemake on two cores; its output."""
        return self.run("snakemake", "--cores", "2", *arguments, ok=ok).stdout

    def jobs(self) -> Counter[str]:
        """How many jobs of each rule a run of Snakemake would have to do."""
        text = self.run("snakemake", "--dry-run", "--quiet", "host").stdout
        rows = re.findall(r"^(\w+) +(\d+)$", text, flags=re.MULTILINE)
        return Counter({rule: int(n) for rule, n in rows if rule not in ("total", "all")})

    def make(self, *without: str) -> list[str]:
        """Do all stale jobs, but those of some rules, without Snakemake; their names."""
        return self._drive("make", *without)

    def stale(self) -> set[str]:
        """The rules of which a run of Snakemake would do jobs; nothing is done."""
        return {name.partition("/")[0] for name in self._drive("look")}

    def _drive(self, *words: str) -> list[str]:
        said = self.run("python", str(Path(__file__).with_name("driver.py")), *words).stdout
        names: list[str] = json.loads(said.splitlines()[-1])
        return names

    def trained(self) -> list[str]:
        """Ids of the runs that have been trained here, in order, by the log."""
        log = self.folder / "results/log/runs.jsonl"
        return re.findall(r'"run": "(\w+)"', log.read_text()) if log.exists() else []

    def edit(self, old: str, new: str, file: str = "params.yaml") -> None:
        """Replace a text in a file of the project."""
        path = self.folder / file
        text = path.read_text()
        assert old in text, old
        path.write_text(text.replace(old, new, 1))

    def copy(self, folder: Path, **environment: str) -> "Project":
        """A copy with everything in it and the same file times."""
        subprocess.run(["cp", "-a", self.folder, folder], check=True)
        return Project(folder, **environment)

    def under_version_control(self, store: Path | None = None) -> "Project":
        """Put it under git and DVC, whose remote is the folder `store`; nothing of it is done.

        As a clone of labbook has it: `dvc init` and `dvc remote` would write the same, in seconds.
        """
        settings = (ROOT / ".dvc/config").read_text()
        if store is not None:
            settings = settings.replace("[core]\n", "[core]\n    remote = store\n", 1)
            settings += f"['remote \"store\"']\n    url = {store}\n"
        (self.folder / ".dvc").mkdir()
        (self.folder / ".dvc/config").write_text(settings)
        shutil.copy(ROOT / ".dvc/.gitignore", self.folder / ".dvc")
        self.run("git", "init", "-q", "-b", "main")
        self.commit("sources")
        return self

    def commit(self, message: str) -> None:
        """Commit everything that git sees."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)

    def checkout(self, commit: str) -> None:
        """Go to another commit, and to the data and results that it recorded."""
        self.run("git", "checkout", "-q", commit)
        self.run("dvc", "checkout", "-q")

    def table(self, path: str) -> list[dict[str, str]]:
        """The rows of a CSV file of the results."""
        with (self.folder / path).open(newline="") as file:
            return list(csv.DictReader(file))

    def results(self) -> dict[str, bytes]:
        """All that must be equal for equal input: the files under data and results, but logs."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for top in ("data", "results")
            for path in sorted((self.folder / top).rglob("*"))
            if path.is_file() and "results/log" not in str(path) and path.suffix != ".tmp"
        }


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that `make` has made, shared by all processes of the tests: do not change."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    done = shared / f"{name}.done"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            make(shared / name)
            done.touch()
    return shared / name


class Started:
    """A program at work in a project, in a process group of its own as a terminal gives it."""

    def __init__(self, project: Project, *command: str) -> None:
        self.log = project.folder.parent / f"{project.folder.name}-{time.monotonic_ns()}.output"
        with self.log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=project.folder, env=project.environment,
                process_group=0, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, happened: Callable[[], object]) -> bool:
        """Wait until something has happened; False if the program ends before."""
        end = time.monotonic() + PATIENCE
        while not happened():
            if self.process.poll() is not None:
                return False
            assert time.monotonic() < end, self.output
            time.sleep(0.02)
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes, as a terminal does."""
        os.killpg(self.process.pid, number)

    def end(self, number: signal.Signals | None = None) -> int:
        """Perhaps send a signal; wait for the end. Its exit code."""
        if number is not None and self.process.poll() is None:
            self.send(number)
        try:
            ended = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            raise AssertionError(f"it does not end:\n{self.output}") from None
        if number == signal.SIGKILL:
            wait_until_gone(self.process.pid)
        return ended


def wait_until_gone(group: int) -> None:
    """Wait until all processes of a group have ended: one that waits for the disk takes a while."""
    end = time.monotonic() + PATIENCE
    while left := _processes_of(group):
        assert time.monotonic() < end, f"they do not end: {'; '.join(left)}"
        time.sleep(0.02)


def _processes_of(group: int) -> list[str]:
    """Numbers and commands, but for what has ended and waits for whoever started it to ask."""
    found = []
    for number in psutil.pids():
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getpgid(number) == group:
                found.append(f"{number} {' '.join(psutil.Process(number).cmdline())}")
    return found
