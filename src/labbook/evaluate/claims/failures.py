"""What a reason says of failed runs: which they were, how they count, and what they divide."""

from labbook.evaluate.claims.finding import CLAIMED_BETTER
from labbook.evaluate.statistics.paired import Comparison
from labbook.plan.studies import ClaimPlan
from labbook.wording import count


def failures(claim: ClaimPlan, compared: Comparison) -> str:
    """Which runs failed on one side alone, and how they count; empty if none did."""
    if not compared.failed:
        return ""
    if claim.form == "interaction":
        return f"a failed run, worse than any number, decided in {count(compared.failed, 'seed')}"
    names = compared.parts or (f"the {CLAIMED_BETTER}", "the side compared with it")
    if claim.form == "alike" and not compared.parts:
        names = ("the first side", "the second")
    lost = zip(names, (compared.failed_first, compared.failed_second), strict=True)
    sides = (f"{name} failed alone in {count(n, 'seed')}" for name, n in lost if n)
    return f"a failed run counts as worse than any number: {', '.join(sides)}"


def parts_compared(compared: Comparison | None) -> str:
    """Which parts of the sides the numbers are of, where failed runs divide a side."""
    if compared is None or not compared.parts:
        return ""
    halves = [" against ".join(compared.parts[i : i + 2]) for i in (0, 2)]
    told = f"; these numbers are of {' and '.join(filter(None, halves))}"
    divided = "of the parts into which failed runs divide a side"
    if compared.favours:
        return f"{told}, the least sure {divided}"
    return f"{told}; {divided} not all point the same way"


def signs(claim: ClaimPlan, compared: Comparison, seeds: str) -> str:
    """In how many of the seeds it is as claimed, where no size can be told."""
    if compared.wins + compared.losses == 0:
        return f"No difference in any of {seeds}"
    text = f"As claimed in {compared.wins} of {seeds}"
    if compared.losses:
        text += f", the other way round in {compared.losses}"
    if failed := failures(claim, compared):
        return f"{text}; {failed}"
    return f"{text}, by the same amount each time, which calls for the sign test"
