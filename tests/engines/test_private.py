"""Machine code comes from folders that nobody else can change, or it is compiled anew."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labbook.engines.compiled import library, private
from tests.conftest import ROOT, clean_environment

OTHER = 12345  # a user
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache, and a project in the current folder; nothing was said yet."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("LABBOOK_KERNELS", raising=False)
    private._say.cache_clear()
    private._of_this_process.cache_clear()
    return tmp_path / "cache/labbook"


def test_the_folder_in_the_users_cache_is_made_for_the_user_alone(home: Path) -> None:
    before = os.umask(0o002)  # as many systems have it for people
    try:
        assert library.folder() == home
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_asked_for_that_others_may_write_in_is_passed_over(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(mode)
    monkeypatch.setenv("LABBOOK_KERNELS", str(shared))
    assert library.folder() == home
    assert f"{shared}: others may write there; `chmod 700 {shared}`" in capsys.readouterr().err
    shared.chmod(0o700)
    assert library.folder() == shared


def test_a_link_to_such_a_folder_is_passed_over(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "link").symlink_to("shared")
    monkeypatch.setenv("LABBOOK_KERNELS", str(tmp_path / "link"))
    assert library.folder() == home


def test_a_folder_below_one_that_others_may_write_in_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They could move it aside and put their own in its place; not where the sticky bit is set."""
    above = tmp_path / "above"
    (above / "mine").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("LABBOOK_KERNELS", str(above / "mine"))
    above.chmod(0o777)
    assert library.folder() != above / "mine"
    assert f"others may write in {above}" in capsys.readouterr().err
    above.chmod(0o1777)
    assert library.folder() == above / "mine"


@as_root
def test_a_folder_of_another_user_is_passed_over(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir(parents=True, mode=0o700)
    os.chown(home, OTHER, OTHER)
    assert library.folder() == Path(".labbook/kernels")
    assert f"{home}: it belongs to another user" in capsys.readouterr().err
    os.chown(".labbook/kernels", OTHER, OTHER)
    alone = library.folder()
    assert alone.name.startswith("labbook-kernels-")
    assert alone.stat().st_mode & 0o777 == 0o700
    assert "compiled for this process alone" in capsys.readouterr().err


def test_labbooks_own_folder_is_closed_and_what_lay_there_is_not_run(home: Path) -> None:
    """As earlier versions made it where the group may write what a user makes."""
    home.mkdir(parents=True)
    (home / "kernels-abc").write_text("somebody's")
    home.chmod(0o775)
    assert library.folder() == home
    assert home.stat().st_mode & 0o777 == 0o700
    assert not (home / "kernels-abc").exists()
    (home / "kernels-abc").write_text("mine")
    assert library.folder() == home
    assert (home / "kernels-abc").exists()


@as_root
def test_machine_code_of_another_user_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_build", lambda path: path.write_bytes(whole))
    whole = b'{"symbols": {}, "sum": "' + b"0" * 64 + b'"}\n'
    whole = whole.replace(b"0" * 64, library.hashlib.sha256(b"").hexdigest().encode())
    kernels = library.ensure()
    os.chown(kernels, OTHER, OTHER)
    assert library._read(kernels) == ({}, b"")
    assert kernels.stat().st_uid == os.geteuid()


def test_what_is_for_one_process_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    text = (
        "from labbook.engines.compiled.private import first_private\n"
        f"from pathlib import Path; print(first_private([Path({str(tmp_path / 'file')!r})]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", text], env=clean_environment(PYTHONPATH=str(ROOT / "src")),
        text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert "labbook-kernels-" in ran.stdout
    assert not Path(ran.stdout.strip()).exists()
    assert "compiled for this process alone" in ran.stderr
