"""Bad input and bad luck: one clear message, no traceback, a non-zero exit, nothing half-written."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workflow.finished import ANOTHER_TITLE
from tests.workflow.project import Project

TABLE = "tests/tables/leaves.csv"


def refusal(project: Project, *command: str) -> str:
    """What a program says that must fail, and fail well."""
    before = project.results()
    ran = project.run(*command, ok=False)
    assert ran.returncode != 0, ran.stdout
    assert_failed_well(project, ran.stdout, before)
    return ran.stdout


def failed_job(project: Project, *jobs: str) -> str:
    """What the last of some jobs says, which must fail, and fail well; without Snakemake."""
    for job in jobs[:-1]:
        project.run("labbook", "job", job)
    return refusal(project, "labbook", "job", jobs[-1])


def assert_failed_well(project: Project, said: str, before: dict[str, bytes]) -> None:
    assert "Traceback" not in said, said
    after = project.results()
    assert not [name for name in after if name.endswith((".tmp", ".part"))]
    assert {name: after.get(name) for name in before} == before


def edit_line(text: str, number: int, change: Callable[[str], str]) -> str:
    lines = text.split("\n")
    lines[number - 1] = change(lines[number - 1])
    return "\n".join(lines)


BAD_TABLES = {
    "half a line": (lambda t: t[: t.index("\n40;") + 8], ["leaves.csv", "line 41"]),
    "text in a number column": (
        lambda t: edit_line(t, 5, lambda r: r.replace(r.split(";")[1], "long")),
        ["line 5", "length", "long"],
    ),
    "not a number": (
        lambda t: edit_line(t, 5, lambda r: r.replace(r.split(";")[1], "inf")),
        ["length"],
    ),
    "repeated columns": (
        lambda t: t.replace("width;weight", "length;weight"),
        ["length", "number"],
    ),
    "target missing": (lambda t: t.replace(";tree\n", ";tre\n"), ["tree", "tre"]),
    "no rows": (lambda t: t.split("\n")[0] + "\n", ["leaves.csv"]),
    "empty file": (lambda t: "", ["leaves.csv"]),
    "another delimiter": (lambda t: t.replace(";", ","), ["delimiter"]),
}


def test_tables_that_are_wrong(new: Callable[..., Project]) -> None:
    """By the job alone; the last by Snakemake too."""
    project = new()
    path = project.folder / TABLE
    text = path.read_text()
    for change, words in BAD_TABLES.values():
        path.write_text(change(text))
        message = failed_job(project, "download/leaves", "prepare/leaves")
        assert all(word in message for word in words), message
    message = refusal(project, "snakemake", "data/prepared/leaves.safetensors")
    assert "delimiter" in message
    path.write_text(text)
    project.edit("    missing: median\n", "")
    message = failed_job(project, "download/leaves", "prepare/leaves")
    assert "median" in message
    assert "length" in message
    path.unlink()
    assert TABLE in refusal(project, "snakemake", "data/prepared/leaves.safetensors")
    assert TABLE in refusal(project, "labbook", "check")


def test_fewer_rows_than_a_split_needs(new: Callable[..., Project]) -> None:
    project = new(("{valid: 84, test: 84}", "{valid: 300, test: 300}"))
    message = failed_job(project, "download/boston", "prepare/boston")
    assert "506" in message
    assert "300" in message


def test_more_columns_than_there_are(new: Callable[..., Project]) -> None:
    project = new(("{features: {method: f_classif, k: 2}}", "{features: {method: f_classif, k: 20}}"),
                  ("than: {features: {method: f_classif, k: 2}}", "than: {features: {method: f_classif, k: 20}}"))  # fmt: skip
    jobs = ("download/leaves", "prepare/leaves", "select/leaves/f_classif-20")
    assert "20" in failed_job(project, *jobs)


def test_an_expression_outside_the_language(new: Callable[..., Project]) -> None:
    project = new(("x ** 2 - 1", "__import__('os').system('true')"))
    assert "Allowed" in refusal(project, "labbook", "check")
    assert "Allowed" in refusal(project, "snakemake", "data/raw/function/key")


def test_a_wrong_sum_is_an_error_and_never_a_stand_in(
    new: Callable[..., Project],
) -> None:
    project = new()
    mirror = project.folder / "mirror"
    (mirror / "covid").mkdir(parents=True)
    project.environment["LABBOOK_MIRROR"] = str(mirror)
    for content in (b"id,x\n1,2\n", b""):
        for name in ("covid_train.csv", "covid_test.csv"):
            (mirror / "covid" / name).write_bytes(content)
        assert "covid_train.csv" in failed_job(project, "download/covid")
        assert not list((project.folder / "data").rglob("*.csv"))
    assert "covid_train.csv" in refusal(project, "snakemake", "data/raw/covid/key")
    assert not list((project.folder / "data").rglob("*.csv"))
    del project.environment["LABBOOK_MIRROR"]
    project.edit("packs: {size: 16}", "packs: {size: 16}\nstand_ins: forbid")
    assert "LABBOOK_MIRROR" in failed_job(project, "download/covid")


def test_the_real_data_can_be_asked_for_and_the_stand_in_stays_if_it_cannot_be_had(
    done: Project,
) -> None:
    before = done.results()
    assert "127.0.0.1:9" in refusal(done, "labbook", "data", "covid", "real")
    assert done.results() == before
    assert not done.stale()


@pytest.mark.parametrize("name", ["results/runs", "data/prepared/function.safetensors"])
def test_a_broken_file_is_named_with_the_way_out(place: Project, name: str) -> None:
    path = place.folder / name
    path = sorted(path.iterdir())[0] if path.is_dir() else path
    path.write_bytes(path.read_bytes()[:100])
    shutil.rmtree(place.folder / "results/rate")
    shutil.rmtree(place.folder / "results/packs")
    ran = place.run("snakemake", "--cores", "2", ok=False)
    assert "Traceback" not in ran.stdout
    if ran.returncode:
        assert path.name in ran.stdout
        path.unlink()
        place.snakemake()
    assert not place.jobs()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs to mount a small file system, which only root may")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_while_a_run_is_written(done: Project, small_disk: Path) -> None:
    runs, pack = done.folder / "results/runs", "results/packs/boston-optimizer-000.json"
    kept = {path.name: path.read_bytes() for path in runs.iterdir()}
    shutil.rmtree(runs)
    (small_disk / "ballast").write_bytes(b"x" * (1024 * 1024 - 3 * 4096))
    runs.symlink_to(small_disk)
    message = done.run("snakemake", "--cores", "1", pack, ok=False)
    assert message.returncode != 0
    assert "No space left" in message.stdout
    assert "Traceback" not in message.stdout
    for path in small_disk.glob("*.safetensors"):
        assert path.read_bytes() == kept[path.name], "a half-written run file"
    assert not list(small_disk.glob(".*"))
    (small_disk / "ballast").unlink()
    done.snakemake(pack)
    for path in small_disk.glob("*.safetensors"):
        assert path.read_bytes() == kept[path.name]


def test_results_that_are_read_only(place: Project) -> None:
    place.edit(*ANOTHER_TITLE)
    results = place.folder / "results"
    binding = ["mount", "--bind", "-o", "ro", results, results]
    if os.geteuid() != 0 or subprocess.run(binding, capture_output=True).returncode:
        pytest.skip("needs to mount a folder read-only, which only root may")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", results], check=True)
        ran = place.run("snakemake", "--cores", "1", ok=False)
    finally:
        subprocess.run(["umount", results], check=True)
    assert ran.returncode != 0
    assert "Read-only file system" in ran.stdout
    assert "Traceback" not in ran.stdout
    place.snakemake()
    assert not place.jobs()


def test_a_study_in_which_every_run_diverges(done: Project) -> None:
    done.edit("[0.05, 1e+5]", "[1e+6, 1e+5]")
    done.edit("better: {optimizer.rate: 0.05}", "better: {optimizer.rate: 1e+6}")
    done.edit("of: {optimizer.rate: 0.05}", "of: {optimizer.rate: 1e+6}")
    assert {"evaluate/boston-rate", "figures/boston-rate", "report"} <= set(done.make())
    rows = done.table("results/boston-rate/runs.csv")
    assert {row["ended"].partition(" ")[0] for row in rows} == {"diverged"}
    assert "boston-rate" in done.run("labbook", "plan").stdout
