"""Raw data for a copy: those that were recorded, else those that can be downloaded now."""

from labbook.certificate.copies import Copy
from labbook.errors import LabbookError
from labbook.paths import EDITION, RAW


def put_raw(copy: Copy, dataset: str, key: str, key_file: str) -> bool:
    """Put a data set's raw files there as they were recorded; else download the same edition.

    Returns whether nothing had to be downloaded. Raises `LabbookError` for another edition.
    """
    folder = f"{RAW}/{dataset}/"
    recorded = [path for path in copy.state.files if path.startswith(folder)]
    edition = copy.folder / folder / EDITION
    put = [copy.put(path) for path in recorded]
    before = edition.read_bytes() if edition.exists() else None
    path = copy.folder / key_file
    if recorded and all(put) and path.exists() and path.read_text().splitlines()[0] == key:
        return True
    copy.put_table(copy.tables.get(dataset))
    copy.job(f"download/{dataset}")
    if before is not None and edition.read_bytes() != before:
        raise LabbookError(
            f"{dataset}: {copy.state.name} was made from another edition of the data than can be "
            f"had now, and its raw files are not in DVC's cache. `dvc fetch --all-commits` may get "
            "them; `labbook data` tells of editions."
        )
    return False
