"""What `labbook predict` says of the predictions that it has written."""

from collections.abc import Iterator

import numpy as np

from labbook.metrics import METRICS
from labbook.prediction.answers import coverage, measures
from labbook.prediction.champion import Champion
from labbook.prediction.rows import NewRows
from labbook.wording import count, number


def of_whom(champion: Champion, models: int, rows: NewRows) -> str:
    """How many rows were predicted, and by which model."""
    whose = f"the mean of {models} runs" if models > 1 else f"the run of seed {champion.about.seed}"
    return f"{count(len(rows.values), 'row')} by the champion of {champion.about.study}, {whose}."


def what_it_holds(champion: Champion, models: int, level: float) -> Iterator[str]:
    """What may be expected of the predictions, and what not."""
    about = champion.about
    if about.edition == "stand-in":
        yield "It was trained on a stand-in, not on the real data: of these it says nothing."
    if _changes_copies(champion):
        yield (
            "The study's own predictions are means over changed copies of each image "
            "(test_copies); these are of the images as they are."
        )
    if about.threshold is not None:
        yield f"{at_threshold(champion)}; the probabilities are as they are."
    if models > 1:
        yield "Without an interval: that of one run is not that of the mean."
        return
    what = "sets of classes are" if about.task == "classification" else "intervals are"
    text = f"The {what} made to hold the truth of {_percent(level)} of rows like those of training"
    for one in about.conformal.coverage:
        if abs(one.level - level) < 1e-9 and one.mean is not None:
            text += f"; of test rows they held {_percent(one.mean)}, mean of {one.n} seeds"
    yield f"{text}. Of rows unlike them nobody knows."


def at_threshold(champion: Champion) -> str:
    """From which probability on a row is of the second class, without a full stop."""
    about, second = champion.about, champion.classes[1]
    return (
        f"A row is {second} from P({second}) = {about.threshold:.4g} on, chosen by balanced "
        f"accuracy on the validation rows of the run of seed {about.seed}"
    )


def _percent(share: float) -> str:
    return f"{round(100 * share, 1):g} %"


def _changes_copies(champion: Champion) -> bool:
    """Whether the recipe predicts changed copies of each image."""
    block: object = champion.about.recipe
    for key in ("training", "augment", "test_copies"):
        block = block.get(key) if isinstance(block, dict) else None
    return bool(block)


def errors_on(
    champion: Champion, rows: NewRows, predicted: np.ndarray, limit: float | None
) -> Iterator[str]:
    """The errors of rows that have a target, with the warning that they may be no test."""
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
        texts.append(f"held {_percent(coverage(champion, target, found, limit))}")
    yield (
        f"On the {count(len(target), 'row')} with a target: {', '.join(texts)}. This is a test "
        "only if these rows are new: training, or the choice of the model, may have seen them."
    )
