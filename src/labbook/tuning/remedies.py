"""What may be changed of a recipe that cannot learn a handful of rows by heart: in a fixed order.

Vanishing gradients and steps that are too small are the two usual reasons; so another optimiser,
another activation with the initialisation made for it, batch norm, fewer layers.
"""

from collections.abc import Callable

from labbook.params.studies import Recipe
from labbook.params.training import Adam, AdamW
from labbook.wording import listing

START = "start"
FEW_LAYERS = 2


def _adam(recipe: Recipe) -> Recipe:
    if isinstance(recipe.optimizer, Adam | AdamW):
        return recipe
    old = recipe.optimizer
    adam = Adam(rate=old.rate, weight_decay=old.weight_decay)
    return recipe.model_copy(update={"optimizer": adam})


def _model(recipe: Recipe, **changes: object) -> Recipe:
    """The recipe with these settings of its model; as it is where the model has no such thing."""
    fields = type(recipe.model).model_fields
    if not changes.keys() <= fields.keys():
        return recipe
    return recipe.model_copy(update={"model": recipe.model.model_copy(update=changes)})


def _few_layers(recipe: Recipe) -> Recipe:
    hidden = getattr(recipe.model, "hidden", [])
    if len(hidden) <= FEW_LAYERS:
        return recipe
    changes: dict[str, object] = {"hidden": hidden[:FEW_LAYERS]}
    if isinstance(dropout := getattr(recipe.model, "dropout", None), list):
        changes["dropout"] = dropout[:FEW_LAYERS]
    return _model(recipe, **changes)


ADAM, RELU, SILU, NORM, FEW = "adam", "relu", "silu", "batch norm", "two hidden layers"
CHANGES: dict[str, Callable[[Recipe], Recipe]] = {
    ADAM: _adam,
    RELU: lambda recipe: _model(recipe, activation="relu", initialisation="he"),
    SILU: lambda recipe: _model(recipe, activation="silu", initialisation="he"),
    NORM: lambda recipe: _model(recipe, batch_norm=True),
    FEW: _few_layers,
}
# First each change alone, then the optimiser with another.
ORDER = (
    (ADAM,),
    (RELU,),
    (ADAM, RELU),
    (ADAM, SILU),
    (ADAM, NORM),
    (ADAM, RELU, FEW),
    (ADAM, SILU, FEW),
)


def variants(start: Recipe) -> dict[str, Recipe]:
    """The start and what remedies make of it, by name, in order; each recipe once."""
    found = {START: start}
    for names in ORDER:
        recipe, done = start, []
        for name in names:
            changed = CHANGES[name](recipe)
            done += [name] if changed != recipe else []
            recipe = changed
        if recipe not in found.values():
            found[listing(done)] = recipe
    return found
