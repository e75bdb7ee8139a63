"""safetensors files, read so that any file at all gives what is wanted or a plain reason why not.

A file may be cut off, of another program, or made to mislead: its header is held against the types
of the record that it should become. Nothing in it is ever executed.
"""

import dataclasses
import json
import math
import typing
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from safetensors import SafetensorError, safe_open

METADATA = "labbook"  # the one entry that labbook's files have
NUMBERS = frozenset("biuf")  # kinds of NumPy's types: truth values, integers, floats


class TensorsError(Exception):
    """Not a file of the kind that was wanted; the text says why, as the end of a sentence."""


def read_tensors(
    path: Path, wanted: Callable[[str], bool] = lambda name: True
) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """The metadata, and the arrays whose names are `wanted`.

    Raises FileNotFoundError, or `TensorsError` for all else that keeps them from being read.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is not there")
    if not Path(path).is_file():
        raise TensorsError("it is not a plain file")
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            names = [name for name in file.keys() if wanted(name)]  # noqa: SIM118
            return metadata, {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError, ValueError, MemoryError) as error:
        raise TensorsError(str(error)) from None
    except (AttributeError, TypeError) as error:  # a type of numbers that NumPy lacks
        raise TensorsError(f"it holds numbers of an unknown type: {error}") from None


def shape_of(path: Path, name: str) -> tuple[int, ...] | None:
    """The shape of an array, read without the array; None where there is no such one."""
    try:
        if not path.is_file():
            return None
        with safe_open(str(path), framework="numpy") as file:
            return tuple(file.get_slice(name).get_shape())
    except (OSError, SafetensorError, ValueError):
        return None


def header_type(record: type, others: Collection[str]) -> type[BaseModel]:
    """What the header of a file must be that becomes a `record`, a dataclass, without `others`."""
    hints = typing.get_type_hints(record)
    fields: dict[str, Any] = {
        field.name: (
            hints[field.name],
            ... if field.default is dataclasses.MISSING else field.default,
        )
        for field in dataclasses.fields(record)
        if field.name not in others
    }
    return create_model("Header", __config__=ConfigDict(extra="forbid"), **fields)


def read_header(metadata: dict[str, str], header: type[BaseModel]) -> dict[str, Any]:
    """The header by the names of its record; null where a number is wanted stands for NaN.

    Raises `TensorsError`.
    """
    if METADATA not in metadata:
        raise TensorsError(f"its header has no entry `{METADATA}`: another program wrote it")
    try:
        content = json.loads(metadata[METADATA])
        if isinstance(content, dict) and isinstance(content.get("metrics"), dict):
            metrics = content["metrics"].items()
            content["metrics"] = {k: math.nan if v is None else v for k, v in metrics}
        return dict(header.model_validate(content))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "all of it"
        raise TensorsError(f"its header is another: {place}: {first['msg']}") from None
    except RecursionError:
        raise TensorsError("its header is nested too deep") from None
    except ValueError as error:
        raise TensorsError(f"its header is no JSON: {error}") from None


def refuse_other_arrays(
    arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int | None, ...]]
) -> None:
    """Raise `TensorsError` where an array is not there, holds no numbers or has another shape.

    In `shapes` None stands for any number.
    """
    for name, shape in shapes.items():
        if name not in arrays:
            raise TensorsError(f"it has no array {name}")
        found = arrays[name]
        fits = len(found.shape) == len(shape) and all(
            wanted in (None, size) for wanted, size in zip(shape, found.shape, strict=True)
        )
        if not fits or found.dtype.kind not in NUMBERS:
            wanted = tuple("any" if size is None else size for size in shape)
            raise TensorsError(f"its array {name} is {found.dtype} {found.shape}, not {wanted}")
