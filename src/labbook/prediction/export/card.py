"""A model card: what the champion is, what it was made of, how good it is, and where it ends."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from labbook.errors import LabbookError
from labbook.identity.code import digest
from labbook.prediction.about import is_too_deep
from labbook.prediction.champion import MODEL, Champion
from labbook.prediction.export.agreement import Agreement
from labbook.prediction.export.beside import RIVALS, VERDICTS, beside, measures_of
from labbook.prediction.export.graph import OPSET
from labbook.prediction.export.inputs import columns_of, plain_names
from labbook.prediction.export.model import PREDICTION, PROBABILITIES
from labbook.prediction.rows import used_encodings
from labbook.prediction.saying import at_threshold
from labbook.training.runfile import read_run

DATA = ("files", "settings")


def card(champion: Champion, name: str, onnx: bytes, agreement: Agreement) -> dict[str, Any]:
    """The card of the ONNX file `name` with these bytes, as the content of a JSON file."""
    about = champion.about
    identity = read_run(champion.folder / MODEL).identity
    if is_too_deep(identity):
        raise LabbookError(f"{champion.folder / MODEL}: not a run of labbook. Nothing was written.")
    return {
        "model": {
            "study": about.study,
            "id": id_of(champion),
            "run": about.run,
            "combination": about.combination,
            "seed": about.seed,
            "task": about.task,
            "kind": (about.recipe.get("model") or {}).get("kind"),
            "parameters": about.parameters,
            "ended": about.ended,
        },
        "file": {
            "name": name,
            "sha256": hashlib.sha256(onnx).hexdigest(),
            "bytes": len(onnx),
            "opset": OPSET,
            "compared_rows": agreement.rows,
            "largest_difference": agreement.largest,
        },
        "data": {
            "name": about.data,
            "edition": about.edition,
            "training_rows": about.rows.training.rows,
            **_data(identity),
        },
        "inputs": _inputs(champion),
        "outputs": _outputs(champion),
        "settings": about.recipe,
        "measures": measures_of(champion),
        "coverage": [one.model_dump() for one in about.conformal.coverage],
        "ensemble": about.ensemble.model_dump() if about.ensemble else None,
        "verdicts": beside(champion, "verdicts.csv", VERDICTS),
        "rivals": beside(champion, "rivals.csv", RIVALS),
        "limits": list(limits(champion)),
        "made_with": {key: identity.get(key) for key in ("engine", "device", "libraries")},
        "recreate": [
            f"labbook recreate {about.study}/champion",
            f"labbook models get {id_of(champion)} -o FOLDER",
        ],
    }


def id_of(champion: Champion) -> str:
    """The id that `labbook models` lists: the same on every machine, whatever the commit."""
    return digest(champion.about.study, champion.about.sums[MODEL])[:8]


def _data(identity: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of the files and the settings of the data set, as the run's identity has them."""
    data = identity.get("data")
    known: Mapping[str, Any] = data if isinstance(data, dict) else {}
    return {n: known[n] if isinstance(known.get(n), dict) else {} for n in DATA}


def _inputs(champion: Champion) -> dict[str, Any]:
    """What the model is given, and which values the training rows had."""
    if champion.about.rows.kind == "images":
        return {"images": champion.about.rows.shape}
    used, places = used_encodings(champion)
    columns, seen = columns_of(champion), champion.about.rows.training
    ranges: dict[str, list[float]] = {}
    at = 0
    for one in used:
        if one.kind in ("number", "date"):
            for name, place in zip(plain_names(one), places[at:], strict=False):
                ranges[name] = [seen.low[place], seen.high[place]]
        at += len(one.feature_names)
    levels = {one.name: list(one.levels) for one in used if one.name in columns.texts}
    return {
        "numbers": list(columns.numbers),
        "texts": list(columns.texts),
        "computed_outside": list(columns.outside),
        "ranges": ranges,
        "levels": levels,
    }


def _outputs(champion: Champion) -> dict[str, str]:
    target = champion.about.rows.target
    if champion.about.task == "regression":
        return {PREDICTION: f"{target}, in its own unit"}
    which = "most probable class" if champion.about.threshold is None else "class by its threshold"
    return {
        PREDICTION: f"the {which} of {target}",
        PROBABILITIES: "of each class, in the order of `classes`",
    }


def limits(champion: Champion) -> Iterator[str]:
    """What must be known before the model is used, in sentences."""
    about = champion.about
    if about.edition == "stand-in":
        yield "It was trained on a stand-in, not on the real data: it says nothing of these."
    yield (
        f"It has seen {about.rows.training.rows:,} training rows. Of rows unlike them, outside of "
        "the ranges below or from another place or time, nobody knows how good it is."
    )
    yield (
        "The figures on test rows are means over the seeds of its combination, of which this model "
        "is one run; the combination was chosen by validation rows."
    )
    if about.threshold is not None:
        yield (
            f"{at_threshold(champion)}. The figures here are at 0.5; the study's measures.csv has "
            "those at the thresholds of its runs (test_at_threshold)."
        )
    yield "It says what goes together in these data, not what causes what."
    yield f"Intervals and sets of `labbook predict`: {about.conformal.note}"
    yield from _of_table(champion)
    yield "ONNX computes in float32 what labbook computes in float64; see `largest_difference`."


def _of_table(champion: Champion) -> Iterator[str]:
    """What a program has to do itself before it gives a row to the ONNX model."""
    if champion.about.rows.kind == "images":
        return
    yield (
        "An empty field is NaN among the numbers and an empty text among the texts; so are the "
        "marks of missing values. Texts have no blanks around them. A category that training "
        "never saw is none of those it saw; an ordinal's value that is none counts as empty."
    )
    outside = columns_of(champion).outside
    if outside:
        yield (
            f"Dates are not read inside: {', '.join(outside)} are computed before (elapsed: days "
            "since 2000; sin and cos: of the share of the year's months, the month's 31 days, the "
            "week from Monday on or the day that has passed, as an angle)."
        )
