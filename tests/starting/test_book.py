"""A book: a folder of one's own, whose rules come with the installed package."""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.documents import parse
from labbook.errors import LabbookError
from labbook.starting.book import LAID, lay_out
from tests.conftest import ROOT


def files_of(folder: Path) -> dict[str, bytes]:
    hidden = (".git", ".dvc")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in hidden
    }


def test_a_folder_is_laid_out_with_its_repositories(tmp_path: Path) -> None:
    laid = lay_out(tmp_path / "my-book")
    assert laid.notes == []
    assert laid.kept == []
    assert set(files_of(tmp_path / "my-book")) == set(laid.written) >= {
        "Snakefile", "params.yaml", "dvc.yaml", "README.md", ".gitignore", ".dvcignore",
        "tables/README.md", "profiles/default/config.yaml", "requirements.lock",
    }  # fmt: skip
    for name in (".git", ".dvc/config"):
        assert (tmp_path / "my-book" / name).exists()


def test_what_lies_in_the_folder_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("seeds: 3\n")
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    (tmp_path / "requirements.lock").write_text("mine==1\n")
    laid = lay_out(tmp_path)
    assert laid.kept == ["params.yaml", "requirements.lock"]
    before = files_of(tmp_path)
    assert (before["params.yaml"], before["mine.csv"]) == (b"seeds: 3\n", b"a,b\n1,2\n")
    lay_out(tmp_path)
    assert files_of(tmp_path) == before


def test_what_was_installed_is_written_anew(tmp_path: Path) -> None:
    lay_out(tmp_path)
    lock = tmp_path / "requirements.lock"
    before = lock.read_text()
    assert f"numpy=={metadata.version('numpy')}\n" in before
    lock.write_text(before.replace("numpy==", "numpy==0."))
    lay_out(tmp_path)
    assert lock.read_text() == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "book").write_text("")
    with pytest.raises(LabbookError, match="is no folder"):
        lay_out(tmp_path / "book")


def test_an_empty_book_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "book"]) == 0
    monkeypatch.chdir("book")
    assert main(["check"]) == 1
    assert "labbook new tables/" in capsys.readouterr().err


def test_a_book_has_what_this_repository_has(tmp_path: Path) -> None:
    """The same profiles, and the same stages but for the code, which a book does not hold."""
    profiles = LAID / "profiles"
    assert files_of(profiles) == files_of(ROOT / "profiles")
    files = (ROOT / "dvc.yaml", LAID / "stages.yaml")
    ours, theirs = (parse(file.read_text()) for file in files)
    for name, stage in ours["stages"].items():
        stage["deps"] = [
            d for d in stage["deps"] if d not in ("src/labbook", "requirements-torch.lock")
        ]
        assert theirs["stages"][name] == stage
    assert theirs["plots"] == ours["plots"]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which a wheel of labbook is installed, and no source."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "src/labbook", source / "src/labbook")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *wheel, str(source)], check=True, capture_output=True)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    # All libraries of the environment that runs the tests, but not its labbook: .pth files there
    # are not read.
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    (built,) = folder.glob("*.whl")
    install = [
        "--python",
        str(environment),
        "install",
        "--no-deps",
        "--ignore-installed",
        str(built),
    ]
    subprocess.run([*pip, *install], check=True, capture_output=True)
    return environment / "bin"


def run_in(folder: Path, programs: Path, *command: str) -> str:
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "LABBOOK_SRC")}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = {**kept, "PATH": path, "DVC_NO_ANALYTICS": "1"}
    ran = subprocess.run(
        [programs / "python", "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.mark.thorough
def test_from_a_wheel_to_a_report(programs: Path, tmp_path: Path) -> None:
    where = run_in(tmp_path, programs, "labbook", "new", "my-book")
    assert "cd my-book" in where
    book = tmp_path / "my-book"
    rows = [f"{x},{y},{3 * x - y + (x * y) % 5}" for x in range(12) for y in range(10)]
    (book / "tables/plane.csv").write_text("\n".join(["x,y,z", *rows]) + "\n")
    run_in(book, programs, "labbook", "new", "tables/plane.csv", "--target", "z")
    assert "valid. 1 study" in run_in(book, programs, "labbook", "check")
    run_in(book, programs, "snakemake", "--cores", "1", "results/report.html")
    assert "plane" in (book / "results/report.html").read_text()
    run_in(book, programs, "dvc", "repro")
    assert "up to date" in run_in(book, programs, "dvc", "status")
    assert "Nothing to be done" in run_in(book, programs, "snakemake", "--cores", "1")
    assert "labbook/workflow" not in run_in(book, programs, "labbook", "verify")
