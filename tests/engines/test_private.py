"""Machine code comes from folders that nobody else can change, or it is compiled anew."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from labbook.engines.compiled import library, private
from labbook.engines.compiled.build import build
from labbook.engines.compiled.processor import features, processor
from labbook.errors import LabbookError
from labbook.files import write_bytes
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


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that LABBOOK_KERNELS names, in a folder `above`."""
    folder = tmp_path / "above/asked"
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    monkeypatch.setenv("LABBOOK_KERNELS", str(folder))
    return folder


def test_the_folder_in_the_users_cache_is_made_for_the_user_alone(home: Path) -> None:
    before = os.umask(0o002)  # as many systems have it for people
    try:
        assert library.folder() == home
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_in_is_passed_over(
    home: Path, asked: Path, mode: int, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert library.folder() == asked
    asked.chmod(mode)
    assert library.folder() == home
    assert f"{asked}: others may write there; `chmod 700 {asked}`" in capsys.readouterr().err
    (asked.parent / "link").symlink_to("asked")
    monkeypatch.setenv("LABBOOK_KERNELS", str(asked.parent / "link"))
    assert library.folder() == home


def test_a_folder_below_one_that_others_may_write_in_is_passed_over(asked: Path, capsys) -> None:
    """They could move it aside and put their own in its place; not where the sticky bit is set."""
    asked.parent.chmod(0o777)
    assert library.folder() != asked
    assert f"others may write in {asked.parent}" in capsys.readouterr().err
    asked.parent.chmod(0o1777)
    assert library.folder() == asked


@as_root
@pytest.mark.parametrize(
    ("owner", "group", "mode", "reason"),
    [
        (OTHER, 0, 0o755, "belongs to another user"),
        (OTHER, 0, 0o1777, "belongs to another user"),
        (0, OTHER, 0o775, "others may write"),
        (0, OTHER, 0o1775, ""),
        (0, OTHER, 0o755, ""),
        (0, 0, 0o775, ""),
    ],
)
def test_who_may_write_above_counts_by_owner_and_group(
    asked: Path, owner: int, group: int, mode: int, reason: str
) -> None:
    os.chown(asked.parent, owner, group)
    asked.parent.chmod(mode)
    assert reason in (private.why_not(asked) or "")
    assert (library.folder() == asked) == (reason == "")


@as_root
@pytest.mark.parametrize(
    ("name", "members", "private_of"),
    [("me", [], True), ("me", ["me"], True), ("me", ["me", "you"], False), ("lab", [], False)],
)
def test_a_group_of_one_s_own_may_write_above(
    asked: Path, monkeypatch: pytest.MonkeyPatch, name: str, members: list[str], private_of: bool
) -> None:
    """Many systems make ~/.cache so."""
    user = SimpleNamespace(pw_name="me", pw_gid=OTHER)
    group = SimpleNamespace(gr_name=name, gr_mem=members)
    monkeypatch.setattr(private.pwd, "getpwuid", lambda number: user)
    monkeypatch.setattr(private.grp, "getgrgid", lambda number: group)
    os.chown(asked.parent, 0, OTHER)
    asked.parent.chmod(0o775)
    assert (private.why_not(asked) is None) == private_of


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


NOTHING = library.hashlib.sha256(b"").hexdigest()
WHOLE = f'{{"symbols": {{}}, "sum": "{NOTHING}"}}\n'.encode()


def to_another_user(kernels: Path) -> None:
    os.chown(kernels, OTHER, OTHER)


def to_a_link(kernels: Path) -> None:
    kernels.rename("elsewhere")
    kernels.symlink_to(Path("elsewhere").absolute())


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(to_another_user, marks=as_root),
        to_a_link,
        lambda kernels: kernels.chmod(0o620),
        lambda kernels: kernels.chmod(0o602),
        lambda kernels: kernels.write_bytes(WHOLE + b"more"),
    ],
)
def test_machine_code_that_others_may_have_written_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    built: list[Path] = []

    def built_anew(path: Path) -> None:
        built.append(path)
        write_bytes(path, WHOLE, private=True)

    monkeypatch.setattr(library, "_build", built_anew)
    kernels = library.ensure()
    assert library._read(kernels) == ({}, b"")
    spoil(kernels)
    assert library._read(kernels) == ({}, b"")
    assert built == [kernels, kernels]
    assert private.is_private(kernels)


def test_a_disk_that_lets_others_write_everything_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def built_open(path: Path) -> None:
        write_bytes(path, WHOLE)
        path.chmod(0o666)

    monkeypatch.setattr(library, "_build", built_open)
    with pytest.raises(LabbookError, match="LABBOOK_KERNELS"):
        library._read(library.ensure())


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
def test_machine_code_is_written_for_the_user_alone(
    monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    """By the real build, of a function that does nothing."""
    empty = SimpleNamespace(
        signatures=[()],
        overloads={(): SimpleNamespace(fndesc=SimpleNamespace(llvm_func_name="empty"))},
        inspect_llvm=lambda signature: "define void @empty() { ret void }",
    )
    entries = SimpleNamespace(ENTRIES={"empty": empty})
    monkeypatch.setitem(sys.modules, "labbook.engines.compiled.kernels.entries", entries)
    before = os.umask(umask)
    try:
        build(Path("kernels-abc"), processor(), features())
    finally:
        os.umask(before)
    assert Path("kernels-abc").stat().st_mode & 0o777 == 0o600


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
