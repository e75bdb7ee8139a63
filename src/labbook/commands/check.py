"""`labbook check`: is params.yaml right?"""

import argparse
from pathlib import Path

from labbook.data.expression import compile_expression
from labbook.errors import LabbookError
from labbook.params.datasets import Function, Table
from labbook.params.engines import left_to_torch
from labbook.params.load import VARIABLE, load_params, params_path
from labbook.plan import make_plan
from labbook.recorded import way_to
from labbook.stages import TRACKED
from labbook.wording import count

HELP = "Validate params.yaml; all mistakes at once."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    """Validate params.yaml, and what it says of expressions and of files of one's own."""
    params = load_params()
    for name, dataset in params.datasets.items():
        if isinstance(dataset, Function):
            compile_expression(dataset.expression)
        elif isinstance(dataset, Table) and dataset.path and not Path(dataset.path).is_file():
            raise LabbookError(
                f"{params_path()}: datasets.{name}.path: no file {dataset.path} in {Path.cwd()}; "
                f"a path is seen from the folder of params.yaml. {way_to(dataset.path)}"
            )
    plan = make_plan(params)
    recipes = [run.recipe for run in plan.runs.values()]
    combinations = sum(len(study.combinations) for study in plan.studies.values())
    print(
        f"{params_path()}: valid. {count(len(plan.studies), 'study', 'studies')}, "
        f"{count(combinations, 'combination')}, {count(len(plan.runs), 'run')} in "
        f"{count(len(plan.packs), 'pack')}."
    )
    for line in [*_beside_dvc(), *left_to_torch(params.engine, params.device, recipes)]:
        print(line)


def _beside_dvc() -> list[str]:
    """What DVC cannot say where another file is asked for: it does nothing then, without a word."""
    if params_path().resolve() == TRACKED.resolve():
        return []
    return [f"{VARIABLE} names it: for `snakemake` and `labbook`; `dvc` knows {TRACKED} alone."]
