"""What was fitted, from the entries of champion.json to what the rest of labbook knows."""

from typing import Any

import numpy as np

from labbook.data.columns import Encoding
from labbook.data.fitted import FittedSplit
from labbook.data.prepared import Prepared
from labbook.prediction.about import About

INTEGERS = ("route",)  # fitted values that number columns


class DamagedError(Exception):
    """Why a folder holds no whole champion, as the end of a sentence."""


def fitted_of(about: About, names: tuple[str, ...]) -> FittedSplit:
    """The fitted values as arrays, of the length of the columns."""
    none = np.empty(0, np.int32)
    values: dict[str, Any] = about.rows.fitted.model_dump()
    for name, value in values.items():
        if isinstance(value, list) or name in ("mean", "scale", "fill"):
            values[name] = np.array(value, np.int32 if name in INTEGERS else np.float64)
            wanted = () if about.rows.kind == "images" else (len(names),)
            if values[name].shape != wanted:
                raise DamagedError(f"its {name} is of {values[name].shape} and not {wanted}")
    if not (values["scale"] > 0).all() or values["target_scale"] <= 0:
        raise DamagedError("a scale is not above 0")
    if values["route"] is not None and not np.isin(values["route"], np.arange(len(names))).all():
        raise DamagedError("its route names columns that are not there")
    return FittedSplit(train=none, valid=none, test=none, **values)


def check_lengths(about: About, columns: int) -> None:
    """Raise `DamagedError` where lists of champion.json are not of one length."""
    seen = about.rows.training
    lengths = {len(seen.low), len(seen.high), len(seen.missing)}
    if about.rows.kind == "table" and lengths != {columns}:
        raise DamagedError("its ranges are not those of its columns")
    if len(about.conformal.levels) != len(about.conformal.quantiles):
        raise DamagedError("its quantiles are not those of its levels")


def prepared_of(
    about: About, encodings: tuple[Encoding, ...], names: tuple[str, ...], fitted: FittedSplit
) -> Prepared:
    """A data set without rows, which knows what was fitted."""
    images, of_classes = about.rows.kind == "images", about.task == "classification"
    return Prepared(
        kind=about.rows.kind,
        task=about.task,
        features=np.empty((0, *about.rows.shape), np.uint8 if images else np.float64),
        target=np.empty(0, np.int64 if of_classes else np.float64),
        target_name=about.preprocessing.target,
        feature_names=names,
        classes=tuple(about.preprocessing.classes),
        unlabelled_ids=(),
        source="champion.json",
        edition=about.edition,
        note="",
        splits={about.seed: fitted},
        encodings=encodings,
        log_target=about.preprocessing.log_target,
    )
