"""The examples do what they say: each stops where labbook does not keep a promise."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, clean_environment


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="the example takes labbook from its git repository"
)
def test_time_travel(tmp_path: Path) -> None:
    script, environment = ROOT / "examples/time-travel.sh", clean_environment()
    del environment["LABBOOK_SRC"]  # a reader has not set it
    done = subprocess.run(
        [script, tmp_path / "there"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "identical" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
