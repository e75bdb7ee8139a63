"""`labbook data`: the data sets and their editions."""

import argparse
from pathlib import Path

from labbook.commands.print_table import print_table
from labbook.errors import LabbookError
from labbook.files import read_json
from labbook.provenance.graph import Graph
from labbook.provenance.locks import alone
from labbook.provenance.nodes import DESCRIBED
from labbook.running.jobs import job
from labbook.wording import number, plain

NUMBERS = ("min", "median", "max")
HELP = (
    "List the data sets with their edition; with a name also what its columns look like in the "
    "training rows of the first split. With a name and an edition: fetch it now and use it from "
    "now on. The edition of a data set (real, or a stand-in where no origin could be "
    "reached) stays until you ask for another: `labbook data covid real`."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("name", nargs="?", help="a data set of params.yaml; left out: list all")
    parser.add_argument(
        "edition",
        nargs="?",
        choices=["real", "stand-in"],
        help="fetch this edition now and use it from now on",
    )


def run(options: argparse.Namespace) -> None:
    """List data sets and editions, or change to another edition."""
    graph = Graph.load()
    datasets, name = graph.plan.params.datasets, options.name
    if name is not None and name not in datasets:
        allowed = ", ".join(datasets)
        raise LabbookError(f"{name}: no such data set in params.yaml; allowed: {allowed}.")
    if options.edition is None:
        editions = {n: graph.edition(n) for n in (datasets if name is None else [name])}
        rows = [
            (n, e.get("edition", "not there yet"), len(e.get("files", {})), e.get("note", ""))
            for n, e in editions.items()
        ]
        print_table(("data set", "edition", "files", "note"), rows)
        if name is not None:
            _print_columns(DESCRIBED / name / "description.json")
        return
    from labbook.running.jobs import download

    if f"download/{name}" not in graph.nodes:
        raise LabbookError(f"{name}: no study uses this data set, so there is nothing to fetch.")
    with alone(), job(f"download/{name}", None):
        download(graph, name, options.edition)
    print(f"{name}: {Graph(graph.plan).edition(name)['edition']} from now on. Run snakemake next.")


def _print_columns(description: Path) -> None:
    """What its columns look like, once the job `describe` has looked at them."""
    columns = read_json(description)["columns"] if description.exists() else []
    if columns:
        texts = (
            [plain(one["name"]), one["kind"], one["missing"], one["distinct"]]
            + [number(one.get(key)) for key in NUMBERS]
            for one in columns
        )
        print()
        print_table(("column", "kind", "missing", "distinct", *NUMBERS), texts)
