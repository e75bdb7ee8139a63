"""The examples do what they say: each stops where labbook does not keep a promise."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.workflow.project import Project


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="the example takes labbook from its git repository"
)
def test_time_travel(tmp_path: Path) -> None:
    reader = Project(tmp_path)
    del reader.environment["LABBOOK_SRC"]  # a reader has not set it
    said = reader.run(str(ROOT / "examples/time-travel.sh"), str(tmp_path / "new")).stdout
    assert "identical" in said
    assert "Traceback" not in said
