"""Collects the wheels that `make gpu` needs without a network: `python -m bench.wheels`.

Such a machine has a card, Python 3.12, torch with CUDA, and THERE. What the gpu tests and the
benchmark need beside that comes along in a folder, in the versions of requirements.lock.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
    """Packages and all that they need on the machine with a card, without extras.

    By what is installed here.
    """
    environment = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0", "extra": ""}
    packages: set[str] = set()
    todo = [canonicalize_name(name) for name in names]
    while todo:
        name = todo.pop()
        if name in packages:
            continue
        packages.add(name)
        try:
            needs = map(Requirement, metadata.requires(name) or ())
        except metadata.PackageNotFoundError:  # a marker left it out here
            continue
        for need in needs:
            if need.marker is None or need.marker.evaluate(environment):
                todo.append(canonicalize_name(need.name))
    return packages


def missing() -> list[str]:
    """The packages to bring along."""
    return sorted(closure(NEEDED) - closure(THERE))


def locked(text: str) -> dict[str, str]:
    """Versions by name, of the lines of a lock file."""
    pairs = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pairs}


def command(folder: Path) -> list[str]:
    """The call of pip that fetches them. Raises `LabbookError` where one is not in the lock."""
    versions, names = locked((ROOT / "requirements.lock").read_text()), missing()
    if unknown := [name for name in names if name not in versions]:
        raise LabbookError(f"requirements.lock has no {', '.join(unknown)}; run `make lock`.")
    platforms = [part for name in PLATFORMS for part in ("--platform", name)]
    return [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--only-binary", ":all:", "--python-version", PYTHON, *platforms,
        "--dest", str(folder), *(f"{name}=={versions[name]}" for name in names),
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


if __name__ == "__main__":
    try:
        main()
    except LabbookError as error:
        sys.exit(str(error))
