"""Bad input and bad luck: one clear message, no traceback, a non-zero exit, nothing half-written."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    assert "Traceback" not in ran.stdout, ran.stdout
    after = project.results()
    assert not [name for name in after if name.endswith((".tmp", ".part"))]
    assert {name: after.get(name) for name in before} == before
    return ran.stdout


# What is wrong with an input (a file, a text in it and what is there instead), the file that
# cannot be made from it, and words of the message. All messages: tests/data and tests/params.
INPUTS = {
    "another delimiter": (TABLE, ";", ",", "data/prepared/leaves.safetensors", ["delimiter"]),
    "text in a number column": (TABLE, "\n3;", "\n3;long", "data/prepared/leaves.safetensors", ["line 4", "length", "long"]),
    "empty fields": ("params.yaml", "    missing: median\n", "", "data/prepared/leaves.safetensors", ["length", "median"]),
    "fewer rows than a split needs": ("params.yaml", "{valid: 84, test: 84}", "{valid: 300, test: 300}", "data/prepared/boston.safetensors", ["506", "300"]),
    "more columns than there are": ("params.yaml", "f_classif, k: 2}", "f_classif, k: 20}", "data/selected/leaves/f_classif-20.json", ["20"]),
    "an expression outside the language": ("params.yaml", "x ** 2 - 1", "__import__('os').system('true')", "data/raw/function/key", ["Allowed"]),
}  # fmt: skip


def test_inputs_that_are_wrong(new: Callable[..., Project]) -> None:
    project = new()
    for file, old, wrong, target, words in INPUTS.values():
        path = project.folder / file
        text = path.read_text()
        assert old in text, old
        path.write_text(text.replace(old, wrong))
        shutil.rmtree(project.folder / "data", ignore_errors=True)
        message = refusal(project, "snakemake", target)
        path.write_text(text)
        assert all(word in message for word in words), message
    (project.folder / TABLE).unlink()
    assert TABLE in refusal(project, "snakemake", "data/prepared/leaves.safetensors")
    assert TABLE in refusal(project, "labbook", "check")


def test_a_wrong_sum_is_an_error_and_never_a_stand_in(new: Callable[..., Project]) -> None:
    project = new()
    mirror = project.folder / "mirror/covid"
    mirror.mkdir(parents=True)
    project.environment["LABBOOK_MIRROR"] = str(mirror.parent)
    for content in (b"id,x\n1,2\n", b""):
        for name in ("covid_train.csv", "covid_test.csv"):
            (mirror / name).write_bytes(content)
        assert "covid_train.csv" in refusal(project, "snakemake", "data/raw/covid/key")
        assert not list((project.folder / "data").rglob("*.csv"))
    del project.environment["LABBOOK_MIRROR"]
    project.edit("packs: {size: 16}", "packs: {size: 16}\nstand_ins: forbid")
    assert "LABBOOK_MIRROR" in refusal(project, "snakemake", "data/raw/covid/key")


def test_the_stand_in_stays_if_the_real_data_cannot_be_had(done: Project) -> None:
    assert "127.0.0.1:9" in refusal(done, "labbook", "data", "covid", "real")
    assert not done.stale()


@pytest.mark.parametrize("name", ["results/runs", "data/prepared/function.safetensors"])
def test_a_broken_file_is_named_with_the_way_out(place: Project, name: str) -> None:
    path = place.folder / name
    path = min(path.iterdir()) if path.is_dir() else path
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


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """A file system at the folder, which only root may mount."""
    command = ["mount", *options, folder]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip(f"needs the right to mount: {options}")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_while_a_run_is_written(done: Project, tmp_path: Path) -> None:
    disk, pack = tmp_path / "disk", "results/packs/boston-optimizer-000.json"
    runs = done.folder / "results/runs"
    kept = {path.name: path.read_bytes() for path in runs.iterdir()}
    disk.mkdir()
    shutil.rmtree(runs)
    with mounted(disk, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        (disk / "ballast").write_bytes(b"x" * (1024 * 1024 - 3 * 4096))
        runs.symlink_to(disk)
        message = done.run("snakemake", "--cores", "1", pack, ok=False)
        assert message.returncode != 0
        assert "No space left" in message.stdout
        assert "Traceback" not in message.stdout
        assert not list(disk.glob(".*")), "a half-written run file"
        (disk / "ballast").unlink()
        done.snakemake(pack)
        written = {path.name: path.read_bytes() for path in disk.glob("*.safetensors")}
        assert written
        assert written.items() <= kept.items()


def test_results_that_are_read_only(place: Project) -> None:
    place.edit(*ANOTHER_TITLE)
    results = place.folder / "results"
    with mounted(results, "--bind", str(results)):
        subprocess.run(["mount", "-o", "remount,ro,bind", results], check=True)
        assert "Read-only file system" in refusal(place, "snakemake", "--cores", "1")
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
