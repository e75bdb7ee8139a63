"""A user's own table: copied as it is, so that what was studied stays with the results."""

from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES, read_bytes
from labbook.paths import leads_outside

FILE = "table.csv"


def read_own(name: str, path: str, project: Path) -> bytes:
    """The content of the user's file at `path`, which is relative to the `project` folder.

    Raises `LabbookError` where there is none, or where it is a link to a file elsewhere.
    """
    file = Path(project, path)
    if leads_outside(Path(path), project):
        raise LabbookError(
            f"{path}: leads out of this folder by a link, and a study's data belong to it "
            f"(datasets.{name}.path). Put a copy of the file itself there."
        )
    try:
        return read_bytes(file, CONTENT_BYTES)
    except OSError as error:
        raise LabbookError(
            f"{path}: cannot be read ({error.strerror or error}). `datasets.{name}.path` in "
            "params.yaml must be a CSV file, seen from the folder that params.yaml is in."
        ) from error
