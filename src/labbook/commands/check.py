"""`labbook check`: is params.yaml right?"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from labbook.data.expression import compile_expression
from labbook.errors import LabbookError
from labbook.params.datasets import Dataset, Function, Table
from labbook.params.engines import left_to_torch
from labbook.params.load import VARIABLE, load_params, params_path, refusal
from labbook.params.messages import Mistake
from labbook.params.source import read_source
from labbook.plan import Plan, make_plan
from labbook.recorded import leads_outside, way_to
from labbook.stages import TRACKED
from labbook.wording import count

if TYPE_CHECKING:
    from labbook.data.numbers import Numbers

HELP = "Validate params.yaml; all mistakes at once."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    """Validate params.yaml, and what it says of expressions, local tables and their columns."""
    params = load_params()
    for name, dataset in params.datasets.items():
        if isinstance(dataset, Function):
            compile_expression(dataset.expression)
        elif isinstance(dataset, Table) and dataset.path:
            _check_own(name, Path(dataset.path))
    plan = make_plan(params)
    remarks = _check_tables(plan)
    recipes = [run.recipe for run in plan.runs.values()]
    combinations = sum(len(study.combinations) for study in plan.studies.values())
    print(
        f"{params_path()}: valid. {count(len(plan.studies), 'study', 'studies')}, "
        f"{count(combinations, 'combination')}, {count(len(plan.runs), 'run')} in "
        f"{count(len(plan.packs), 'pack')}."
    )
    for line in [*_beside_dvc(), *left_to_torch(params.engine, params.device, recipes), *remarks]:
        print(line)


def _check_tables(plan: Plan) -> list[str]:
    """What is odd about local tables. Raises `LabbookError` with all that cannot be."""
    from labbook.data.local import is_large, known_numbers

    mistakes, remarks = [], []
    for name, dataset in plan.params.datasets.items():
        seeds = plan.seeds_of(name)
        if is_large(dataset):
            remarks.append(f"datasets.{name}: a large table, to be read when it is prepared.")
        try:
            numbers = known_numbers(dataset)
            if numbers is not None and seeds:
                remarks += [f"datasets.{name}: {one}" for one in _remarks(dataset, numbers, seeds)]
        except LabbookError as error:
            mistakes.append(Mistake(("datasets", name), str(error)))
            continue
        if numbers is not None:
            mistakes += _missing_columns(plan, name, numbers)
    if mistakes:
        raise refusal(read_source(params_path()), mistakes)
    return remarks


def _remarks(dataset: Dataset, numbers: "Numbers", seeds: list[int]) -> tuple[str, ...]:
    """What there is to say of all splits. Raises `LabbookError` where there are too few rows."""
    from labbook.data.prepare import split_seed, stratified
    from labbook.data.remarks import remarks

    splits = {seed: split_seed(dataset, numbers, seed) for seed in seeds}
    return remarks(numbers, splits, stratified(dataset, numbers))


def _missing_columns(plan: Plan, dataset: str, numbers: "Numbers") -> Iterator[Mistake]:
    """Combinations that ask for columns that a data set does not have, one of each kind."""
    from labbook.features import check_features

    for name, study in plan.studies.items():
        seen: set[str] = set()
        for one in study.combinations if study.dataset == dataset else ():
            try:
                check_features(one.recipe.features, numbers)
            except LabbookError as error:
                if str(error) not in seen:
                    seen.add(str(error))
                    yield Mistake(("studies", name, "vary"), f"with {one.label}: {error}")


def _beside_dvc() -> list[str]:
    """What DVC cannot say where another file is asked for: it does nothing then, without a word."""
    if params_path().resolve() == TRACKED.resolve():
        return []
    return [f"{VARIABLE} names it: for `snakemake` and `labbook`; `dvc` knows {TRACKED} alone."]


def _check_own(name: str, path: Path) -> None:
    at = f"{params_path()}: datasets.{name}.path"
    if not path.is_file():
        raise LabbookError(
            f"{at}: no file {path} in {Path.cwd()}; a path is seen from the folder of params.yaml. "
            f"{way_to(str(path))}"
        )
    if leads_outside(path):
        raise LabbookError(
            f"{at}: {path} leads out of this folder by a link, and a study's data belong to it. "
            "Put a copy of the file itself there."
        )
