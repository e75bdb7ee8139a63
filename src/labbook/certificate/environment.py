"""The libraries that a commit's results were made with, where others are installed now."""

import platform
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.history.outcome import LOCKS, pins
from labbook.identity.code import digest
from labbook.provenance.locks import turn

REQUIREMENTS = LOCKS[0]
ENVIRONMENTS = Path(".labbook/environments")
COMPLETE = "complete"  # written into an environment when all is installed


def others(lock: str, libraries: Mapping[str, str]) -> list[str]:
    """Libraries that the lock pins to another version than that installed, in words."""
    pinned = pins(lock)
    return [
        f"{name} {pinned[name]} (installed: {version})"
        for name, version in sorted(libraries.items())
        if pinned.get(name, version) != version
    ]


def python_of(lock: str, make: Callable[[Path, str], None] | None = None) -> Path:
    """The Python of an environment with exactly what the lock pins; made if it is not there.

    `make` gets the environment's folder and the lock. Waits while another process makes the same
    one. Raises `LabbookError`.
    """
    name = digest(lock, platform.python_version())
    folder = (ENVIRONMENTS / name).absolute()
    with turn(name, "environments"):
        if not (folder / COMPLETE).exists():
            said = f"{len(pins(lock))} libraries of {REQUIREMENTS}"
            print(f"installing the {said} into {folder}", file=sys.stderr)
            (make or _make)(folder, lock)
            write_text(folder / COMPLETE, "")
    return folder / "bin/python"


def _make(folder: Path, lock: str) -> None:
    venv.create(folder, clear=True, with_pip=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check"]
    for name, (options, text) in _installed_together(lock).items():
        write_text(folder / name, text)
        command = [*pip, *options, "-r", name]
        if subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False).returncode:
            raise LabbookError(
                f"{folder}: pip could not install all that {REQUIREMENTS} pins; its message is "
                "above. Mend it (a network, an index that still has these versions) and run the "
                "same command again."
            )


def _installed_together(lock: str) -> dict[str, tuple[list[str], str]]:
    """Files of requirements with pip's options: what has hashes, and then the rest.

    pip asks for hashes of all or of none. Torch has none: its build depends on the machine, and
    what only that build needs is in no lock.
    """
    lines = re.sub(r"\\\n\s*", " ", lock).splitlines()
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    hashed = [line for line in lines if "--hash=" in line]
    others = [line for line in lines if "--hash=" not in line]
    files = {
        REQUIREMENTS: (["--no-deps", "--require-hashes"], hashed),
        "requirements-others.lock": (["--no-deps"] if not hashed else [], others),
    }
    return {name: (opts, "\n".join(text) + "\n") for name, (opts, text) in files.items() if text}
