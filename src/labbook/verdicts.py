"""What evaluation, figures and report must agree on about claims."""

ALPHA = 0.05  # of every verdict, after Holm's correction
# Fewer differences than six cannot all have one sign by less than a chance of ALPHA (2 / 2^5 is
# 0.06): only the belief in a normal distribution would decide.
FEWEST_SEEDS = 6
SUPPORTED = "supported"
REFUTED = "refuted"
UNDECIDED = "undecided"
NOT_JUDGED = "not judged"
VERDICTS = (SUPPORTED, REFUTED, UNDECIDED, NOT_JUDGED)
STAND_IN = "stand-in"  # the edition of data on which no claim is judged
AS_CLAIMED = "as claimed"  # kinds of a verdict: what was shown
OPPOSITE = "opposite"
ALIKE = "no relevant difference"
