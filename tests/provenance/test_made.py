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
from labbook.housekeeping.sweep import sweep
from labbook.identity.code import file_digest
from labbook.paths import RUNS
from labbook.provenance.attic import ATTIC, InTheWay, foreign, in_the_way, unasked
from labbook.provenance.graph import Graph
from labbook.provenance.keyfile import read_key_file
from labbook.provenance.made import MADE, is_run, remember, remembered
from labbook.provenance.snakemake_times import job, mark
from labbook.provenance.sums import Sums
from labbook.report.figures.study import _remove_others
from labbook.running.begin import begin
from tests.made_project import edit, finish

pytestmark = pytest.mark.thorough

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
    "data/prepared/mine.safetensors",
    "data/raw/mine/table.csv",
    "results/mine/runs.csv",
    "results/boston-rate/figures/mine.svg",
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


def test_tidy_and_prune_leave_a_user_s_files(
    users: dict[Path, os.stat_result], capsys: pytest.CaptureFixture[str]
) -> None:
    made = Path("results/covid-features/runs.csv")
    assert made.exists()
    remove_a_study()
    mark(Graph.load())
    assert main(["tidy", "--yes"]) == 0
    assert not made.exists()
    assert (ATTIC / made).exists()
    assert main(["prune", "--yes"]) == 0
    assert_untouched(users)
    said = capsys.readouterr().out
    assert "no work of labbook's" in said
    assert "data/raw/boston/boston (1).csv" in said
    assert main(["fresh", "data/raw"]) == 0
    assert "Nothing to do" in capsys.readouterr().out


def test_what_is_of_a_user_s_is_told_apart(users: dict[Path, os.stat_result]) -> None:
    graph = Graph.load()
    assert unasked(graph) == []
    unseen = {"champion", "empty-folder", "linked-folder"}
    expected = {p for p in users if not unseen & set(p.parts)}
    assert set(foreign(graph)) == expected


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


def test_what_a_killed_job_left_is_known(finished: Path) -> None:
    MADE.unlink()
    left = Path("results/covid-features/runs.csv")
    shutil.rmtree("results/covid-features")
    with suppress(KeyboardInterrupt), job("evaluate/covid-features", None):
        write_text(left, "left")
        raise KeyboardInterrupt
    remove_a_study()
    assert left in unasked(Graph.load())
    write_text(left, "another's")
    assert left not in unasked(Graph.load())


def test_what_a_killed_download_left_is_known(finished: Path) -> None:
    MADE.unlink()
    shutil.rmtree("data/raw/covid")
    left = Path("data/raw/covid/edition.json")
    with suppress(KeyboardInterrupt), job("download/covid", None):
        write_json(left, {"edition": "real", "note": "", "files": {}})
        raise KeyboardInterrupt
    remove_a_study()
    assert left in unasked(Graph.load())


