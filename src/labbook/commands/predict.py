"""`labbook predict`: what the best model of a study says of new rows."""

import argparse
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from labbook.prediction.champion import Champion
    from labbook.prediction.rows import NewRows

HELP = (
    "Predict new rows with the best model of a study. It reads a table as training did, checks its "
    "columns against the training rows, and writes a CSV file: each row's id, the prediction, and "
    "an interval (or the classes' probabilities and a set of classes)."
)
LEVEL = 0.9


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument(
        "champion", help="a study, an id of `labbook models`, or a champion's folder"
    )
    parser.add_argument("table", type=Path, help="new rows, in a file like the one of the study")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument(
        "--level",
        type=float,
        default=LEVEL,
        help="how often the interval or set is to hold the truth (0.9)",
    )
    parser.add_argument(
        "--ensemble",
        action="store_true",
        help="the mean of all seeds of the combination, without an interval",
    )
    parser.add_argument("--force", action="store_true", help="replace a file that is there")


def run(options: argparse.Namespace) -> None:
    """Write the predictions and say what is odd about the rows."""
    from labbook.history.named import folder_of
    from labbook.prediction.answers import limit_of
    from labbook.prediction.champion import read_champion
    from labbook.prediction.checks import warnings
    from labbook.prediction.ensemble import members
    from labbook.prediction.output import refuse_taken
    from labbook.prediction.rows import read_rows
    from labbook.prediction.saying import errors_on, of_whom, what_it_holds

    refuse_taken(options.out, options.force, options.table)
    with folder_of(options.champion) as folder:
        champion = read_champion(folder)
    limit = None if options.ensemble else limit_of(champion, options.level)
    models = members(champion) if options.ensemble else [champion]
    rows = read_rows(champion, options.table)
    for sentence in warnings(champion, rows):
        print(f"{rows.source}: {sentence}")
    predicted = _write(models, rows, limit, options.out)
    print(f"{options.out}: {of_whom(champion, len(models), rows)}")
    for sentence in what_it_holds(champion, len(models), options.level):
        print(sentence)
    for sentence in errors_on(champion, rows, predicted, limit):
        print(sentence)


def _write(
    models: "Sequence[Champion]", rows: "NewRows", limit: float | None, out: Path
) -> "np.ndarray":
    """Write the table in pieces; all predictions, where the rows have a target to hold them to."""
    import numpy as np

    from labbook.prediction.answers import answers, header, lines
    from labbook.prediction.output import written_whole

    kept = []
    with written_whole(out) as file:
        file.write(_csv([header(models[0], rows, limit)]))
        for answer in answers(models, rows):
            file.write(_csv(lines(models[0], rows, answer, limit)))
            if rows.target is not None:
                kept.append(answer.predicted)
    return np.concatenate(kept) if kept else np.empty(0)


def _csv(rows: "Sequence[Sequence[str]] | object") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return buffer.getvalue().encode()
