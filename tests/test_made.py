"""What labbook has made, and what is the user's own: that is never moved, removed or replaced."""

import os
import shutil
from pathlib import Path

import pytest

from labbook.attic import ATTIC, foreign, in_the_way, unasked
from labbook.begin import begin
from labbook.cli import main
from labbook.figures.study import _remove_others
from labbook.files import write_text
from labbook.graph import RUNS, Graph
from labbook.keys import read_sums
from labbook.made import MADE, is_run, remember, remembered
from labbook.marks import job, mark
from tests.test_graph import edit, finish

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


@pytest.fixture
def finished(project: Path) -> Path:
    finish(Graph.load())
    return project


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
    node.key_file.write_text(text.replace(node.key, "0" * 16) + f"{'0' * 64}  {old}\n")
    assert old in read_sums(node)
    mark(Graph.load())
    node.key_file.unlink()
    assert old in unasked(Graph.load())


def test_what_a_killed_job_left_is_known(finished: Path) -> None:
    MADE.unlink()
    with pytest.raises(KeyboardInterrupt), job("evaluate/covid-features", None):
        raise KeyboardInterrupt
    left = Path("results/covid-features/runs.csv")
    shutil.rmtree("results/covid-features")
    write_text(left, "left")
    remove_a_study()
    assert left in unasked(Graph.load())


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
    assert remembered() == {table: {"1"}, raw: {"1", "2"}}
    with MADE.open("a") as file:
        file.write("\n4  results/cut o")  # by a kill
    remember({Path("results/c.csv"): "5"})
    assert remembered()[Path("results/c.csv")] == {"5"}
    MADE.write_bytes(b"\xff\xfe")
    assert remembered() == {}


def test_run_files_have_a_run_s_name() -> None:
    assert is_run(RUNS / "0123456789abcdef.safetensors")
    assert is_run(ATTIC / RUNS / "0123456789abcdef.safetensors")
    for name in ("mine.safetensors", "0123456789abcdef.csv", "0123456789abcdef (1).safetensors"):
        assert not is_run(RUNS / name)


def test_a_user_s_file_where_a_job_will_write_is_kept(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = [Path("results/boston-rate/runs.csv"), Path("results/report.html")]
    mine += [Path("data/prepared/boston.safetensors"), Path("results/claims.key")]
    for path in mine:
        write_text(path, path.as_posix())
    graph = begin(["--dry-run"])
    assert all(path.read_text() == path.as_posix() for path in mine)
    assert sorted(in_the_way(graph)) == sorted(mine)
    for _ in range(2):
        graph = begin([])
        said = capsys.readouterr().err
    assert "in the way" not in said
    assert [(ATTIC / path).read_text() for path in mine] == [path.as_posix() for path in mine]
    finish(graph)
    assert in_the_way(graph) == []
    MADE.unlink()  # in a clone the key files tell
    assert in_the_way(graph) == []
    with pytest.raises(KeyboardInterrupt), job("report", None):
        raise KeyboardInterrupt
    Path("results/report.key").unlink()  # as Snakemake does before a job that is killed
    write_text(Path("results/report.html"), "half of it")
    assert in_the_way(graph) == []


def test_an_edit_after_all_this_is_as_it_was(users: dict[Path, os.stat_result]) -> None:
    edit(('title: "A tiny', 'title: "Another tiny'))
    mark(Graph.load())
    assert_untouched(users)
