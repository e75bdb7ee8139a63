"""What a page says of a tuning: its steps with paragraphs and figures, what it chose, how good."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from labbook.documents import read_text
from labbook.files import RECORD_BYTES, read_json
from labbook.params.settings import changes
from labbook.params.studies import Recipe
from labbook.plan.tunings import NUMBERS
from labbook.report.page.inline_figures import LABEL, inline_svg
from labbook.tuning.runs import number_of
from labbook.tuning.to_write import kept_back, kept_values, learnt_nothing
from labbook.verdicts import ALIKE, AS_GOOD, BETTER, REFUTED, SAME, SUPPORTED, UNDECIDED, WORSE
from labbook.wording import change, digits, metric_name, number, short

Step = Mapping[str, Any]
TITLES = {
    "initial-loss": "Is the loss right before any training?",
    "tiny-sample": "Can it learn a few rows by heart?",
    "rate": "At which rates does the loss fall?",
    "coarse": "Rates and weight decays, a few epochs",
    "fine": "The best few, longer and with several seeds",
    "finalists": "The best of these in full",
    "curves": "The full training, compared on test rows",
    "draw": "Combinations are drawn",
    "discard": "The worse ones go after a few epochs",
    "final": "The winner, compared on test rows",
}
SYMBOLS = {
    BETTER: ("✓", SUPPORTED),
    AS_GOOD: ("✓", SUPPORTED),
    ALIKE: ("≈", SUPPORTED),
    SAME: ("=", UNDECIDED),
    WORSE: ("✕", REFUTED),
}
OF_CHOSEN, OF_THAN = ("chosen", "the winner"), ("than", "compared with")  # labels of trials
DONE, STOPPED, NOT_REACHED = "done", "stopped here", "not reached"


def tuning_view(name: str, steps: Sequence[Step], folder: Path, place: int = 1) -> dict[str, Any]:
    """All that a page says of the tuning `name`, the one at `place` in the page.

    `folder` is that of its figures, with their index.json.
    """
    drawn = {entry["name"]: entry for entry in read_json(folder / "index.json")}
    stopped = next((at for at, step in enumerate(steps) if step["stopped"]), None)
    last = steps[-1]["decided"] if stopped is None and steps else {}
    settings = _settings(steps) if stopped is None else []
    return {
        "name": name,
        "steps": [
            _step_view(step, at, stopped, drawn, folder, place) for at, step in enumerate(steps)
        ],
        "stopped": "" if stopped is None else steps[stopped]["stopped"],
        "stopped_at": "" if stopped is None else _title(steps[stopped]["step"]),
        "verdict": last.get("verdict", ""),
        "symbol": _symbol(last, stopped is not None),
        "effect": _effect(last),
        "metric": metric_name(last["metric"]) if "metric" in last else "",
        "settings": settings,
        "kept": kept_values(steps) if stopped is None else "",
        "to_write": bool(last) and not kept_back(last, settings),
        "learnt_nothing": learnt_nothing(last),
        "price": _price(last.get("price")),
    }


def _symbol(last: Mapping[str, Any], stopped: bool) -> tuple[str, str]:
    """The sign of an outcome, and the class of its colour."""
    if stopped:
        return "⚠", REFUTED
    if learnt_nothing(last):
        return "?", UNDECIDED
    return SYMBOLS.get(last.get("verdict", ""), ("?", UNDECIDED))


def _title(step: str) -> str:
    kind, _, round_of = step.partition("race-")
    return TITLES.get(kind or step) or f"The race over seeds, round {round_of}"


def _step_view(
    step: Step, at: int, stopped: int | None, drawn: Mapping[str, Any], folder: Path, place: int
) -> dict[str, Any]:
    state = DONE if stopped is None or at < stopped else STOPPED if at == stopped else NOT_REACHED
    rows = step["rows"] if state != NOT_REACHED else []
    heads = list(dict.fromkeys(key for row in rows for key in row))
    entry = drawn.get(step["step"]) if state != NOT_REACHED else None
    figure = None
    if entry:
        svg = read_text(folder / entry["svg"], RECORD_BYTES)
        inline = inline_svg(svg, f"t{place}{chr(ord('a') + at)}", short(entry["alt"], LABEL))
        figure = {"title": entry["title"], "caption": entry["caption"], "svg": inline}
    return {
        "number": NUMBERS[step["step"]],
        "title": _title(step["step"]),
        "state": state,
        "said": step["said"] if state != NOT_REACHED else "",
        "figure": figure,
        "heads": [head.replace("_", " ") for head in heads],
        "rows": [[_cell(row.get(head)) for head in heads] for row in rows],
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_cell(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return str(value)


def _effect(last: Mapping[str, Any]) -> str:
    """The effect that was found; none where both sides are the same."""
    if last.get("effect") is None or last["verdict"] == SAME:
        return ""
    ends = (number_of(last.get(key)) for key in ("effect", "low", "high"))
    return change(last["scale"], *ends).whole


def _settings(steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    """Settings in which what was chosen differs from what it is compared with."""
    asked = [one for step in steps for one in step["asked"]]
    chosen, than = (
        [Recipe.model_validate(one["recipe"]) for one in asked if one["label"] in labels]
        for labels in (OF_CHOSEN, OF_THAN)
    )
    if not than:  # the winner is that recipe itself
        return []
    found = changes(than[0], chosen[0])
    return [(name, _written(new), _written(old)) for name, (old, new) in found.items()]


def _written(value: Any) -> str:
    """A value as params.yaml has it; nothing where there is none."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _price(price: Any) -> list[tuple[str, str, str, str]]:
    """What choosing cost: where, the mean, of how many seeds, and how much worse that is."""
    if not price:
        return []
    if isinstance(price, list):
        return [(one["of"], _mean(one), str(one["n"]), _cost(one)) for one in price]
    places = (
        ("with the seeds that chose", "at_choice", "n_choice"),
        ("with seeds that did not", "fresh", "n_fresh"),
        ("with these on test rows", "test", "n_fresh"),
    )
    return [
        (where, number(price[mean]), str(price[seeds]), "")
        for where, mean, seeds in places
        if price[mean] is not None
    ]


def _mean(one: Mapping[str, Any]) -> str:
    """A mean with its interval, where it has one."""
    mean, low, high = (number_of(one[key]) for key in ("mean", "low", "high"))
    return digits(mean, low, high).whole


def _cost(one: Mapping[str, Any]) -> str:
    if one.get("price") is None:
        return ""
    ends = (number_of(one[key]) for key in ("price", "price_low", "price_high"))
    return change(one["scale"], *ends).mean
