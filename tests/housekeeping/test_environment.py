"""An environment works again where its folder was renamed or copied."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from labbook.housekeeping.environment import ENVIRONMENT, mend, old_folder
from tests.conftest import ROOT, clean_environment


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with an environment, in which a program and an editable install hold its path."""
    folder = tmp_path / "lab book"
    made = folder / ENVIRONMENT
    venv.create(made, symlinks=True)
    for name in ("pip", "tool"):
        program = made / "bin" / name
        # As pip writes it where a path has spaces in it or is long.
        program.write_text(f"#!/bin/sh\n'''exec' \"{made}/bin/python\" \"$0\" \"$@\"\n' '''\n"
                           "import thing; print(thing.__file__)\n")  # fmt: skip
        program.chmod(0o755)
    (packages,) = made.glob("lib/python*/site-packages")
    (packages / "__editable__.thing.pth").write_text(f"{folder}/src\n")
    (folder / "src").mkdir()
    (folder / "src/thing.py").touch()
    return folder


def run(folder: Path) -> str:
    """What the program of an environment says."""
    command = [folder / ENVIRONMENT / "bin/tool"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_renamed_folder_is_mended_by_make(project: Path) -> None:
    assert old_folder(project) is None
    assert old_folder(project / "src") is None  # no environment there
    renamed = project.rename(project.with_name("renamed"))
    with pytest.raises(subprocess.CalledProcessError):
        run(renamed)
    shutil.copy(ROOT / "Makefile", renamed)
    program = "src/labbook/housekeeping/environment.py"
    (renamed / program).parent.mkdir(parents=True)
    shutil.copy(ROOT / program, renamed / program)
    command, options = ["make", "--no-print-directory", "moved"], {"text": True, "check": True}
    moved = [
        subprocess.run(
            command, cwd=renamed, env=clean_environment(), stdout=subprocess.PIPE, **options
        ).stdout
        for _ in range(2)
    ]
    assert f"{project} is now {renamed}" in moved[0]
    assert moved[1] == ""
    assert run(renamed) == f"{renamed}/src/thing.py"


def test_a_copy_gets_paths_of_its_own_and_the_first_keeps_its(project: Path) -> None:
    copy = project.with_name(f"{project.name} again")  # its path begins with that of the first
    shutil.copytree(project, copy, symlinks=True)
    assert run(copy) == f"{project}/src/thing.py"
    before = old_folder(copy)
    assert before == project
    assert mend(copy, before) > 2
    assert run(copy) == f"{copy}/src/thing.py"
    assert run(project) == f"{project}/src/thing.py"
    assert old_folder(copy) is None
    linked = project.with_name("worktree")  # a link to another's environment is left alone
    linked.mkdir()
    (linked / ENVIRONMENT).symlink_to(project / ENVIRONMENT)
    assert old_folder(linked) is None


def test_git_ignores_what_is_made_also_as_a_link(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitignore", tmp_path)
    for name in (ENVIRONMENT, "data", "results"):
        (tmp_path / name).symlink_to(sys.prefix)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    command = ["git", "status", "--porcelain"]
    status = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert status.stdout.split() == ["??", ".gitignore"]


def test_an_environment_of_another_folder_is_not_installed_into(tmp_path: Path) -> None:
    """Through a link `make report` put this folder's labbook into another one's environment."""
    here = tmp_path / "here"
    here.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-torch.lock"):
        shutil.copy(ROOT / name, here)
    (tmp_path / "other/bin").mkdir(parents=True)
    (here / ENVIRONMENT).symlink_to(tmp_path / "other")
    done = subprocess.run(
        ["make", "install"], cwd=here, capture_output=True, text=True, env=clean_environment()
    )
    assert done.returncode != 0
    assert "an environment of another folder" in done.stdout
    assert list((tmp_path / "other").rglob("*")) == [tmp_path / "other/bin"]
