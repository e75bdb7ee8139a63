"""The first step of a search: combinations are drawn, and each is trained for a few epochs.

Rows, one per combination: `number` (0 is the start), `label`, `settings` (values by name).
"""

from labbook.tuning.search.standing import STANDING, Standing, combinations_of, search_of, shortened
from labbook.tuning.step import Before, Found, Trial
from labbook.wording import count


def draw(before: Before) -> Found:
    """Ask for the start and as many drawn combinations as half of the budget is enough for."""
    plan, search = before.plan, search_of(before.plan)
    combinations, seed = combinations_of(plan), plan.block.search_seeds[0]
    asked = tuple(
        Trial(label, shortened(one.recipe, search.epochs), seed)
        for label, one in combinations.items()
    )
    epochs = sum(trial.recipe.training.epochs for trial in asked)
    rows = tuple(
        {"number": number, "label": label, "settings": dict(one.settings)}
        for number, (label, one) in enumerate(combinations.items())
    )
    return Found(
        "draw",
        f"{count(len(asked), 'combination')}: the start and {len(asked) - 1:,} that were drawn, "
        f"each to be trained for {count(search.epochs, 'epoch')} with one seed. "
        f"That takes {epochs:,} of the {search.budget:,} epochs of the budget.",
        rows,
        {STANDING: Standing(0, tuple(combinations), {}).plain()},
        asked=asked,
    )
