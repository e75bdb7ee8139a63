"""What a kind of data says of itself, and what makes raw files that nobody has to download.

Which kinds there are: `KINDS` in this folder's `__init__.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labbook.data.numbers import Numbers


@dataclass(frozen=True)
class Maker:
    """Makes raw files that are neither downloaded nor the user's own.

    `note` is a sentence about them for people, in which settings of the block stand in braces.
    `make` gives contents by file name, from the block in params.yaml. Versions of the `libraries`
    that it uses are part of the data's identity.
    """

    edition: str  # "package", "generated" or "stand-in"
    note: str
    make: Callable[[Any], dict[str, bytes]]
    libraries: tuple[str, ...]


def nothing_known(block: Any) -> tuple[Numbers | None, list[str]]:
    """The preview of data that must be made or downloaded first."""
    return None, []


@dataclass(frozen=True)
class Kind:
    """How data of a kind become numbers; its functions take the block in params.yaml.

    `read` gives the numbers in the folder of the raw files. `preview` serves `labbook check`: what
    is known before anything is made, and what is odd about the user's own file. Settings in a
    `language` of their own are tried there: by name, a function that raises `LabbookError`.
    `maker` makes the raw files of data that are computed.
    """

    read: Callable[[Any, Path], Numbers]
    preview: Callable[[Any], tuple[Numbers | None, list[str]]] = nothing_known
    languages: Mapping[str, Callable[[str], object]] = field(default_factory=dict)
    maker: Maker | None = None
