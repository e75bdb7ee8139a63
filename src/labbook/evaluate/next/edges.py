"""Values beyond the edge of what was tried."""

import math
from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np

from labbook.evaluate.choice import Choice
from labbook.evaluate.curves.diagnosis import way
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.sampling import DIGITS, Range, Sample
from labbook.params.settings import with_setting

NEAR = 0.1  # share of a drawn range, at each end, that counts as its edge
FURTHER = 0.25  # share of a drawn range by which it grows
LARGE_FACTOR = 2.0  # uneven values that differ by so much go on by their factor


def values_beyond(results: StudyRuns, choice: Choice | None) -> dict[str, Any]:
    """By path of a setting, the value beyond the best one's edge; of those at an edge."""
    if choice is None:
        return {}
    best, vary = results.combinations[choice.label], results.study.block.vary
    new: dict[str, Any] = {}
    for path, values in vary.of.items() if isinstance(vary, Sample) else ():
        value = best.settings.get(path)
        if isinstance(values, Range) and is_number(value):
            end, number = beyond(values, value)
            new[path] = number if end else None
    if isinstance(vary, dict):
        new = {path: next_value(values, best.settings[path]) for path, values in vary.items()}
    columns = results.prepared.features.shape[1]
    for path, value in list(new.items()):
        recipe = None if value is None else with_setting(best.recipe, path, value)
        # Only what is allowed, and no more columns than there are.
        if recipe is None or (recipe.features.k is not None and recipe.features.k > columns):
            del new[path]
    return new


def ways(results: StudyRuns, choice: Choice | None) -> dict[str, int]:
    """Which way the best values at an edge lie, up or down, by the last name of a setting."""
    if choice is None:
        return {}
    best = results.combinations[choice.label].settings
    new = values_beyond(results, choice)
    return {path.rpartition(".")[2]: way(best[path], value) for path, value in new.items()}


def next_value(values: Sequence[Any], best: Any) -> Any | None:
    """The value beyond `values` if `best` is the largest or the smallest of them; else None.

    Numbers go on by the factor, or the step, between the last two; layer widths double or halve.
    """
    if len(values) < 2 or best is None:
        return None
    if all(is_number(value) for value in values):
        ordered = sorted(set(values))
        if len(ordered) < 2 or best not in (ordered[0], ordered[-1]):
            return None
        return _go_on(ordered if best == ordered[-1] else ordered[::-1])
    if all(isinstance(v, list) and v and all(isinstance(w, int) for w in v) for v in values):
        totals = [sum(value) for value in values]
        if sum(best) == max(totals):
            return [2 * width for width in best]
        if sum(best) == min(totals) and min(best) > 1:
            return [width // 2 for width in best]
    return None


def beyond(values: Range, best: float) -> tuple[str, float | int]:
    """The end of the range that `best` is close to and a number beyond; "" if close to neither."""
    scale = math.log if values.log else float
    low, high = scale(values.low), scale(values.high)
    place = (scale(best) - low) / (high - low)
    if NEAR < place < 1 - NEAR:
        return "", best
    more = FURTHER * (high - low)
    end, new = ("high", high + more) if place > NEAR else ("low", low - more)
    new = math.exp(new) if values.log else new
    return end, round(new) if values.whole else float(f"{new:.{DIGITS}g}")


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a setting's value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _go_on(values: Sequence[float]) -> float | int:
    """The number after the last of `values`: by equal steps if they have such, or by a factor."""
    *_, before, last = values
    steps = np.diff(values[-3:])
    even = len(steps) == 2 and math.isclose(*steps.tolist(), rel_tol=1e-6)
    factor = last / before if last > 0 and before > 0 else 1.0
    by_factor = not even and max(factor, 1 / factor) >= LARGE_FACTOR
    value = last * factor if by_factor else last + (last - before)
    whole = isinstance(last, int) and isinstance(before, int)
    return round(value) if whole else float(f"{value:.{DIGITS}g}")
