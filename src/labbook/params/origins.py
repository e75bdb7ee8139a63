"""Where data come from, as params.yaml names it: addresses, sums, files of the user's own."""

from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from labbook.addresses import has_user
from labbook.params.base import Text

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", strict=True)]


def _public(address: str) -> str:
    """Refuses an address with a password, without repeating it."""
    if has_user(address):
        raise ValueError(
            "the address holds a user name or password, and params.yaml and dvc.lock are committed "
            "for all to see; put them into ~/.netrc (machine, login, password), which is read, or "
            "set LABBOOK_MIRROR to such an address"
        )
    return address


Origin = Annotated[
    str,
    StringConstraints(pattern=r"^(https|http|file)://\S+$", strict=True),
    AfterValidator(_public),
]


def _of_here(path: str) -> str:
    """Refuses a file elsewhere: whoever writes a params file could have any file copied."""
    if PurePath(path).is_absolute() or ".." in PurePath(path).parts:
        raise ValueError(
            f"{path!r} lies outside of this folder, and a study's data belong to it; copy the file "
            f"under tables/ and write path: tables/{PurePath(path).name}"
        )
    return path


OwnPath = Annotated[Text, AfterValidator(_of_here)]
