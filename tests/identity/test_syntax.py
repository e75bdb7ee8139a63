"""What is known of code: by content alone, kept where labbook has run."""

import ast
import json
from pathlib import Path

import pytest

from labbook.identity.syntax import FOLDER, Memory

TEXT = b"import numpy\n\ndef f(x):\n    from labbook.training import runfile\n    return x\n"


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
    assert set(known.imports) == {"numpy", "labbook.training", "labbook.training.runfile"}
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
    monkeypatch.setattr("labbook.identity.syntax.platform.python_version", lambda: "4.0")
    Memory().read(TEXT)
    assert len(parsed) == 2


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"a": 1}), "\xff"])
def test_a_broken_memory_is_forgotten(parsed: list[bytes], content: str) -> None:
    known = Memory().read(TEXT)
    FOLDER.mkdir()
    (FOLDER / "code.json").write_bytes(content.encode("latin-1"))
    assert Memory().read(TEXT) == known


@pytest.mark.parametrize("folder", [False, True])
def test_what_cannot_be_kept_is_no_error(parsed: list[bytes], folder: bool) -> None:
    """Nothing is written where labbook has not run, nor where the folder cannot be written."""
    if folder:
        Path(FOLDER, "code.json").mkdir(parents=True)  # as good as read-only, for root too
    memory = Memory()
    known = memory.read(TEXT)
    memory.keep()
    assert memory.read(TEXT) == known
    assert not [path for path in Path.cwd().rglob("*") if path.is_file()]


MESSAGES = {
    "an error": ('raise Wrong("old")', 'raise Wrong("new words")'),
    "with values": ('raise Wrong(f"{x} old {y}")', 'raise Wrong(f"now {x}, {y}: new")'),
    "in pieces": ('raise Wrong("o" + f"l{x}d" + "")', 'raise Wrong("n" + f"e{x}w" + "!")'),
    "one of two": ('raise Wrong("a" if x else "b")', 'raise Wrong("c" if x else "d")'),
    "with a cause": ('raise Wrong("old") from error', 'raise Wrong("new") from error'),
    "a second argument": ('raise Wrong(x, "old")', 'raise Wrong(x, "new")'),
    "print": ('print("old", x, file=y)', 'print("new", x, file=y)'),
    "a warning": ('warnings.warn("old", stacklevel=2)', 'warnings.warn("new", stacklevel=2)'),
    "written": ('sys.stderr.write(f"{x} old")', 'sys.stderr.write(f"new {x}")'),
}
NUMBERS = {
    "a key": ('x["old"]', 'x["new"]'),
    "a key of an error's text": ("raise Wrong(f\"{x['a']}\")", "raise Wrong(f\"{x['b']}\")"),
    "what an error is": ('raise Wrong("old")', 'raise Other("old")'),
    "a number in an error": ("raise Wrong(1)", "raise Wrong(2)"),
    "what is computed for it": ('raise Wrong(f("old"))', 'raise Wrong(f("new"))'),
    "which of two": ('raise Wrong("a" if x else "b")', 'raise Wrong("a" if y else "b")'),
    "its cause": ('raise Wrong("a") from f("old")', 'raise Wrong("a") from f("new")'),
    "where it is written": ('print("a", file=f("old"))', 'print("a", file=f("new"))'),
    "a format": ('y = f"{x:.3f}"', 'y = f"{x:.4f}"'),
    "a text that is kept": ('y = "old"', 'y = "new"'),
    "an argument": ('f("old")', 'f("new")'),
    "what print gives": ('y = print("old")', 'y = print("new")'),
    "another's print": ('x.print("old")', 'x.print("new")'),
    "a default": ('def f(x="old"): raise Wrong("a")', 'def f(x="new"): raise Wrong("a")'),
    "bytes": ('raise Wrong(b"old")', 'raise Wrong(b"new")'),
    "a condition": ('if x == "old": raise Wrong("a")', 'if x == "new": raise Wrong("a")'),
}


@pytest.mark.parametrize("what", [*MESSAGES, *NUMBERS])
@pytest.mark.parametrize("around", ["{}", "def f(x):\n    if x:\n        {}\n    return 1\n"])
def test_all_but_the_words_of_messages_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, around: str
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = (around.format(text).encode() for text in (MESSAGES | NUMBERS)[what])
    old, new = (Memory().read(text).digest for text in texts)
    assert (old == new) == (what in MESSAGES)
