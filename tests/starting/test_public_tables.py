"""Public tables, each written in a way of its own: one command, and `labbook check` is content."""

from pathlib import Path

import pytest

from labbook.cli import main
from labbook.documents import parse
from tests.starting.public_tables import PUBLIC


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
