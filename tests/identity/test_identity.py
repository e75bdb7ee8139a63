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

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), VALUES))
def test_digest_ignores_the_order_of_keys(value: dict[str, object]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


@given(VALUES, VALUES)
def test_different_values_have_different_digests(one: object, other: object) -> None:
    if repr(one) != repr(other) and one != other:
        assert digest(one) != digest(other)


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


def fresh(*modules: str) -> str:
    for cached in (identity.code_digest, identity._code):
        cached.cache_clear()
    return code_digest(*modules)


def test_comments_layout_and_docstrings_change_nothing(package: Path) -> None:
    before = fresh("labbook.training.pack")
    (package / "training/pack.py").write_text(
        '"""Words."""\nfrom labbook.streams import stream  # why\n\n\ndef f(x):\n    """More."""\n    return stream(\n        x) + 1\n'
    )
    assert fresh("labbook.training.pack") == before


def test_a_changed_line_changes_it_also_in_what_is_imported(package: Path) -> None:
    before = fresh("labbook.training.pack")
    (package / "streams.py").write_text("def stream(x):\n    return x + 0\n")
    after = fresh("labbook.training.pack")
    assert after != before
    (package / "other.py").write_text("B = 2\n")
    assert fresh("labbook.training.pack") == after


def test_an_import_inside_a_function_counts_and_one_that_holds_no_numbers_does_not(
    package: Path,
) -> None:
    text = "def f(x):\n    from labbook import other\n    from labbook.errors import A\n    return other\n"
    (package / "training/pack.py").write_text(text)
    before = fresh("labbook.training.pack")
    (package / "errors.py").write_text("A = 2\n")
    assert fresh("labbook.training.pack") == before
    (package / "other.py").write_text("B = 2\n")
    assert fresh("labbook.training.pack") != before


def test_templates_count_with_their_text(package: Path) -> None:
    before = fresh("labbook.training.pack")
    (package / "training/page.html.j2").write_text("<p>")
    assert fresh("labbook.training.pack") != before


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


def test_code_that_has_changed_meanwhile_is_read_again(package: Path) -> None:
    before = fresh("labbook.training.pack")
    identity.forget_changed_code()
    assert code_digest("labbook.training.pack") == before
    (package / "streams.py").write_text("def stream(x):\n    return x + 1\n")
    assert code_digest("labbook.training.pack") == before, "one process has one answer until asked"
    identity.forget_changed_code()
    assert code_digest("labbook.training.pack") != before
