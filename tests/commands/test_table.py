"""Tables of the commands, on a terminal and elsewhere; the list of commands."""

import io
import subprocess
import sys

import pytest

from labbook.commands import NAMES
from labbook.commands.table import print_table
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


def labbook(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys\nfrom labbook.cli import main\ncode = main({list(arguments)})\n"
    program += "print(*[name for name in sys.modules if name.startswith(('labbook', 'rich'))])\nsys.exit(code)"
    environment = clean_environment(PYTHONPATH=str(ROOT / "src"))
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=ROOT
    )


def test_a_job_imports_no_other_command_and_no_tables() -> None:
    """Each of a report's many jobs is a process of its own."""
    loaded = labbook("job", "nothing/there").stdout.split()
    assert [name for name in loaded if name.startswith("labbook.commands.")] == [
        "labbook.commands.job"
    ]
    assert not [name for name in loaded if name.startswith("rich")]


def test_help_lists_all_commands_in_a_few_words() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "labbook", "--help"], capture_output=True, text=True,
        env=clean_environment(PYTHONPATH=str(ROOT / "src"), COLUMNS="100"), cwd=ROOT,
    ).stdout  # fmt: skip
    listed = shown.partition("COMMAND\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed if line[4] != " "] == list(NAMES)
    assert len(listed) <= 2 * len(NAMES)
