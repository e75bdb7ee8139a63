"""What people see while Snakemake works: no line for each job, failures, a bar on a terminal."""

import os
import re
import subprocess
import sys
from logging import makeLogRecord
from pathlib import Path

import pytest

from labbook.running.console import COMMAND, Shown
from labbook.running.job_logs import BEGUN, LOGS, OVERTAKEN, write_entry
from labbook.running.starter import run_snakemake
from tests.conftest import clean_environment

pytestmark = pytest.mark.thorough

LINES = """
import os, sys
assert os.environ["LABBOOK_LIVE"] == "1"
for line in sys.argv[1:]: print(line, file=sys.stderr)
sys.exit(3)
"""


def in_a_terminal(program: str) -> tuple[int, str]:
    """Run Python code whose stderr is a terminal; its exit code and what the terminal got."""
    terminal, stderr = os.openpty()
    environment = clean_environment(TERM="xterm", COLUMNS="150")
    with subprocess.Popen([sys.executable, "-c", program], stderr=stderr, env=environment) as ran:
        os.close(stderr)
        seen = b""
        try:
            while part := os.read(terminal, 4096):
                seen += part
        except OSError:  # what Linux gives for the end of a terminal
            pass
    os.close(terminal)
    return ran.returncode, seen.decode()


def test_a_bar_on_a_terminal_and_other_lines_above_it() -> None:
    lines = [
        "download/boston: 0.2 s",
        "training: 59 of 118 runs, 6 of 12 packs, about 3 min left",
        "labbook: no [bold]such[/bold] column",
        "labbook: not done: train/a-001; see results/log/train/a-001.log",
    ]
    code, seen = in_a_terminal(
        f"import sys\nfrom labbook.running import starter\nstarter.PROGRAM = {LINES!r}\n"
        f"sys.exit(starter.main({lines!r}))"
    )
    assert code == 3
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", seen)
    assert f"{lines[2]}\r\n" in plain
    assert f"{lines[3]}\r\n" in plain
    last = plain.rstrip().splitlines()[-1]
    assert re.search(
        r"training ━+[╸╺]━+ 59 of 118 runs, 6 of 12 packs, about 3 min left, 1 failed", last
    )
    assert "download/boston: " not in plain
    assert "training: " not in plain


def test_elsewhere_lines_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program = "import sys; print('training: 1 of 2 runs, 0 of 1 packs', file=sys.stderr)"
    monkeypatch.setattr("labbook.running.starter.PROGRAM", program)
    assert run_snakemake() == 0
    assert capfd.readouterr().err == "training: 1 of 2 runs, 0 of 1 packs\n"


def test_where_snakemake_was_killed_the_page_of_what_there_is_is_written_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: called.append(command))
    for ending, calls in (("os.kill(os.getpid(), 9)", 1), ("sys.exit(1)", 0)):
        monkeypatch.setattr("labbook.running.starter.PROGRAM", f"import os, sys; {ending}")
        assert run_snakemake() != 0
        assert [command[-2:] for command in called] == [["labbook", "report"]] * calls
        called.clear()


def test_snakemake_names_what_failed_and_has_no_lines_for_jobs(project: Path) -> None:
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(f"{text}stand_ins: forbid\n")
    targets = [f"data/raw/{name}/key" for name in ("boston", "covid", "function")]
    ran = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", *targets],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment(),
    )  # fmt: skip
    assert ran.returncode == 1
    assert not re.search(r"Select jobs|Execute \d+ jobs|^rule |\d+ of \d+ steps", ran.stdout)
    log = "results/log/download/covid.log"
    assert f"labbook: not done: download/covid; see {log}\n" in ran.stdout
    assert "covid_train.csv" in ran.stdout  # what the job says of its mistake
    assert Path("data/raw/function/key").exists()
    assert len(ran.stdout.splitlines()) < 25


def test_a_job_says_itself_why_it_ended_if_it_could(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Snakemake's block of it is left out; after an edit meanwhile nothing has failed."""
    monkeypatch.chdir(tmp_path)
    exiting = "Exiting because a job execution failed. Look above for error messages"
    ended = "WorkflowError:\nAt least one job did not complete successfully."

    def seen(shown: Shown, *texts: str) -> list[bool]:
        """Which of Snakemake's messages about a job with this log, and then of its end, are."""
        log = LOGS / "train/a-000.log"
        log.unlink(missing_ok=True)
        for text in texts:
            write_entry(log, 0.0, text)
        block = "RuleException:\nCalledProcessError in file train.smk, line 25:\nCommand 'labbook"
        block += f" job train/a-000 --log {log}' returned non-zero exit status 1."
        command = COMMAND(block)
        assert command is not None
        assert command["log"] == str(log)  # without the quote after it
        said = [makeLogRecord({"msg": block})]
        said += [makeLogRecord({"msg": "", "event": "job_error", "log": [str(log)]})]
        said += [makeLogRecord({"msg": text}) for text in (exiting, ended)]
        first, _, *last = map(shown.filter, said)  # the second is hidden by quiet: rules
        return [first, *last]

    assert seen(Shown()) == [True] * 3
    assert seen(Shown(), BEGUN) == [True] * 3  # killed
    assert seen(Shown(), BEGUN, "k: 30 columns, and there are 6") == [False, True, True]
    assert capfd.readouterr().err.count("labbook: not done: train/a-000") == 3
    shown = Shown()
    assert seen(shown, BEGUN, f"{OVERTAKEN}: params.yaml has changed") == [False] * 3
    said = capfd.readouterr().err
    assert "not done" not in said
    assert said.count("Nothing failed: run the same command again") == 1
    assert seen(shown, BEGUN, "k: 30 columns, and there are 6") == [False, True, True]


def test_after_a_ctrl_c_no_job_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    shown = Shown()
    block = "RuleException:\nCalledProcessError in file train.smk, line 25:\nCommand 'x' {}"
    log = "results/log/train/a-000.log"
    failed = {"event": "job_error", "log": [log]}
    said = [
        ({"msg": block.format("returned non-zero exit status 1.")}, True),
        ({"msg": "", **failed}, True),
        ({"msg": "Terminating processes on user request, this might take some time."}, True),
        ({"msg": block.format("died with <Signals.SIGINT: 2>.")}, False),
        ({"msg": "", **failed}, True),  # hidden by quiet: rules
        ({"msg": "WorkflowError:\nAt least one job did not complete successfully."}, False),
        ({"msg": "No space left on device"}, True),
    ]
    assert [shown.filter(makeLogRecord(one)) for one, _ in said] == [seen for _, seen in said]
    assert capfd.readouterr().err.count("labbook: not done: train/a-000") == 1
