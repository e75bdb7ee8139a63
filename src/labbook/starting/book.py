"""A book: a folder for studies of one's own, whose rules come with the installed package."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_bytes, write_text
from labbook.identity.code import ROOT, digest, file_digest

LAID = ROOT / "starting/folder"  # what is laid out, as it is
# Files that tools would take for their own inside the package, by the names that they get.
RENAMED = {name: f".{name}" for name in ("gitignore", "dvcignore", "gitattributes")}
RENAMED |= {"stages.yaml": "dvc.yaml"}
LOCK = "requirements.lock"
HEAD = "# The packages that this book was made with; `labbook new .` writes it anew.\n"
DVC_CONFIG = "[core]\n    analytics = false\n    autostage = true\n"
NO_ANALYTICS = {"DVC_NO_ANALYTICS": "1"}


@dataclass
class Laid:
    """What was done: files that were written, those that were there, and what else to say."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lay_out(folder: Path) -> Laid:
    """Lay a book out in a folder, which may be there; of its files none is changed but the lock.

    Raises `LabbookError` where it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise LabbookError(f"{folder}: is no folder; give another name.")
    laid = Laid()
    for source, name in _files():
        if (folder / name).exists():
            laid.kept.append(name)
        else:
            write_bytes(folder / name, source.read_bytes())
            laid.written.append(name)
    if _is_ours(folder / LOCK):
        write_text(folder / LOCK, pinned())
        laid.written.append(LOCK)
    else:
        laid.kept.append(LOCK)
    laid.notes += _repositories(folder)
    return laid


def _files() -> Iterator[tuple[Path, str]]:
    """The files of a book: where they are in the package, and their names in the folder."""
    for source in sorted(path for path in LAID.rglob("*") if path.is_file()):
        name = source.relative_to(LAID).as_posix()
        if "__pycache__" not in name:
            yield source, RENAMED.get(name, name)


def _is_ours(lock: Path) -> bool:
    """Whether a lock file is not there, or was written here and not by another tool."""
    return not lock.exists() or lock.read_bytes().startswith(HEAD.encode())


def pinned() -> str:
    """What is installed, a line for each package: DVC sees by it that results may differ.

    Of labbook itself a digest of the code, too: two of its states can have one version.
    """
    versions = {
        dist.metadata["Name"].lower(): dist.version.partition("+")[0]
        for dist in metadata.distributions()
        if dist.metadata["Name"]
    }
    code = digest([file_digest(path) for path in sorted(ROOT.rglob("*.py"))])
    lines = "".join(f"{name}=={versions[name]}\n" for name in sorted(versions))
    return f"{HEAD}# labbook's code: {code}\n{lines}"


def _repositories(folder: Path) -> Iterator[str]:
    """Begin a git and a DVC repository where there are none; what could not be done."""
    if shutil.which("git") is None:
        yield "git is not installed, so nothing is recorded: `git init && dvc init` later on."
        return
    inside = _ran(folder, "git", "rev-parse", "--show-toplevel")
    own = inside is None and _ran(folder, "git", "init", "--quiet") is not None
    if inside is None and not own:
        yield "`git init` failed; run it in the folder to see why."
        return
    if (folder / ".dvc").exists():
        return
    top = own or (inside is not None and Path(inside.strip()).samefile(folder))
    options = [] if top else ["--subdir"]
    if _ran(folder, sys.executable, "-m", "dvc", "init", "--quiet", *options) is None:
        yield "`dvc init` failed; run it in the folder to see why."
        return
    write_text(folder / ".dvc/config", DVC_CONFIG)


def _ran(folder: Path, *command: str) -> str | None:
    """What a program wrote, None where it failed."""
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, **NO_ANALYTICS},
        stdin=subprocess.DEVNULL,
    )
    return done.stdout if done.returncode == 0 else None
