"""A champion as it is read from its folder, which may hold anything: nothing of it is trusted."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from labbook.data.columns import Encoding, names_of
from labbook.data.prepared import Prepared
from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES, RECORD_BYTES, read_bytes
from labbook.models import Network, build
from labbook.models.losses import predictions
from labbook.prediction.about import About, is_too_deep, model_block
from labbook.prediction.parts import DamagedError, check_lengths, fitted_of, prepared_of
from labbook.tensors import TensorsError, read_tensors, refuse_other_arrays

ABOUT, MODEL = "champion.json", "model.safetensors"
NOTHING_DONE = "Nothing was written."
UNREADABLE = (
    OSError, ValueError, RecursionError, TypeError, OverflowError, DamagedError, TensorsError,
)  # fmt: skip
KINDS = ("number", "category", "ordinal", "date")


@dataclass(frozen=True)
class Champion:
    """The best model of a study, with all that predictions of new rows need."""

    folder: Path
    about: About
    network: Network
    weights: Mapping[str, np.ndarray]
    prepared: Prepared  # without rows: only what was fitted

    @cached_property
    def encodings(self) -> tuple[Encoding, ...]:
        """How the columns of the file become numbers; none of images."""
        return tuple(self.prepared.encodings)

    @property
    def columns(self) -> np.ndarray | None:
        """Numbers of the chosen columns; None for all, and for images."""
        chosen = self.about.rows.columns
        return None if chosen is None else np.array(chosen, np.int64)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; none of a regression."""
        return tuple(self.about.preprocessing.classes)

    def inputs(self, features: np.ndarray) -> np.ndarray:
        """What the network is given for rows as the data set has them: float32 (rows, ...)."""
        return self.prepared.inputs_of(features, self.about.seed, self.columns)

    def results(self, outputs: np.ndarray) -> np.ndarray:
        """What outputs (rows, outputs) say: quantities in original units (rows,), or
        log-probabilities (rows, classes).
        """
        found = predictions(outputs, self.about.task)
        if self.about.task == "classification":
            return found
        return self.prepared.original(found, self.about.seed)


def read_champion(folder: Path) -> Champion:
    """The champion in a folder.

    Raises `LabbookError` where there is none, or a file is not what its sum and its types say.
    """
    path = Path(folder, ABOUT)
    if not path.exists():
        raise LabbookError(
            f"{folder}: has no {ABOUT}. Give the folder of a champion, such as "
            "results/<study>/champion or what `labbook models get ID -o FOLDER` has written."
        )
    try:
        content = json.loads(read_bytes(path, RECORD_BYTES))
        if is_too_deep(content):
            raise DamagedError(f"{ABOUT} is nested too deep")
        about = _about(content)
        weights = _weights(Path(folder, MODEL), about)
        return _assembled(Path(folder), about, weights)
    except LabbookError as error:  # of a network that is too large
        raise LabbookError(f"{path}: {error} {NOTHING_DONE}") from error
    except UNREADABLE as error:
        raise LabbookError(
            f"{folder}: not a whole champion ({_first(error)}). {NOTHING_DONE} Run snakemake to "
            "have it made anew, or `labbook models get ID -o FOLDER` to fetch it once more."
        ) from error


def _first(error: Exception) -> str:
    """The reason in short."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{ABOUT}: {'.'.join(map(str, first['loc'])) or 'all of it'}: {first['msg']}"
    return str(error)


def _about(content: Any) -> About:
    if isinstance(content, dict) and content.get("combination", "") is None:
        raise DamagedError("no run of its study has a result")
    if isinstance(content, dict) and "rows" not in content and "recipe" in content:
        raise DamagedError(
            "it was written before labbook could predict; its study has to be evaluated again"
        )
    return About.model_validate(content)


def _weights(path: Path, about: About) -> dict[str, np.ndarray]:
    """The weights by name, of a file whose sum is that of champion.json."""
    if MODEL not in about.sums:
        raise DamagedError(f"{ABOUT} has no sum of {MODEL}")
    found = hashlib.sha256(read_bytes(path, CONTENT_BYTES)).hexdigest()
    if found != about.sums[MODEL]:
        raise DamagedError(f"{MODEL} has the SHA-256 {found}, expected {about.sums[MODEL]}")
    return weights_in(path)


def weights_in(path: Path) -> dict[str, np.ndarray]:
    """The weights of a run's file by name."""
    _, arrays = read_tensors(path, lambda name: name.startswith("weights/"))
    return {name.removeprefix("weights/"): array for name, array in arrays.items()}


def _assembled(folder: Path, about: About, weights: dict[str, np.ndarray]) -> Champion:
    rows = about.rows
    encodings = tuple(rows.encodings)
    if not all(one.kind in KINDS for one in encodings):
        raise DamagedError(f"an encoding is of none of the kinds {', '.join(KINDS)}")
    names = names_of(encodings)
    images = rows.kind == "images"
    if len(rows.shape) != 1 + images or (not images and len(names) != rows.shape[0]):
        raise DamagedError(
            f"its encodings give {len(names)} columns, and its rows have {rows.shape}"
        )
    columns = list(range(len(names))) if rows.columns is None else rows.columns
    if not images and (not columns or sorted({*columns} & {*range(len(names))}) != columns):
        raise DamagedError("it chooses columns that are not there, or not in order")
    shape = (1, *rows.shape) if images else (len(columns),)
    classes = about.preprocessing.classes
    if (about.task == "classification") != (len(classes) > 1):
        raise DamagedError(f"a {about.task} with {len(classes)} classes")
    if about.threshold is not None and len(classes) != 2:
        raise DamagedError(f"a threshold with {len(classes)} classes")
    network = build(model_block(about.recipe), shape, len(classes) or 1)
    refuse_other_arrays(weights, network.weights() | network.buffers())
    fitted = fitted_of(about, names)
    check_lengths(about, len(names))
    prepared = prepared_of(about, encodings, names, fitted)
    return Champion(folder, about, network, weights, prepared)
