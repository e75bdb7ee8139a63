"""`labbook models`: the champions of all commits."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from labbook.commands.print_table import print_table
from labbook.errors import LabbookError
from labbook.wording import count, short

if TYPE_CHECKING:
    from labbook.history.champions import Champion

HELP = (
    "The champions of all branches, tags, experiments and the workspace. `labbook models get ID "
    "-o FOLDER` copies one out of DVC's cache."
)
NAMES = ("id", "study", "combination", "seed", "metric of the combination", "size", "newest commit")
NEWEST = 40  # characters of a commit and its subject
USE = """{folder}: {files}; their sums are as champion.json says.
champion.json says what the network was given (columns, means, deviations), its layers and its
metrics; model.safetensors holds its weights:
  from safetensors.numpy import load_file
  weights = load_file("{model}")  # names: weights/<layer>.weight, weights/<layer>.bias
New rows: labbook predict {folder} new.csv -o out.csv (docs/predict.md)."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("--json", action="store_true", help="all of it, for programs")
    actions = parser.add_subparsers(metavar="get")
    get = actions.add_parser("get", help="copy a champion's files out of the cache")
    get.add_argument("id", help="an id of `labbook models`, or how it begins")
    get.add_argument("-o", "--out", type=Path, required=True, help="a folder that is not there")
    get.set_defaults(get=True)
    parser.set_defaults(get=False)


def run(options: argparse.Namespace) -> None:
    """List the champions of all commits, or copy one."""
    from labbook.history.champions import MODEL, all_states, champions, fetch

    models, unreadable = champions(all_states())
    not_read = f"The results of {count(len(unreadable), 'commit')} could not be read. "
    not_read = not_read + unreadable[0] if unreadable else ""
    if options.get:
        champion = _with_id(models, options.id, not_read)
        files = ", ".join(path.name for path in fetch(champion, options.out))
        print(USE.format(folder=options.out, files=files, model=options.out / MODEL))
    elif options.json:
        entries = [champion.plain() for champion in models]
        print(json.dumps({"models": entries, "not_known": unreadable}, indent=1))
    else:
        if models:
            print_table(NAMES, map(_row, sorted(models, key=lambda champion: champion.study)))
        else:
            print("No champion yet: run make report, or snakemake results/report.html.")
        if not_read:
            print(not_read)


def _row(champion: "Champion") -> tuple[object, ...]:
    from labbook.history.champions import MODEL

    state, about = champion.state, champion.about
    size = state.size(f"{champion.folder}/{MODEL}")
    shown = "not in the cache" if size is None else f"{size / 1e3:,.0f} kB"
    newest = short(f"{state.name} {state.subject}", NEWEST)
    place = (champion.id, champion.study, about["combination"], about["seed"])
    return (*place, champion.metric, shown, newest)


def _with_id(models: "list[Champion]", id_: str, not_read: str) -> "Champion":
    """The champion whose id begins so; one that is not here may be of a commit that is not."""
    fitting = [champion for champion in models if champion.id.startswith(id_)]
    if not fitting and not_read:
        raise LabbookError(f"{id_}: no champion of the results that are here. {not_read}")
    if len(fitting) != 1:
        allowed = ", ".join(champion.id for champion in (fitting or models)) or "none yet"
        what = "is the beginning of several ids" if fitting else "no such champion"
        raise LabbookError(f"{id_}: {what}; allowed: {allowed}. `labbook models` lists them.")
    return fitting[0]
