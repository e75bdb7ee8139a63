"""The test images that most networks of the chosen combination get wrong, with their pixels."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.data.thumbnails import small_size, smaller
from labbook.evaluate.choice import Choice
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table

MOST = 12  # images
COLUMNS = ("row", "true", "predicted", "wrong", "n", "height", "width", "pixels")


def write_mistaken(results: StudyRuns, choice: Choice | None, path: Path) -> None:
    """A row per image, those first that most of the `n` seeds with it as a test row get `wrong`.

    `predicted` is what it is most often taken for; `pixels` are brightnesses from 0 to 255, row by
    row, of an image made small. Only a header where data are no images or nothing is wrong.
    """
    rows: list[list[Any]] = []
    if choice is not None and results.prepared.kind == "images":
        rows = [_described(results, *image) for image in _most_mistaken(results, choice.label)]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))


def _most_mistaken(results: StudyRuns, label: str) -> list[tuple[int, int, int, int]]:
    """Row, class it is taken for, how many seeds take it for a wrong one, and how many saw it.

    Of equally many the one that fewer seeds had for a test, then the first in the data.
    """
    target = results.prepared.target
    seen, wrong = np.zeros(len(target), int), np.zeros(len(target), int)
    taken_for: dict[int, Counter[int]] = {}
    for seed in results.study.seeds:
        predictions = results.predictions(label, seed, "test")
        if "test" not in predictions:  # a diverged run has none
            continue
        rows, predicted = results.prepared.split(seed).test, predictions["test"].argmax(axis=1)
        seen[rows] += 1
        missed = predicted != target[rows]
        wrong[rows[missed]] += 1
        for row, name in zip(rows[missed].tolist(), predicted[missed].tolist(), strict=True):
            taken_for.setdefault(row, Counter())[name] += 1
    order = sorted(taken_for, key=lambda row: (-wrong[row], seen[row], row))
    return [
        (row, min(taken_for[row], key=lambda name: (-taken_for[row][name], name)),
         int(wrong[row]), int(seen[row]))
        for row in order[:MOST]
    ]  # fmt: skip


def _described(results: StudyRuns, row: int, predicted: int, wrong: int, n: int) -> list[Any]:
    classes, image = results.prepared.classes, results.prepared.features[row]
    height, width = small_size(*image.shape)
    pixels = " ".join(map(str, smaller(image, height, width).ravel()))
    true = classes[int(results.prepared.target[row])]
    return [row, true, classes[predicted], wrong, n, height, width, pixels]
