"""A champion made again: its study evaluated anew, and each of the champion's files compared."""

from collections.abc import Collection, Mapping
from typing import Any

from labbook.certificate.compare import DIFFERENT, IDENTICAL
from labbook.certificate.copies import UP_TO_RUNS, Copy
from labbook.certificate.places import ids_of, places_of
from labbook.history.state import Workspace
from labbook.paths import RUNS
from labbook.provenance.dvc_records import NotInCacheError, md5
from labbook.training.runfile import run_path


def evaluate_again(
    copy: Copy, study: str, made_again: Collection[str], studies: Mapping[str, Any]
) -> tuple[dict[str, str], str]:
    """Evaluate a study again, with the runs that were made again and the others as recorded.

    Returns how each file of the champion compares, or none and why that could not be done.
    """
    ids = ids_of(studies)
    for place in places_of(study, studies, copy.state):
        if place.recorded != ids[study, place.label, place.seed]:
            return (
                {},
                "its study was made by other code or libraries, so only its run was made again",
            )
        path = run_path(RUNS, place.recorded)
        if place.recorded not in made_again and not copy.put(path.as_posix()):
            return {}, f"{path} is not here, so only its run was made again, and not its evaluation"
    document = dict(copy.document)
    document["studies"] = {study: copy.document["studies"][study]}
    copy.write_params(document)
    copy.jobs(copy.inventory()["nodes"], *UP_TO_RUNS, "evaluate")
    folder = f"results/{study}/champion/"
    made = {path.name for path in (copy.folder / folder).iterdir()}
    names = made | _recorded(copy, folder)
    return {name: _same(copy, folder + name) for name in sorted(names)}, ""


def _recorded(copy: Copy, folder: str) -> set[str]:
    """The names that champion.json lists; other files in its folder are the user's own."""
    try:
        return set(copy.state.json(f"{folder}champion.json").get("sums", {}))
    except (NotInCacheError, AttributeError, TypeError):  # damaged, which its comparison tells
        return set()


def _same(copy: Copy, path: str) -> str:
    made, total = copy.folder / path, copy.state.files.get(path)
    if total is None or not made.exists():
        return DIFFERENT
    content = made.read_bytes()
    workspace = isinstance(copy.state, Workspace)
    same = content == copy.state.read(path) if workspace else md5(content) == total
    return IDENTICAL if same else DIFFERENT
