"""Prepare: numbers once, and per seed a split with what is fitted on its training part alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from labbook import tensors
from labbook.data.fitted import fit_columns, fit_target
from labbook.data.kinds import KINDS
from labbook.data.numbers import Numbers
from labbook.data.prepared import HEADER
from labbook.data.remarks import remarks
from labbook.data.splits import split_rows, strata
from labbook.files import read_json, write_bytes
from labbook.params.datasets import Dataset
from labbook.paths import EDITION


def prepare(dataset: Dataset, raw: Path, seeds: Sequence[int], out: Path) -> tuple[str, ...]:
    """Write the prepared form of the files in the folder `raw` to `out`; see `prepared.py`.

    Returns what is odd about the data, in sentences. Raises `LabbookError` where the files do not
    hold what `dataset` says, with the place.
    """
    edition = read_json(Path(raw) / EDITION)
    numbers = KINDS[dataset.kind].read(dataset, Path(raw))
    arrays = {"features": numbers.features, "target": numbers.target}
    if numbers.unlabelled is not None:
        arrays["unlabelled"] = numbers.unlabelled
    standing_in = edition["edition"] == "stand-in"
    splits = {
        seed: fit_seed(dataset, numbers, seed, stand_in=standing_in) for seed in sorted(set(seeds))
    }
    for seed, fitted in splits.items():
        arrays |= {f"splits/{seed}/{key}": array for key, array in fitted.items()}
    sentences = remarks(numbers, splits, stratified(dataset, numbers))
    header = vars(numbers) | {
        "target_column": numbers.target_column or numbers.target_name,
        "encodings": [asdict(one) for one in numbers.encodings],
        "edition": edition["edition"],
        "note": edition["note"],
        "remarks": sentences,
    }
    # One metadata entry: safetensors writes several in no fixed order.
    text = json.dumps({name: header[name] for name in HEADER.model_fields}, sort_keys=True)
    contiguous = {key: np.asarray(array, order="C") for key, array in sorted(arrays.items())}
    write_bytes(out, save(contiguous, metadata={tensors.METADATA: text}))
    return sentences


def fit_seed(
    dataset: Dataset, numbers: Numbers, seed: int, *, stand_in: bool = False
) -> dict[str, np.ndarray]:
    """The split of one seed and its statistics, all from its training part.

    train, valid, test (rows,) int32; mean, scale, fill (columns,) or () for images, and route if
    rare categories are one together; target (2,) with mean and scale, which is 1 where the training
    rows do not vary.
    """
    parts = split_seed(dataset, numbers, seed, stand_in=stand_in)
    training = numbers.features[parts["train"]]
    # Not every kind of data has the settings standardise, standardise_target and sample.
    if numbers.kind == "images":
        statistics = fit_images(training)
    else:
        statistics = fit_columns(
            training,
            str(getattr(dataset, "standardise", "none")),
            missing=str(getattr(dataset, "missing", "median")),
            encodings=numbers.encodings,
            rare=getattr(dataset, "rare", None),
        )
    target = np.array([0.0, 1.0])
    if getattr(dataset, "standardise_target", False) and numbers.task == "regression":
        values = numbers.target[parts["train"]]
        target = np.array(fit_target(np.log(values) if numbers.log_target else values))
    return parts | statistics | {"target": target}


def split_seed(
    dataset: Dataset, numbers: Numbers, seed: int, *, stand_in: bool = False
) -> dict[str, np.ndarray]:
    """Row numbers of train, valid and test, as `split_rows` gives them."""
    rows = len(numbers.target)
    stratify = stratified(dataset, numbers)
    sample = dataset.rows_drawn()
    if sample and stand_in:  # it may be smaller than what it stands in for
        sample = min(sample, rows - numbers.fixed)
    classes = numbers.target if numbers.task == "classification" else strata(numbers.target)
    return split_rows(
        dataset.split,
        seed,
        rows,
        fixed=numbers.fixed,
        fixed_valid=numbers.fixed_valid,
        classes=classes if stratify else None,
        sample=sample,
        groups=numbers.groups,
        times=numbers.times,
    )


def stratified(dataset: Dataset, numbers: Numbers) -> bool:
    """Whether the parts keep the shares of the classes, or of a quantity's ranges."""
    split = dataset.split
    if split.stratify is None:
        return numbers.task == "classification" and split.group is None and split.time is None
    return split.stratify


def fit_images(training: np.ndarray) -> dict[str, np.ndarray]:
    """Mean and scale () of all pixels of the training images, for brightness from 0 to 1.

    Counted by brightness first, so that no order of summation matters.
    """
    counts = np.bincount(training.ravel(), minlength=256).astype(float)
    levels = np.arange(256) / 255
    mean = (counts * levels).sum() / counts.sum()
    variance = (counts * (levels - mean) ** 2).sum() / counts.sum()
    scale = np.sqrt(variance) if variance > 0 else np.inf
    return {"mean": np.array(mean), "scale": np.array(scale), "fill": np.array(0.0)}
