"""What evaluation, figures and report must agree on about claims."""

ALPHA = 0.05  # of every verdict, after Holm's correction
SUPPORTED = "supported"
REFUTED = "refuted"
UNDECIDED = "undecided"
NOT_JUDGED = "not judged"
VERDICTS = (SUPPORTED, REFUTED, UNDECIDED, NOT_JUDGED)
STAND_IN = "stand-in"  # the edition of data on which no claim is judged