def test_another_file_at_a_name_of_labbook_s_is_the_user_s(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only its sum says whether a file is the one that labbook made."""
    remember(dict.fromkeys(map(Path, NAMES_OF_BEFORE), "0" * 64))
    edited = Path("results/covid-features/runs.csv")
    mark(Graph.load())
    remove_a_study()
    for path in (*map(Path, NAMES_OF_BEFORE), edited):
        write_text(path, path.as_posix())
    assert main(["tidy", "--yes"]) == 0
    assert main(["prune", "--yes"]) == 0
    assert "or changed since: " in capsys.readouterr().out
    for path in (*map(Path, NAMES_OF_BEFORE), edited):
        assert path.read_text() == path.as_posix()
    assert not Path("results/covid-features/verdicts.csv").exists()


def test_a_study_s_figures_are_the_only_ones_removed(tmp_path: Path) -> None:
    names = ["metric.svg", "metric.png", "fit.svg", "fit.png", "mine.png", "metric 2.svg"]
    for name in names:
        (tmp_path / name).write_text(name)
    _remove_others(tmp_path, {"metric"})
    assert {path.name for path in tmp_path.iterdir()} == {*names} - {"fit.svg", "fit.png"}


def test_what_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert remembered() == {}
    table, raw = Path("results/a b/runs.csv"), Path("data/raw/a/a.csv")
    for total in ("1", "2", "1"):
        remember({table: total, raw: total, RUNS / "0123456789abcdef.safetensors": total})
    assert remembered() == {table: ["2", "1"], raw: ["2", "1"]}
    with MADE.open("a") as file:
        file.write("\n4  results/cut o")  # by a kill
    remember({Path("results/c.csv"): "5"})
    assert remembered()[Path("results/c.csv")] == ["5"]
    MADE.write_bytes(b"\xff\xfe")
    assert remembered() == {}


def test_the_newest_sums_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = Path("results/a/runs.csv")
    for number in range(40):
        remember({table: str(number)})
    newest = [str(number) for number in range(35, 40)]
    assert remembered() == {table: newest}
    lines = MADE.read_text().count(table.name)
    sweep()
    assert remembered() == {table: newest}
    assert MADE.read_text().count(table.name) == len(newest) < lines
    before = MADE.read_text()
    sweep()
    assert MADE.read_text() == before


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/null"])
def test_what_is_no_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    MADE.parent.mkdir()
    MADE.symlink_to(target)
    assert remembered() == {}
    with pytest.raises(LabbookError, match="not a plain file"):
        remember({Path("results/a.csv"): "1"})


def test_run_files_have_a_run_s_name() -> None:
    assert is_run(RUNS / "0123456789abcdef.safetensors")
    assert is_run(ATTIC / RUNS / "0123456789abcdef.safetensors")
    for name in ("mine.safetensors", "0123456789abcdef.csv", "0123456789abcdef (1).safetensors"):
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
    found = in_the_way(graph, Sums())
    assert (sorted(found.foreign), found.changed) == (sorted(mine), [])
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
    said = capsys.readouterr().err
    assert "moved to .labbook/attic" in said
    for path in edited:
        assert not path.exists()
        assert str(path) in said
        assert (ATTIC / path).read_text() == '{"sums": {}, "mine": 1}'
    assert len([path for path in ATTIC.rglob("*") if path.is_file()]) == len(edited)
    begin([])
    assert "moved to" not in capsys.readouterr().err


def test_what_a_pull_brought_without_its_key_is_moved_aside_and_made_anew(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled = Path("results/boston-rate/runs.csv")
    record(Path("results"))
    before = pulled.read_bytes()
    for path in (MADE, *Path("results").rglob("*.key")):
        path.unlink(missing_ok=True)
    begin([])
    assert "pulled in part" in capsys.readouterr().err
    assert (ATTIC / pulled).read_bytes() == before


def test_a_user_s_file_that_dvc_records_with_the_rest_is_refused(finished: Path) -> None:
    """DVC records all that lies in results/: that it knows a file does not make it labbook's."""
    shutil.rmtree("results/boston-rate")
    MADE.unlink(missing_ok=True)
    mine = Path("results/boston-rate/runs.csv")
    write_text(mine, "my own notes")
    record(Path("results"))
    with pytest.raises(LabbookError, match="in the way"):
        begin([])
    assert mine.read_text() == "my own notes"


def record(folder: Path) -> None:
    """Let dvc.lock record a folder as it is, with its listing in DVC's cache."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    entries = [
        {
            "relpath": p.relative_to(folder).as_posix(),
            "md5": hashlib.md5(p.read_bytes()).hexdigest(),
        }
        for p in files
    ]
    write_json(Path(".dvc/cache/files/md5/00", "0" * 30 + ".dir"), entries)
    Path(".dvc/config").touch()
    out = f"{{path: {folder}, md5: {'0' * 32}.dir}}"
    Path("dvc.lock").write_text(f"stages:\n  results:\n    outs: [{out}]\n")


@pytest.mark.parametrize(
    "name",
    ["results", "results/runs", "results/boston-rate", "results/boston-rate/champion",
     "results/boston-rate/figures", "data/raw/boston", "data/selected"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["a file", "a link to elsewhere"])
def test_what_lies_where_a_folder_must_be_is_refused(project: Path, name: str, kind: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir()
    if kind == "a file":
        path.write_text("mine")
    else:
        path.symlink_to(elsewhere)
    if kind != "a file" and name in ("results", "results/runs"):  # on another disk
        begin([])
        return
    with pytest.raises(LabbookError, match=f"{name}: in the way") as refused:
        begin([])
    assert "Move it" in str(refused.value)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("text", ["[1]", "mine", '{"sums": 3}'])
@pytest.mark.parametrize("name", ["champion/champion.json", "figures/index.json"])
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


def test_only_what_is_in_question_is_read(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin([])
    read: list[Path] = []
    monkeypatch.setattr("labbook.provenance.made.file_digest", lambda path: read.append(path) or "")
    write_text(Path("results/notes.md"), "mine")
    another = Path("results/another.csv")
    remember({another: "0" * 64})
    write_text(another, "mine")
    assert unasked(Graph.load()) == []
    assert read == [another]


@pytest.mark.parametrize("name", ["figures/metric.svg", "champion/prediction.csv"])
def test_a_job_neither_replaces_nor_removes_a_user_s_file(finished: Path, name: str) -> None:
    """Of names that are known only when the job writes."""
    mine = Path("results/boston-rate", name)
    write_text(mine, "mine")
    node = "figures/boston-rate" if mine.suffix == ".svg" else "evaluate/boston-rate"
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


def test_an_edit_after_all_this_is_as_it_was(users: dict[Path, os.stat_result]) -> None:
    edit(('title: "A tiny', 'title: "Another tiny'))
    mark(Graph.load())
    assert_untouched(users)
