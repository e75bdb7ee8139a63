"""The paragraph to cite, against studies whose settings are known."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labbook.files import write_json
from labbook.report.page.methods import made_by, methods
from labbook.report.study_results import StudyResults, read_results
from tests import made_results

RECIPE = {
    "model": {"kind": "mlp", "hidden": [64, 64], "initialisation": "default"},
    "training": {"batch": 32, "epochs": 200, "loss": None},
}


def results_of(
    folder: Path, values: dict[str, list[str]], *, sizes: tuple[int, int, int] = (400, 53, 53),
    recipe: dict[str, Any] = RECIPE, **about: Any,
) -> StudyResults:  # fmt: skip
    """A study of 506 rows with a combination for each value of its settings."""
    many = max(map(len, values.values()))
    made = made_results.boston(means={f"c{i}": 10.0 + i for i in range(many)}, diverged={})
    read = read_results(made_results.write(replace(made, verdicts=()), folder))
    columns = {"varies": list(values), "recipe": recipe}
    parts = dict(zip(("train", "valid", "test"), sizes, strict=True))
    read = StudyResults(read.folder, {**read.about, **columns, "sizes": parts, **about})
    rows = [{name: texts[i % len(texts)] for name, texts in values.items()} for i in range(many)]
    read.__dict__["combinations"] = [
        row | settings for row, settings in zip(read.combinations, rows * 9, strict=False)
    ]
    return read


def said(*args: Any, **options: Any) -> str:
    return " ".join(methods(results_of(*args, **options)))


@pytest.mark.parametrize(
    ("setting", "values", "words"),
    [
        ("optimizer.rate", ["0.03", "0.3", "0.0002", *map(str, range(1, 9))], "11 values from 0.0002 to 8"),
        ("model.hidden", [f"{i}-8" for i in range(9)], "9 values"),
        ("training.patience", ["", "400"], "none and 400"),
        ("model.batch_norm", ["false", "true"], "off and on"),
        ("schedule", ['{"kind": "constant"}', '{"first": 3, "kind": "cosine"}'],
         "constant and cosine (first 3)"),
        ("training.augment", ["", '{"mixup": 0.2}'], "none and mixup 0.2"),
    ],
)  # fmt: skip
def test_what_varied_is_said_in_words(tmp_path, setting, values, words):
    assert f"Varied was {setting} ({words})." in said(tmp_path, {setting: values})


def test_of_one_combination_nothing_varied_and_nothing_was_compared(tmp_path):
    text = said(tmp_path, {"model.channels": ["16-32"]})
    assert "Varied" not in text
    assert "compared" not in text
    assert "chosen" not in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"optimizer.rate": ["0.1", "0.2"]}, "First weights and the order of batches were drawn"),
        ({"training.batch": ["all"]}, "First weights were drawn"),
        ({"model.initialisation": ["zero"]}, "The order of batches was drawn"),
        ({"training.redraw": ["", "all"]}, "but for what training.redraw names."),
    ],
)
def test_what_seeds_draw(tmp_path, values, words):
    text = said(tmp_path, values)
    assert words in text
    assert ("drawn anew with each seed" in text) == ("training.redraw" not in values)


def test_a_sample_of_the_rows_is_told(tmp_path):
    assert "For each seed the rows were split into 400 training" in said(tmp_path, {"a": ["1"]})
    text = said(tmp_path / "sample", {"a": ["1"]}, sizes=(200, 53, 53))
    assert "For each seed 306 of the rows were split into 200 training" in text


def test_the_recipe_has_its_loss_and_its_brackets(tmp_path):
    augment = {"rotation": 10.0, "mixup": 0.0, "flip": "vertical"}
    training = RECIPE["training"] | {"augment": augment, "gradient_norms": True}
    text = said(
        tmp_path, {"training.epochs": ["200", "300"]}, recipe=RECIPE | {"training": training}
    )
    assert "Training of the reference ran in batches of 32 rows for at most 200 epochs" in text
    assert "the loss is MSE." in text
    assert "settings: augment (rotation 10, flip vertical), gradient norms." in text
    assert "loss were kept." in text
    assert "  " not in text


@pytest.mark.parametrize(
    ("columns", "target", "words"),
    [
        ([(3, 2), (1, 4)], (0, 1), "standard deviation 1. The target was not scaled."),
        (
            [(3, 2), (0, 1)],
            (5, 2),
            "1, but for columns of 0 and 1. The target was scaled to mean 0",
        ),
        ([(0, 1), (2, None)], (0, 1), "Inputs were not scaled."),
    ],
)
def test_how_inputs_and_target_were_scaled(tmp_path, columns, target, words):
    results = results_of(tmp_path, {"a": ["1"]})
    preprocessing = {
        "columns": [{"mean": mean, "scale": scale} for mean, scale in columns], "classes": [],
        "log_target": False, "target_mean": target[0], "target_scale": target[1],
    }  # fmt: skip
    write_json(results.folder / "champion/champion.json", {"preprocessing": preprocessing})
    assert words in " ".join(methods(results))


def test_versions_are_told_where_they_are_known():
    assert made_by({}) == []
    jobs = [{"kind": "train", "libraries": {"torch": "2.9", "numpy": "2.4"}}]
    assert made_by({"labbook": "0.1.0", "jobs": jobs}) == [
        "Made by labbook 0.1.0; runs were trained with numpy 2.4 and torch 2.9."
    ]
