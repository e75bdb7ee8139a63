"""What must exist: studies, combinations, runs and packs, a pure function of params.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labbook.params.studies import Recipe, Study


@dataclass(frozen=True)
class Combination:
    """One setting of all hyper-parameters: `settings` are those that the study varies."""

    label: str
    settings: Mapping[str, Any]
    recipe: Recipe


@dataclass(frozen=True)
class ClaimPlan:
    """A claim with its selectors resolved to labels of combinations."""

    id: str
    sentence: str
    reported: str | None
    metric: str
    better: tuple[str, ...]
    than: tuple[str, ...]


@dataclass(frozen=True)
class StudyPlan:
    """A study with everything that its evaluation needs."""

    name: str
    block: Study
    dataset: str
    task: str  # "regression" or "classification"
    combinations: tuple[Combination, ...]
    seeds: tuple[int, ...]
    runs: Mapping[tuple[str, int], str]  # (label, seed) -> run id
    reference: str  # label
    metric: str
    claims: tuple[ClaimPlan, ...]
