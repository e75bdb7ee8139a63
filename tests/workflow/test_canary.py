"""A canary: a study of targets that nothing predicts finds nothing, unless something leaks."""

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import TINY, copy_project
from tests.workflow.project import Project

ROWS, COLUMNS, KEPT = 160, 200, 12

PARAMS = """
seeds: 16
rivals: false
controls: false
datasets:
  noise: {kind: table, path: tables/noise.csv, target: target, split: {valid: 40, test: 40}}
recipes:
  linear:
    dataset: noise
    features: FEATURES
    model: {kind: linear}
    optimizer: {kind: adam, rate: 0.02}
    training: {batch: all, epochs: 300, patience: 50}
studies:
  canary:
    question: Does anything predict a shuffled target?
    recipe: linear
    vary: VARY
    metric: test_mse
    claims:
"""
SKILL = """
      - {id: skill-NUMBER, sentence: It predicts better than the mean., metric: test_r2, level: {of: SETTINGS, above: 0}}
"""
CHOSEN = """
      - {id: chosen, sentence: Columns chosen by the target beat others., better: {features.method: f_regression, features.k: 5}, than: {features.method: variance, features.k: 5}}
"""
HONEST = [
    "{features.method: f_regression, features.k: 5}",
    "{features.method: variance, features.k: 5}",
    "{features.method: f_regression, features.k: 20}",
    "{features.method: mutual_info, features.k: 5}",
]


def shuffled(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns, (rows, columns), and a target that has nothing to do with them, (rows,)."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(ROWS, COLUMNS))
    y = x[:, 0] + draw.normal(size=ROWS)
    return x, draw.permutation(y)


def project(folder: Path, x: np.ndarray, y: np.ndarray, params: str) -> Project:
    made = Project(copy_project(folder, TINY))
    names = [*(f"x{i}" for i in range(x.shape[1])), "target"]
    rows = np.column_stack([x, y])
    text = "\n".join([",".join(names), *(",".join(map(repr, row)) for row in rows.tolist())])
    (made.folder / "tables/noise.csv").write_text(text + "\n")
    (made.folder / "params.yaml").write_text(params)
    return made


def mixed(seed: int) -> tuple[list[str], list[list[object]]]:
    """A table that every transformer has something to do with; its target is shuffled.

    A category with many rare levels and many empty fields are where a transformer that looks at
    the target, or at all rows, would find something.
    """
    draw = np.random.default_rng(seed)
    target = draw.permutation(np.exp(draw.normal(size=ROWS)))
    rows: list[list[object]] = []
    for number in range(ROWS):
        many, few = int(draw.geometric(0.1)), "abc"[int(draw.integers(3))]
        day = f"{1 + number % 28}.{1 + int(draw.integers(12))}.20{10 + int(draw.integers(9))}"
        cells = [f"l{many}", few, ["low", "mid", "high"][int(draw.integers(3))], day]
        cells += [f"{value:.6f}" for value in draw.normal(size=3)]
        rows.append(["" if draw.random() < 0.15 else cell for cell in cells] + [target[number]])
    return ["many", "few", "order", "day", "x", "y", "z", "target"], rows


def verdicts(made: Project) -> list[str]:
    made.make("figures", "report")
    return [row["verdict"] for row in made.table("results/claims.csv")]


MIXED = """target: target, log_target: true, standardise_target: true,
    categorical: [many, few], rare: 4, ordinal: {order: [low, mid, high]},
    dates: {day: {format: "%d.%m.%Y", parts: [year, month, day, elapsed]}},
    missing: median, missing_category: own, missing_indicator: true,"""


@pytest.mark.parametrize("seed", [0, 1])
def test_no_transformer_finds_what_is_not_there(tmp_path: Path, seed: int) -> None:
    honest = [*HONEST[:2], "{features.method: mutual_info, features.k: 5}"]
    text = PARAMS.replace("FEATURES", "{method: f_regression, k: 5}")
    text = text.replace("target: target,", MIXED).replace("VARY", f"[{', '.join(honest)}]")
    text = text.replace("valid: 40", "stratify: false, valid: 40")
    for number, settings in enumerate(honest):
        text += SKILL.replace("NUMBER", str(number)).replace("SETTINGS", settings)
    names, rows = mixed(seed)
    made = project(tmp_path / "mixed", np.zeros((1, 1)), np.zeros(1), text)
    lines = [",".join(map(str, row)) for row in [names, *rows]]
    (made.folder / "tables/noise.csv").write_text("\n".join(lines) + "\n")
    found = verdicts(made)
    assert len(found) == len(honest)
    assert "supported" not in found


@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_is_found_where_there_is_nothing(tmp_path: Path, seed: int) -> None:
    text = PARAMS.replace("FEATURES", "{method: f_regression, k: 5}")
    text = text.replace("VARY", f"[{', '.join(HONEST)}]")
    for number, settings in enumerate(HONEST):
        text += SKILL.replace("NUMBER", str(number)).replace("SETTINGS", settings)
    found = verdicts(project(tmp_path / "honest", *shuffled(seed), text + CHOSEN))
    assert len(found) == len(HONEST) + 1
    assert "supported" not in found  # of a family of five, all false: at most one time in twenty


def test_the_canary_sees_a_leak(tmp_path: Path) -> None:
    """Columns chosen by all rows, before the split, know the test rows: the classic mistake."""
    x, y = shuffled(0)
    correlation = np.abs([np.corrcoef(column, y)[0, 1] for column in x.T])
    leaked = x[:, np.argsort(correlation)[-KEPT:]]
    text = PARAMS.replace("FEATURES", "{method: all}").replace(
        "VARY", "[{optimizer.rate: 0.02}, {optimizer.rate: 0.03}]"
    )
    text += SKILL.replace("NUMBER", "0").replace("SETTINGS", "{optimizer.rate: 0.02}")
    assert verdicts(project(tmp_path / "leak", leaked, y, text)) == ["supported"]
