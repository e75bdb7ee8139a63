"""Which code answers on the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, clean_environment

SAYS = "the folder's own code"


@pytest.fixture
def strange(project: Path) -> Path:
    """A folder whose own code leaves a file behind, whatever it is asked."""
    for name in ("__init__.py", "cli.py", "__main__.py"):
        path = Path("src/labbook", name)
        harm = f"from pathlib import Path\nPath({name!r}).touch()\nprint({SAYS!r})\n"
        path.write_text(path.read_text() + harm if name == "__init__.py" else harm)
    return project


def labbook(*arguments: str, cwd: Path = Path(), **more: str) -> subprocess.CompletedProcess[str]:
    """What the installed labbook says, which is that of these tests."""
    environment = clean_environment() | {"PYTHONPATH": str(ROOT / "src")}
    environment.pop("LABBOOK_SRC")
    command = [sys.executable, "-m", "labbook", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment | more, text=True, capture_output=True, check=False
    )


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["-h"], ["check", "--help"], ["plan", "-h"], []]
)
def test_nothing_of_a_strange_folder_runs_to_tell_something(
    strange: Path, arguments: list[str]
) -> None:
    ran = labbook(*arguments)
    assert ran.returncode == (0 if arguments else 2)
    assert SAYS not in ran.stdout + ran.stderr
    assert not [name for name in ("__init__.py", "cli.py", "__main__.py") if Path(name).exists()]


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["plan"], ["verify", "--json"], ["job", "download/boston"], ["nothing"]],
)
def test_nothing_of_a_strange_folder_runs_unasked(strange: Path, arguments: list[str]) -> None:
    ran = labbook(*arguments)
    assert ran.returncode == 1
    assert "this folder has a labbook of its own in src/labbook" in ran.stderr
    assert "LABBOOK_SRC=1" in ran.stderr
    assert SAYS not in ran.stdout + ran.stderr
    assert not Path("__init__.py").exists()


def test_the_folder_s_own_code_answers_where_the_user_says_so(strange: Path) -> None:
    for arguments in (["--version"], ["check"]):
        assert SAYS in labbook(*arguments, LABBOOK_SRC="1").stdout


def test_the_folder_s_own_code_answers_in_a_stage_of_dvc(strange: Path) -> None:
    """`dvc repro` runs commands of the folder's dvc.yaml; so do its queued experiments."""
    assert SAYS in labbook("check", DVC_STAGE="results").stdout


def test_the_folder_s_own_code_answers_to_the_folder_s_own_python(strange: Path) -> None:
    """A copy of a folder, or a worktree whose .venv is a link."""
    Path(".venv").symlink_to(sys.prefix)
    environment = clean_environment() | {"PYTHONPATH": str(ROOT / "src")}
    environment.pop("LABBOOK_SRC")
    command = [str(strange / ".venv/bin/python"), "-m", "labbook", "check"]
    ran = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert SAYS in ran.stdout


def test_a_link_to_the_user_s_own_python_is_no_word_of_the_user(strange: Path) -> None:
    Path(".venv").symlink_to(sys.prefix)
    assert labbook("check").returncode == 1
    assert not Path("__init__.py").exists()


def test_the_installed_code_answers_where_the_user_says_so(strange: Path) -> None:
    ran = labbook("check", LABBOOK_SRC="0")
    assert ran.returncode == 0
    assert "valid." in ran.stdout
    assert SAYS not in ran.stdout


def test_elsewhere_the_installed_code_answers(tmp_path: Path) -> None:
    assert labbook("--version", cwd=Path(os.sep)).returncode == 0
    assert "cannot be read" in labbook("check", cwd=tmp_path).stderr
