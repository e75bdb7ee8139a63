"""Collects the wheels that `make gpu` needs without a network: `python -m bench.wheels`.

Such a machine has a card, Python 3.12, torch with CUDA, and THERE. What the gpu tests and the
benchmark need beside that comes along in a folder, in the versions of requirements.lock.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from labbook.errors import LabbookError

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "gpu-wheels"
MOST_BYTES = 64 * 2**20
THERE = ("torch", "numpy", "scipy", "scikit-learn", "numba", "pandas", "safetensors")
NEEDED = (
    "filelock", "hypothesis", "llvmlite", "psutil", "pydantic", "pytest", "ruamel-yaml",
    "threadpoolctl", *THERE,
)  # fmt: skip
PYTHON = "3.12"
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")


def closure(names: Iterable[str]) -> set[str]:
    """Packages and all that they need, by what is installed here."""
    found: set[str] = set()
    todo = [_plain(name) for name in names]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _needs(name)
    return found


def missing() -> list[str]:
    """The packages to bring along."""
    return sorted(closure(NEEDED) - closure(THERE))


def locked(text: str) -> dict[str, str]:
    """Versions by name, of the lines of a lock file."""
    pairs = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {_plain(name): version for name, version in pairs}


def command(folder: Path) -> list[str]:
    """The call of pip that fetches them. Raises `LabbookError` where one is not in the lock."""
    versions = locked((ROOT / "requirements.lock").read_text())
    unknown = [name for name in missing() if name not in versions]
    if unknown:
        raise LabbookError(f"requirements.lock has no {', '.join(unknown)}; run `make lock`.")
    wanted = [f"{name}=={versions[name]}" for name in missing()]
    platforms = [part for name in PLATFORMS for part in ("--platform", name)]
    return [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--only-binary", ":all:", "--python-version", PYTHON, *platforms,
        "--dest", str(folder), *wanted,
    ]  # fmt: skip


def main(folder: Path = FOLDER) -> None:
    """Fetch them, and say how large they are. Raises `LabbookError` above MOST_BYTES."""
    for old in folder.glob("*.whl"):
        old.unlink()
    subprocess.run(command(folder), check=True)
    size = sum(path.stat().st_size for path in folder.glob("*.whl"))
    print(f"{folder.name}: {len(missing())} packages, {size / 2**20:.1f} MB")
    if size > MOST_BYTES:
        raise LabbookError(f"{folder}: more than {MOST_BYTES // 2**20} MB; leave something out.")


def _needs(name: str) -> Iterator[str]:
    """What a package needs on the machine with a card, without extras."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # a marker left it out here
        return
    there = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0", "extra": ""}
    for requirement in map(Requirement, lines):
        if requirement.marker is None or requirement.marker.evaluate(there):
            yield _plain(requirement.name)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    try:
        main()
    except LabbookError as error:
        sys.exit(str(error))
