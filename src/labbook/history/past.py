"""What the params files of commits state; files that one extends count as they were then."""

import posixpath
from collections.abc import Iterable
from functools import cache
from typing import Any

from ruamel.yaml.error import YAMLError

from labbook.errors import LabbookError
from labbook.history.ancestry import content, contents
from labbook.history.git import Commit
from labbook.history.settings import document
from labbook.history.stated import Document, Stated, highest_seed, stated
from labbook.params.source import EXTENDS, MOST_FILES, merged


class Past:
    """What the params files of commits say; each content is read once."""

    def __init__(self, listed: Iterable[Commit], path: str) -> None:
        self._listed, self._path = list(listed), path
        self._names = cache(lambda path: contents(self._listed, path))
        self._read = cache(_read)
        self._stated: dict[tuple[str, ...], list[Stated]] = {}

    def stated(self, commit: Commit) -> list[Stated]:
        """The claims of a commit; none where it has no such file, or one that cannot be read."""
        names = self._chain(commit.hash)
        if names not in self._stated:
            self._stated[names] = stated(self._document(names))
        return self._stated[names]

    def highest_seed(self) -> int:
        """The highest seed that any study of any of these commits asks for; -1 without one."""
        chains = {self._chain(commit.hash) for commit in self._listed}
        return max((highest_seed(self._document(names)) for names in chains), default=-1)

    def _document(self, names: tuple[str, ...]) -> Document:
        whole: dict[str, Any] = {}
        for name in reversed(names):  # the file that is extended comes last
            whole = merged(whole, {**self._read(name), EXTENDS: None})
        return whole

    def _chain(self, commit: str) -> tuple[str, ...]:
        """Names of the contents of the file, of the one that it extends, and so on."""
        names: list[str] = []
        path: str | None = self._path
        while path is not None and len(names) < MOST_FILES:
            name = self._names(path).get(commit)
            if name is None:
                break
            names.append(name)
            other = self._read(name).get(EXTENDS)
            folder = posixpath.dirname(path)
            path = posixpath.join(folder, other) if isinstance(other, str) else None
        return tuple(names)


def _read(name: str) -> Document:
    """What a content of git says as a params.yaml; nothing where it is none."""
    try:
        return document(content(name).decode())
    except (LabbookError, YAMLError, ValueError):
        return {}
