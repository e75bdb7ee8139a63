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

    refuse_taken(options.out, options.force, options.table)
    with folder_of(options.champion) as folder:
        champion = read_champion(folder)
    limit = None if options.ensemble else limit_of(champion, options.level)
    models = members(champion) if options.ensemble else [champion]
    rows = read_rows(champion, options.table)
    for sentence in warnings(champion, rows):
        print(f"{rows.source}: {sentence}")
    predicted = _write(models, rows, limit, options.out)
    _say(champion, len(models), rows, options)
    _say_errors(champion, rows, predicted, limit)


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


def _say(champion: "Champion", models: int, rows: "NewRows", options: argparse.Namespace) -> None:
    from labbook.wording import count

    about = champion.about
    whose = f"the mean of {models} runs" if models > 1 else f"the run of seed {about.seed}"
    print(
        f"{options.out}: {count(len(rows.values), 'row')} by the champion of {about.study}, "
        f"{whose}."
    )
    if models > 1:
        print("Without an interval: that of one run is not that of the mean.")
        return
    measured = [one for one in about.conformal.coverage if abs(one.level - options.level) < 1e-9]
    what = "sets of classes" if about.task == "classification" else "intervals"
    share = f"{100 * options.level:.0f} %"
    text = f"The {what} hold the truth of about {share} of rows like those of training"
    if measured and measured[0].mean is not None:
        text += f" (of test rows {100 * measured[0].mean:.1f} %, mean of {measured[0].n} seeds)"
    print(f"{text}; of other rows nobody knows.")
    if (about.recipe.get("training") or {}).get("augment", {}) and _copies(champion):
        print(
            "The study's own predictions are means over changed copies of each image "
            "(test_copies); these are of the images as they are."
        )


def _copies(champion: "Champion") -> bool:
    augment = champion.about.recipe["training"]["augment"]
    return isinstance(augment, dict) and bool(augment.get("test_copies"))


def _say_errors(
    champion: "Champion", rows: "NewRows", predicted: "np.ndarray", limit: float | None
) -> None:
    """The errors of rows that have a target, with the warning that they may be no test."""
    import numpy as np

    from labbook.metrics import METRICS
    from labbook.prediction.answers import coverage, measures
    from labbook.wording import count, number

    if rows.target is None:
        return
    of_classes = champion.about.task == "classification"
    known = rows.target >= 0 if of_classes else np.isfinite(rows.target)
    target, found = rows.target[known], predicted[known]
    texts = [
        f"{METRICS[name].label or name} {number(value)}"
        for name, value in measures(champion, target, found).items()
    ]
    if limit is not None:
        texts.append(f"covered {100 * coverage(champion, target, found, limit):.1f} %")
    print(
        f"On the {count(len(target), 'row')} with a target: {', '.join(texts)}. This is a test "
        "only if these rows are new: training, or the choice of the model, may have seen them."
    )
