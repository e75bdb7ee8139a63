"""Tables of the commands, on a terminal and elsewhere; the list of commands."""

import io
import subprocess
import sys

import pytest

from labbook.commands import NAMES
from labbook.commands.print_table import print_table
from tests.conftest import ROOT, clean_environment

NAMES_OF_COLUMNS = ("study", "question")
ROWS = [("width", "Which [hidden] layers " * 5), ("k", "How many?")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_text_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(NAMES_OF_COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "study  question", f"width  {ROWS[0][1]}".rstrip(), "k      How many?",
    ]  # fmt: skip


def test_wide_cells_are_folded_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    print_table(NAMES_OF_COLUMNS, ROWS)
    lines = [line.rstrip() for line in terminal.getvalue().splitlines()]
    assert lines[1] == "width  Which [hidden] layers Which"
    assert lines[-1] == "k      How many?"
    assert max(map(len, lines[1:])) <= 40


def run(program: str) -> str:
    """What a program says that is run with labbook's code."""
    environment = clean_environment(PYTHONPATH=str(ROOT / "src"), COLUMNS="100")
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT).stdout


def test_a_job_imports_no_other_command_and_no_tables() -> None:
    """Each of a report's many jobs is a process of its own."""
    job = "import sys\nfrom labbook.cli import main\nmain(['job', 'nothing/there'])\n"
    loaded = run(job + "print(*sys.modules)").split()
    commands = [name for name in loaded if name.startswith("labbook.commands.")]
    assert commands == ["labbook.commands.job"]
    assert "rich" not in loaded


def test_help_lists_all_commands_in_a_few_words() -> None:
    shown = run("from labbook.cli import main\nmain(['--help'])")
    listed = shown.partition("COMMAND\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed if line[4] != " "] == list(NAMES)
    assert len(listed) <= 2 * len(NAMES)
