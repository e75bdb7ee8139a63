"""Digests that say what a thing is: of settings, of code, of the libraries that compute it.

Equal digests mean equal results on one kind of machine. See docs/design.md, "Identity".
"""

import errno
import hashlib
import json
import stat
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from labbook.identity.syntax import Code, Memory

MEMORY = Memory()
ROOT = Path(__file__).parents[1]  # the package
# Modules, with all below them, whose text changes no number: they say what to do, check it, or say
# when to stop and when to save, on which no result depends.
NO_NUMBERS = frozenset(
    f"labbook.{name}"
    for name in ("params", "plan", "errors", "identity", "training.interrupts", "training.watch")
)
# Others that a training imports and its numbers do not follow from: words for people, where files
# lie. What is made of runs may follow from them.
NO_NUMBERS_OF_RUNS = NO_NUMBERS | {
    f"labbook.{name}"
    for name in (
        "data.remarks",
        "documents",
        "engines.compiled.private",
        "paths",
        "wording",
    )
}
_times: dict[Path, int] = {}  # of the files of code, when they were read


def digest(*parts: Any) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of plain values (64 bits: 10 million runs meet
    with a chance of 3 in a million).
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """SHA-256 of a plain file's content, in hexadecimal. Raises OSError for anything else.

    A device or a pipe may never end.
    """
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def library_versions(names: tuple[str, ...]) -> dict[str, str]:
    """Installed versions without the build's mark (2.13.0+cpu counts as 2.13.0)."""
    return {name: metadata.version(name).partition("+")[0] for name in names}


@cache
def code_digest(
    *modules: str, choices: frozenset[str] = frozenset(), without: frozenset[str] = NO_NUMBERS
) -> str:
    """Digest of modules of labbook and all of labbook that they import, functions' imports too.

    Taken of the syntax tree: comments, layout, docstrings and the words of messages change nothing
    (see identity/syntax.py). A folder that holds templates counts with their text. Of modules that
    a package chooses among, `choices`, its own imports do not count: name the one that is chosen.
    Modules `without` which the numbers would be the same do not count at all, one of the two above.
    """
    seen: set[Path] = set()
    todo = [path for module in modules for path in _files(module)]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            left = without | (choices if path.name == "__init__.py" else frozenset())
            counted = (module for module in _imports(path) if not _is_in(left, module))
            todo += [file for module in counted for file in _files(module)]
    texts = [[path.relative_to(ROOT).as_posix(), _text_digest(path)] for path in sorted(seen)]
    MEMORY.keep()
    return digest(texts)


def forget_changed_code() -> bool:
    """Whether a file of code has changed since it was read; then digests are taken anew."""
    changed = any(not path.exists() or path.stat().st_mtime_ns != at for path, at in _times.items())
    if changed:
        forget_code()
    return changed


def forget_code() -> None:
    """Take digests of code anew from now on."""
    for remembered in (code_digest, _code, _files_in):
        remembered.cache_clear()
    _times.clear()


def _read(path: Path) -> bytes:
    _times.setdefault(path, path.stat().st_mtime_ns)
    return path.read_bytes()


def _files(module: str) -> list[Path]:
    """The files of a module of labbook: its text, and for a package the templates beside it."""
    return _files_in(ROOT, module)


@cache
def _files_in(root: Path, module: str) -> list[Path]:
    package, *parts = module.split(".")
    base = root.joinpath(*parts)
    if package != "labbook" or base == root:
        return []
    if base.is_dir():
        return [base / "__init__.py", *_templates(base)]
    return [base.with_suffix(".py")] if base.with_suffix(".py").exists() else []


def _templates(folder: Path) -> list[Path]:
    """Those in a folder and in its folders that are no packages of their own."""
    inside = [p for p in folder.iterdir() if p.is_dir() and not (p / "__init__.py").exists()]
    here = [p for p in folder.iterdir() if p.suffix in {".j2", ".css", ".js", ".toml"}]
    return here + [path for below in inside for path in _templates(below)]


@cache
def _is_in(modules: frozenset[str], name: str) -> bool:
    """Whether a module, or a package that it is in, is one of `modules`."""
    parts = name.split(".")
    return any(".".join(parts[:length]) in modules for length in range(2, len(parts) + 1))


def _imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, and the package that it is in, which Python runs first."""
    if path.suffix == ".py":
        yield from _code(path).imports
        if path.name != "__init__.py" and path.parent != ROOT:
            yield ".".join(["labbook", *path.parent.relative_to(ROOT).parts])


def _text_digest(path: Path) -> str:
    return _code(path).digest if path.suffix == ".py" else hashlib.sha256(_read(path)).hexdigest()


@cache
def _code(path: Path) -> Code:
    return MEMORY.read(_read(path))
