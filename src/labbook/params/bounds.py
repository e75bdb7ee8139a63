"""Whether a file asks for more than the limits allow, told before any combination is built."""

import itertools
import math
from collections.abc import Iterator

from labbook.params import limits
from labbook.params.document import Params
from labbook.params.messages import Mistake
from labbook.params.models import Cnn, Mlp
from labbook.params.sampling import Sample
from labbook.params.studies import Recipe, Study


def check_counts(params: Params) -> Iterator[Mistake]:
    """The study with which combinations or runs become too many, if one does."""
    combinations = runs = 0
    for name, study in params.studies.items():
        own = count_combinations(study)
        combinations += own
        seeds = params.seeds if study.seeds is None else study.seeds
        runs += own * (seeds if isinstance(seeds, int) else len(seeds))
        for total, most, what in (
            (combinations, limits.COMBINATIONS, "combinations"),
            (runs, limits.RUNS, "runs"),
        ):
            if total > most:
                text = f"{own:,} combinations here, so {total:,} {what} with the studies above; "
                text += f"at most {most:,} are allowed. Write fewer values, or draw a `sample`."
                yield Mistake(("studies", name, "vary"), text)
                return


def count_combinations(study: Study) -> int:
    """How many combinations a study asks for, without making them."""
    if isinstance(study.vary, Sample):
        return study.vary.sample
    if isinstance(study.vary, list):
        return len(study.vary)
    return math.prod(map(len, study.vary.values()))


def too_many_weights(recipe: Recipe) -> str | None:
    """What to say where a network has more weights than allowed, whatever its data; else None."""
    model, columns = recipe.model, recipe.features.k or 1
    if isinstance(model, Mlp):
        weights = linear([columns, *model.hidden, 1])
    elif isinstance(model, Cnn):
        blocks = (a * b for a, b in itertools.pairwise([1, *model.channels]))
        weights = model.kernel**2 * sum(blocks) + linear([model.channels[-1], *model.hidden, 1])
    else:
        return None
    if weights <= limits.WEIGHTS:
        return None
    return (
        f"the network has {weights:,} weights or more; at most {limits.WEIGHTS:,} are allowed. "
        "Make its layers narrower."
    )


def linear(widths: list[int]) -> int:
    """Weights of fully connected layers between these widths, without biases."""
    return sum(a * b for a, b in itertools.pairwise(widths))
