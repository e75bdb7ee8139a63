"""How much a tuning asks for at most: of six steps how many runs, of a search how many epochs."""

from labbook.plan.tunings import TuningPlan
from labbook.tuning.remedies import variants
from labbook.tuning.steps import coarse, fine, rate, tiny_sample
from labbook.wording import count


def at_most(plan: TuningPlan) -> str:
    """The bound in words. Each step may ask for less, and one that ends the way asks for none."""
    final = 2 * len(plan.seeds)
    if search := plan.block.search:
        return f"{count(search.budget, 'epoch')}, and {final} runs in the last step"
    return f"{count(_runs(plan), 'run')}, all but {final} of them short"


def _runs(plan: TuningPlan) -> int:
    """Runs of the six steps, as each of them is asked for at most."""
    several = len(variants(plan.recipe)) if plan.block.remedies else 1
    tiny = tiny_sample.SEEDS * len(tiny_sample.RATES) * several
    rates = len(rate.RATES) * several
    near = rate.BELOW + 1 + rate.ABOVE
    grid = min(rate.KEPT, several) * near * len(coarse.WEIGHT_DECAYS)
    finer = (coarse.CHOSEN * len(fine.FINER) + 1) * fine.SEEDS  # and the start's own
    # The chosen, the compared, and the chosen as the fine grid had it.
    return tiny + rates + grid + finer + 3 * len(plan.seeds)
