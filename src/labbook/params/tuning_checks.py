"""Checks of the blocks of `tune`: their recipes, the start's settings, and what they search."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from labbook.params.document import Params
from labbook.params.file_checks import FOR_LABBOOK, misfits, unknown
from labbook.params.messages import Mistake, Path, explain
from labbook.params.searched import check_search
from labbook.params.settings import NotABlockError, given_to, unknown_block
from labbook.params.studies import Recipe
from labbook.params.tuning import Tuning

ONE_DATASET = (
    "a tuning is of its recipe's data set; leave it out, and name a recipe of the other one."
)
OF_SIX_STEPS = (
    "is for the six steps, not for a search; leave it out. Allowed beside `search`: recipe, set, "
    "than, seeds."
)
TAKEN = "a study has this name, and `labbook show` could show but one of them; choose another name."


def check_tunings(params: Params) -> Iterator[Mistake]:
    """What tunings ask of recipes, data and searches in vain. Recipes are checked by themselves."""
    for name, block in params.tune.items():
        at: Path = ("tune", name)
        if name in params.studies:
            yield Mistake(at, TAKEN)
        if block.search is not None and "remedies" in block.model_fields_set:
            yield Mistake((*at, "remedies"), OF_SIX_STEPS)
        wrong = list(_names(params, at, block)) or list(_set(params, at, block))
        if wrong:
            yield from wrong
        elif block.search is not None:
            found = check_search(block.search, start_of(params, block))
            yield from (Mistake((*at, "search", *one.path), one.text) for one in found)


def start_of(params: Params, block: Tuning) -> Recipe:
    """Where a tuning starts: its recipe with what it sets.

    Raises `NotABlockError` or pydantic's `ValidationError` for what does not fit together.
    """
    base = params.recipes[block.recipe].model_dump(exclude_unset=True)
    return Recipe.model_validate(given_to(base, block.set or {}))


def _names(params: Params, at: Path, block: Tuning) -> Iterator[Mistake]:
    """Recipes that are not there, or of two data sets."""
    for part, name in (("recipe", block.recipe), ("than", block.than)):
        if name is not None and name not in params.recipes:
            yield unknown((*at, part), "recipe", name, params.recipes)
            return
    start = params.recipes[block.recipe].dataset
    than = params.recipes[block.than or block.recipe].dataset
    if than != start:
        text = f"{block.than!r} is of the data set {than}, and {block.recipe!r} of {start}; "
        yield Mistake((*at, "than"), f"{text}the outcome can be compared on one data set alone.")


def _set(params: Params, at: Path, block: Tuning) -> Iterator[Mistake]:
    """Settings of the start that are none, or that do not go with the recipe or its data."""
    base = params.recipes[block.recipe]
    if base.dataset not in params.datasets:
        return  # told of the recipe
    document = base.model_dump(exclude_unset=True)
    settings: dict[str, Any] = {}
    for path, value in (block.set or {}).items():
        if text := _refused(document, {**settings, path: value}, path):
            yield Mistake((*at, "set", path), text)
        else:
            settings[path] = value
    document = given_to(document, settings)
    try:
        start = Recipe.model_validate(document)
    except ValidationError as error:
        for detail in error.errors():
            yield _placed(at, block, explain(detail, document, Recipe))
    else:
        before = set(misfits(base, params.datasets[base.dataset]))
        for text in misfits(start, params.datasets[base.dataset]):
            if text not in before:
                yield Mistake((*at, "set"), text)


def _refused(base: Mapping[str, Any], settings: Mapping[str, Any], path: str) -> str:
    """Why the last of these settings cannot be one, whatever its value; empty where it can."""
    if path == "dataset":
        return ONE_DATASET
    if text := FOR_LABBOOK.get(path.removeprefix("training.")):
        return text
    try:
        given_to(base, settings)
    except NotABlockError:
        return f"{path.rpartition('.')[0]} is not a block of the recipe, so {path} cannot be set."
    return unknown_block(path, ("dataset",))


def _placed(at: Path, block: Tuning, mistake: Mistake) -> Mistake:
    """The same mistake at the setting that caused it."""
    for path in block.set or {}:
        length = path.count(".") + 1
        if mistake.path[:length] == tuple(path.split(".")):
            return Mistake((*at, "set", path, *mistake.path[length:]), mistake.text)
    return Mistake((*at, "set"), f"{mistake.place()}: {mistake.text}")
