"""What rivals predict: one safetensors file per data set, a function of the data and code alone.

Arrays `<rival>/<seed>/<part>`: (rows,) float64 in the target's units, or (rows, classes) float32
log-probabilities, as in run files. Its header names rivals, seeds and versions of libraries, and
which settings tuned rivals, which have names of their own, got on which split.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from labbook import tensors
from labbook.errors import LabbookError
from labbook.files import write_bytes

PARTS = ("valid", "test")  # as in run files
CONSTANT = "the constant"
# Names as sentences have them, by task; the constant, which learns nothing, first.
NAMES = {
    "regression": (
        CONSTANT,
        "a straight line",
        "nearest neighbours",
        "a random forest",
        "gradient boosting",
    ),
    "classification": (
        CONSTANT,
        "logistic regression",
        "nearest neighbours",
        "a random forest",
        "gradient boosting",
    ),
}
# Names of the same, tuned; the constant has nothing to tune.
TUNED = {
    "a straight line": "a tuned straight line",
    "logistic regression": "tuned logistic regression",
    "nearest neighbours": "tuned nearest neighbours",
    "a random forest": "a tuned random forest",
    "gradient boosting": "tuned gradient boosting",
}


@dataclass(frozen=True)
class Rivals:
    """Predictions by rival, seed and part, as the head of this module says."""

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    libraries: Mapping[str, str]
    predictions: Mapping[tuple[str, int, str], np.ndarray]
    # By tuned rival and seed what was chosen; the settings {}: as it comes.
    chosen: Mapping[str, Mapping[str, Mapping[str, float]]] | None = None


HEADER = tensors.header_type(Rivals, ("predictions",))


def write(path: Path, rivals: Rivals) -> None:
    """Write `rivals` whole or not at all; equal ones give equal bytes."""
    header = {"names": rivals.names, "seeds": rivals.seeds, "libraries": dict(rivals.libraries)}
    if rivals.chosen:
        header["chosen"] = dict(rivals.chosen)
    arrays = {
        _key(rivals.names, *place): np.ascontiguousarray(array)
        for place, array in sorted(rivals.predictions.items())
    }
    text = json.dumps(header, sort_keys=True)
    write_bytes(path, save(arrays, metadata={tensors.METADATA: text}))


def names_of(task: str, tuned: bool) -> tuple[str, ...]:
    """The rivals of a task by their names, the constant first."""
    return tuple(TUNED.get(name, name) if tuned else name for name in NAMES[task])


def read_rivals(path: Path, seeds: Sequence[int], tuned: bool = False) -> Rivals:
    """Read what the rivals predict for `seeds`, as they come or `tuned`.

    Raises `LabbookError` where the file is missing, broken or lacks one of them.
    """
    try:
        metadata, arrays = tensors.read_tensors(path)
        header = tensors.read_header(metadata, HEADER)
        all_names, others = header["names"], set(TUNED if tuned else TUNED.values())
        names = tuple(name for name in all_names if name not in others)
        places = [(name, seed, part) for name in names for seed in seeds for part in PARTS]
        predictions = {place: arrays[_key(all_names, *place)] for place in places}
        return Rivals(**header | {"names": names}, predictions=predictions)
    except (OSError, tensors.TensorsError, KeyError) as error:
        raise LabbookError(
            f"{path}: not a whole file of rivals ({error}). Remove it and run snakemake again: "
            "it is made anew."
        ) from error


def _key(names: Sequence[str], name: str, seed: int, part: str) -> str:
    return f"{names.index(name)}/{seed}/{part}"
