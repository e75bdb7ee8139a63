"""A champion by what people call it: its study, its id or its folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labbook.errors import LabbookError
from labbook.history.champions import ABOUT_NAME, Champion, all_states, champions, fetch
from labbook.paths import RESULTS, is_inside


@contextmanager
def folder_of(what: str) -> Iterator[Path]:
    """The folder of the champion that `what` names; of an id a temporary copy.

    A folder comes first, then a study of this project, then an id of `labbook models`. Raises
    `LabbookError` where none of them is there.
    """
    own = RESULTS / what / "champion" if is_inside(what) else None
    if (Path(what) / ABOUT_NAME).is_file():
        yield Path(what)
    elif own is not None and (own / ABOUT_NAME).is_file():
        yield own
    else:
        champion = with_id(what)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "champion")
            fetch(champion, copy)
            yield copy


def with_id(what: str) -> Champion:
    """The champion of all commits whose id begins so. Raises `LabbookError` where none does."""
    models, unreadable = champions(all_states())
    fitting = [champion for champion in models if champion.id.startswith(what)]
    if len(fitting) == 1:
        return fitting[0]
    studies = sorted(path.parents[1].name for path in RESULTS.glob(f"*/champion/{ABOUT_NAME}"))
    ids = ", ".join(champion.id for champion in (fitting or models)) or "none yet"
    found = "the beginning of several ids" if fitting else "no champion's folder, study or id"
    not_read = f" {unreadable[0]}" if unreadable else ""
    raise LabbookError(
        f"{what}: {found}. Studies with a champion: {', '.join(studies) or 'none yet'}; ids: {ids} "
        f"(`labbook models`).{not_read}"
    )
