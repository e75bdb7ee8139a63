"""`labbook tune`: how far tunings came; and what they chose, written into params.yaml."""

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labbook.commands.print_table import print_table
from labbook.errors import LabbookError
from labbook.params.load import params_path
from labbook.params.messages import nearest
from labbook.verdicts import NOT_JUDGED, UNDECIDED
from labbook.wording import listing

if TYPE_CHECKING:
    from labbook.looking.tunings import TuningState
    from labbook.params.studies import Recipe

HELP = (
    "How far each block of `tune` came; `labbook tune apply NAME` writes the values that it chose "
    "into the recipe in params.yaml."
)
APPLY = "apply"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument(
        "what", nargs="?", help="`apply`: write what was chosen; or a tuning's name: show it"
    )
    parser.add_argument("name", nargs="?", help="the tuning to apply: its name under `tune`")
    parser.add_argument("--dry-run", action="store_true", help="show it all and write nothing")


def run(options: argparse.Namespace) -> None:
    """List the tunings, show one, or write what one of them chose."""
    from labbook.commands.show import show
    from labbook.looking.state import State
    from labbook.looking.tunings import HEAD, tuning_states

    tunings = tuning_states(State())
    if not tunings:
        print(f"{params_path()} has no block `tune`; docs/tuning.md says how to write one.")
    elif options.what is None:
        print_table(HEAD, [tuning.row for tuning in tunings.values()])
        for tuning in tunings.values():
            if not tuning.whole:
                print(f"To make {tuning.plan.name}: {tuning.way}")
    elif options.what != APPLY:
        if options.what not in tunings or options.name is not None:
            text = nearest(options.what, [APPLY, *tunings])
            raise LabbookError(f"labbook tune apply NAME, or labbook tune NAME: {text}.")
        show(options.what)
    elif options.name is None:
        names = ", ".join(tunings)
        raise LabbookError(f"Of which tuning? labbook tune apply NAME, with one of: {names}.")
    elif options.name not in tunings:
        text = nearest(options.name, tunings)
        raise LabbookError(f"no tuning is called {options.name!r}; {text}.")
    else:
        tuning = tunings[options.name]
        _apply(tuning, dry_run=options.dry_run)
        if not options.dry_run:
            _said_of_others(tuning.plan.block.recipe, tunings.values())


def _apply(tuning: "TuningState", *, dry_run: bool) -> None:
    """Write the chosen values into the recipe. Raises `LabbookError` where there are none."""
    from labbook.files import write_text
    from labbook.starting.chosen import lost_comments, with_recipe

    new = _chosen(tuning)
    name, path = tuning.plan.block.recipe, params_path()
    print(f"recipes.{name} in {path}:")
    for setting, (before, after) in tuning.changes.items():
        print(f"  {setting}: {_shown(before)} -> {_shown(after)}")
    old = path.read_bytes().decode("utf-8")
    text = with_recipe(path, old, name, tuning.recipe, new)
    for comment in lost_comments(old, text):
        print(f"  lost, as its line goes: {comment}")
    if dry_run:
        print("Nothing was written (--dry-run).")
        return
    write_text(path, text)
    print("Written. Studies of this recipe are trained anew with it.")


def _said_of_others(recipe: str, tunings: Iterable["TuningState"]) -> None:
    """Which tunings are of the recipe as it was: what was just written is among them."""
    theirs = [one.plan.name for one in tunings if recipe in (one.plan.block.recipe, one.than)]
    print(
        f"What {listing(theirs)} found is of the recipe as it was. It stays in results/tune until "
        "it is made anew: commit it to keep it, then take the block out of the file, or leave it "
        "to look once more."
    )


def _shown(value: object) -> str:
    from labbook.starting.yaml_lines import scalar

    return "none" if value is None else scalar(value)


def _chosen(tuning: "TuningState") -> "Recipe":
    """The recipe that a tuning ended with. Raises `LabbookError` where it has none to write."""
    from labbook.tuning.against import effect_text

    name = tuning.plan.name
    if stopped := tuning.stopped:
        text = f"{name}: nothing was chosen; it stopped at the step {stopped['step']}."
        raise LabbookError(f"{text} {stopped['stopped']}")
    if tuning.decided is None or tuning.chosen is None:
        raise LabbookError(
            f"{name}: {tuning.outcome} ({tuning.reached} steps are made), so nothing is chosen "
            f"yet. To make it: {tuning.way}"
        )
    if tuning.kept_back:
        raise LabbookError(f"{name}: {tuning.kept_back}. What it found: labbook show {name}")
    verdict = tuning.decided["verdict"]
    effect = effect_text(tuning.decided) if tuning.decided.get("scale") else ""
    said = f"{name}: {verdict}, compared with {tuning.than} on test rows"
    print(f"{said}: {effect}." if effect else f"{said}.")
    if verdict == UNDECIDED:
        print("So it may be worse, too. A larger `seeds` of the block tells more surely.")
    if verdict == NOT_JUDGED:
        print("The data are a stand-in: on the real ones other values may suit better.")
    return tuning.chosen
