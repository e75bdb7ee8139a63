"""`labbook costs`: what training has cost."""

import argparse

from labbook.commands.print_table import print_table
from labbook.provenance.graph import Graph
from labbook.training.costlog import LOG, median_costs, read_lines

HELP = "Measured seconds per epoch and run, by combination."


def run(options: argparse.Namespace) -> None:
    """Print what training has cost, by study and combination: medians over the runs."""
    graph, lines = Graph.load(), read_lines()
    rows: list[tuple[object, ...]] = []
    for name in graph.plan.studies:
        study = graph.study(name)
        for combination in study.combinations:
            ids = study.keys_of([combination.label], study.seeds)
            runs, per_epoch, whole = median_costs(lines, ids)
            if runs:
                rows.append((name, combination.label, runs, f"{per_epoch:.3g}", f"{whole:.3g}"))
    print_table(("study", "combination", "runs", "seconds per epoch", "seconds per run"), rows)
    machines = ", ".join(sorted({line["machine"] for line in lines.values()})) or "no machine yet"
    print(f"\nAs measured on {machines}, other work there included; from {LOG}.")
