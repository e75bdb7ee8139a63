"""Which code answers on the command line."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import clean_environment


def test_the_folder_s_own_code_answers(project: Path) -> None:
    """What is installed, or comes first on the path, may be that of another clone."""
    own = Path("src/labbook/__init__.py")
    own.write_text(own.read_text().replace('__version__ = "', '__version__ = "own-'))
    environment = clean_environment() | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    command = [sys.executable, "-m", "labbook", "--version"]

    def version(folder: str) -> str:
        return subprocess.run(
            command, cwd=folder, env=environment, text=True, capture_output=True, check=True
        ).stdout

    assert version(".").startswith("own-")
    assert not version(os.sep).startswith("own-")
