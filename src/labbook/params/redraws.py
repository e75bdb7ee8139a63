"""What chance decides in a training, and studies that draw it anew to ask where chance comes from.

The streams are called as the setting `training.redraw` calls them.
"""

from collections.abc import Callable, Iterator, Sequence

from labbook.params.combinations import Combination
from labbook.params.messages import Mistake, Path
from labbook.params.studies import Recipe, Study
from labbook.verdicts import FEWEST_SEEDS
from labbook.wording import count, listing

REDRAW, ALL = "training.redraw", "all"
COMPARING = ("better", "tuned", "more_than", "order", "alike")  # forms of claims
# Sources that are no stream of training. The split is what two runs of a seed have in common when
# all of training is drawn anew; with it go the selection of features and the rows of a `sample`.
SPLIT, TRAINING, EVERYTHING = "split", "training", "everything"


def _drops_nothing(recipe: Recipe) -> bool:
    dropout = getattr(recipe.model, "dropout", 0)
    rates = dropout if isinstance(dropout, list) else [dropout]
    return not any(rates) or not getattr(recipe.model, "hidden", ())


# Stream -> whether a recipe draws nothing from it, and why.
IDLE: dict[str, tuple[Callable[[Recipe], bool], str]] = {
    "initialisation": (
        lambda recipe: recipe.model.initialisation == "zero",
        "all first weights are 0 (model.initialisation: zero)",
    ),
    "batch order": (
        lambda recipe: recipe.training.batch == "all",
        "a batch is all rows (training.batch: all)",
    ),
    "dropout": (_drops_nothing, "the model drops no units (model.dropout)"),
    "augmentation": (
        lambda recipe: recipe.training.augments is None,
        "no training image is changed (training.augment)",
    ),
}


def streams_of(recipe: Recipe) -> tuple[str, ...]:
    """The streams of training from which runs of `recipe` draw."""
    return tuple(name for name, (idle, _) in IDLE.items() if not idle(recipe))


def redrawn(recipe: Recipe) -> frozenset[str]:
    """Those of them that it draws anew."""
    streams, redraw = streams_of(recipe), recipe.training.redraw
    return frozenset(name for name in streams if redraw in (ALL, name))


def idle_redraw(recipe: Recipe) -> str | None:
    """What to say of a recipe that draws anew what it does not draw; None where it does."""
    redraw, streams = recipe.training.redraw, streams_of(recipe)
    if redraw is None or redrawn(recipe):
        return None
    why = "chance decides nothing in this training" if redraw == ALL else IDLE[redraw][1]
    allowed = listing([*streams, *([ALL] if streams else []), "null"], "or")
    return f"training.redraw: {redraw} changes nothing, for {why}; allowed here: {allowed}."


def redraws_alone(made: Sequence[Combination]) -> bool:
    """Whether combinations differ only in what is drawn anew: all of them are one setting."""
    if not _redraws_vary(made):
        return False
    settings = (_without_redraw(combination.recipe) for combination in made)
    first = next(settings)
    return all(other == first for other in settings)


def _redraws_vary(made: Sequence[Combination]) -> bool:
    return len({combination.recipe.training.redraw for combination in made}) > 1


def _without_redraw(recipe: Recipe) -> Recipe:
    training = recipe.training.model_copy(update={"redraw": None})
    return recipe.model_copy(update={"training": training})


def check_redraws(
    at: Path, study: Study, made: Sequence[Combination], seeds: int
) -> Iterator[Mistake]:
    """What a study that varies `training.redraw` asks in vain."""
    if not _redraws_vary(made):
        if REDRAW in study.varied:
            yield _nothing_to_compare(at)
        return
    if not redraws_alone(made):
        others = ", ".join(dict.fromkeys(path for path in study.varied if path != REDRAW))
        text = f"{REDRAW} varies together with {others}. Where chance comes from is asked of one "
        yield Mistake((*at, "vary"), f"{text}setting: give each a study that varies it alone.")
        return
    sets = [redrawn(combination.recipe) for combination in made]
    if any(idle_redraw(combination.recipe) for combination in made):  # which is said already
        return
    if frozenset() not in sets or len(set(sets)) < 2:
        yield _nothing_to_compare(at)
    if seeds < FEWEST_SEEDS:
        text = f"{count(seeds, 'seed')} cannot say where chance comes from: at least {FEWEST_SEEDS}"
        yield Mistake(at, f"{text} are needed, and 12 to 20 say more. Write seeds: 12.")
    for number, claim in enumerate(study.claims):
        if claim.form in COMPARING:
            text = (
                "compares a setting with itself, as all combinations are one here; claim what its"
            )
            text = f"{text} metric is (`level`), or ask in a study that varies something else."
            yield Mistake((*at, "claims", number), text)
    metric, training = study.metric, made[0].recipe.training if made else None
    if metric == "epochs" and training is not None and training.tolerance is not None:
        text = "epochs that a run may not reach have no variance that could be shared out; compare"
        yield Mistake((*at, "metric"), f"{text} another metric, such as test_mse.")


def _nothing_to_compare(at: Path) -> Mistake:
    text = f"{REDRAW} has nothing to be compared with; give it two values or more, one of them null"
    return Mistake((*at, "vary"), f"{text} (nothing is drawn anew).")
