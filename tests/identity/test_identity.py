"""Digests: what changes them and what must not."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.identity import code as identity
from labbook.identity.code import code_digest, digest, library_versions
from tests.conftest import ROOT, clean_environment

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6
)


@given(st.dictionaries(st.text(), VALUES), VALUES)
def test_digest_ignores_the_order_of_keys_and_nothing_else(
    value: dict[str, object], other: object
) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))
    if repr(value) != repr(other) and value != other:
        assert digest(value) != digest(other)


def test_digest_is_the_same_for_equal_numbers_and_for_ever() -> None:
    assert digest({"rate": 0.001}, 7) == digest({"rate": 1e-3}, 7)
    assert digest({"rate": 0.001, "hidden": [64, 16]}, 7) == "4630fe53b1d90407"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package in place of labbook's own text."""
    (tmp_path / "training").mkdir()
    (tmp_path / "training/__init__.py").write_text("")
    (tmp_path / "training/pack.py").write_text(
        "from labbook.streams import stream\n\ndef f(x):\n    return stream(x) + 1\n"
    )
    (tmp_path / "streams.py").write_text("def stream(x):\n    return x\n")
    (tmp_path / "errors.py").write_text("A = 1\n")
    (tmp_path / "other.py").write_text("B = 1\n")
    monkeypatch.setattr(identity, "ROOT", tmp_path)
    return tmp_path


PACK = "training/pack.py"
WORDS = (
    '"""Words."""\nfrom labbook.streams import stream  # why\n\n\ndef f(x):\n    """More."""\n'
    "    return stream(\n        x) + 1\n"
)
INSIDE = (
    "def f(x):\n    from labbook import other\n    from labbook.errors import A\n    return other\n"
)


@pytest.mark.parametrize(
    ("begin", "file", "text", "counts"),
    [
        (None, PACK, WORDS, False),  # comments, layout and docstrings
        (None, "streams.py", "def stream(x):\n    return x + 0\n", True),  # what is imported
        (None, "other.py", "B = 2\n", False),  # what is not
        (INSIDE, "other.py", "B = 2\n", True),  # imported inside a function
        (INSIDE, "errors.py", "A = 2\n", False),  # from which no number follows
        (None, "training/page.html.j2", "<p>", True),  # a template beside it
        (None, "training/room/page.html.j2", "<p>", True),  # in a folder that is no package
        (None, "training/zh.toml", "[words]", True),  # words of a language
    ],
)
def test_what_of_a_change_counts(
    package: Path, begin: str | None, file: str, text: str, counts: bool
) -> None:
    if begin is not None:
        (package / PACK).write_text(begin)
    identity.forget_code()
    before = code_digest("labbook.training.pack")
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text(text)
    assert code_digest("labbook.training.pack") == before, "one process has one answer until asked"
    identity.forget_code()
    assert (code_digest("labbook.training.pack") != before) == counts


def test_code_that_has_changed_meanwhile_is_noticed(package: Path) -> None:
    identity.forget_code()
    before = code_digest("labbook.training.pack")
    assert not identity.forget_changed_code()
    (package / "streams.py").write_text("def stream(x):\n    return x + 1\n")
    assert identity.forget_changed_code()
    assert code_digest("labbook.training.pack") != before


def test_the_build_of_a_library_is_no_version() -> None:
    assert "+" not in library_versions(("torch",))["torch"]


def test_digests_do_not_depend_on_the_process() -> None:
    program = "from labbook.identity.code import code_digest; print(code_digest('labbook.training.runfile'))"
    environment = clean_environment(
        PYTHONHASHSEED="1", TZ="Asia/Tokyo", PYTHONPATH=str(ROOT / "src")
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment)
    assert ran.stdout.decode().strip() == code_digest("labbook.training.runfile")


def test_the_kernels_are_part_of_what_the_compiled_engine_is(monkeypatch) -> None:
    """The engine does not import them: a process of its own makes machine code of them."""
    from labbook.provenance.job_code import CODE

    counted: list[str] = []
    original = identity._text_digest
    monkeypatch.setattr(
        identity, "_text_digest", lambda path: counted.append(path.name) or original(path)
    )
    identity.code_digest.__wrapped__(*CODE["train/compiled"])
    assert {"dropout.py", "product.py", "vector.py", "build.py"} <= set(counted)
