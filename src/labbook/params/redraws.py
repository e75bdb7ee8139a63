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


def redraws_alone(study: Study) -> bool:
    """Whether a study varies nothing but what is drawn anew: all its combinations are one."""
    return set(study.varied) == {REDRAW}


def check_redraws(
    at: Path, study: Study, made: Sequence[Combination], seeds: int
) -> Iterator[Mistake]:
    """What a study that varies `training.redraw` asks in vain."""
    if REDRAW not in study.varied:
        return
    if not redraws_alone(study):
        others = ", ".join(dict.fromkeys(path for path in study.varied if path != REDRAW))
        text = f"{REDRAW} varies together with {others}. Where chance comes from is asked of one "
        yield Mistake((*at, "vary"), f"{text}setting: give each a study that varies it alone.")
        return
    sets = [redrawn(combination.recipe) for combination in made]
    if any(idle_redraw(combination.recipe) for combination in made):  # which is said already
        return
    if frozenset() not in sets or len(set(sets)) < 2:
        text = f"{REDRAW} has nothing to be compared with; give it two values or more, one of them "
        yield Mistake((*at, "vary"), f"{text}null (nothing is drawn anew).")
    if seeds < FEWEST_SEEDS:
        text = f"{count(seeds, 'seed')} cannot say where chance comes from: at least {FEWEST_SEEDS}"
        yield Mistake(at, f"{text} are needed, and 12 to 20 say more. Write seeds: 12.")
    metric, training = study.metric, made[0].recipe.training if made else None
    if metric == "epochs" and training is not None and training.tolerance is not None:
        text = "epochs that a run may not reach have no variance that could be shared out; compare"
        yield Mistake((*at, "metric"), f"{text} another metric, such as test_mse.")
