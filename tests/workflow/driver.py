"""Does what `snakemake` would do, in one process: for tests of many edits.

`python driver.py make [RULE ...]` does all stale jobs but those of some rules, and looks that none
is stale then; `look` does nothing. The last line of output is JSON, the names of the jobs.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, os.path.abspath("src"))  # noqa: PTH100 - the code of the folder, as edited

from labbook.provenance.node import Node
from labbook.running.begin import begin
from labbook.running.jobs import run_job


def is_stale(node: Node, made: set[str]) -> bool:
    """Snakemake's rule: a job runs if an output is missing or older than an input, or if a job
    above it has run. `made` are the files that have been made anew.
    """
    if not all(path.exists() for path in node.outputs):
        return True
    above = [path.as_posix() for path in node.inputs]
    oldest = min(path.lstat().st_mtime for path in node.outputs)
    newest = max(Path(path).stat().st_mtime for path in [*above, node.marker])
    return bool(made & set(above)) or newest > oldest


def drive(dry: bool, *without: str) -> list[str]:
    """Do the stale jobs in the graph's order, or only look; their names."""
    graph, made, done = begin([]), set(), []
    for node in graph.nodes.values():
        if node.name.partition("/")[0] not in without and is_stale(node, made):
            if not dry:
                for path in node.outputs:
                    path.unlink(missing_ok=True)
                run_job(node.name, node.asked)
            done.append(node.name)
            made |= {path.as_posix() for path in node.outputs}
    return done


done = drive(sys.argv[1] == "look", *sys.argv[2:])
if sys.argv[1] == "make":
    assert (again := drive(True, *sys.argv[2:])) == [], f"not at rest: {again}"
print(json.dumps(done))
