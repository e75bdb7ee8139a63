"""From a study's block to its combinations: settings applied to a recipe."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from labbook.params.claims import Claim, Selector
from labbook.params.document import Params
from labbook.params.messages import Mistake, Path, explain
from labbook.params.sampling import Range, Sample, draw
from labbook.params.settings import NotABlockError, fitting, given_to, matches, show_value
from labbook.params.studies import Recipe, Study
from labbook.wording import count

WHOLE = "is a count, and the range gives numbers that are not; add `whole: true`."
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
    valid, mistakes = combinations_of(study, params.recipes[study.recipe])
    return valid, [Mistake(("studies", name, *m.path), m.text) for m in mistakes]


def combinations_of(study: Study, recipe: Recipe) -> tuple[list[Combination], list[Mistake]]:
    """The same of a study's block, whose recipe is this one; places are those in the block."""
    base = recipe.model_dump(exclude_unset=True)
    fixed = study.set or {}
    fixed_places: dict[str, Path] = {path: ("set", path) for path in fixed}
    choices = list(_choices(study, base))
    valid: list[Combination] = []
    mistakes = list(_of_sample(study.vary, [settings for settings, _ in choices]))
    labels = _labels([settings for settings, _ in choices])
    for (settings, varied_places), label in zip(choices, labels, strict=True):
        others = {path: at for path, at in fixed_places.items() if path not in varied_places}
        places = varied_places | others
        try:
            document = given_to(base, {**fixed, **settings})
            recipe = Recipe.model_validate(document)
        except NotABlockError as error:
            path = error.args[0]
            text = f"{path.rpartition('.')[0]} is not a block of the recipe, so {path} cannot be"
            mistakes.append(Mistake(places[path], f"{text} set."))
        except ValidationError as error:
            for detail in error.errors():
                mistake = _of_range(explain(detail, document, Recipe), study.vary, detail["type"])
                mistakes.append(_placed(mistake, places, label))
        else:
            valid.append(Combination(label, settings, recipe))
    return valid, list(dict.fromkeys(mistakes))


def labels_of(all_combinations: Sequence[Combination], selector: Selector) -> list[str]:
    """Labels of the combinations that `selector` picks: a mapping, a list of these, or all."""
    selectors = selector if isinstance(selector, list) else [selector]
    return [
        combination.label
        for combination in all_combinations
        if any(isinstance(s, str) or matches(combination.settings, s) for s in selectors)
    ]


def picked(claim: Claim, all_combinations: list[Combination]) -> dict[str, list[str]]:
    """Labels that each of a claim's selectors picks, by the selector's place in its block."""
    labels: dict[str, list[str]] = {}
    for place, selector in claim.selectors.items():
        labels[place] = labels_of(all_combinations, selector)
        if selector == "others":
            labels[place] = [label for label in labels[place] if label not in labels["better"]]
    return labels


def _choices(
    study: Study, base: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], dict[str, Path]]]:
    """Each combination's varied settings, and where in the study's block each stands."""
    if isinstance(study.vary, Sample):
        fixed = study.set or {}

        def of_own_kinds(drawn: dict[str, Any]) -> dict[str, Any]:
            fits = fitting(base, {**fixed, **drawn})
            return {path: value for path, value in drawn.items() if path in fits}

        for settings in draw(study.vary, of_own_kinds):
            yield settings, {path: ("vary", "of", path) for path in settings}
    elif isinstance(study.vary, list):
        for number, settings in enumerate(study.vary):
            yield settings, {path: ("vary", number, path) for path in settings}
    else:
        for choice in itertools.product(*(enumerate(values) for values in study.vary.values())):
            pairs = dict(zip(study.vary, choice, strict=True))
            settings = {path: value for path, (_, value) in pairs.items()}
            yield settings, {path: ("vary", path, number) for path, (number, _) in pairs.items()}


def _of_sample(vary: Any, drawn: list[dict[str, Any]]) -> Iterator[Mistake]:
    """What is wrong with a sample as a whole."""
    if not isinstance(vary, Sample):
        return
    if len(drawn) < vary.sample:
        yield Mistake(
            ("vary", "sample"),
            f"only {count(len(drawn), 'different combination')} came of many draws of these "
            f"values; write {len(drawn)} or less, or give more values.",
        )
    for path in vary.of:
        if not any(path in settings for settings in drawn):
            block = path.partition(".")[0]
            text = f"is in no combination: none has a kind of {block} with this setting."
            yield Mistake(("vary", "of", path), text)


def _of_range(mistake: Mistake, vary: Any, kind: str) -> Mistake:
    """The same mistake in other words if a number drawn from a range should be a whole one."""
    path = ".".join(map(str, mistake.path))
    if kind in INTEGERS and isinstance(vary, Sample) and isinstance(vary.of.get(path), Range):
        # `batch` may also be a text, whose refusal says nothing about a number.
        return Mistake(mistake.path, WHOLE)
    return mistake


def _placed(mistake: Mistake, places: Mapping[str, Path], label: str) -> Mistake:
    """The same mistake at the setting that caused it, as far as one did."""
    for path, place in places.items():
        length = path.count(".") + 1
        if mistake.path[:length] == tuple(path.split(".")):
            return Mistake((*place, *mistake.path[length:]), mistake.text)
    return Mistake(("vary",), f"with {label}: {mistake.place()}: {mistake.text}")


def _labels(varied: list[dict[str, Any]]) -> list[str]:
    """A short text for each combination: "hidden 64-16, k 16"."""
    paths = list(dict.fromkeys(path for settings in varied for path in settings))
    last_parts = [path.rpartition(".")[2] for path in paths]
    names = {
        path: path if last_parts.count(last) > 1 else last
        for path, last in zip(paths, last_parts, strict=True)
    }
    return [", ".join(f"{names[p]} {show_value(v)}" for p, v in s.items()) for s in varied]
