"""The images that are most often mistaken: which, in which order, how they look."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.choice import Choice
from labbook.evaluate.mistaken import MOST, write_mistaken

CLASSES = ("cat", "dog", "cow")
TARGET = np.arange(30) % 3


def study(taken_for: dict[int, dict[int, int]], tests: dict[int, list[int]], **changes: Any) -> Any:
    """Results in which seed `s` takes row `r` for class `taken_for[s][r]`, all else for its own."""

    def predictions(label: str, seed: int, part: str) -> dict[str, np.ndarray]:
        if seed not in taken_for:
            return {}  # it diverged
        classes = [taken_for[seed].get(row, int(TARGET[row])) for row in tests[seed]]
        return {part: np.log(np.eye(3)[classes] + 0.1)}

    images = np.tile(np.arange(6, dtype=np.uint8).reshape(1, 2, 3), (30, 1, 1))
    images[:, 0, 0] = 100 + np.arange(30)
    prepared = {
        "kind": "images", "target": TARGET, "features": images, "classes": CLASSES,
        "split": lambda seed: SimpleNamespace(test=np.array(tests[seed])),
    }  # fmt: skip
    return SimpleNamespace(
        prepared=SimpleNamespace(**prepared | changes), predictions=predictions,
        study=SimpleNamespace(seeds=tuple(tests)),
    )  # fmt: skip


def table(folder: Path, results: Any, choice: Choice | None) -> pd.DataFrame:
    write_mistaken(results, choice, folder / "mistaken.csv")
    return pd.read_csv(folder / "mistaken.csv")


def test_images_that_most_seeds_get_wrong_come_first(tmp_path: Path) -> None:
    tests = {0: [3, 4, 5, 6], 1: [3, 4, 6, 7], 2: [3, 5, 7, 8], 3: [3, 4]}
    taken_for = {0: {3: 1, 4: 2, 5: 0}, 1: {3: 2, 4: 0}, 2: {3: 2, 5: 0}}  # seed 3 diverged
    rows = table(tmp_path, study(taken_for, tests), Choice("a", 0))
    assert [*zip(rows["row"], rows["wrong"], rows["n"], strict=True)] == [
        (3, 3, 3), (4, 2, 2), (5, 2, 2),
    ]  # fmt: skip
    assert [*zip(rows["true"], rows["predicted"], strict=True)] == [
        ("cat", "cow"), ("dog", "cat"), ("cow", "cat"),  # of two equally frequent the first class
    ]  # fmt: skip
    assert rows["pixels"][0] == "103 1 2 3 4 5"
    assert (rows["height"][0], rows["width"][0]) == (2, 3)


def test_there_are_at_most_twelve_and_none_of_tables(tmp_path: Path) -> None:
    wrong = {row: (int(TARGET[row]) + 1) % 3 for row in range(30)}
    results = study({0: wrong}, {0: list(range(30))})
    assert [*table(tmp_path, results, Choice("a", 0))["row"]] == list(range(MOST))
    assert table(tmp_path, results, None).empty
    results = study({0: wrong}, {0: list(range(30))}, kind="table")
    assert table(tmp_path, results, Choice("a", 0)).empty
