"""Bad input and bad luck: one clear message, no traceback, a non-zero exit, nothing half-written."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workflow.conftest import Project

TABLE = "tests/tables/leaves.csv"


def refusal(project: Project, *command: str) -> str:
    """What a program says that must fail, and fail well."""
    before = project.results()
    ran = project.run(*command, ok=False)
    assert ran.returncode != 0, ran.stdout
    assert "Traceback" not in ran.stdout, ran.stdout
    after = project.results()
    assert not [name for name in after if name.endswith((".tmp", ".part"))]
    assert {name: after.get(name) for name in before} == before
    return ran.stdout


def prepare_leaves(project: Project) -> str:
    return refusal(project, "snakemake", "data/prepared/leaves.safetensors")


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


@pytest.mark.parametrize("fault", BAD_TABLES)
def test_a_table_that_is_wrong(new: Callable[..., Project], fault: str) -> None:
    change, said = BAD_TABLES[fault]
    project = new()
    path = project.folder / TABLE
    path.write_text(change(path.read_text()))
    message = prepare_leaves(project)
    for word in said:
        assert word in message


def test_empty_fields_are_refused_with_their_counts(new: Callable[..., Project]) -> None:
    message = prepare_leaves(new(("    missing: median\n", "")))
    assert "median" in message
    assert "length" in message


def test_a_table_that_is_not_there(new: Callable[..., Project]) -> None:
    project = new()
    (project.folder / TABLE).unlink()
    assert TABLE in prepare_leaves(project)
    assert TABLE in refusal(project, "labbook", "check")


def test_fewer_rows_than_a_split_needs(new: Callable[..., Project]) -> None:
    project = new(("{valid: 84, test: 84}", "{valid: 300, test: 300}"))
    message = refusal(project, "snakemake", "data/prepared/boston.safetensors")
    assert "506" in message
    assert "300" in message


def test_more_columns_than_there_are(new: Callable[..., Project]) -> None:
    project = new(("{features: {method: f_classif, k: 2}}", "{features: {method: f_classif, k: 20}}"),
                  ("than: {features: {method: f_classif, k: 2}}", "than: {features: {method: f_classif, k: 20}}"))  # fmt: skip
    message = refusal(project, "snakemake", "data/selected/leaves/f_classif-20.json")
    assert "20" in message


def test_an_expression_outside_the_language(new: Callable[..., Project]) -> None:
    project = new(("x ** 2 - 1", "__import__('os').system('true')"))
    assert "Allowed" in refusal(project, "labbook", "check")
    assert "Allowed" in refusal(project, "snakemake", "data/raw/function/key")


def with_mirror(project: Project, content: bytes) -> Project:
    mirror = project.folder / "mirror"
    (mirror / "covid").mkdir(parents=True)
    for name in ("covid_train.csv", "covid_test.csv"):
        (mirror / "covid" / name).write_bytes(content)
    project.environment["LABBOOK_MIRROR"] = str(mirror)
    return project


@pytest.mark.parametrize("content", [b"id,x\n1,2\n", b""], ids=["wrong", "empty"])
def test_a_wrong_sum_is_an_error_and_never_a_stand_in(
    new: Callable[..., Project], content: bytes
) -> None:
    project = with_mirror(new(), content)
    message = refusal(project, "snakemake", "data/raw/covid/key")
    assert "covid_train.csv" in message
    assert not list((project.folder / "data").rglob("*.csv"))


def test_stand_ins_can_be_forbidden(new: Callable[..., Project]) -> None:
    project = new(("packs: {size: 16}", "packs: {size: 16}\nstand_ins: forbid"))
    message = refusal(project, "snakemake", "data/raw/covid/key")
    assert "LABBOOK_MIRROR" in message


def test_the_real_data_can_be_asked_for_and_the_stand_in_stays_if_it_cannot_be_had(
    done: Project,
) -> None:
    before = done.results()
    message = refusal(done, "labbook", "data", "covid", "real")
    assert "127.0.0.1:9" in message
    assert done.results() == before
    assert not done.jobs()


@pytest.mark.parametrize("kind", ["a run", "data"])
def test_a_broken_file_is_named_with_the_way_out(done: Project, kind: str) -> None:
    run = done.table("results/boston-rate/runs.csv")[0]["run"]
    names = {"a run": f"results/runs/{run}.safetensors", "data": "data/prepared/boston.safetensors"}
    path = done.folder / names[kind]
    path.write_bytes(path.read_bytes()[:100])
    shutil.rmtree(done.folder / "results/boston-rate")
    for pack in (done.folder / "results/packs").glob("boston-rate-*"):
        pack.unlink()
    table = "results/boston-rate/study.json"
    ran = done.run("snakemake", "--cores", "2", table, ok=False)
    assert "Traceback" not in ran.stdout
    if ran.returncode:
        assert path.name in ran.stdout
        path.unlink()
        done.snakemake(table)
    assert "Nothing to be done" in done.snakemake(table)


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
    runs = done.folder / "results/runs"
    kept = {path.name: path.read_bytes() for path in runs.iterdir()}
    shutil.rmtree(runs)
    (small_disk / "ballast").write_bytes(b"x" * (1024 * 1024 - 3 * 4096))
    runs.symlink_to(small_disk)
    message = done.run(
        "snakemake", "--cores", "1", "results/packs/boston-optimizer-000.json", ok=False
    )
    assert message.returncode != 0
    assert "No space left" in message.stdout
    assert "Traceback" not in message.stdout
    for path in small_disk.glob("*.safetensors"):
        assert path.read_bytes() == kept[path.name], "a half-written run file"
    assert not list(small_disk.glob(".*"))
    (small_disk / "ballast").unlink()
    done.snakemake("results/packs/boston-optimizer-000.json")
    for path in small_disk.glob("*.safetensors"):
        assert path.read_bytes() == kept[path.name]


def test_results_that_are_read_only(done: Project) -> None:
    done.edit("A tiny lab book", "Another tiny lab book")
    results = done.folder / "results"
    binding = ["mount", "--bind", "-o", "ro", results, results]
    if os.geteuid() != 0 or subprocess.run(binding, capture_output=True).returncode:
        pytest.skip("needs to mount a folder read-only, which only root may")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", results], check=True)
        ran = done.run("snakemake", "--cores", "1", ok=False)
    finally:
        subprocess.run(["umount", results], check=True)
    assert ran.returncode != 0
    assert "Read-only file system" in ran.stdout
    assert "Traceback" not in ran.stdout
    done.snakemake()
    assert not done.jobs()


def test_a_study_in_which_every_run_diverges(new: Callable[..., Project]) -> None:
    project = new(
        ("[0.05, 1e+5]", "[1e+6, 1e+5]"),
        ("better: {optimizer.rate: 0.05}", "better: {optimizer.rate: 1e+6}"),
        ("of: {optimizer.rate: 0.05}", "of: {optimizer.rate: 1e+6}"),
    )
    project.snakemake("results/boston-rate/figures/index.json")
    rows = project.table("results/boston-rate/runs.csv")
    assert {row["ended"].partition(" ")[0] for row in rows} == {"diverged"}
    assert "boston-rate" in project.run("labbook", "plan").stdout
    assert "evaluate" in project.jobs()  # of the other studies
