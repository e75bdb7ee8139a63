"""`labbook check`: is params.yaml right?"""

import argparse
from pathlib import Path

from labbook.data.expression import compile_expression
from labbook.errors import LabbookError
from labbook.params.datasets import Function, Table
from labbook.params.engines import left_to_torch
from labbook.params.load import load_params, params_path
from labbook.plan import make_plan
from labbook.recorded import leads_outside

HELP = "Validate params.yaml; all mistakes at once."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> None:
    """Validate params.yaml, and what it says of expressions and of files of one's own."""
    params = load_params()
    for name, dataset in params.datasets.items():
        if isinstance(dataset, Function):
            compile_expression(dataset.expression)
        elif isinstance(dataset, Table) and dataset.path:
            _check_own(name, Path(dataset.path))
    plan = make_plan(params)
    recipes = [run.recipe for run in plan.runs.values()]
    combinations = sum(len(study.combinations) for study in plan.studies.values())
    print(
        f"{params_path()}: valid. {len(plan.studies)} studies, {combinations} combinations, "
        f"{len(plan.runs)} runs in {len(plan.packs)} packs."
    )
    for line in left_to_torch(params.engine, params.device, recipes):
        print(line)


def _check_own(name: str, path: Path) -> None:
    at = f"{params_path()}: datasets.{name}.path"
    if not path.is_file():
        raise LabbookError(
            f"{at}: no file {path} in {Path.cwd()}; a path is seen from the folder of params.yaml."
        )
    if leads_outside(path):
        raise LabbookError(
            f"{at}: {path} leads out of this folder by a link, and a study's data belong to it. "
            "Put a copy of the file itself there."
        )
