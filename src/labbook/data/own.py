"""A user's own table: copied as it is, so that what was studied stays with the results."""

from pathlib import Path

from labbook.errors import LabbookError

FILE = "table.csv"


def read_own(name: str, path: str, project: Path) -> bytes:
    """The content of the user's file at `path`, which is relative to the `project` folder."""
    file = Path(project, path)
    try:
        return file.read_bytes()
    except OSError as error:
        raise LabbookError(
            f"{path}: cannot be read ({error.strerror or error}). `datasets.{name}.path` in "
            "params.yaml must be a CSV file, seen from the folder that params.yaml is in."
        ) from error
