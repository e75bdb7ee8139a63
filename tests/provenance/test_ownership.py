"""What labbook has made, and what is the user's own: that is never moved, removed or replaced."""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.errors import LabbookError
from labbook.files import remove, write_json, write_text
from labbook.identity.code import file_digest
from labbook.paths import ATTIC, RUNS
from labbook.provenance.attic import bring_back, move_aside
from labbook.provenance.checksums import MADE, Sums, read_key_file, remember
from labbook.provenance.graph import Graph
from labbook.provenance.ownership import InTheWay, foreign, in_the_way, is_run, unasked
from labbook.provenance.snakemake_times import mark
from labbook.running.begin import begin
from labbook.running.jobs import job
from labbook.training.runfile import run_path
from tests.made_project import edit, finish

pytestmark = pytest.mark.thorough

RUN = "0123456789abcdef"
# In every kind of folder that labbook writes to, and in some of the user's own.
FILES = [
    "data/wine.csv",
    "data/raw/wine.csv",
    "data/raw/boston/boston (1).csv",
    "data/raw/boston/more/mine.csv",
    "data/raw/mine/table.csv",
    "data/prepared/mine.safetensors",
    "data/selected/boston/mine.json",
    "results/notes.md",
    "results/report (1).html",
    "results/runs/mine.safetensors",
    "results/runs/0123456789abcdef.csv",
    "results/packs/mine.json",
    "results/boston-rate/mine.csv",
    "results/boston-rate/figures/mine.png",
    "results/boston-rate/figures/metric-for-my-talk.svg",
    "results/boston-rate/champion/mine.txt",
    "results/covid-features/mine.csv",  # the study that is removed
    "results/mine/runs.csv",
]
NAMES_OF_BEFORE = [
    Path("data/prepared/mine.safetensors"),
    Path("data/raw/mine/table.csv"),
    Path("results/mine/runs.csv"),
    Path("results/boston-rate/figures/mine.svg"),
]


@pytest.fixture
def users(finished: Path) -> dict[Path, os.stat_result]:
    """Files, folders and links of a user's, in a finished project, as they are."""
    for name in FILES:
        write_text(Path(name), name)
    links = {"results/link.csv": "../data/wine.csv", "data/raw/boston/broken.csv": "/nowhere"}
    links["results/linked-folder"] = "../tables"
    for name, target in links.items():
        Path(name).symlink_to(target)
    Path("results/empty-folder").mkdir()
    everything = [*FILES, *links, "results/empty-folder"]
    return {Path(name): Path(name).lstat() for name in everything}


def assert_untouched(users: dict[Path, os.stat_result]) -> None:
    for path, before in users.items():
        after = path.lstat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns), path
        assert not path.is_file() or path.is_symlink() or path.read_text() == path.as_posix()


def remove_a_study() -> None:
    text = Path("params.yaml").read_text()
    start = text.index("  covid-features:")
    end = text.index("\n  ", start + 3)
    while text[end + 3] == " ":
        end = text.index("\n  ", end + 3)
    Path("params.yaml").write_text(text[:start] + text[end + 1 :])


def test_tidy_prune_and_marks_leave_a_user_s_files(
    users: dict[Path, os.stat_result], capsys: pytest.CaptureFixture[str]
) -> None:
    unseen = {"champion", "empty-folder", "linked-folder"}
    assert unasked(Graph.load()) == []
    assert set(foreign(Graph.load())) == {p for p in users if not unseen & set(p.parts)}
    made = Path("results/covid-features/runs.csv")
    assert made.exists()
    edit(('title: "A tiny', 'title: "Another tiny'))
    remove_a_study()
    mark(Graph.load())
    assert main(["tidy", "--yes"]) == 0
    assert not made.exists()
    assert (ATTIC / made).exists()
    assert main(["prune", "--yes"]) == 0
    assert_untouched(users)
    output = capsys.readouterr().out
    assert "no work of labbook's" in output
    assert "data/raw/boston/boston (1).csv" in output
    assert main(["fresh", "data/raw"]) == 0
    assert "Nothing to do" in capsys.readouterr().out


def test_only_what_nobody_asks_for_is_moved(project: Path) -> None:
    graph = Graph.load()
    owned = graph.node("train/digits-kernel-000").extras[0]
    old = [RUNS / f"{RUN}.safetensors", Path("results/old-study/runs.csv")]
    old.append(Path("data/raw/old/a.csv"))
    kept = [owned, Path("results/log/x.log"), Path("results/bench/x.json")]
    kept += [Path("results/bench_size.json"), Path("results/boston-rate/champion/prediction.csv")]
    for path in [*old, *kept]:
        write_text(path, path.name)
    remember({path: file_digest(path) for path in old})
    assert unasked(graph) == sorted(old)
    assert main(["tidy"]) == 0  # asks first
    assert all(path.exists() for path in [*old, *kept])
    assert main(["tidy", "--yes"]) == 0
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in kept)
    assert [(ATTIC / path).read_text() for path in old] == [path.name for path in old]
    assert not Path("results/old-study").exists()


