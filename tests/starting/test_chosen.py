"""Other values of a recipe are put into params.yaml: comments and all other lines stay."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from labbook.errors import LabbookError
from labbook.params.load import load_params
from labbook.params.settings import changes, given_to
from labbook.params.studies import Recipe
from labbook.starting.chosen import lost_comments, with_recipe

HEAD = "seeds: 6\ndatasets:\n  d: {kind: table, package: boston, target: MEDV, split: {valid: 84, test: 84}}\nrecipes:\n"
TAIL = """
  other: {dataset: d, model: {kind: linear}, optimizer: {kind: sgd, rate: 0.1}, training: {batch: 8, epochs: 3}}
studies: # the questions
  s: {question: "?", recipe: other, vary: {optimizer.rate: [0.1, 0.2]}}
"""
WRITTEN = [
    """
  r:
    dataset: d # of houses
    model: {kind: mlp, hidden: [64, 64], activation: relu} # two layers
    optimizer: {kind: sgd, rate: 0.01} # the usual
    training: {batch: 32, epochs: 200}
""",
    """
  r:
    dataset: d # of houses
    model:
      kind: mlp
      hidden: # two layers
        - 64
        - 64
      activation: relu # the usual
    optimizer:
        kind: sgd   # plain
        rate: 1.0e-2 # the usual

    # how long
    training:
      batch: 32
      epochs: 200
""",
    """
  r: {dataset: d, model: {kind: mlp, hidden: [64, 64], activation: relu}, # of houses
      optimizer: {kind: sgd, rate: 0.01},
      training: {batch: 32, epochs: 200}} # the usual
""",
]
CHANGES: list[dict[str, Any]] = [
    {"optimizer.rate": 0.003},
    {"optimizer.rate": 1e-05, "optimizer.weight_decay": 0.001},
    {"optimizer.kind": "adam", "optimizer.rate": 0.0316},
    {"model.activation": "silu", "model.initialisation": "he", "model.hidden": [64]},
    {"schedule.kind": "plateau", "schedule.patience": 5, "training.batch": "all"},
]


def recipe_with(path: Path, settings: dict[str, Any]) -> tuple[Recipe, Recipe]:
    old = load_params(path).recipes["r"]
    return old, Recipe.model_validate(given_to(old.model_dump(exclude_unset=True), settings))


@pytest.mark.parametrize("settings", CHANGES)
@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_values_are_put_in_and_all_else_stays(tmp_path, written, settings, end) -> None:
    path = tmp_path / "params.yaml"
    text = (HEAD + written.lstrip("\n") + TAIL).replace("\n", end)
    path.write_bytes(text.encode())
    old, new = recipe_with(path, settings)
    out = with_recipe(path, text, "r", old, new)
    path.write_bytes(out.encode())
    assert load_params(path).recipes["r"] == new
    assert ("\r\n" in out) == (end == "\r\n")
    assert out.count("\n") - text.count("\n") <= 3
    for comment in ("# of houses", "# the questions"):
        assert comment in out
    before, after = yaml.safe_load(text), yaml.safe_load(out)
    before["recipes"].pop("r"), after["recipes"].pop("r")
    assert before == after
    if set(settings) == {"optimizer.rate"}:  # one number: nothing else changes
        changed = [
            pair for pair in zip(text.split(end), out.split(end), strict=True) if len({*pair}) > 1
        ]
        assert len(changed) == 1
        assert "# the usual" in out


BY_LINES = """
  r:
    dataset: d
    model: {kind: linear}
    training: {batch: 32, epochs: 200}
    optimizer: # how it goes down
      # Adam, as people do
      kind: adam   # usual
      rate: 0.003  # a guess
      beta1: 0.8  # of a paper
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comments_stay_where_the_kind_changes(tmp_path: Path, end: str) -> None:
    """Those of lines whose key stays; which are lost is known."""
    path = tmp_path / "params.yaml"
    text = (HEAD + BY_LINES.lstrip("\n") + TAIL).replace("\n", end)
    path.write_bytes(text.encode())
    old = load_params(path).recipes["r"]
    optimizer = {"kind": "sgd", "rate": 0.1, "weight_decay": 0.01}
    asked = old.model_dump() | {
        "optimizer": optimizer,
        "schedule": {"kind": "plateau", "patience": 5},
    }
    new = Recipe.model_validate(asked)
    out = with_recipe(path, text, "r", old, new)
    changed = BY_LINES.replace("kind: adam ", "kind: sgd ").replace("0.003 ", "0.1 ")
    changed = changed.replace("      beta1: 0.8  # of a paper", "      weight_decay: 0.01")
    changed += "    schedule: {kind: plateau, patience: 5}\n"
    assert out == (HEAD + changed.lstrip("\n") + TAIL).replace("\n", end)
    assert lost_comments(text, out) == ["# of a paper"]
    assert not lost_comments(text, text)


