"""The rule of what was said before its runs were made: docs/evidence.md has it in words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from os.path import relpath

from labbook.history import git
from labbook.history.ancestry import Ancestry, ancestry
from labbook.history.git import Commit
from labbook.history.made import PERHAPS, TRAINED, Evidence, Made, first_recorded, runs_there
from labbook.history.past import Past
from labbook.history.stated import Stated
from labbook.params.load import params_path
from labbook.training.costlog import first_commits
from labbook.wording import count

BEFORE, AFTER, NOT_KNOWN, NOT_RUN = "said before", "said after", "not known", "not run yet"
SEEDS = (
    "its seeds, as they are now, stood in no commit before its runs were made, and who adds seeds "
    "after a look finds too much"
)
Run = tuple[str, str]  # its id, and what it was asked (`asked_of`)


@dataclass(frozen=True)
class When:
    """What is known of when a claim was said: `said` is one of the words above, `why` a reason.

    `since` is the first commit in which its test stands, `made` the commit that says when runs
    were made and `how`, `remark` what is odd about that.
    """

    said: str
    why: str
    since: Commit | None = None
    made: Commit | None = None
    how: str = ""
    remark: str = ""


class Judge:
    """Says of claims whether they were said before their runs were made."""

    def __init__(
        self,
        ancestors: Ancestry,
        bits: dict[str, int],
        made: Made,
        *,
        shallow: bool,
        stated_in: Callable[[Commit], list[Stated]] = lambda commit: [],
    ) -> None:
        self.ancestors, self.bits, self.made, self.shallow = ancestors, bits, made, shallow
        self.stated_in = stated_in
        self._state_at = cache(self._state)

    @classmethod
    def of(cls, claims: Sequence[Stated]) -> "Judge":
        """From git and the log. Raises `LabbookError` where there is no repository."""
        logged = first_commits()
        listed = ancestry(sorted({commit for commit in logged.values() if commit}))
        tests = dict.fromkeys(test for claim in claims for test in (claim.test, claim.seeded))
        bits = {test: 1 << place for place, test in enumerate(tests)}
        past = Past(listed, relpath(params_path()))
        holding = {commit.hash: _mask(past.stated(commit), bits) for commit in listed}
        ancestors = Ancestry(listed, holding)
        recorded, unreadable = first_recorded()
        made = Made(runs_there(), logged, recorded, unreadable, ancestors.commits)
        return cls(ancestors, bits, made, shallow=git.is_shallow(), stated_in=past.stated)

    def when(self, claim: Stated, runs: Sequence[Run]) -> When:
        """When a claim that rests on these runs was said."""
        firsts = self.ancestors.firsts(self.bits[claim.test])
        since = firsts[0] if firsts else None
        there = [run for run in runs if self.made.is_there(run[0])]
        if not there and self.made.unreadable:
            commit = self.ancestors.commits[self.made.unreadable[0]]
            return When(NOT_KNOWN, _not_in_cache(commit.short), since)
        if not there:
            return When(NOT_RUN, "none of its runs is made", since)
        states = [self._of_run(claim.test, run) for run in there]
        said = next((word for word in (AFTER, NOT_KNOWN) if word in states), BEFORE)
        many = "all" if states.count(said) == len(runs) else str(states.count(said))
        several = f"{many} of its {count(len(runs), 'run')}"
        evidence = self._decisive(claim.test, said, there)
        made = self.ancestors.commits[evidence.commit] if evidence else None
        why = self._why(said, several, since, evidence)
        remark = ""
        if said == BEFORE and any(self._of_run(claim.seeded, run) == AFTER for run in there):
            remark = SEEDS
        how = evidence.how if evidence else ""
        return When(said, why, since, made, how, remark)

    def _of_run(self, test: str, run: Run) -> str:
        found = self.made.evidence(*run)
        states = {self._state_at(test, one) for one in found}
        if not found:
            return NOT_KNOWN if self.ancestors.firsts(self.bits[test]) else AFTER
        return next((word for word in (AFTER, NOT_KNOWN) if word in states), BEFORE)

    def _state(self, test: str, evidence: Evidence) -> str:
        """What one evidence says: the test stood there, came later, or came on another branch."""
        bit, at = self.bits[test], evidence.commit
        if self.ancestors.stood(bit, at, earlier=evidence.how != TRAINED):
            return BEFORE
        if evidence.how == PERHAPS:
            return NOT_KNOWN
        firsts = self.ancestors.firsts(bit)
        # A shallow clone may have cut off the commit in which the test really came in.
        if self.shallow and any(not first.parents for first in firsts):
            return NOT_KNOWN
        later = all(self.ancestors.is_before(at, first) for first in firsts)
        return AFTER if later else NOT_KNOWN

    def _decisive(self, test: str, said: str, runs: Iterable[Run]) -> Evidence | None:
        """The oldest evidence that speaks for what is said of a claim."""
        found = {one for run in runs for one in self.made.evidence(*run)}
        speaking = [one for one in found if self._state_at(test, one) == said]
        order = {commit: place for place, commit in enumerate(self.ancestors.commits)}
        return min(speaking, key=lambda one: (order[one.commit], one.how), default=None)

    def _why(self, said: str, several: str, since: Commit | None, evidence: Evidence | None) -> str:
        at = f"{evidence.how} {evidence.commit[:7]}" if evidence else ""
        if said == BEFORE:
            return f"its test stood in {since.short if since else ''} before its runs were {at}"
        if said == AFTER:
            if since is None:
                return f"it is in no commit, and {several} are made"
            if evidence and evidence.commit == since.hash and evidence.how != TRAINED:
                return f"{several} were recorded by the very commit that it came with"
            return f"{several} were {at}, before it was committed"
        if evidence is None:
            return f"neither the log nor git knows when {several} were made"
        if evidence.how == PERHAPS:
            return _not_in_cache(evidence.commit[:7])
        if self.shallow:
            return "this clone lacks older commits: git fetch --unshallow gets them"
        return f"{several} were {at}, on another branch than the one that it came on"


def _not_in_cache(commit: str) -> str:
    return f"what {commit} recorded is not in DVC's cache here: dvc fetch --all-commits gets it"


def _mask(claims: Iterable[Stated], bits: dict[str, int]) -> int:
    mask = 0
    for claim in claims:
        mask |= bits.get(claim.test, 0) | bits.get(claim.seeded, 0)
    return mask
