"""Which code answers on the command line: nothing of a strange folder runs unasked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labbook.cli import main
from tests.conftest import ROOT, clean_environment

SAYS = "the folder's own code"
REFUSAL = "this folder has a labbook of its own in src/labbook"
TELLING = [["--version"], ["--help"], ["-h"], ["check", "--help"], ["plan", "-h"], []]
DOING = [["check"], ["plan"], ["verify", "--json"], ["job", "download/boston"], ["nothing"]]


@pytest.fixture
def strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, whose own code leaves a file behind, whatever it is asked."""
    monkeypatch.chdir(tmp_path)
    Path("src/labbook").mkdir(parents=True)
    for name in ("__init__.py", "cli.py", "__main__.py"):
        harm = f"from pathlib import Path\nPath({name!r}).touch()\nprint({SAYS!r})\n"
        Path("src/labbook", name).write_text(harm)
    return tmp_path


def labbook(
    *arguments: str, python: Path | str = sys.executable, **more: str
) -> subprocess.CompletedProcess[str]:
    """What the installed labbook says, which is that of these tests."""
    environment = clean_environment(PYTHONPATH=str(ROOT / "src"))
    environment.pop("LABBOOK_SRC")
    command = [str(python), "-m", "labbook", *arguments]
    return subprocess.run(
        command, env=environment | more, text=True, capture_output=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "settings", "own", "code", "said"),
    [
        *((arguments, {}, False, 0 if arguments else 2, "") for arguments in TELLING),
        *((arguments, {}, False, 1, REFUSAL) for arguments in DOING),
        *((arguments, {"LABBOOK_SRC": "1"}, True, 0, "") for arguments in (TELLING[0], DOING[0])),
        # `dvc repro` runs commands of the folder's dvc.yaml; so do its queued experiments.
        (["check"], {"DVC_STAGE": "results"}, True, 0, ""),
        (["check"], {"LABBOOK_SRC": "0"}, False, 1, "params.yaml: cannot be read"),
    ],
)
def test_whose_code_answers(strange, monkeypatch, capsys, arguments, settings, own, code, said):
    for name in ("LABBOOK_SRC", "DVC_STAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    begun = []
    monkeypatch.setattr(sys, "argv", ["labbook", *arguments])
    monkeypatch.setattr(os, "execve", lambda *of: begun.append(of) or sys.exit(0))
    try:
        ended = main()
    except SystemExit as end:
        ended = end.code
    assert (bool(begun), ended) == (own, code)
    assert said in capsys.readouterr().err


def test_the_folder_s_own_code_answers_to_who_asks_for_it(strange: Path) -> None:
    """The user, or the folder's own Python, as in a copy or a worktree whose .venv is a link."""
    refused = labbook("check")
    assert refused.returncode == 1
    assert "LABBOOK_SRC=1" in refused.stderr
    Path(".venv").symlink_to(sys.prefix)  # a link to the user's own Python is no word of the user
    assert labbook("check").returncode == 1
    assert not Path("__init__.py").exists()
    assert SAYS in labbook("check", LABBOOK_SRC="1").stdout
    assert SAYS in labbook("check", python=strange / ".venv/bin/python").stdout
