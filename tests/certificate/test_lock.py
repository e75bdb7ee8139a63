"""The lock files: every file that pip may install has a known sum, but for torch's."""

import base64
import hashlib
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from labbook.certificate.environment import python_of
from labbook.errors import LabbookError
from labbook.history.outcome import LOCKS, pins
from tests.conftest import ROOT

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
    (asked,) = (Requirement(one) for one in project["dependencies"] if one.startswith("torch"))
    assert "2.13.0" in asked.specifier


def test_no_two_files_pin_the_same() -> None:
    names = [name for file in (*HASHED, LOCKS[1]) for name in pins((ROOT / file).read_text())]
    assert len(set(names)) == len(names)


def wheel(folder: Path, name: str, content: str) -> str:
    """A package of one module; the sum of its file."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": content,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for file, text in files.items():
        total = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{file},sha256={total.decode()},{len(text)}\n")
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{about}/RECORD", "".join(rows) + f"{about}/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_environment_takes_only_files_of_the_sums_in_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an index or a mirror that was broken into would give them."""
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("NO_INDEX", "1"),
        ("FIND_LINKS", str(tmp_path)),
        ("CONFIG_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(f"PIP_{name}", value)
    total = wheel(tmp_path, "whole", "WORD = 'whole'")
    wheel(tmp_path, "heavy", "WORD = 'heavy'")
    lock = f"whole==1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{total}\n"
    python = python_of(lock + "# as torch\nheavy==1.0\n")
    text = "import heavy, whole; print(whole.WORD, heavy.WORD)"
    ran = subprocess.run([python, "-c", text], capture_output=True, text=True, check=True)
    assert ran.stdout == "whole heavy\n"
    wheel(tmp_path, "whole", "WORD = 'another'")
    with pytest.raises(LabbookError, match="pip could not install all"):
        python_of(lock)
