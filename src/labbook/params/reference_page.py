"""The reference page and the JSON schema of params.yaml, from the models that validate it."""

import inspect
import json
import types
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from labbook.files import write_text
from labbook.params import (
    augment,
    claims,
    datasets,
    document,
    features,
    limits,
    models,
    rounds,
    sampling,
    sources,
    splits,
    studies,
    tables,
    training,
    tuning,
)

BLOCKS: dict[str, list[type[BaseModel]]] = {
    "The file": [document.Params, rounds.Rounds, document.Packs, document.Report],
    "Data sets": [
        *typing.get_args(typing.get_args(datasets.Dataset)[0]),
        sources.File,
        splits.Split,
        tables.Dates,
    ],
    "Recipes": [studies.Recipe, features.Features],
    "Models": [models.Mlp, models.Cnn, models.Linear, models.Polynomial],
    "Optimisers": list(typing.get_args(typing.get_args(training.Optimizer)[0])),
    "Schedules": list(typing.get_args(typing.get_args(training.Schedule)[0])),
    "Training": [training.Training, augment.Augment],
    "Studies": [
        studies.Study,
        sampling.Sample,
        sampling.Range,
        claims.Claim,
        claims.Difference,
        claims.Share,
        claims.Level,
        claims.Exact,
        studies.Published,
    ],
    "Tuning": [tuning.Tuning, tuning.Search],
}
PLAIN = {int: "integer", float: "number", bool: "true or false", str: "text", Any: "any value"}
BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
HEAD = """# params.yaml

Written by `labbook reference` from the models that validate the file; do not edit it by hand.
`extends: params.yaml` at the top of a file keeps all of the other file that this one does not say
otherwise: mappings are merged by key, lists and single values replaced, and null takes a key away.
Editors show the same texts with `# yaml-language-server: $schema=docs/params.schema.json`.
"""


def write_reference(folder: Path) -> None:
    """Write params.md and params.schema.json into `folder`."""
    write_text(folder / "params.md", reference_page())
    write_text(folder / "params.schema.json", schema())


def schema() -> str:
    """The JSON schema of params.yaml."""
    return json.dumps(document.Params.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def reference_page() -> str:
    """All blocks with their settings, defaults and descriptions, in Markdown."""
    parts = [HEAD]
    for title, blocks in BLOCKS.items():
        parts.append(f"## {title}\n")
        parts += [_block(block) for block in blocks]
    rows = [f"| {text} | {most:,} |" for text, most in limits.TEXTS.items()]
    parts += ["## Limits\n", "What asks for more is refused, with the line.\n"]
    parts += ["| at most | |", "|---|---|", *rows, ""]
    return "\n".join(parts)


def _block(block: type[BaseModel]) -> str:
    kind = block.model_fields.get("kind")
    name = f"kind: {kind.default}" if kind else block.__name__.lower()
    lines = [
        f"### {name}\n",
        f"{inspect.cleandoc(block.__doc__ or '')}\n",
        "| setting | what it may be | default | |",
    ]
    lines.append("|---|---|---|---|")
    for field, info in block.model_fields.items():
        if field != "kind":
            cells = (
                f"`{info.alias or field}`",
                _type(info),
                _default(info),
                info.description or "",
            )
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join([*lines, ""])


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.default
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_defaults=True)
        return f"`{json.dumps(value)}`" if value else "defaults of its block"
    return "-" if value is None else f"`{json.dumps(value)}`"


def _type(info: FieldInfo) -> str:
    bounds = [
        f"{words} {value!r}"
        for constraint in info.metadata
        for name, words in BOUNDS.items()
        if (value := getattr(constraint, name, None)) is not None
    ]
    return ", ".join([_annotation(info.annotation), *bounds])


def _annotation(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _annotation(arguments[0])
    if origin is typing.Literal:
        return " or ".join(f"`{a}`" for a in arguments)
    if origin in (types.UnionType, typing.Union):
        members = [_annotation(a) for a in arguments if a is not type(None)]
        return " or ".join(dict.fromkeys(members))
    if origin is list:
        return f"list of {_annotation(arguments[0])}"
    if origin is dict:
        return f"mapping of {_annotation(arguments[0])} to {_annotation(arguments[1])}"
    if annotation in PLAIN:
        return PLAIN[annotation]
    kind = annotation.model_fields.get("kind")
    return f"`kind: {kind.default}`" if kind else f"block {annotation.__name__.lower()}"
