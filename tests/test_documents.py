"""YAML that means harm, or slipped: a bound in plain words, nothing built before it."""

import os
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from labbook.documents import BYTES, DEPTH, NODES, BoundsError, parse, read_text
from labbook.errors import LabbookError
from labbook.history.settings import flat_settings
from labbook.params.load import load_params
from labbook.params.source import MOST_FILES
from labbook.provenance.dvc_records import NotInCacheError, outputs, refuse_untracked_params

# Each line ten times the one before, or three deeper.
TENFOLD = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGED = TENFOLD.replace("[x]", "{x: 1}").replace("[", "{<<: [").replace("]\n", "]}\n")
DEEPER = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [[[*a{n - 1}]]]\n" for n in range(1, 20))
ENDLESS = "an alias inside of what it stands for"
DEEP = f"more than {DEPTH} deep inside one another"
HOSTILE = [
    ("lists 1,500 deep", "seeds: " + "[" * 1500 + "]" * 1500, DEEP),
    ("blocks 100 deep", "\n".join(f"{'  ' * depth}a:" for depth in range(100)), DEEP),
    ("dashes 1,500 deep", "- " * 1500 + "a", DEEP),
    ("deep by aliases", DEEPER, DEEP),
    ("aliases that multiply", TENFOLD, f"more than {NODES:,} keys and values"),
    ("merges that multiply", MERGED, f"more than {NODES:,} keys and values"),
    ("an alias of itself", "seeds: &a [*a]", ENDLESS),
    ("a block in itself", "seeds: &a {b: {c: *a}}", ENDLESS),
    ("too long", "# " + "x" * BYTES, f"at most {BYTES:,} are allowed"),
    ("a number of 5,000 digits", "seeds: 0x" + "f" * 5000, "a number of 5,002 digits; at most 100"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_hostile_yaml_is_refused_in_plain_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(LabbookError, match=said) as caught:
        load_params(path)
    assert str(caught.value).startswith(str(path))
    # So is that of a commit and of DVC.
    with pytest.raises(NotInCacheError, match=r"dvc\.lock cannot be read"):
        outputs(f"schema: '2.0'\nstages:\n  x: {text}".encode())
    assert "cannot be read" in flat_settings(text).get("params.yaml", "cannot be read")


def test_a_dvc_yaml_that_means_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("seeds: 1")
    for text in ("stages: " + "[" * 1500 + "]" * 1500, "- 1", "stages: [1]", "a: {"):
        Path("dvc.yaml").write_text(text)
        with pytest.raises(LabbookError, match=r"dvc\.yaml: cannot be read"):
            refuse_untracked_params()


def test_nothing_is_read_without_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe", tmp_path):
        with pytest.raises(LabbookError, match="not a plain file"):
            load_params(path)
    (tmp_path / "params.yaml").write_text("extends: /dev/zero")
    with pytest.raises(LabbookError, match="not a plain file"):
        load_params(tmp_path / "params.yaml")
    with (tmp_path / "params.yaml").open("wb") as file:
        file.truncate(2**40)  # a hole: no disk holds a terabyte for it
    with pytest.raises(LabbookError, match="at most"):
        load_params(tmp_path / "params.yaml")
    assert len(read_text(tmp_path / "params.yaml")) < 5 * BYTES


def test_a_chain_of_files_ends(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 2):
        (tmp_path / f"{number}.yaml").write_text(f"extends: {number + 1}.yaml")
    with pytest.raises(LabbookError, match=f"more than {MOST_FILES} files in a row"):
        load_params(tmp_path / "0.yaml")


def test_aliases_and_merges_within_the_bounds_are_read() -> None:
    text = "a: &x {k: 1, l: [2]}\nb: {<<: *x, k: 3}\nc: [*x, *x]\nd: &x 4\ne: *x"
    a = {"k": 1, "l": [2]}
    assert parse(text) == {"a": a, "b": {"k": 3, "l": [2]}, "c": [a, a], "d": 4, "e": 4}


@given(
    st.recursive(
        st.sampled_from(["x", "1", "*a", "*b", "&c y", "*c", "~", "0x1f"]),
        lambda inner: (
            st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]")
            | inner.map("&a {{k: {}}}".format)
            | inner.map("&b [{}]".format)
        ),
        max_leaves=12,
    )
)
def test_what_is_let_through_is_what_ruamel_reads(text: str) -> None:
    """The bounds change no value; only an alias inside of itself, which ruamel allows, is not."""
    try:
        with warnings.catch_warnings(action="ignore"):
            expected = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        with pytest.raises(YAMLError):
            parse(text)
        return
    try:
        parsed = parse(text)
    except BoundsError as error:
        if ENDLESS not in str(error.problem):
            raise
        return
    assert parsed == expected
