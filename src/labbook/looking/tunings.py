"""How far tunings came: of each its steps that were made, and what came out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labbook.files import read_json
from labbook.looking.state import Failure, State
from labbook.params.load import making
from labbook.plan.tunings import TuningPlan
from labbook.provenance.nodes_of_tunings import TUNE, step_file, step_node
from labbook.wording import count

HEAD = ("tuning", "recipe", "chooses", "steps", "outcome")
WORSE = "worse"  # one of tuning/against.py's verdicts, which brings SciPy
Found = Mapping[str, Any]  # a step's file


@dataclass(frozen=True)
class TuningState:
    """A tuning's steps, in order: `found` in those made for what params.yaml asks now.

    `changed` counts those that are there and were made before a change.
    """

    plan: TuningPlan
    found: tuple[Found, ...]
    changed: int
    in_work: bool
    failures: tuple[Failure, ...]

    @property
    def stopped(self) -> Found | None:
        """The step at which it ended the way, if one did."""
        return next((one for one in self.found if one["stopped"]), None)

    @property
    def whole(self) -> bool:
        """Whether all that it asks is there."""
        return len(self.found) == len(self.plan.steps)

    @property
    def chosen(self) -> bool:
        """Whether it came to values that may be written into the recipe."""
        decided = self.found[-1]["decided"] if self.whole and not self.stopped else {}
        return bool(decided.get("verdict", WORSE) != WORSE)

    @property
    def reached(self) -> str:
        """How many steps were made: `2 of 6`."""
        reached = sum(not one["stopped"] for one in self.found)
        return f"{reached} of {len(self.plan.steps)}"

    @property
    def chooses(self) -> str:
        """What it chooses, and in which way."""
        search = self.plan.block.search
        if search is None:
            return "rate and weight decay"
        return f"{count(len(search.of), 'setting')}, by a search"

    @property
    def outcome(self) -> str:
        """What came out, or why nothing has yet."""
        if self.stopped:
            return f"stopped at {self.stopped['step']}"
        if self.whole:
            return f"{self.found[-1]['decided']['verdict']}, compared with {self.than}"
        if self.failures:
            return "failed"
        if self.in_work:
            return "in the making"
        if self.changed:
            return f"{count(self.changed, 'step was', 'steps were')} made before a change"
        return "not done yet" if self.found else "not made yet"

    @property
    def than(self) -> str:
        """The recipe that its outcome is compared with."""
        return self.plan.block.than or self.plan.block.recipe

    @property
    def page(self) -> str:
        """Where its page lies."""
        return (TUNE / self.plan.name / "report.html").as_posix()

    @property
    def row(self) -> tuple[str, ...]:
        """Its line in a table of tunings, as HEAD has it."""
        return (self.plan.name, self.plan.block.recipe, self.chooses, self.reached, self.outcome)

    @property
    def way(self) -> str:
        """What makes what it lacks: this tuning's steps and page, and nothing else."""
        return making(self.page)


def tuning_states(state: State) -> dict[str, TuningState]:
    """The tunings by name, in the order of params.yaml."""
    return {name: _tuning(state, plan) for name, plan in state.graph.plan.tunings.items()}


def _tuning(state: State, plan: TuningPlan) -> TuningState:
    there = [step for step in plan.steps if step_file(plan, step).exists()]
    fresh = [step for step in there if state.is_fresh(step_node(plan, step))]
    found = tuple(read_json(step_file(plan, step)) for step in fresh)
    failures = () if len(fresh) == len(plan.steps) else state.failures_above(f"tuned/{plan.name}")
    in_work = state.at_work or bool(state.in_work)
    return TuningState(plan, found, len(there) - len(fresh), in_work, tuple(failures))
