"""A model card as Markdown, in which no text of a table or of params.yaml means anything."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from labbook.prediction.export.beside import as_number
from labbook.wording import few, metric_name, number, plain, sentence

SPECIAL = re.compile(r"([\\`*_{}\[\]|~<>&$])")
MOST = 600  # characters of a text in a table
SHOWN = 40  # rows of one table


def escaped(text: Any) -> str:
    """`text` in one line, with a backslash before what Markdown or HTML would read."""
    line = plain(text)
    return SPECIAL.sub(r"\\\1", line[:MOST] + ("…" if len(line) > MOST else ""))


def page(about: Mapping[str, Any]) -> str:
    """The card as a page of Markdown."""
    model, file, data = about["model"], about["file"], about["data"]
    title = f"# {escaped(model['study'])}: {escaped(model['combination'])}"
    sections = [
        (title, _lines(_head(about))),
        ("## How good it is", _measures(about)),
        ("## Is a network worth it?", _rivals(about["rivals"])),
        ("## Where it ends", [f"- {escaped_long(text)}" for text in about["limits"]]),
        ("## What the study claimed", _verdicts(about["verdicts"])),
        ("## Inputs and outputs", _inputs(about)),
        ("## Data", _lines(_data(data))),
        ("## Settings", _lines(_flat(about["settings"] or {}))),
        ("## How to make it again", [f"    {line}" for line in about["recreate"]]),
    ]
    text = "\n\n".join(f"{head}\n\n" + "\n".join(lines) for head, lines in sections if lines)
    return f"{text}\n\nSHA-256 of {escaped(file['name'])}: {file['sha256']}\n"


def escaped_long(text: str) -> str:
    """A whole sentence with a backslash before what Markdown or HTML would read."""
    return SPECIAL.sub(r"\\\1", plain(text))


def _head(about: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    model, file = about["model"], about["file"]
    yield "file", f"{file['name']}, ONNX opset {file['opset']}, {file['bytes']:,} bytes"
    yield "model", f"{model['kind']}, {model['parameters']} parameters"
    yield "task", model["task"]
    yield "run", f"{model['run']}, seed {model['seed']}; id {model['id']} in labbook models"
    yield "training", model["ended"]
    difference = f"{file['largest_difference']:.2g}"
    yield "compared with labbook", f"{file['compared_rows']} made rows, {difference} at most apart"


def _lines(pairs: Iterable[tuple[str, Any]]) -> list[str]:
    """A table of two columns."""
    return _table(("", ""), pairs)


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    body = ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
    if not body:
        return []
    head = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    more = [f"\nand {len(body) - SHOWN} more, in the JSON file"] if len(body) > SHOWN else []
    return [*head, *body[:SHOWN], *more]


def _measures(about: Mapping[str, Any]) -> list[str]:
    rows = [
        (sentence(metric_name(name)), _interval(entry), entry.get("n"))
        for name, entry in about["measures"].items()
    ]
    for one in about["coverage"]:
        share = f"covered by intervals of {100 * one['level']:.0f} %"
        rows.append((f"Share of test rows {share}", _interval(one), one["n"]))
    ensemble = about["ensemble"]
    if ensemble:
        name, runs = metric_name(ensemble["metric"]), number(ensemble["members"])
        what = f"By how much {name} is better for the mean of {runs} runs, on the same rows"
        rows.append((what, _interval(ensemble["gain"]), ensemble["gain"]["n"]))
    return _table(("measure", "mean (95 % interval)", "n"), rows)


def _interval(entry: Mapping[str, Any]) -> str:
    mean, low, high = (_number(entry.get(key)) for key in ("mean", "low", "high"))
    return mean if low == high else f"{mean} ({low} to {high})"


def _number(value: Any) -> str:
    return number(value if isinstance(value, int | float) else math.nan)


def _verdicts(verdicts: Sequence[Mapping[str, str]]) -> list[str]:
    rows = [(one["sentence"], one["verdict"], one["why"]) for one in verdicts]
    return _table(("claim", "verdict", "why"), rows)


def _rivals(rivals: Sequence[Mapping[str, str]]) -> list[str]:
    """The simpler models on the same splits, and whether the network is better."""
    rows = [
        (
            one["rival"],
            f"{metric_name(one['metric'])} {_interval(_ends(one))}",
            one["verdict"],
            one["why"],
        )
        for one in rivals
    ]
    return _table(("rival", "its mean", "is the network better?", "why"), rows)


def _ends(one: Mapping[str, str]) -> dict[str, float]:
    texts = {"mean": one["mean"], "low": one["mean_low"], "high": one["mean_high"]}
    return {key: as_number(text) for key, text in texts.items()}


def _inputs(about: Mapping[str, Any]) -> list[str]:
    inputs = about["inputs"]
    if "images" in inputs:
        size = " x ".join(map(str, inputs["images"]))
        rows = [("images", "uint8 (rows, height, width)", size)]
    else:
        rows = [
            (f"numbers, column {place}", name, _range(inputs["ranges"].get(name)))
            for place, name in enumerate(inputs["numbers"])
        ]
        rows += [
            (f"texts, column {place}", name, few(inputs["levels"][name], 8))
            for place, name in enumerate(inputs["texts"])
        ]
    rows += [(name, text, "") for name, text in about["outputs"].items()]
    return _table(("input or output", "what", "values of the training rows"), rows)


def _range(ends: Sequence[float] | None) -> str:
    return "" if ends is None else f"{_number(ends[0])} to {_number(ends[1])}"


def _data(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "name", data["name"]
    yield "edition", data["edition"]
    yield "training rows", data["training_rows"]
    for name, total in data["files"].items():
        yield f"SHA-256 of {name}", total
    yield from _flat(data["settings"])


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Dotted paths and values of nested settings, without those that are not set."""
    for key, setting in tree.items():
        if isinstance(setting, Mapping) and setting:
            yield from _flat(setting, f"{path}{key}.")
        elif setting not in (None, {}, []):
            text = setting if isinstance(setting, str) else json.dumps(setting, ensure_ascii=False)
            yield f"{path}{key}", text
