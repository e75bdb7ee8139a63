"""The prepared form of a data set, as training and evaluation read it.

One safetensors file. Its one metadata key `labbook` holds as JSON what is no array in `Prepared`.
Arrays: features, target, unlabelled (if there are such rows), and for each seed
splits/<seed>/train, valid, test (row numbers), mean, scale, fill, target (mean and scale), and
route where rare categories are one together.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook import tensors
from labbook.data.columns import names_of
from labbook.data.fitted import FittedSplit
from labbook.data.numbers import Numbers
from labbook.errors import LabbookError
from labbook.metrics import PARTS

STATISTICS = ("mean", "scale", "fill")
LOGARITHMS = (-345.0, 345.0)  # of predictions: the squares of what is beyond are no numbers


@dataclass(frozen=True, kw_only=True)
class Prepared(Numbers):
    """A data set's numbers, once, and its splits by seed."""

    source: str  # what messages call the file
    edition: str  # "real", "stand-in", "package", "generated" or "own"
    note: str  # a sentence for people about the edition
    splits: Mapping[int, FittedSplit]
    remarks: tuple[str, ...] = ()  # sentences for people: what is odd about the data

    def split(self, seed: int) -> FittedSplit:
        """The split of `seed`. Raises `LabbookError` where none was prepared."""
        if seed not in self.splits:
            seeds = ", ".join(map(str, self.splits)) or "none"
            raise LabbookError(
                f"{self.source}: has no split for seed {seed} (only {seeds}). "
                "Run snakemake again: the data are prepared for all seeds of params.yaml."
            )
        return self.splits[seed]

    def part(
        self, seed: int, part: str, columns: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Inputs and targets of "train", "valid", "test" or "unlabelled", in the seed's units.

        x is float32, (rows, columns) or (rows, 1, height, width); y is float32 (rows,), int64
        class numbers (rows,), or None for unlabelled rows. `columns` chooses features.
        """
        split = self.split(seed)
        if part == "unlabelled":
            if self.unlabelled is None:
                raise LabbookError(f"{self.source}: has no unlabelled rows.")
            return self.inputs_of(self.unlabelled, seed, columns), None
        rows = getattr(split, part)
        target = self.target[rows]
        if self.task == "regression":
            target = self.in_network_units(target, seed).astype(np.float32)
        return self.inputs_of(self.features[rows], seed, columns), target

    def pixels(self, seed: int, part: str) -> np.ndarray:
        """Images of "train", "valid" or "test": brightness 0 to 1, float32 (rows, height, width).

        Raises `LabbookError` for a table.
        """
        if self.kind != "images":
            raise LabbookError(
                f"{self.source}: a table has no images that training.augment could change. "
                "Leave it out of the recipe."
            )
        rows: np.ndarray = getattr(self.split(seed), part)
        brightness: np.ndarray = (np.arange(256) / 255).astype(np.float32)[self.features[rows]]
        return brightness

    def standardised(self, pixels: np.ndarray, seed: int) -> np.ndarray:
        """Images as `pixels` gives them in the seed's units: float32 (rows, 1, height, width)."""
        split = self.split(seed)
        scaled: np.ndarray = pixels - np.float32(split.mean)
        scaled /= np.float32(split.scale)
        return scaled[:, None]

    def row_shape(self, columns: np.ndarray | None = None) -> tuple[int, ...]:
        """The shape of one row as a model sees it: (columns,) or (1, height, width)."""
        if self.kind == "images":
            return (1, *self.features.shape[1:])
        return (self.features.shape[1] if columns is None else len(columns),)

    def original(self, y: np.ndarray, seed: int) -> np.ndarray:
        """Targets or predictions (rows,) of a regression in the units of the data, float64."""
        split = self.split(seed)
        values = np.asarray(y, np.float64) * split.target_scale + split.target_mean
        return np.exp(np.clip(values, *LOGARITHMS)) if self.log_target else values

    def in_network_units(self, y: np.ndarray, seed: int) -> np.ndarray:
        """What `original` turns back: targets or predictions (rows,) as a network has them."""
        split = self.split(seed)
        values = np.log(y) if self.log_target else y
        return np.asarray((values - split.target_mean) / split.target_scale)

    def inputs_of(
        self, features: np.ndarray, seed: int, columns: np.ndarray | None = None
    ) -> np.ndarray:
        """What a network sees of rows like those of `features`, float32: see `part`."""
        split = self.split(seed)
        if self.kind == "images":
            scaled = (np.arange(256) / 255 - split.mean) / split.scale  # each brightness, once
            images: np.ndarray = scaled.astype(np.float32)[features]
            return images[:, None]  # (rows, 1, height, width)
        chosen = slice(None) if columns is None else columns
        values = split.filled(features)[:, chosen]
        scaled = (values - split.mean[chosen]) / split.scale[chosen]
        return np.ascontiguousarray(scaled, np.float32)


# What the header of a file says, by the names of Prepared; the arrays are beside it.
NO_ENTRIES = ("source", "features", "target", "unlabelled", "splits")
ONLY_READ = (
    "fixed",
    "fixed_valid",
    "groups",
    "times",
    "told",
)  # what splits and remarks follow from
HEADER = tensors.header_type(Prepared, (*NO_ENTRIES, *ONLY_READ))
SEED = re.compile(r"splits/(\d{1,19})/train")


def read_prepared(path: Path) -> Prepared:
    """Read what `prepare` wrote. Raises `LabbookError` where the file is missing or broken."""
    try:
        metadata, arrays = tensors.read_tensors(path)
        header = tensors.read_header(metadata, HEADER)
        seeds = sorted(int(match[1]) for name in arrays if (match := SEED.fullmatch(name)))
        _refuse_other_data(header, arrays, seeds)
        splits = {}
        for seed in seeds:
            values: dict[str, Any] = {
                name: arrays[f"splits/{seed}/{name}"] for name in (*PARTS, *STATISTICS)
            }
            mean, scale = arrays[f"splits/{seed}/target"].tolist()
            values["route"] = arrays.get(f"splits/{seed}/route")
            splits[seed] = FittedSplit(**values, target_mean=mean, target_scale=scale)
        return Prepared(
            source=Path(path).name,
            **header,
            features=arrays["features"],
            target=arrays["target"],
            unlabelled=arrays.get("unlabelled"),
            splits=splits,
        )
    except (OSError, tensors.TensorsError) as error:
        raise LabbookError(
            f"{path}: not a whole prepared data set ({error}). Remove it and run snakemake again: "
            "it is made anew."
        ) from error


def _refuse_other_data(
    header: Mapping[str, Any], arrays: dict[str, np.ndarray], seeds: Iterable[int]
) -> None:
    """Raise `TensorsError` for arrays that are not those of such a data set, or do not fit."""
    images = header["kind"] == "images"
    row = (None,) * (2 if images else 1)
    shapes: dict[str, tuple[int | None, ...]] = {"features": (None, *row), "target": (None,)}
    if "unlabelled" in arrays:
        shapes["unlabelled"] = (None, *row)
    tensors.refuse_other_arrays(arrays, shapes)
    rows, columns = arrays["features"].shape[:2]
    tensors.refuse_other_arrays(arrays, {"target": (rows,)})
    encoded = len(names_of(header["encodings"])) or columns
    if not images and encoded != columns:
        raise tensors.TensorsError(f"its encodings have {encoded} columns, and it has {columns}")
    if not images and columns != len(header["feature_names"]):
        names = len(header["feature_names"])
        raise tensors.TensorsError(f"it names {names} features and has {columns}")
    if images and arrays["features"].dtype != np.uint8:
        raise tensors.TensorsError(f"its images are {arrays['features'].dtype}, not uint8")
    of_split: dict[str, tuple[int | None, ...]] = {
        **dict.fromkeys(PARTS, (None,)),
        **dict.fromkeys(STATISTICS, () if images else (columns,)),
        "target": (2,),
    }
    for seed in seeds:
        fitted = {f"splits/{seed}/{name}": shape for name, shape in of_split.items()}
        tensors.refuse_other_arrays(arrays, fitted)
        if (route := f"splits/{seed}/route") in arrays:
            tensors.refuse_other_arrays(arrays, {route: (columns,)})
            if not np.isin(arrays[route], np.arange(columns)).all():
                raise tensors.TensorsError(f"its array {route} numbers columns that are not there")
        for name in (f"splits/{seed}/{part}" for part in PARTS):
            if arrays[name].dtype.kind != "i" or not np.isin(arrays[name], np.arange(rows)).all():
                raise tensors.TensorsError(f"its array {name} numbers rows that are not there")
