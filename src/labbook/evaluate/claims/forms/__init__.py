"""The tests that a claim can ask for, by the form of its block in params.yaml.

A form is a function in a file of this folder and an entry in FORMS.
"""

from collections.abc import Callable

from labbook.evaluate.claims.forms.differences import alike, compare_sides, interaction
from labbook.evaluate.claims.forms.exact import exact
from labbook.evaluate.claims.forms.level import level
from labbook.evaluate.claims.forms.matters import matters
from labbook.evaluate.claims.forms.order import order
from labbook.evaluate.claims.forms.share import share
from labbook.evaluate.claims.outcome import Outcome
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan

FORMS: dict[str, Callable[[StudyRuns, ClaimPlan], Outcome]] = {
    "compare": compare_sides,
    "interaction": interaction,
    "alike": alike,
    "order": order,
    "importance": matters,
    "share": share,
    "level": level,
    "exact": exact,
}
