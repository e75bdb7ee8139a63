"""Which commit follows on which, and what stood in a file when."""

import posixpath
from collections.abc import Iterable, Mapping
from functools import cache

from labbook.files import RECORD_BYTES
from labbook.history.git import FORM, Commit, ask, commits_of, head
from labbook.provenance.dvc_records import NotInCacheError


class Ancestry:
    """Commits with all that they follow, and when each of some things stood in one of them.

    A thing is a bit: `holding` has by commit the bits of all that stands in it.
    """

    def __init__(self, listed: list[Commit], holding: Mapping[str, int]) -> None:
        self.commits = {commit.hash: commit for commit in listed}
        self._stood: dict[str, int] = {}  # in the commit or in one that it follows
        self._earlier: dict[str, int] = {}  # in one that it follows
        self._firsts: dict[int, list[Commit]] = {}
        for commit in listed:  # parents come first
            earlier = 0
            for parent in commit.parents:
                earlier |= self._stood.get(parent, 0)
            stood = earlier | holding.get(commit.hash, 0)
            self._earlier[commit.hash], self._stood[commit.hash] = earlier, stood
            for bit in _bits(stood & ~earlier):
                self._firsts.setdefault(bit, []).append(commit)
        self._above = cache(self._ancestors)

    def stood(self, bit: int, commit: str, *, earlier: bool) -> bool:
        """Whether the thing stood in one that this commit follows; if not `earlier`, or in it."""
        masks = self._earlier if earlier else self._stood
        return bool(masks[commit] & bit)

    def firsts(self, bit: int) -> list[Commit]:
        """Where the thing came in, oldest first: commits in which it stands, and in none before."""
        return self._firsts.get(bit, [])

    def is_before(self, commit: str, other: Commit) -> bool:
        """Whether `commit` is the other one or one that the other follows."""
        return commit == other.hash or commit in self._above(other.hash)

    def _ancestors(self, commit: str) -> frozenset[str]:
        found: set[str] = set()
        left = [*self.commits[commit].parents]
        while left:
            one = left.pop()
            if one not in found and one in self.commits:  # a shallow clone ends somewhere
                found.add(one)
                left.extend(self.commits[one].parents)
        return frozenset(found)


def ancestry(others: Iterable[str] = ()) -> list[Commit]:
    """HEAD, the commits of these hashes that are here, and all that they follow, oldest first.

    Raises `NoRepositoryError`.
    """
    kinds = ask("cat-file", "--batch-check", lines=[*head(), *others]).decode().splitlines()
    here = [line.split()[0] for line in kinds if " commit " in line]
    if not here:
        return []
    return commits_of(ask("log", "--stdin", "--topo-order", "--reverse", FORM, lines=here))


def contents(listed: Iterable[Commit], path: str) -> dict[str, str]:
    """By the commits' hashes the name that git has for the content of a file, where they have it.

    Equal contents have equal names: `content` gives what is in it.
    """
    listed = list(listed)
    prefix = ask("rev-parse", "--show-prefix").decode().strip()
    place = posixpath.normpath(f"{prefix}{path}")
    asked = (f"{commit.hash}:{place}" for commit in listed)
    told = ask("cat-file", "--batch-check", lines=asked).decode().splitlines()
    pairs = zip(listed, map(str.split, told), strict=True)
    return {commit.hash: words[0] for commit, words in pairs if words[1:2] == ["blob"]}


def content(name: str) -> bytes:
    """What is in a file that git has under this name. Raises `NotInCacheError` for a long one."""
    text = ask("cat-file", "blob", name, most=RECORD_BYTES)
    if len(text) > RECORD_BYTES:
        raise NotInCacheError(f"{name} of git has more than {RECORD_BYTES:,} bytes.")
    return text


def _bits(mask: int) -> Iterable[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest
