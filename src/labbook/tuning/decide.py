"""Does a step of a tuning, unless one before it ended the way."""

from labbook.tuning.search import SEARCH_STEPS
from labbook.tuning.step import Before, Found
from labbook.tuning.steps import STEPS


def decide(step: str, before: Before) -> Found:
    """What the step finds, decides and asks for: a pure function of what is before it."""
    for earlier in before.found.values():
        if earlier.stopped:
            said = f"Not reached: the tuning ended at the step {earlier.step}."
            return Found(step, said, stopped=earlier.stopped)
    return (STEPS | SEARCH_STEPS)[step](before)
