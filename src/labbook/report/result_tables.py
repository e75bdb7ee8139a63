"""The tables that evaluate writes of a study: the columns they need, and what their cells hold."""

import math
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES, read_bytes
from labbook.training.runfile import DIVERGED

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, str]

NEEDED = {
    "runs": ("combination", "seed", "ended"),
    "combinations": ("combination", "metric", "n", "mean", "low", "high"),
    "comparisons": ("combination", "reference", "metric", "scale", "n", "effect", "low", "high"),
    "verdicts": (
        "id", "group", "sentence", "verdict", "kind", "form", "metric", "scale", "effect", "low",
        "high", "n", "p_holm", "margin", "reported", "ours", "middle", "data", "new_data", "why",
        "test", "p_effect", "p_alike",
    ),
    "pairs": (
        "id", "pair", "first_side", "second_side", "first", "second", "gain", "failed", "test",
        "margin", "rows", "first_budget", "second_budget",
    ),
    "curves": ("combination", "epoch", "train_mean", "valid_mean"),
    "predictions": ("combination", "seed", "part", "true", "predicted"),
    "diagnosis": ("combination", "diagnosis", "advice"),
    "importance": ("setting", "kind", "share", "low", "high", "n", "method"),
    "marginals": ("setting", "value", "metric", "mean", "low", "high", "over", "combinations"),
    "run_curves": ("combination", "seed", "epoch", "valid"),
    "stops": (
        "combination", "n", "epoch", "first", "last", "valid_mean", "valid_low", "valid_high",
    ),
    "fits": ("combination", "seed", "kind", "x", "y"),
    "mistaken": ("true", "predicted", "wrong", "n", "width", "pixels"),
    "confusion": ("combination", "part", "true", "predicted", "count"),
    "published": ("combination", "metric", "set", "value", "source"),
    "rivals": (
        "rival", "best", "metric", "mean", "mean_low", "mean_high", "n", "scale", "effect", "low",
        "high", "p_holm", "verdict", "kind", "why",
    ),
    "measures": ("who", "part", "metric", "mean", "low", "high", "n", "note"),
    "rates": ("curve", "class", "x", "mean", "low", "high", "n", "share"),
    "permutation": ("column", "metric", "scale", "effect", "low", "high", "n"),
    "dependence": ("column", "of", "x", "level", "mean", "low", "high", "n"),
    "best_set": ("combination", "metric", "may_be_best", "parameters", "epochs", "recommended"),
    "expected_best": ("side", "metric", "tries", "mean", "low", "high", "n", "of", "claimed"),
    "greedy_ensemble": (
        "who", "metric", "mean", "low", "high", "n", "scale", "effect", "effect_low",
        "effect_high", "p", "members", "candidates",
    ),
    "chance": (
        "source", "metric", "scale", "share", "low", "high", "spread", "spread_low", "spread_high",
        "n",
    ),
    "controls": (
        "control", "combination", "metric", "outcome", "why", "scale", "effect", "low", "high", "n",
        "p", "usual", "usual_low", "usual_high", "run",
    ),
    "classes": (
        "combination", "part", "class", "rows", "precision", "precision_low", "precision_high",
        "recall", "recall_low", "recall_high", "n",
    ),
}  # fmt: skip


def as_number(cell: Any) -> float:
    """A number of a JSON file or of a table's cell; NaN where there is none.

    By Python's float, which is exact; pandas' own reader may differ in the last digit.
    """
    try:
        return math.nan if cell is None else float(cell)
    except ValueError:
        return math.nan


def value(row: Row, column: str) -> float:
    """The number in a row's cell; NaN where the cell is empty, missing or not a number."""
    return as_number(row.get(column))


def interval(entry: Mapping[str, Any]) -> tuple[float, float, float]:
    """Mean, low and high of an entry in study.json or a row of a table; NaN for none."""
    mean, low, high = (as_number(entry.get(key)) for key in ("mean", "low", "high"))
    return mean, low, high


def measured(run: Row, metric: str) -> float:
    """A run's metric by its row in runs.csv; NaN where it has none.

    The table also has the epochs of runs that diverged: they never came to the end.
    """
    diverged = run["ended"].startswith(DIVERGED) if metric == "epochs" else run["ended"] == DIVERGED
    return math.nan if diverged else value(run, metric)


def read_frame(path: Path) -> "pd.DataFrame":
    """A table as text; empty where there is no file.

    Raises `LabbookError` where it cannot be read, or a needed column is missing.
    """
    import pandas as pd

    frame = pd.DataFrame(columns=NEEDED[path.stem], dtype=str)
    if path.exists():
        try:
            content = BytesIO(read_bytes(path, CONTENT_BYTES))
            frame = pd.read_csv(content, dtype=str, na_filter=False, index_col=False)
        except pd.errors.EmptyDataError:
            pass
        except (OSError, ValueError) as error:  # pandas' errors of reading are ValueErrors
            raise unfit(path, f"cannot be read ({error})") from error
    if missing := [name for name in NEEDED[path.stem] if name not in frame]:
        raise unfit(path, f"no column {', '.join(missing)} (found: {', '.join(frame)})")
    return frame


def unfit(path: Path, problem: str) -> LabbookError:
    """What to say of a result that cannot be used."""
    return LabbookError(
        f"{path}: {problem}. Remove the file and run snakemake again: evaluate makes it anew."
    )