def test_a_run_comes_back_unless_it_was_changed_in_the_attic(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run_path(RUNS, RUN)
    write_text(path, "weights")
    move_aside([path])
    bring_back([RUN, "fedcba9876543210"])
    assert path.read_text() == "weights"
    assert not (ATTIC / path).exists()
    move_aside([path])
    write_text(ATTIC / path, "weight5")
    bring_back([RUN])
    assert not path.exists()
    assert "not what was moved there" in capsys.readouterr().err
    write_text(path, "weights")  # trained again, and moved again: neither takes the other's place
    move_aside([path])
    names = sorted(aside.name for aside in (ATTIC / RUNS).iterdir())
    assert names == [path.name, f"{path.name}.1"]


def test_a_name_is_remembered_when_its_key_file_is_gone(finished: Path) -> None:
    """Snakemake removes it before the job, which may then make less; so in a fresh clone."""
    MADE.unlink()
    node = Graph.load().nodes["figures/boston-rate"]
    old = Path("results/boston-rate/figures/an-old-figure.svg")
    write_text(old, "made up\n")
    text = node.key_file.read_text()
    line = f"{file_digest(old)}  {old}\n"
    node.key_file.write_text(text.replace(node.key, "0" * 16) + line)
    assert old in read_key_file(node.key_file).sums
    mark(Graph.load())
    node.key_file.unlink()
    assert old in unasked(Graph.load())


@pytest.mark.parametrize(
    ("node", "left"),
    [("evaluate/covid-features", "results/covid-features/runs.csv"),
     ("download/covid", "data/raw/covid/edition.json")],
)  # fmt: skip
def test_what_a_killed_job_left_is_known(finished: Path, node: str, left: str) -> None:
    MADE.unlink()
    shutil.rmtree(Path(left).parent)
    with suppress(KeyboardInterrupt), job(node, None):
        write_json(Path(left), {"edition": "real", "note": "", "files": {}})
        raise KeyboardInterrupt
    remove_a_study()
    assert Path(left) in unasked(Graph.load())
    write_text(Path(left), "another's")
    assert Path(left) not in unasked(Graph.load())


def test_another_file_at_a_name_of_labbook_s_is_the_user_s(
    finished: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its sum says whether a file is the one that labbook made; others are not read."""
    remember(dict.fromkeys(NAMES_OF_BEFORE, "0" * 64))
    edited = Path("results/covid-features/runs.csv")
    mark(Graph.load())
    remove_a_study()
    for path in (*NAMES_OF_BEFORE, edited):
        write_text(path, path.as_posix())
    assert main(["tidy", "--yes"]) == 0
    assert main(["prune", "--yes"]) == 0
    assert "or changed since: " in capsys.readouterr().out
    for path in (*NAMES_OF_BEFORE, edited):
        assert path.read_text() == path.as_posix()
    assert not Path("results/covid-features/verdicts.csv").exists()
    read: list[Path] = []
    target = "labbook.provenance.ownership.file_digest"
    monkeypatch.setattr(target, lambda path: read.append(path) or "")
    write_text(Path("results/notes.md"), "mine")
    assert unasked(Graph.load()) == []
    assert sorted(read) == sorted([*NAMES_OF_BEFORE, edited])


def test_run_files_have_a_run_s_name() -> None:
    assert is_run(RUNS / f"{RUN}.safetensors")
    assert is_run(ATTIC / RUNS / f"{RUN}.safetensors")
    for name in ("mine.safetensors", f"{RUN}.csv", f"{RUN} (1).safetensors"):
        assert not is_run(RUNS / name)


def test_a_user_s_file_where_a_job_will_write_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = [Path("results/boston-rate/runs.csv"), Path("results/report.html")]
    mine += [Path("data/prepared/boston.safetensors"), Path("results/claims.key")]
    for path in mine:
        write_text(path, f"{path}\nby  {path}\n")
    graph = begin(["--dry-run"])
    assert "in the way" in capsys.readouterr().err
    assert main(["plan"]) == 0
    assert "in the way" in capsys.readouterr().out
    obstacles = in_the_way(graph, Sums())
    assert (sorted(obstacles.foreign), obstacles.changed) == (sorted(mine), [])
    with pytest.raises(LabbookError, match="in the way") as refused:
        begin([])
    assert "notes/" in str(refused.value)
    assert all(str(path) in str(refused.value) for path in mine)
    assert all(path.read_text() == f"{path}\nby  {path}\n" for path in mine)
    assert not ATTIC.exists()
    for path in mine:
        path.unlink()
    finish(begin([]))
    begin([])


@pytest.mark.parametrize("known_by", ["key files", "memory"])
def test_an_edit_of_a_result_is_moved_aside_and_told(
    finished: Path, known_by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = [Path("results/boston-rate/runs.csv"), Path("results/report.html")]
    edited.append(Path("results/boston-rate/champion/champion.json"))
    mark(Graph.load())
    if known_by == "key files":  # in a clone
        MADE.unlink()
    else:  # a job was killed
        for path in (*Path("results").rglob("*.key"), *(p for p in edited if "json" in p.name)):
            path.unlink()
        edited.pop()
    for path in edited:
        write_text(path, '{"sums": {}, "mine": 1}')
    begin([])
    message = capsys.readouterr().err
    assert "moved to .labbook/attic" in message
    for path in edited:
        assert not path.exists()
        assert str(path) in message
        assert (ATTIC / path).read_text() == '{"sums": {}, "mine": 1}'
    assert len([path for path in ATTIC.rglob("*") if path.is_file()]) == len(edited)
    begin([])
    assert "moved to" not in capsys.readouterr().err


def record(folder: Path) -> None:
    """Let dvc.lock record a folder as it is, with its listing in DVC's cache."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    sums = {path: hashlib.md5(path.read_bytes()).hexdigest() for path in files}
    entries = [{"relpath": str(p.relative_to(folder)), "md5": md5} for p, md5 in sums.items()]
    write_json(Path(".dvc/cache/files/md5/00", "0" * 30 + ".dir"), entries)
    Path(".dvc/config").touch()
    out = f"{{path: {folder}, md5: {'0' * 32}.dir}}"
    Path("dvc.lock").write_text(f"stages:\n  results:\n    outs: [{out}]\n")


def test_what_a_pull_brought_without_its_key_is_moved_aside_and_a_user_s_file_refused(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """DVC records all that lies in results/: that it knows a file does not make it labbook's."""
    pulled = Path("results/boston-rate/runs.csv")
    record(Path("results"))
    before = pulled.read_bytes()
    for path in (MADE, *Path("results").rglob("*.key")):
        path.unlink(missing_ok=True)
    begin([])
    assert "pulled in part" in capsys.readouterr().err
    assert (ATTIC / pulled).read_bytes() == before
    shutil.rmtree("results/boston-rate")
    MADE.unlink(missing_ok=True)
    write_text(pulled, "my own notes")
    record(Path("results"))
    with pytest.raises(LabbookError, match="in the way"):
        begin([])
    assert pulled.read_text() == "my own notes"


@pytest.mark.parametrize("kind", ["a file", "a link to elsewhere"])
def test_what_lies_where_a_folder_must_be_is_refused(project: Path, kind: str) -> None:
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir()
    for name in (
        "results/runs", "results/boston-rate/champion", "results/boston-rate/figures",
        "results/boston-rate", "data/raw/boston", "data/selected", "results",
    ):  # fmt: skip
        path = Path(name)
        shutil.rmtree(path, ignore_errors=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "a file":
            path.write_text("mine")
        else:
            path.symlink_to(elsewhere)
        if kind != "a file" and name in ("results", "results/runs"):  # on another disk
            begin([])
        else:
            with pytest.raises(LabbookError, match=f"{name}: in the way.* Move it"):
                begin([])
        assert list(elsewhere.iterdir()) == []
        path.unlink()


@pytest.mark.parametrize(
    ("name", "text"),
    [("champion/champion.json", '{"sums": 3}'), ("champion/champion.json", "mine"),
     ("figures/index.json", "[1]"), ("figures/index.json", "{}")],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_in_the_way_as_any_file(
    finished: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("results/boston-rate", name)
    mark(Graph.load())
    write_text(path, text)
    begin([])
    assert "moved to .labbook/attic" in capsys.readouterr().err
    assert (ATTIC / path).read_text() == text
    MADE.unlink()
    for key in Path("results/boston-rate").rglob("*.key"):
        key.unlink()
    write_text(path, text)
    with pytest.raises(LabbookError, match="in the way"):
        begin([])
    assert path.read_text() == text


def test_what_a_job_has_made_is_not_in_its_way(finished: Path) -> None:
    graph = Graph.load()
    assert in_the_way(graph, Sums()) == InTheWay([], [])
    MADE.unlink()  # in a clone the key files tell
    assert in_the_way(graph, Sums()) == InTheWay([], [])
    mark(graph)
    with suppress(KeyboardInterrupt), job("report", None):
        write_text(Path("results/report.html"), "a new one")
        raise KeyboardInterrupt
    Path("results/report.key").unlink()  # as Snakemake does before a job that is killed
    assert in_the_way(graph, Sums()) == InTheWay([], [])


@pytest.mark.parametrize(
    ("node", "name"),
    [("figures/boston-rate", "figures/metric.svg"),
     ("evaluate/boston-rate", "champion/prediction.csv")],
)  # fmt: skip
def test_a_job_neither_replaces_nor_removes_a_user_s_file(
    finished: Path, node: str, name: str
) -> None:
    """Of names that are known only when the job writes."""
    mine = Path("results/boston-rate", name)
    write_text(mine, "mine")
    for act in (lambda: write_text(mine, "made"), lambda: remove(mine)):
        with pytest.raises(LabbookError, match="in the way"), job(node, None):
            act()
        assert mine.read_text() == "mine"
    mine.unlink()
    with suppress(KeyboardInterrupt), job(node, None):
        write_text(mine, "made")
        write_text(mine, "made otherwise")
        remove(mine)
        raise KeyboardInterrupt
    assert not mine.exists()
