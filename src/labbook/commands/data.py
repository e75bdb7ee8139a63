"""`labbook data`: the data sets and their editions."""

import argparse
from typing import Literal

from labbook.commands.table import print_table
from labbook.errors import LabbookError
from labbook.provenance.graph import Graph
from labbook.provenance.locks import alone
from labbook.running.jobs import job

HELP = (
    "List the data sets with their edition. With a name and an edition: fetch it now and use it "
    "from now on. The edition of a data set (real, or a stand-in where no origin could be "
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
    datasets = graph.plan.params.datasets
    if options.name is not None and options.name not in datasets:
        allowed = ", ".join(datasets)
        raise LabbookError(f"{options.name}: no such data set in params.yaml; allowed: {allowed}.")
    if options.edition is not None:
        _change_edition(graph, options.name, options.edition)
        return
    rows: list[tuple[str, ...]] = [("data set", "edition", "files", "note")]
    for name in datasets if options.name is None else [options.name]:
        edition = graph.edition(name)
        files = str(len(edition.get("files", {})))
        rows.append((name, edition.get("edition", "not there yet"), files, edition.get("note", "")))
    print_table(rows)


def _change_edition(graph: Graph, name: str, edition: Literal["real", "stand-in"]) -> None:
    from labbook.running.jobs import download

    if f"download/{name}" not in graph.nodes:
        raise LabbookError(f"{name}: no study uses this data set, so there is nothing to fetch.")
    with alone(), job(f"download/{name}", None):
        download(graph, name, edition)
    print(f"{name}: {Graph(graph.plan).edition(name)['edition']} from now on. Run snakemake next.")
