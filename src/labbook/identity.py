"""Digests that say what a thing is: of settings, of code, of the libraries that compute it.

Equal digests mean equal results on one kind of machine. See docs/design.md, "Identity".
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
# Modules whose text changes no number: they say what to do, check it, or show it to people.
NO_NUMBERS = ("params", "plan", "errors", "identity")
_times: dict[Path, int] = {}  # of the files of code, when they were read


def digest(*parts: Any) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of plain values (64 bits: 10 million runs meet
    with a chance of 3 in a million).
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def library_versions(names: tuple[str, ...]) -> dict[str, str]:
    """Installed versions without the build's mark (2.13.0+cpu counts as 2.13.0)."""
    return {name: metadata.version(name).partition("+")[0] for name in names}


@cache
def code_digest(*modules: str) -> str:
    """Digest of modules of labbook and all of labbook that they import, functions' imports too.

    Taken of the syntax tree: comments, layout and docstrings change nothing. A folder that holds
    templates counts with their text.
    """
    seen: set[Path] = set()
    todo = [path for module in modules for path in _files(module)]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += [file for module in _imports(path) for file in _files(module)]
    return digest(
        [[path.relative_to(ROOT).as_posix(), _text_digest(path)] for path in sorted(seen)]
    )


def forget_changed_code() -> None:
    """Let digests be taken anew if a file of code has changed since it was read."""
    if any(not path.exists() or path.stat().st_mtime_ns != at for path, at in _times.items()):
        for cached in (code_digest, _tree, _text_digest):
            cached.cache_clear()
        _times.clear()


def _read(path: Path) -> bytes:
    _times.setdefault(path, path.stat().st_mtime_ns)
    return path.read_bytes()


def _files(module: str) -> list[Path]:
    """The files of a module of labbook: its text, and for a package the templates beside it."""
    parts = module.split(".")
    if parts[0] != "labbook" or len(parts) == 1 or parts[1] in NO_NUMBERS:
        return []
    base = ROOT.joinpath(*parts[1:])
    if base.is_dir():
        templates = [p for p in base.iterdir() if p.suffix in {".j2", ".css", ".js"}]
        return [base / "__init__.py", *templates]
    return [base.with_suffix(".py")] if base.with_suffix(".py").exists() else []


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_read(path))


def _imports(path: Path) -> Iterator[str]:
    if path.suffix != ".py":
        return
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
    if path.name == "__init__.py" or path.parent == ROOT:
        return
    yield ".".join(["labbook", *path.parent.relative_to(ROOT).parts])


@cache
def _text_digest(path: Path) -> str:
    if path.suffix != ".py":
        return hashlib.sha256(_read(path)).hexdigest()
    return hashlib.sha256("\n".join(_normal(_tree(path))).encode()).hexdigest()


def _normal(node: ast.AST) -> Iterable[str]:
    """A syntax tree as lines that are the same under every version of Python.

    Empty fields are left out: newer versions add some (ast.dump would show them).
    """
    yield type(node).__name__
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(value, list) and _is_docstring(node, value):
            value = value[1:]
        if value is None or value == [] or name in ("ctx", "kind"):
            continue
        yield name
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                yield from _normal(item)
            else:
                yield repr(item)
    yield "."


def _is_docstring(owner: ast.AST, body: list[ast.AST]) -> bool:
    first = body[0] if body else None
    return (
        isinstance(owner, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