@pytest.mark.parametrize("empty", ["{}", "{ } # nothing said", "{\n    }"])
def test_an_empty_block_takes_several_settings(tmp_path: Path, empty: str) -> None:
    """One whose settings stand in the file that this one extends."""
    (tmp_path / "base.yaml").write_text(HEAD + WRITTEN[0].lstrip("\n") + TAIL)
    path = tmp_path / "params.yaml"
    path.write_text(f"extends: base.yaml\nrecipes:\n  r:\n    training: {empty}\n")
    old, new = recipe_with(path, {"training.batch": 16, "training.epochs": 50})
    path.write_text(with_recipe(path, path.read_text(), "r", old, new))
    assert load_params(path).recipes["r"] == new


def test_changes_are_named_by_path(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(HEAD + WRITTEN[0].lstrip("\n") + TAIL)
    old, new = recipe_with(path, {"optimizer.rate": 0.003, "model.hidden": [8]})
    assert changes(old, new) == {"model.hidden": ([64, 64], [8]), "optimizer.rate": (0.01, 0.003)}
    assert changes(old, old) == {}
    old, new = recipe_with(path, {"optimizer.kind": "adam", "optimizer.beta1": 0.8})
    assert list(changes(old, new).items()) == [
        ("optimizer.kind", ("sgd", "adam")),
        ("optimizer.beta1", (None, 0.8)),
    ]


def test_a_recipe_of_another_file_is_left_to_people(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(HEAD + WRITTEN[0].lstrip("\n") + TAIL)
    path = tmp_path / "params.yaml"
    path.write_text("extends: base.yaml\nseeds: 7\n")
    old, new = recipe_with(path, {"optimizer.rate": 0.003})
    with pytest.raises(LabbookError, match="in one that it extends"):
        with_recipe(path, path.read_text(), "r", old, new)


def test_what_studies_say_has_to_go_with_it(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    study = '  t: {question: "?", recipe: r, vary: {optimizer.beta1: [0.8, 0.9]}}\n'
    text = HEAD + WRITTEN[0].lstrip("\n").replace("kind: sgd", "kind: adam") + TAIL + study
    path.write_text(text)
    old, new = recipe_with(path, {"optimizer.kind": "sgd"})
    with pytest.raises(LabbookError, match=r"(?s)Nothing was written.*studies\.t\.vary"):
        with_recipe(path, text, "r", old, new)


def test_an_anchor_is_refused_or_right(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    shared = WRITTEN[0].lstrip("\n").replace("optimizer: {", "optimizer: &o {")
    text = HEAD + shared + TAIL.replace("optimizer: {kind: sgd, rate: 0.1}", "optimizer: *o")
    path.write_text(text)
    old, new = recipe_with(path, {"optimizer.rate": 0.003})
    with pytest.raises(LabbookError, match="another recipe"):
        with_recipe(path, text, "r", old, new)
