"""How far tunings came: of each its steps that were made, and what came out."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from labbook.files import read_json
from labbook.looking.state import Failure, State
from labbook.params.load import making
from labbook.params.settings import changes
from labbook.params.studies import Recipe
from labbook.plan.tunings import TuningPlan, whole_steps
from labbook.provenance.nodes_of_tunings import TUNE, names_of, step_file, step_node
from labbook.tuning.to_write import chosen_recipe, kept_back, kept_values
from labbook.wording import count

HEAD = ("tuning", "recipe", "chooses", "steps", "outcome")
Found = Mapping[str, Any]  # a step's file


@dataclass(frozen=True)
class TuningState:
    """A tuning's steps: `found` in those made for what params.yaml asks now, up to one that is not.

    `changed` counts those that are there and were made before a change. `recipe` is the one to
    write what was chosen into, as params.yaml has it. `in_work`: a job of it is, not of another.
    """

    plan: TuningPlan
    recipe: Recipe
    found: tuple[Found, ...]
    changed: int
    has_page: bool
    in_work: bool
    failures: tuple[Failure, ...]
    overtaken: bool

    @property
    def stopped(self) -> Found | None:
        """The step at which it ended the way, if one did."""
        return next((one for one in self.found if one["stopped"]), None)

    @property
    def whole(self) -> bool:
        """Whether all that it asks is there: its steps and its page."""
        return self.has_steps and self.has_page

    @property
    def has_steps(self) -> bool:
        """Whether all its steps are there."""
        return len(self.found) == len(self.plan.steps)

    @property
    def decided(self) -> Found | None:
        """What its last step decided, if it came so far."""
        return self.found[-1]["decided"] if self.has_steps and not self.stopped else None

    @property
    def chosen(self) -> Recipe | None:
        """The recipe that it ended with, if it came so far."""
        return chosen_recipe(self.plan.recipe, self.decided) if self.decided else None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """The settings of the recipe that what was chosen changes: old and new value by path."""
        return changes(self.recipe, self.chosen) if self.chosen else {}

    @property
    def kept_back(self) -> str:
        """Why what was chosen is not to be written into the recipe; empty where it is."""
        why = kept_back(self.decided, self.changes) if self.decided else "nothing is chosen yet"
        return why.format(than=self.than, recipe=self.plan.block.recipe)

    @property
    def reached(self) -> str:
        """How many steps were made: `2 of 6`."""
        return self.plan.reached(sum(not one["stopped"] for one in self.found))

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
            kept = kept_values(self.found)
            said = f"{self.found[-1]['decided']['verdict']}, compared with {self.than}"
            return f"{said}: {kept}" if kept else said
        if self.failures:
            return "failed"
        if self.overtaken:
            return "edited meanwhile"
        if self.in_work:
            return "in the making"
        if self.changed:
            return f"{count(self.changed, 'step was', 'steps were')} made before a change"
        if self.has_steps:
            return "its page is not made yet"
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
    there = {step for step in plan.steps if step_file(plan, step).exists()}
    fresh = {step for step in there if state.is_fresh(step_node(plan, step))}
    found = tuple(
        read_json(step_file(plan, step)) for step in takewhile(fresh.__contains__, plan.steps)
    )
    page = f"tuned/{plan.name}"
    has_page = state.is_fresh(page)
    whole = has_page and len(found) == len(plan.steps)
    return TuningState(
        plan=plan,
        recipe=state.graph.plan.params.recipes[plan.block.recipe],
        found=found,
        changed=whole_steps(there - fresh),
        has_page=has_page,
        in_work=not state.in_work.isdisjoint(names_of(plan, state.graph.plan.slots.values())),
        failures=() if whole else tuple(state.failures_above(page)),
        overtaken=not whole and state.overtaken_above(page),
    )
