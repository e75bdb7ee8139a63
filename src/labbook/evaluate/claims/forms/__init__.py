"""The tests that a claim can ask for, by the form of its block."""

from collections.abc import Callable

from labbook.evaluate.claims.finding import Finding
from labbook.evaluate.claims.forms import bounded, differences, importance, order, share
from labbook.evaluate.results import Results
from labbook.plan.studies import ClaimPlan

FORMS: dict[str, Callable[[Results, ClaimPlan], Finding]] = {
    "compare": differences.compare_sides,
    "interaction": differences.interaction,
    "alike": differences.alike,
    "order": order.order,
    "importance": importance.importance,
    "share": share.share,
    "level": bounded.level,
    "exact": bounded.exact,
}
