"""A search: combinations are drawn, discarded after few epochs, and raced over seeds."""

from collections.abc import Callable
from functools import partial

from labbook.plan.tunings import RACE
from labbook.tuning.search.discard import discard
from labbook.tuning.search.draw import draw
from labbook.tuning.search.final import final
from labbook.tuning.search.race import race
from labbook.tuning.step import Before, Found

SEARCH_STEPS: dict[str, Callable[[Before], Found]] = {
    "draw": draw,
    "discard": discard,
    **{f"race-{number}": partial(race, number_of_round=number) for number in range(1, RACE + 1)},
    "final": final,
}
