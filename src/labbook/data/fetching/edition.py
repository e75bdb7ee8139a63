"""The file beside raw data that says which edition lies there: real, or a stand-in."""

from pathlib import Path
from typing import Any

from labbook.errors import LabbookError
from labbook.files import read_json

EDITION = "edition.json"


def read_edition(folder: Path) -> dict[str, Any] | None:
    """What the download into `folder` wrote of it; None before.

    Raises `LabbookError` where a file of that name is not a download's.
    """
    path = Path(folder) / EDITION
    if not path.exists():
        return None
    content = read_json(path)
    if not isinstance(content, dict) or not _is_whole(content):
        raise LabbookError(
            f"{path}: not written by labbook, which keeps under this name what it knows of the "
            "files beside it. Move it to another place, then run the same command again."
        )
    return content


def _is_whole(content: dict[str, Any]) -> bool:
    files = content.get("files")
    return (
        isinstance(content.get("edition"), str)
        and isinstance(files, dict)
        and all(isinstance(file, dict) and "sha256" in file for file in files.values())
    )
