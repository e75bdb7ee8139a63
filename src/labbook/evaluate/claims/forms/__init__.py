"""The tests that a claim can ask for, by the name that its form has in params.yaml.

A form is a block in params/claims.py, a function in a file of this folder and an entry in FORMS.
"""

from collections.abc import Callable

from labbook.evaluate.claims.forms.better import alike, better, more_than
from labbook.evaluate.claims.forms.counts import exact, share
from labbook.evaluate.claims.forms.level import level
from labbook.evaluate.claims.forms.matters import matters
from labbook.evaluate.claims.forms.order import order
from labbook.evaluate.claims.forms.tuned import tuned
from labbook.evaluate.claims.outcome import Outcome
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan

# Results, claim and the level of the interval to what the test gives.
FORMS: dict[str, Callable[[StudyRuns, ClaimPlan, float], Outcome]] = {
    "better": better,
    "tuned": tuned,
    "more_than": more_than,
    "alike": alike,
    "order": order,
    "matters": matters,
    "share": share,
    "level": level,
    "exact": exact,
}
