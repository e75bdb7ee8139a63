"""Recipes as the steps train them: a rate, a weight decay, so many epochs, no more."""

import math
from collections.abc import Iterable

from labbook.params import limits
from labbook.params.studies import Recipe
from labbook.params.training import Constant, Training
from labbook.tuning.remedies import START


def at(recipe: Recipe, rate: float, weight_decay: float) -> Recipe:
    """The recipe with this learning rate and weight decay."""
    changed = recipe.optimizer.model_copy(update={"rate": rate, "weight_decay": weight_decay})
    return recipe.model_copy(update={"optimizer": changed})


def at_length(recipe: Recipe, epochs: int, *, tolerance: bool = False) -> Recipe:
    """The recipe for so many epochs at a constant rate, and nothing that ends it earlier.

    With `tolerance` it ends where the recipe says that it has converged: what a full training does
    not reach either need not be compared.
    """
    ends: dict[str, object] = {"epochs": epochs, "gradient_norms": False}
    ends |= dict.fromkeys(("patience", "stalled") if tolerance else
                          ("patience", "stalled", "tolerance"))  # fmt: skip
    return _trained(recipe, ends).model_copy(update={"schedule": Constant()})


def on_tiny(recipe: Recipe, tiny: int, rows: int, epochs: int, loss: float, flat: int) -> Recipe:
    """The recipe on a tiny sample of `rows` rows, all of them in each step, with no regularisation.

    It ends once its loss is below `loss`, or has not fallen for `flat` epochs.
    """
    changes: dict[str, object] = {"tiny": tiny, "batch": rows, "tolerance": loss, "stalled": flat}
    changes |= dict.fromkeys(("augment", "class_weights"))
    bare = _trained(at_length(recipe, epochs), changes)
    model = bare.model
    if hasattr(model, "dropout"):
        bare = bare.model_copy(update={"model": model.model_copy(update={"dropout": 0.0})})
    return at(bare, recipe.optimizer.rate, 0.0)


def _trained(recipe: Recipe, changes: dict[str, object]) -> Recipe:
    training: Training = recipe.training.model_copy(update=changes)
    return recipe.model_copy(update={"training": training})


def epochs_for(recipe: Recipe, rows: int, epochs: int, steps: int) -> int:
    """So many `epochs`, or as many more as make so many `steps`; no more than the recipe has.

    `rows` are those of the training part. A batch of all rows makes one step an epoch, of which
    nothing could be seen after five.
    """
    batch = recipe.training.batch
    per_epoch = 1 if batch == "all" else math.ceil(rows / min(batch, rows))
    enough = max(epochs, math.ceil(steps / per_epoch))
    return min(enough, recipe.training.epochs, limits.EPOCHS)


def rounded(value: float) -> float:
    """A setting to three digits, as people write it."""
    return float(f"{value:.3g}")


def times(value: float, factor: float) -> float:
    """A setting times a factor; the nearest of quarter decades, 0.001 and 0.00178, if within 1 %.

    So a setting that is reached in two ways, or that people wrote, is one and the same.
    """
    found = rounded(value * factor)
    near = rounded(10 ** (round(4 * math.log10(found)) / 4))
    return near if math.isclose(near, found, rel_tol=0.01) else found


def spaced(low: float, high: float, steps_per_decade: int = 2) -> tuple[float, ...]:
    """Values from `low` to `high`, evenly on a logarithmic scale, to three digits."""
    count = round(math.log10(high / low) * steps_per_decade)
    return tuple(rounded(low * 10 ** (step / steps_per_decade)) for step in range(count + 1))


def settings_text(rate: float, weight_decay: float, variant: str = START) -> str:
    """A rate and a weight decay, as labels and sentences have them, after a variant's name."""
    values = f"rate {rate:g}, weight decay {weight_decay:g}"
    return values if variant == START else f"{variant}, {values}"


def shown(values: Iterable[float]) -> list[str]:
    """Settings as sentences have them."""
    return [f"{value:g}" for value in values]
