"""YAML of anybody's, read within bounds: a small file can stand for gigabytes or endless depth.

One reader for params.yaml, dvc.yaml and dvc.lock, of this folder and of every commit.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import ScalarNode

from labbook.files import beginning

# Many times what the largest study needs; documented by `labbook reference` (params/limits.py).
BYTES = 2_000_000  # of a file
DEPTH = 40  # blocks and lists inside one another
NODES = 200_000  # keys and values, each as often as aliases repeat it
DIGITS = 100  # of a whole number, which Python would else refuse to print
INTEGER = "tag:yaml.org,2002:int"


class BoundsError(MarkedYAMLError):
    """A document beyond a bound; `problem` says which, in words for people."""


def parse(text: str) -> Any:
    """What a YAML 1.2 text says, in plain values.

    Raises `BoundsError` for a text beyond the bounds above, and ruamel's YAMLError or ValueError
    for one that is not YAML.
    """
    if len(text) > BYTES:
        raise BoundsError(problem=f"{len(text):,} characters; at most {BYTES:,} are allowed")
    reader = YAML(typ="safe", pure=True)
    reader.Composer = _BoundedComposer
    return reader.load(text)


def read_text(path: Path, most: int = 4 * BYTES) -> str:
    """The text of a plain file in UTF-8; of one of more than `most` bytes the beginning.

    By default that is as much as `parse` refuses: UTF-8 has up to four bytes a character. Raises
    OSError where there is no plain file, and UnicodeDecodeError.
    """
    content = beginning(path, most)
    return content.decode("utf-8", "ignore" if len(content) > most else "strict")


@dataclass(frozen=True)
class _Size:
    """Of a node with all that is in it, aliases replaced by what they stand for."""

    nodes: int
    depth: int


class _BoundedComposer(Composer):
    """ruamel's composer of nodes, which refuses before anything is built or repeated."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False  # YAML 1.2 allows to use a name again
        self.count = 0
        self.open: list[int] = [0]  # the depth found so far in each node that has begun
        self.sizes: dict[int, _Size] = {}  # of the nodes that have ended, by id

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node, counted; of an alias all that it stands for is counted once more."""
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent):
            node = super().compose_node(parent, index)
            if id(node) not in self.sizes:
                raise _beyond("an alias inside of what it stands for, which has no end", event)
            self._add(self.sizes[id(node)], event)
            return node
        before = self.count
        self._add(_Size(1, 1), event)
        self.open.append(0)
        node = super().compose_node(parent, index)
        depth = self.open.pop() + 1
        self.open[-1] = max(self.open[-1], depth)
        self.sizes[id(node)] = _Size(self.count - before, depth)
        if isinstance(node, ScalarNode) and node.tag == INTEGER and len(node.value) > DIGITS:
            raise _beyond(f"a number of {len(node.value):,} digits; at most {DIGITS}", event)
        return node

    def _add(self, size: _Size, event: Any) -> None:
        self.count += size.nodes
        self.open[-1] = max(self.open[-1], size.depth)
        if self.count > NODES:
            raise _beyond(f"more than {NODES:,} keys and values, aliases counted in full", event)
        if len(self.open) - 1 + size.depth > DEPTH:
            raise _beyond(f"blocks and lists more than {DEPTH} deep inside one another", event)


def _beyond(problem: str, event: Any) -> BoundsError:
    return BoundsError(problem=problem, problem_mark=event.start_mark)
