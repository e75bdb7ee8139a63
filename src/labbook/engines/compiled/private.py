"""Folders that nobody else can change: machine code from any other one would run as the user."""

import atexit
import grp
import os
import pwd
import shutil
import stat
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT_USER = 0  # can change everything anyway; so can its group, where it may write
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def first_private(places: Sequence[Path]) -> Path:
    """The first of these folders that can be written and that no other user can change.

    It is made where it is not there. Where there is none, a temporary one for this process, since
    compiling anew is better than running what somebody may have put there. Says on standard error
    why one was passed over.
    """
    for place in places:
        reason = why_not(place)
        if reason is None and os.access(place, os.W_OK):
            return place
        _say(f"labbook: no machine code is kept in {place}: {reason or 'it cannot be written'}")
    return _of_this_process()


def why_not(folder: Path) -> str | None:
    """Why others could put machine code into this folder, which is made if need be; or None."""
    try:
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        own, above = folder.stat(), [(place, place.stat()) for place in folder.resolve().parents]
    except OSError as error:
        return error.strerror or str(error)
    if not is_trusted(own):
        return "it belongs to another user"
    if own.st_mode & OTHERS_WRITE:
        return f"others may write there; `chmod 700 {folder}` and remove what is in it"
    for place, state in above:  # who may write there can put another folder in its place
        if not is_trusted(state):
            return f"{place}, which is above it, belongs to another user"
        if not state.st_mode & stat.S_ISVTX and _others_may_write(state):
            return f"others may write in {place}, which is above it"
    return None


def is_trusted(state: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user, or to root."""
    return state.st_uid in (os.geteuid(), ROOT_USER)


def is_private(file: Path) -> bool:
    """Whether this is a plain file, and nobody but this user and root can have written it.

    Raises OSError where there is none.
    """
    state = file.lstat()
    return stat.S_ISREG(state.st_mode) and is_trusted(state) and not state.st_mode & OTHERS_WRITE


def _others_may_write(state: os.stat_result) -> bool:
    """Whether anybody may who is neither this user nor root, as any user or by the group.

    Many systems give each user a group of the user's name, and let it write what the user makes.
    """
    if state.st_mode & stat.S_IWOTH:
        return True
    if not state.st_mode & stat.S_IWGRP or state.st_gid == ROOT_USER:
        return False
    try:
        group, user = grp.getgrgid(state.st_gid), pwd.getpwuid(os.geteuid())
    except KeyError:
        return True
    own = (group.gr_name, state.st_gid) == (user.pw_name, user.pw_gid)
    return not own or bool({*group.gr_mem} - {user.pw_name})


def closed(folder: Path, names: str) -> None:
    """Close a folder of labbook's own that the group may write in, as some systems make them.

    What goes by the pattern `names` is removed: somebody may have put it there. Does nothing to
    other users' folders.
    """
    try:
        state = folder.stat()
        if state.st_uid == os.geteuid() and state.st_mode & OTHERS_WRITE:
            folder.chmod(stat.S_IRWXU)
            for path in folder.glob(names):
                path.unlink()
    except OSError:  # not there yet, or told by `why_not`
        return


@cache
def _say(text: str) -> None:
    """Once in a process."""
    print(text, file=sys.stderr)


@cache
def _of_this_process() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="labbook-kernels-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _say(
        "labbook: the training engine is compiled for this process alone. Set LABBOOK_KERNELS to "
        "a folder that is yours alone to have it compiled once."
    )
    return folder
