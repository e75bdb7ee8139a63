"""Public tables, each written in a way of its own: one command, and `labbook check` is content."""

from pathlib import Path

import pytest

from labbook.cli import main
from labbook.documents import parse
from labbook.starting.book import lay_out
from tests.conftest import ROOT
from tests.starting.public_tables import PUBLIC
from tests.workflow.project import Project


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tables").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_table_is_begun_by_one_command(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public = PUBLIC[name]
    file = f"tables/{public.file}"
    public.write(folder / file)
    content = (folder / file).read_bytes()
    assert main(["new", file, "--target", public.target]) == 0, capsys.readouterr().err
    block = parse(Path("params.yaml").read_text())["datasets"][name]
    assert block["task"] == public.task
    assert {key: block.get(key) for key in public.expected} == public.expected
    assert main(["check"]) == 0, capsys.readouterr().err
    assert (folder / file).read_bytes() == content


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["spector", "macrodata"])
def test_a_public_table_comes_to_its_report(name: str, folder: Path) -> None:
    public = PUBLIC[name]
    lay_out(folder)
    public.write(folder / "tables" / public.file)
    project = Project(folder, PYTHONPATH=str(ROOT / "src"))
    for command in (
        ("labbook", "new", f"tables/{public.file}", "--target", public.target),
        ("snakemake", "--cores", "1", "results/report.html"),
        ("labbook", "verify"),
    ):
        project.run(*command)
    assert public.target in (folder / "results/report.html").read_text()
