"""What a block of `tune` asks for: the steps in order, each of which follows from those before."""

from collections.abc import Iterable
from dataclasses import dataclass

from labbook.identity.code import digest
from labbook.params.document import Params
from labbook.params.studies import Recipe
from labbook.params.tuning import Tuning
from labbook.params.tuning_checks import start_of

SIX_STEPS = ("initial-loss", "tiny-sample", "rate", "coarse", "fine", "finalists", "curves")
RACE = 4  # rounds, at most, in which survivors of a search are raced over more seeds
SEARCH = ("draw", "discard", *(f"race-{number}" for number in range(1, RACE + 1)), "final")
NUMBERS = {step: str(n) for steps in (SIX_STEPS, SEARCH) for n, step in enumerate(steps, 1)}
NUMBERS |= {"finalists": "6a", "curves": "6b"}  # the sixth step has two halves
CHOOSING = 8  # seeds
SLOTS = 4  # jobs that share out the trainings of a step: fixed, so the plan knows them beforehand


def whole_steps(names: Iterable[str]) -> int:
    """How many steps these are, where two halves are one."""
    return len({NUMBERS[name].rstrip("ab") for name in names})


@dataclass(frozen=True)
class TuningPlan:
    """A block of `tune`, resolved."""

    name: str
    block: Tuning
    dataset: str
    task: str  # "regression" or "classification"
    recipe: Recipe  # the start
    than: Recipe  # what the outcome is compared with
    seeds: tuple[int, ...]  # of the last step

    @property
    def choosing(self) -> tuple[int, ...]:
        """The seeds with which the steps before the last choose: others than its own.

        What was best on some seeds was lucky on them, so others judge.
        """
        if self.block.search:
            return self.block.search_seeds
        return tuple(range(len(self.seeds), len(self.seeds) + CHOOSING))

    @property
    def known_runs(self) -> set[str]:
        """Keys of the runs of the last step that are known beforehand: of what it compares with."""
        settings = digest(self.than.model_dump(mode="json"))
        return {digest(settings, seed) for seed in self.seeds}

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of its steps, in order."""
        return SIX_STEPS if self.block.search is None else SEARCH

    def numbered(self, step: str) -> str:
        """What a step's files are called, in their order: 3-rate."""
        return f"{NUMBERS[step]}-{step}"

    @property
    def size(self) -> int:
        """How many steps it has, where two halves are one."""
        return whole_steps(self.steps)

    def reached(self, made: int) -> str:
        """How far it came with so many steps made: `3 of 6`, or `6a of 6`."""
        if made == len(self.steps):
            return f"{self.size} of {self.size}"
        return f"{NUMBERS[self.steps[made - 1]] if made else 0} of {self.size}"

    def before(self, step: str) -> tuple[str, ...]:
        """The steps before this one."""
        return self.steps[: self.steps.index(step)]


@dataclass(frozen=True)
class Slot:
    """One of the jobs that share out what a step asks for."""

    name: str
    tuning: str
    step: str  # whose trials it trains
    number: int


def tuning_plans(params: Params) -> dict[str, TuningPlan]:
    """The tunings of valid `params` by name."""
    return {name: _tuning(params, name, block) for name, block in params.tune.items()}


def slots_of(tuning: TuningPlan) -> list[Slot]:
    """The jobs that train what each step but the last asks for."""
    return [
        Slot(f"tune.{tuning.name}.{step}-{number}", tuning.name, step, number)
        for step in tuning.steps[:-1]
        for number in range(SLOTS)
    ]


def _tuning(params: Params, name: str, block: Tuning) -> TuningPlan:
    start, than = (params.recipes[of] for of in (block.recipe, block.than or block.recipe))
    return TuningPlan(
        name=name,
        block=block,
        dataset=start.dataset,
        task=params.datasets[start.dataset].task,
        recipe=start_of(params, block),
        than=than,
        seeds=tuple(range(block.seeds)),
    )
