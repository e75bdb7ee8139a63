"""From a study's block to its combinations: settings applied to a recipe."""

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from labbook.params.claims import Claim
from labbook.params.document import Params
from labbook.params.kinds import fitting, of_kind
from labbook.params.messages import Mistake, explain
from labbook.params.sampling import Fitting, Range, Sample, draw, possible
from labbook.params.studies import Recipe, Study
from labbook.wording import count

Path = tuple[str | int, ...]
WHOLE = "is a count, and the range gives numbers that are not; add `whole: true`."
FEW = 100  # of a sample that cannot be had are drawn, to find further mistakes
INTEGERS = ("int_type", "int_from_float", "literal_error")  # pydantic's names of these errors


@dataclass(frozen=True)
class Combination:
    """One setting of all hyper-parameters: `settings` are those that the study varies."""

    label: str
    settings: Mapping[str, Any]
    recipe: Recipe


def combinations(params: Params, name: str) -> tuple[list[Combination], list[Mistake]]:
    """All combinations of the study `name` in the order of its block, and the mistakes in it."""
    study = params.studies[name]
    base = params.recipes[study.recipe].model_dump(exclude_unset=True)
    valid: list[Combination] = []
    mistakes: dict[Mistake, None] = {}  # in order, each once
    settings_and_places = list(_settings(study, base))
    for mistake in _of_sample(study, base, [settings for settings, _ in settings_and_places]):
        mistakes[Mistake(("studies", name, "vary", *mistake.path), mistake.text)] = None
    labels = _labels([settings for settings, _ in settings_and_places])
    for (settings, places), label in zip(settings_and_places, labels, strict=True):
        document = copy.deepcopy(base)
        try:
            for path, value in {**(study.set or {}), **settings}.items():
                _put(document, path, value)
            _forget_other_kinds(document, base, {**(study.set or {}), **settings})
            recipe = Recipe.model_validate(document)
        except _NotABlockError as error:
            at = error.args[0]
            text = f"{at.rpartition('.')[0]} is not a block of the recipe, so {at} cannot be set."
            mistakes[Mistake(("studies", name, *places.get(at, ("set", at))), text)] = None
        except ValidationError as error:
            for detail in error.errors():
                mistake = _whole(explain(detail, document, Recipe), study, detail["type"])
                mistakes[_placed(mistake, name, study, places, label)] = None
        else:
            valid.append(Combination(label, settings, recipe))
    return valid, list(mistakes)


def with_setting(recipe: Recipe, path: str, value: Any) -> Recipe | None:
    """The recipe with one other value, as `optimizer.rate: 0.1` in a study; None: not allowed."""
    document = recipe.model_dump(mode="python")
    _put(document, path, value)
    try:
        return Recipe.model_validate(document)
    except ValidationError:
        return None


def matches(settings: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    """Whether a combination's settings have all the values that `selector` names."""
    return all(path in settings and settings[path] == value for path, value in selector.items())


def picked(claim: Claim, all_combinations: list[Combination]) -> dict[str, list[str]]:
    """Labels that each of a claim's selectors picks, by the selector's place in its block."""
    labels: dict[str, list[str]] = {}
    for place, selector in claim.selectors.items():
        if selector == "others":
            labels[place] = [c.label for c in all_combinations if c.label not in labels["better"]]
        elif selector == "all":
            labels[place] = [c.label for c in all_combinations]
        else:
            several = selector if isinstance(selector, list) else [selector]
            labels[place] = [
                c.label for c in all_combinations if any(matches(c.settings, s) for s in several)
            ]
    return labels


def show_value(value: Any) -> str:
    """A setting's value as people write it: 64-16, 0.001, mlp."""
    if isinstance(value, Mapping):
        rest = [f"{k} {show_value(v)}" for k, v in value.items() if k != "kind"]
        return " ".join([str(value.get("kind", "")), *rest]).strip()
    if isinstance(value, list | tuple):
        return "-".join(show_value(v) for v in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


class _NotABlockError(Exception):
    """A setting's path leads through something that has no parts."""


def _settings(
    study: Study, base: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], dict[str, Path]]]:
    """Each combination's varied settings, and where in the study's block each stands."""
    if isinstance(study.vary, Sample):
        fitting = _own_kinds(study, base)
        most = possible(study.vary, fitting)
        some = study.vary.model_copy(update={"sample": FEW})  # where all cannot be had, to look at
        for settings in draw(study.vary if study.vary.sample <= most else some, fitting):
            yield settings, {path: ("vary", "of", path) for path in settings}
        return
    if isinstance(study.vary, list):
        for number, settings in enumerate(study.vary):
            yield settings, {path: ("vary", number, path) for path in settings}
        return
    for choice in itertools.product(*(enumerate(values) for values in study.vary.values())):
        pairs = dict(zip(study.vary, choice, strict=True))
        yield (
            {path: value for path, (_, value) in pairs.items()},
            {path: ("vary", path, number) for path, (number, _) in pairs.items()},
        )


