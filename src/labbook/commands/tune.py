"""`labbook tune`: how far tunings came; and what they chose, written into params.yaml."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.commands.print_table import print_table
from labbook.errors import LabbookError
from labbook.params.load import params_path
from labbook.params.messages import nearest
from labbook.verdicts import NOT_JUDGED

if TYPE_CHECKING:
    from labbook.params.studies import Recipe
    from labbook.plan.tunings import TuningPlan
    from labbook.provenance.graph import Graph

HELP = (
    "How far each block of `tune` came; `labbook tune apply NAME` writes the values that it chose "
    "into the recipe in params.yaml."
)
WORSE = "worse"  # one of tuning/against.py's verdicts


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("what", nargs="?", choices=["apply"], help="write what was chosen")
    parser.add_argument("name", nargs="?", help="the tuning: its name under `tune`")
    parser.add_argument("--dry-run", action="store_true", help="show it all and write nothing")


def run(options: argparse.Namespace) -> None:
    """List the tunings, or write what one of them chose."""
    from labbook.provenance.graph import Foreseen

    graph = Foreseen.load()
    if not graph.plan.tunings:
        print(f"{params_path()} has no block `tune`; docs/tuning.md says how to write one.")
    elif options.what is None:
        rows = [_row(graph, tuning) for tuning in graph.plan.tunings.values()]
        print_table(("tuning", "recipe", "came to", "outcome"), rows)
    elif options.name is None:
        names = ", ".join(graph.plan.tunings)
        raise LabbookError(f"Of which tuning? labbook tune apply NAME, with one of: {names}.")
    elif options.name not in graph.plan.tunings:
        text = nearest(options.name, graph.plan.tunings)
        raise LabbookError(f"no tuning is called {options.name!r}; {text}.")
    else:
        _apply(graph, graph.plan.tunings[options.name], dry_run=options.dry_run)


def _found(graph: "Graph", tuning: "TuningPlan") -> tuple[list[dict[str, Any]], bool]:
    """What the steps that were made found, in order, and whether any of them is to be made."""
    from labbook.files import read_json
    from labbook.provenance.checksums import Sums
    from labbook.provenance.nodes_of_tunings import step_file, step_node

    steps = [step_file(tuning, step) for step in tuning.steps]
    made = [read_json(path) for path in steps if path.exists()]
    stale = {node.name for node in graph.to_run(Sums())}  # type: ignore[attr-defined]
    return made, any(step_node(tuning, step) in stale for step in tuning.steps)


def _row(graph: "Graph", tuning: "TuningPlan") -> tuple[str, str, str, str]:
    found, stale = _found(graph, tuning)
    reached = [one for one in found if not one["stopped"]]
    far = f"{len(reached)} of {len(tuning.steps)} steps"
    outcome = _outcome(tuning, found)
    if stale:
        outcome = f"{outcome} (before a change; {_way(tuning)})" if found else _way(tuning)
    return tuning.name, tuning.block.recipe, far, outcome


def _outcome(tuning: "TuningPlan", found: list[dict[str, Any]]) -> str:
    if stopped := next((one for one in found if one["stopped"]), None):
        return f"stopped at {stopped['step']}"
    if len(found) < len(tuning.steps):
        return "not done"
    than = tuning.block.than or tuning.block.recipe
    return f"{found[-1]['decided']['verdict']}, compared with {than}"


def _way(tuning: "TuningPlan") -> str:
    from labbook.provenance.nodes_of_tunings import TUNE

    return f"run: dvc repro, or snakemake {TUNE / tuning.name / 'report.html'}"


def _apply(graph: "Graph", tuning: "TuningPlan", *, dry_run: bool) -> None:
    """Write the chosen values into the recipe. Raises `LabbookError` where there are none."""
    from labbook.files import write_text
    from labbook.params.settings import changes
    from labbook.starting.chosen import with_recipe

    new = _chosen(graph, tuning)
    name, path = tuning.block.recipe, params_path()
    old = graph.plan.params.recipes[name]
    if not changes(old, new):
        raise LabbookError(f"{tuning.name}: chose what {name} has already; nothing to write.")
    print(f"recipes.{name} in {path}:")
    for setting, (before, after) in changes(old, new).items():
        print(f"  {setting}: {_shown(before)} -> {_shown(after)}")
    text = with_recipe(path, path.read_bytes().decode("utf-8"), name, old, new)
    if dry_run:
        print("Nothing was written (--dry-run).")
        return
    write_text(path, text)
    print(
        "Written. Studies of this recipe are trained anew with it; and the tuning would start from "
        f"these values, so take tune.{tuning.name} out of the file, or leave it to look once more."
    )


def _shown(value: object) -> str:
    from labbook.starting.yaml_lines import scalar

    return "none" if value is None else scalar(value)


def _chosen(graph: "Graph", tuning: "TuningPlan") -> "Recipe":
    """The recipe that a tuning ended with."""
    found, stale = _found(graph, tuning)
    if stopped := next((one for one in found if one["stopped"]), None):
        text = f"{tuning.name}: nothing was chosen; it stopped at the step {stopped['step']}."
        raise LabbookError(f"{text} {stopped['stopped']}")
    if stale or len(found) < len(tuning.steps):
        raise LabbookError(f"{tuning.name}: its steps are not done for what params.yaml asks; "
                           f"{_way(tuning)}")  # fmt: skip
    decided = found[-1]["decided"]
    verdict, than = decided["verdict"], tuning.block.than or tuning.block.recipe
    if verdict == WORSE:
        page = Path("results/tune") / tuning.name / "report.html"
        raise LabbookError(
            f"{tuning.name}: what it chose is worse than {than} on test rows, so it is not written "
            f"({page})."
        )
    print(f"{tuning.name}: {verdict}, compared with {than} on test rows.")
    if verdict == NOT_JUDGED:
        print("The data are a stand-in: on the real ones other values may suit better.")
    return _recipe(tuning, decided)


def _recipe(tuning: "TuningPlan", decided: Mapping[str, Any]) -> "Recipe":
    from labbook.params.settings import given_to
    from labbook.params.studies import Recipe

    if "recipe" in decided:
        return Recipe.model_validate(decided["recipe"])
    start = tuning.recipe.model_dump(exclude_unset=True)
    return Recipe.model_validate(given_to(start, decided["settings"]))
