"""Blocks are put into params.yaml as text, and not a byte of what is there changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.documents import parse
from labbook.errors import LabbookError
from labbook.starting.insertion import inserted
from labbook.starting.yaml_lines import Line, scalar, setting
from tests.conftest import ROOT

BLOCKS = {
    "datasets": [Line(1, "new:"), setting(2, "kind", "table", "a reason")],
    "recipes": [Line(1, "new:", "a recipe"), setting(2, "dataset", "new")],
    "studies": [Line(1, "new:"), Line(2, "claims:"), Line(3, "- id: wide")],
}
NEW = {
    "datasets": {"kind": "table"},
    "recipes": {"dataset": "new"},
    "studies": {"claims": [{"id": "wide"}]},
}
TEXTS = [
    "",
    "# a comment",
    "seeds: 8\n",
    "seeds: 8  # no line end",
    "datasets:\n  a: {kind: table}\n",
    "datasets:\n    a:\n        kind: table  # four blanks\n\n# of the recipes\nrecipes:\n    a: {}\n",
    "datasets:\n  a:\n    kind: table\n    # the last word on a\n\n\nseeds: 8\n",
    "studies:\n  a:\n    claims:\n    - id: x\n      sentence: >\n        folded\n        text\n\ndatasets: # mine\n  b: {}\n",
    "studies:\n  a:\n    text: |\n      literal\n\n      text\nseeds: 1\n",
    "datasets:\nrecipes:\nstudies: # none yet\nseeds: 2\n",
    "datasets:\r\n  a: {kind: table}\r\nseeds: 8\r\n",
    "base: &base {kind: table}\ndatasets:\n  a: *base\n  b: {<<: *base}\n",
    'datasets:\n  "quoted name": [1,\n    2]\nseeds: [1,\n  2]\n',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_there_stays_and_one_entry_comes_to_each_block(text: str) -> None:
    text = text.replace("{<<: *base}", "*base")
    out = inserted(Path("params.yaml"), text, BLOCKS)
    before, after = parse(text) or {}, parse(out)
    for name, entry in NEW.items():
        assert after[name] == {**(before.get(name) or {}), "new": entry}
    lines = iter(out.splitlines())
    assert all(line in lines for line in text.splitlines())  # all of them, in their order
    assert ("\r\n" in out) == ("\r\n" in text)


@pytest.mark.parametrize("name", ["params.yaml", "full.yaml", "quick.yaml", "tests/tiny.yaml"])
def test_files_of_this_repository(name: str) -> None:
    text = (ROOT / name).read_text()
    out = inserted(Path("params.yaml"), text, BLOCKS)
    assert parse(out)["datasets"]["new"] == NEW["datasets"]


@pytest.mark.parametrize(
    "text",
    ["datasets: {a: {kind: table}}\n", "datasets: [1]\n", "datasets: null\n", "seeds: 8\n...\n"],
)
def test_where_nothing_can_be_put_it_is_said(text: str) -> None:
    with pytest.raises(LabbookError, match=r"params\.yaml"):
        inserted(Path("params.yaml"), text, BLOCKS)


@given(st.text(), st.text())
def test_any_name_and_value_is_read_back_as_it_was(name: str, value: str) -> None:
    if not {*name, *value} & {chr(code) for code in range(0xD800, 0xE000)}:
        assert parse(str(setting(0, name, [value, {value: 1}], value))) == {
            name: [value, {value: 1}]
        }


@pytest.mark.parametrize(
    "value", ["no", "Yes", "null", "1", "1e3", "2024-01-02", "a: b", "a #b", "- a", "?", ""]
)
def test_texts_that_yaml_would_take_for_something_else_are_quoted(value: str) -> None:
    assert parse(f"a: {scalar(value)}") == {"a": value}
