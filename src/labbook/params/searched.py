"""The combinations that a search draws: a pure function of its block and of its start."""

from collections.abc import Iterator, Mapping
from typing import Any

from labbook.params.combinations import Combination, combinations_of
from labbook.params.messages import Mistake, Path
from labbook.params.sampling import Sample
from labbook.params.settings import unknown_block
from labbook.params.studies import Recipe, Study
from labbook.params.tuning import Search
from labbook.wording import count

START = "the start"  # what its recipe is called among the combinations of a search
NOT_SEARCHED = {
    "dataset": "a search asks one data set; write a block of `tune` for each.",
    "features": "columns are selected before a search begins, so it cannot vary them; ask a study.",
    "training.epochs": "a search compares trainings of equal length; set it in the recipe.",
    "training.redraw": "asks where chance comes from, which is no setting to choose; ask a study.",
    "training.shuffled_target": "is for labbook's own controls, as nothing can be learnt with it.",
}


def searched(search: Search, start: Recipe) -> tuple[list[Combination], list[Mistake]]:
    """The start, then the drawn combinations, all different; mistakes are at places in the block.

    Lists that have no more combinations than there is budget for are drawn to their end.
    """
    sample = Sample(sample=search.sample(start.training.epochs), seed=search.seed, of=search.of)
    study = Study(question="Which is best?", recipe="start", vary=sample)
    drawn, mistakes = combinations_of(study, start)
    first = Combination(START, settings_of(start, search.of), start)
    others = [one for one in drawn if one.recipe != start]
    return [first, *others], [
        Mistake(mistake.path[1:] or ("of",), mistake.text)
        for mistake in mistakes
        if mistake.path != ("vary", "sample")  # fewer than there is budget for are no mistake
    ]


def check_search(search: Search, start: Recipe) -> Iterator[Mistake]:
    """What a search asks for in vain, at places in its block. The start itself must be valid."""
    refused = {path: why for path in search.of if (why := _refused(path))}
    yield from (Mistake(("of", path), why) for path, why in refused.items())
    if of := {path: values for path, values in search.of.items() if path not in refused}:
        combinations, mistakes = searched(search.model_copy(update={"of": of}), start)
        yield from _by_place(mistakes) if mistakes or refused else _alike(combinations)
    yield from _lengths(search, start)


def _refused(path: str) -> str:
    """Why a setting cannot be searched, whatever its values; empty where it can."""
    for name, why in NOT_SEARCHED.items():
        if path == name or path.startswith(f"{name}."):
            return why
    return unknown_block(path, NOT_SEARCHED)


def _by_place(mistakes: list[Mistake]) -> Iterator[Mistake]:
    """One mistake a setting: a range gives a hundred values that are wrong in one way."""
    texts: dict[Path, list[str]] = {}
    for mistake in mistakes:
        texts.setdefault(mistake.path, []).append(mistake.text)
    for path, (first, *more) in texts.items():
        also = f" So are {count(len(more), 'more value')}." if len(more) > 1 else ""
        yield Mistake(path, first + (also or (f" And: {more[0]}" if more else "")))


def settings_of(recipe: Recipe, paths: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe's values of these settings, without those that its kinds do not have."""
    found: dict[str, Any] = {}
    for path in paths:
        value: Any = recipe.model_dump(mode="json")
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            found[path] = value
    return found


def _alike(combinations: list[Combination]) -> Iterator[Mistake]:
    """Nothing to choose from, or two that are one or have one name."""
    if len(combinations) < 2:
        yield Mistake(("of",), "gives no combination but the start itself; give more values.")
    labels: set[str] = set()
    recipes: dict[str, str] = {}
    for one in combinations:
        text = one.recipe.model_dump_json()
        if text in recipes:
            yield Mistake(("of",), f"{one.label!r} is the same as {recipes[text]!r}.")
        elif one.label in labels:
            yield Mistake(("of",), f"two are both called {one.label!r}; write one differently.")
        recipes[text] = one.label
        labels.add(one.label)


def _lengths(search: Search, start: Recipe) -> Iterator[Mistake]:
    """Trainings that are no shorter at first, or that the budget is too small for."""
    whole = start.training.epochs
    if search.epochs >= whole:
        text = f"found {search.epochs}; must be below the recipe's training.epochs ({whole})"
        yield Mistake(("epochs",), f"{text}, else nothing is saved by discarding early.")
    elif search.budget < (least := search.least_budget(whole)):
        text = f"found {search.budget:,}; the start and one other need {least:,} epochs"
        yield Mistake(("budget",), f"{text}. Write so many or more, or fewer training.epochs.")
