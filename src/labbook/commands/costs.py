"""`labbook costs`: what training has cost."""

import argparse
from collections.abc import Mapping
from typing import Any

from labbook.commands.table import print_table
from labbook.provenance.graph import Graph
from labbook.training.costlog import LOG, median_costs, read_lines

HELP = "Measured seconds per epoch and run, by combination."


def run(options: argparse.Namespace) -> None:
    """Print what training has cost, by study and combination: medians over the runs."""
    graph, lines = Graph.load(), read_lines()
    rows: list[tuple[str, ...]] = [
        ("study", "combination", "runs", "seconds per epoch", "seconds per run")
    ]
    for name in graph.plan.studies:
        study = graph.study(name)
        for one in study.combinations:
            ids = [study.runs[one.label, seed] for seed in study.seeds]
            count, per_epoch, whole = median_costs(lines, ids)
            if count:
                rows.append((name, one.label, str(count), f"{per_epoch:.3g}", f"{whole:.3g}"))
    print_table(rows)
    print(f"\nAs measured on {_machines(lines)}, other work there included; from {LOG}.")


def _machines(lines: Mapping[str, Mapping[str, Any]]) -> str:
    return ", ".join(sorted({line["machine"] for line in lines.values()})) or "no machine yet"