def _own_kinds(study: Study, base: Mapping[str, Any]) -> Fitting:
    """Leaves out the drawn settings that the kinds of their blocks do not have."""
    fixed = study.set or {}

    def own(drawn: dict[str, Any]) -> dict[str, Any]:
        kept = fitting(base, {**fixed, **drawn})
        return {path: value for path, value in drawn.items() if path in kept}

    return own


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for part in outer:
        document = document.setdefault(part, {})
        if not isinstance(document, dict):
            raise _NotABlockError(path)
    document[last] = copy.deepcopy(value)


def _of_sample(
    study: Study, base: Mapping[str, Any], drawn: list[dict[str, Any]]
) -> Iterator[Mistake]:
    """What is wrong with a sample as a whole; `path` from its block on."""
    if not isinstance(study.vary, Sample):
        return
    if len(drawn) < study.vary.sample:
        most = possible(study.vary, _own_kinds(study, base))
        had = int(most) if most < study.vary.sample else len(drawn)
        yield Mistake(
            ("sample",),
            f"only {count(had, 'different combination')} can be had of these values; write {had} "
            "or less, or give more values.",
        )
    for path in study.vary.of:
        if not any(path in settings for settings in drawn):
            block = path.partition(".")[0]
            text = f"is in no combination: none has a kind of {block} with this setting."
            yield Mistake(("of", path), text)


def _whole(mistake: Mistake, study: Study, kind: str) -> Mistake:
    """The same mistake in other words if a drawn number should be a whole one."""
    path = ".".join(map(str, mistake.path))
    if not isinstance(study.vary, Sample) or not isinstance(study.vary.of.get(path), Range):
        return mistake
    # `batch` may also be a text, whose refusal says nothing about a number.
    return Mistake(mistake.path, WHOLE) if kind in INTEGERS else mistake


def _forget_other_kinds(
    document: dict[str, Any], base: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """Where a study changes a block's kind, drop what the recipe says of its old kind alone."""
    for block in {path.partition(".")[0] for path in given if path.endswith(".kind")}:
        old, new = base.get(block), document[block]
        if isinstance(old, Mapping) and old.get("kind") != new["kind"]:
            inherited = {k: v for k, v in new.items() if f"{block}.{k}" not in given}
            kept = of_kind(block, inherited, new["kind"])
            document[block] = {k: v for k, v in new.items() if k not in inherited or k in kept}


def _placed(
    mistake: Mistake, name: str, study: Study, places: Mapping[str, Path], label: str
) -> Mistake:
    """The same mistake at the setting that caused it, as far as one did."""
    for path in [*places, *(study.set or {})]:
        parts = tuple(path.split("."))
        if mistake.path[: len(parts)] == parts:
            rest = mistake.path[len(parts) :]
            return Mistake(("studies", name, *places.get(path, ("set", path)), *rest), mistake.text)
    return Mistake(("studies", name, "vary"), f"with {label}: {mistake.place()}: {mistake.text}")


def _labels(varied: list[dict[str, Any]]) -> list[str]:
    """A short text for each combination: "hidden 64-16, k 16"."""
    paths = list(dict.fromkeys(path for settings in varied for path in settings))
    short = {p: p.rpartition(".")[2] for p in paths}
    clashing = {p for p in paths if list(short.values()).count(short[p]) > 1}
    names = {p: p if p in clashing else short[p] for p in paths}
    return [", ".join(f"{names[p]} {show_value(v)}" for p, v in s.items()) for s in varied]
