"""Projects that have been run once, for tests to copy."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import TINY, copy_project
from tests.workflow.finished import Finished, make_finished
from tests.workflow.project import Project, made_once
from tests.workflow.users import NOBODY, as_user


@pytest.fixture(scope="session")
def tiny_done(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny project after one `snakemake`, shared by all: do not change."""
    make = lambda folder: Project(copy_project(folder)).snakemake()  # noqa: E731
    return Project(made_once(tmp_path_factory, "tiny", make))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The finished project in git and DVC, shared by all: do not change."""
    folder = made_once(tmp_path_factory, "finished", make_finished)
    return Finished(Project(folder / "origin"), Project(folder / "edited"))


@pytest.fixture
def place(finished: Finished, tmp_path: Path) -> Project:
    """A copy of the finished project in git and DVC, to be changed at will."""
    return finished.origin.copy(tmp_path / "place")


@pytest.fixture
def done(tiny_done: Project, tmp_path: Path) -> Project:
    """A copy of the finished tiny project, to be changed at will."""
    return tiny_done.copy(tmp_path / "project")


@pytest.fixture
def new(tmp_path: Path) -> Callable[..., Project]:
    """Makes a project with nothing done, with some texts of tests/tiny.yaml replaced."""

    def make(*pairs: tuple[str, str], name: str = "new", **environment: str) -> Project:
        project = Project(copy_project(tmp_path / name, TINY), **environment)
        for old, new_text in pairs:
            project.edit(old, new_text)
        return project

    return make


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all users may enter; pytest's own are for one user alone."""
    command = [*as_user(NOBODY, NOBODY), "python", "-c", "import numpy"]
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv")
    if subprocess.run(command, capture_output=True, cwd="/").returncode:
        pytest.skip("needs a Python that other users may run")
    folder = Path(tempfile.mkdtemp(prefix="labbook-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
