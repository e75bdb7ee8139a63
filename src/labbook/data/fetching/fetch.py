"""One file from wherever it can be had: in place, from the mirror, or from its origins in turn."""

from pathlib import Path

from labbook.addresses import shown
from labbook.data.fetching.transfer import UnreachableError, sha256, transfer
from labbook.errors import LabbookError
from labbook.params.datasets import File


def obtain(dataset: str, name: str, file: File, folder: Path, mirror: str | None) -> Path:
    """A path in `folder` with the right content: `name` itself, or `<name>.part`, to be renamed.

    `mirror` is a folder or an address laid out as <data set>/<file name>. Raises
    `UnreachableError` with all that was tried where no address has the file, and `LabbookError`
    where one has other content.
    """
    whole, part = folder / name, folder / f"{name}.part"
    for path in (whole, part):
        if path.is_file() and path.stat().st_size == file.bytes and sha256(path) == file.sha256:
            return path
    if part.is_file() and part.stat().st_size >= file.bytes:
        part.unlink()
    failures = []
    for address in [*_mirrored(mirror, dataset, name), *file.origins]:
        try:
            return _checked(address, part, file, f"{dataset}: {name}")
        except UnreachableError as error:
            failures.append(f"  {shown(address)}: {error}")
    tried = "\n".join(failures)
    raise UnreachableError(f"{dataset}: {name} could not be fetched from anywhere:\n{tried}")


def _mirrored(mirror: str | None, dataset: str, name: str) -> list[str]:
    if not mirror:
        return []
    if mirror.startswith(("http://", "https://", "file://")):
        return [f"{mirror.rstrip('/')}/{dataset}/{name}"]
    return [(Path(mirror).expanduser().absolute() / dataset / name).as_uri()]


def _checked(address: str, part: Path, file: File, label: str) -> Path:
    kept = transfer(address, part, file.bytes, label)
    total = sha256(part)
    if total != file.sha256 and kept:  # perhaps only the piece of an earlier attempt is wrong
        part.unlink()
        transfer(address, part, file.bytes, label)
        total = sha256(part)
    if total == file.sha256:
        return part
    size = part.stat().st_size
    length = f"more than {file.bytes}" if size > file.bytes else str(size)
    part.unlink()
    raise LabbookError(
        f"{label} from {shown(address)} has other content than params.yaml says: expected SHA-256 "
        f"{file.sha256} ({file.bytes} bytes), found {total} ({length} bytes). It was removed. "
        "If the file was changed on purpose, put its new sum and size into params.yaml; else "
        "use another origin or mirror."
    )
