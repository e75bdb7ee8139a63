"""Projects of other users of the machine; only root can be several users."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.workflow.project import Project
from tests.workflow.warm import programs

NOBODY = 65534


def as_user(user: int, group: int) -> tuple[str, ...]:
    """The beginning of a command: the user writes and owns nothing of others.

    Python may lie in somebody's home, so the user may read everything.
    """
    identity = (f"--reuid={user}", f"--regid={group}", "--clear-groups")
    return ("setpriv", *identity, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


class UsersProject(Project):
    """A project that a user works in, whose files the group may write."""

    def __init__(self, folder: Path, user: int = NOBODY, group: int = NOBODY) -> None:
        self.user = as_user(user, group)
        served = programs(*self.user)
        home = folder.parent / f"home-{user}"
        if not home.exists():
            home.mkdir()
            kernels = Path.home() / ".cache/labbook"  # machine code that would take seconds to make
            if kernels.exists():
                shutil.copytree(kernels, home / ".cache/labbook")
            (home / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")  # others' repositories
            own(home, user, group)
        names = {"HOME": str(home), "USER": f"user{user}", "LOGNAME": f"user{user}"}
        super().__init__(folder, **names, PATH=f"{served}:{os.environ['PATH']}")

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program as the user."""
        return super().run(*self.user, "sh", "-c", 'umask 002; exec "$@"', "sh", *command, ok=ok)


def own(folder: Path, user: int = NOBODY, group: int = NOBODY) -> None:
    """Give a folder and all in it to a user."""
    subprocess.run(["chown", "-R", f"{user}:{group}", folder], check=True)
