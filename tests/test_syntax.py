"""What is known of code: by content alone, kept where labbook has run."""

import ast
import json
from pathlib import Path

import pytest

from labbook.syntax import FOLDER, Memory

TEXT = b"import numpy\n\ndef f(x):\n    from labbook import runs\n    return x\n"


@pytest.fixture
def parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The texts that are parsed, in the order in which they are; the folder is an empty one."""
    texts: list[bytes] = []
    original = ast.parse
    monkeypatch.setattr(ast, "parse", lambda text: texts.append(text) or original(text))
    monkeypatch.chdir(tmp_path)
    return texts


def test_a_text_is_read_once_and_known_in_the_next_process(parsed: list[bytes]) -> None:
    FOLDER.mkdir()
    first = Memory()
    known = first.read(TEXT)
    assert set(known.imports) == {"numpy", "labbook", "labbook.runs"}
    assert first.read(TEXT) == known
    first.keep()
    assert Memory().read(TEXT) == known
    assert parsed == [TEXT]
    assert Memory().read(TEXT.replace(b"return x", b"return y")).digest != known.digest
    assert len(parsed) == 2


def test_what_another_version_of_python_learnt_is_not_believed(
    parsed: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    FOLDER.mkdir()
    first = Memory()
    first.read(TEXT)
    first.keep()
    monkeypatch.setattr("labbook.syntax.platform.python_version", lambda: "4.0")
    Memory().read(TEXT)
    assert len(parsed) == 2


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"a": 1}), "\xff"])
def test_a_broken_memory_is_forgotten(parsed: list[bytes], content: str) -> None:
    known = Memory().read(TEXT)
    FOLDER.mkdir()
    (FOLDER / "code.json").write_bytes(content.encode("latin-1"))
    assert Memory().read(TEXT) == known


def test_nothing_is_written_where_labbook_has_not_run(parsed: list[bytes]) -> None:
    memory = Memory()
    memory.read(TEXT)
    memory.keep()
    assert not list(Path.cwd().iterdir())


def test_a_folder_that_cannot_be_written_is_no_error(parsed: list[bytes]) -> None:
    FOLDER.mkdir()
    (FOLDER / "code.json").mkdir()  # as good as read-only, for root too
    memory = Memory()
    known = memory.read(TEXT)
    memory.keep()
    assert memory.read(TEXT) == known
