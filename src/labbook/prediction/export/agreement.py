"""Whether an ONNX model says of made rows what the champion says of them: row by row."""

from dataclasses import dataclass

import numpy as np
from onnx import ModelProto
from onnx.reference import ReferenceEvaluator
from threadpoolctl import threadpool_limits

from labbook.errors import LabbookError
from labbook.evaluate.choice import OF_SIZE, OF_SPREAD
from labbook.prediction.answers import predict
from labbook.prediction.champion import Champion
from labbook.prediction.export.made_rows import made_rows
from labbook.prediction.export.model import PREDICTION, PROBABILITIES


@dataclass(frozen=True)
class Agreement:
    """How many rows were compared, and by how much they differ at most."""

    rows: int
    largest: float


def check(champion: Champion, model: ModelProto) -> Agreement:
    """Compare both on made rows. Raises `LabbookError` where they differ by more than rounding."""
    inputs, features = made_rows(champion)
    names = [output.name for output in model.graph.output]
    with threadpool_limits(1), np.errstate(all="ignore"):  # of fields that are empty
        found = dict(zip(names, ReferenceEvaluator(model).run(None, inputs), strict=True))
    return compare(champion, found, features)


def compare(champion: Champion, found: dict[str, np.ndarray], features: np.ndarray) -> Agreement:
    """Compare the outputs of the model with ours for `features`, rows of the data set."""
    ours = predict(champion, features)
    if champion.about.task == "regression":
        theirs, wanted = found[PREDICTION], ours
    else:
        theirs, wanted = found[PROBABILITIES], np.exp(ours)
        _compare_classes(champion, found[PREDICTION], wanted)
    if theirs.shape != wanted.shape:
        raise _refused(champion, f"shape {theirs.shape} where {wanted.shape} is expected")
    differences = np.abs(theirs - wanted)
    allowed = OF_SPREAD * np.std(wanted) + OF_SIZE * np.abs(wanted).max(initial=0.0)
    wrong = np.flatnonzero(~(differences <= allowed).reshape(len(wanted), -1).all(axis=1))
    if len(wrong):
        row = wrong[0]
        raise _refused(champion, f"made row {row}: {theirs[row]} where {wanted[row]} is expected")
    largest = f"{differences.max(initial=0.0):.0e}"  # the other digits are the machine's own
    return Agreement(len(wanted), float(largest))


def _compare_classes(champion: Champion, named: np.ndarray, chances: np.ndarray) -> None:
    """The named class is the most probable one or that of the threshold, up to rounding."""
    number = {name: place for place, name in enumerate(champion.classes)}
    places = np.array([number.get(str(name), -1) for name in named])
    rows = np.arange(len(chances))
    threshold = champion.about.threshold
    if threshold is None:
        worse = chances.max(axis=1) - chances[rows, places] > OF_SPREAD
    else:
        above = chances[:, 1] - threshold
        worse = np.where(places == 1, -above, above) > OF_SPREAD
    if (places < 0).any() or worse.any():
        raise _refused(champion, "another class is named")


def _refused(champion: Champion, what: str) -> LabbookError:
    return LabbookError(
        f"export of {champion.about.study}: the ONNX model does not say what the champion says "
        f"({what}). Nothing was written. This is a mistake of labbook's own; please report it with "
        "the champion's folder."
    )
