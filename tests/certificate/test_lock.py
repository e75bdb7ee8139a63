"""The lock files: every file that pip may install has a known sum, but for torch's."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from labbook.history.outcome import LOCKS, pins
from tests.conftest import ROOT

pytestmark = pytest.mark.thorough

HASHED = ("requirements.lock", "requirements-remotes.lock", "bench/requirements.txt")


def entries(name: str) -> list[str]:
    """The requirements of a file, each with its hashes in one line."""
    text = re.sub(r"\s*\\\n\s*", " ", (ROOT / name).read_text())
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("name", HASHED)
def test_every_requirement_is_pinned_with_its_hashes(name: str) -> None:
    assert entries(name)
    for entry in entries(name):
        assert re.fullmatch(r"[a-z0-9-]+==\S+( ;[^#]*?)?( --hash=sha256:[0-9a-f]{64})+", entry), (
            entry
        )


def test_torch_alone_has_none_and_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert entries("requirements-torch.lock") == ["torch==2.13.0"]
    (asked,) = (Requirement(text) for text in project["dependencies"] if text.startswith("torch"))
    assert "2.13.0" in asked.specifier


def test_no_two_files_pin_the_same() -> None:
    names = [name for file in (*HASHED, LOCKS[1]) for name in pins((ROOT / file).read_bytes())]
    assert len(set(names)) == len(names)
