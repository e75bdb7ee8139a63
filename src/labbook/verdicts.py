"""What evaluation, figures and report must agree on about claims."""

ALPHA = 0.05  # of every verdict, after Holm's correction
# Fewer differences than six cannot all have one sign by less than a chance of ALPHA (2 / 2^5 is
# 0.06): only the belief in a normal distribution would decide.
FEWEST_SEEDS = 6
FEWEST_COMBINATIONS = 10  # drawn: fewer leave it to luck what matters
SUPPORTED = "supported"
REFUTED = "refuted"
UNDECIDED = "undecided"
NOT_JUDGED = "not judged"
VERDICTS = (SUPPORTED, REFUTED, UNDECIDED, NOT_JUDGED)
STAND_IN = "stand-in"  # the edition of data on which no claim is judged
AS_CLAIMED = "as claimed"  # kinds of a verdict: what was shown
OPPOSITE = "opposite"
ALIKE = "no relevant difference"
# Of what a tuning chose against another recipe, besides ALIKE, UNDECIDED, SAME and NOT_JUDGED.
BETTER, WORSE = "better", "worse"
AS_GOOD = "at least as good"  # maybe better, surely not worse by the margin
OTHER_NUMBER = "another number"  # of what is counted, not measured
SIZE_UNCLEAR = "size unclear"  # shown as claimed, but the interval reaches into the margin
WEAKER = "weaker than claimed"  # in the claimed direction, short of the claimed bound
TREND_ONLY = "trend only"  # ranks follow the order, but not each neighbouring pair is shown
SAME = "same by construction"  # both sides give the same numbers in every seed
OTHER_CONDITIONS = "not the source's conditions"  # the claim's block says in what they differ
OWN = "own"  # the group of claims that no source reported
FALSE_ALARMS = 0.01  # the share of controls that fail where nothing is wrong
# Of fewer seeds a setting whose twin diverges in all of them would pass: 2 / 2^8 is below
# FALSE_ALARMS, 2 / 2^7 is not.
CONTROL_SEEDS = 8
PASSED, FAILED, LEFT_OUT = "passed", "failed", "left out"  # outcomes of controls, or NOT_JUDGED
