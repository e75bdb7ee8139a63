"""How much a tuning asks for at most: of six steps how many runs, of a search how many epochs."""

from labbook.plan.tunings import TuningPlan
from labbook.tuning.remedies import variants
from labbook.tuning.settings import RATES
from labbook.tuning.steps import coarse, finalists, fine, rate, tiny_sample
from labbook.wording import count


def at_most(plan: TuningPlan) -> str:
    """The bound in words. Each step may ask for less, and one that ends the way asks for none."""
    judging = 2 * len(plan.seeds)
    if search := plan.block.search:
        return f"{count(search.budget, 'epoch')}, and {judging} runs in the last step"
    several = len(variants(plan.recipe)) if plan.block.remedies else 1
    # The best of each variant and smaller rates, and the start's own.
    choosing = (min(rate.KEPT, several) * len(finalists.LOWER) + 1) * len(plan.choosing)
    full = judging + choosing
    return f"{count(_short_runs(several) + full, 'run')}, all but {full} of them short"


def _short_runs(several: int) -> int:
    """Runs of the steps before the finalists, each of which asks for so many at most."""
    tiny = tiny_sample.SEEDS * len(tiny_sample.RATES) * several
    rates = len(RATES) * several
    near = rate.BELOW + 1 + rate.ABOVE
    carried = min(rate.KEPT, several)
    grid = carried * near * len(coarse.WEIGHT_DECAYS)
    chosen = coarse.CHOSEN + carried - 1  # one of each variant at least
    finer = (chosen * len(fine.FINER) + 1) * fine.SEEDS  # and the start's own
    return tiny + rates + grid + finer
