"""Mends an environment whose folder was renamed or copied: its programs hold the old path.

`python src/labbook/housekeeping/environment.py`, for the Makefile; in the folder of `.venv`, and
with the standard library alone, because after a move nothing else can be imported.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ENVIRONMENT = ".venv"


def old_folder(project: Path) -> Path | None:
    """The folder that the environment was made in, if that is not `project` any more.

    A link to another folder's environment is that folder's, and stays as it is.
    """
    pip = project / ENVIRONMENT / "bin/pip"
    match = re.search(rf"(/.*)/{re.escape(ENVIRONMENT)}/bin/python", _text(pip))
    if match is None:
        return None
    before, now = Path(match[1], ENVIRONMENT), project / ENVIRONMENT
    same = before.exists() and before.samefile(now)
    return None if same or before == now else before.parent


def mend(project: Path, before: Path) -> int:
    """Write the new path in place of the old one, which `before` is; in how many files."""
    # Not within a longer path, nor where the old path goes on.
    old = re.compile(rf"(?<![\w./-]){re.escape(str(before))}(?=[/\s\"']|$)", re.MULTILINE)
    count = 0
    for path in _with_paths(project / ENVIRONMENT):
        text = _text(path)
        new = old.sub(lambda match: str(project), text)
        if new != text:
            path.write_text(new, encoding="utf-8")
            count += 1
    return count


def _with_paths(environment: Path) -> Iterator[Path]:
    """The files of an environment that hold paths: programs, settings, editable installs."""
    yield environment / "pyvenv.cfg"
    yield from (path for path in environment.glob("bin/*") if not path.is_symlink())
    for pattern in ("*.pth", "__editable__*.py"):
        yield from environment.glob(f"lib/python*/site-packages/{pattern}")


def _text(path: Path) -> str:
    """A file's text; nothing of what is no text, or not there."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def main() -> None:
    """Mend the environment of the current folder, and say so."""
    project = Path.cwd()
    before = old_folder(project)
    if before is not None and mend(project, before):
        print(f"{before} is now {project}: the paths in {ENVIRONMENT} were changed accordingly.")


if __name__ == "__main__":
    main()
