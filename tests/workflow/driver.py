"""Does what `snakemake` would do, in a quarter of a second a job and less: for tests of many edits.

A program of its own that has loaded the libraries but nothing of labbook. For each request it forks
a process that imports the project's own labbook, so that edits of the code count, and does the
jobs in the graph's order by Snakemake's rule: a job runs if an output is missing or older than an
input, or if a job above it has run. Requests and answers are lines of JSON.
"""

import importlib
import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

LIBRARIES = (
    "jinja2", "llvmlite.binding", "matplotlib.figure", "numpy", "psutil", "pydantic", "ruamel.yaml",
    "safetensors.numpy", "scipy.stats", "sklearn.feature_selection", "statsmodels.stats.multitest",
)  # fmt: skip


def is_stale(node: Any, made: set[str]) -> bool:
    """Snakemake's rule; `made` are the files that have been made anew."""
    if not all(path.exists() for path in node.outputs):
        return True
    above = [path.as_posix() for path in node.inputs]
    oldest = min(path.lstat().st_mtime for path in node.outputs)
    newest = max(Path(path).stat().st_mtime for path in [*above, node.marker])
    return bool(made & set(above)) or newest > oldest


def make() -> list[str]:
    """Do the stale jobs; their names."""
    begin, jobs = (importlib.import_module(f"labbook.{name}") for name in ("begin", "jobs"))
    graph, made, done = begin.begin([]), set(), []
    for node in graph.nodes.values():
        if is_stale(node, made):
            for path in node.outputs:
                path.unlink(missing_ok=True)
            jobs.run_job(node.name, node.asked)
            done.append(node.name)
            made |= {path.as_posix() for path in node.outputs}
    return done


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What came of a request: jobs done, and at once again; the exit code; what was said."""
    os.chdir(request["folder"])
    os.environ.pop("LABBOOK_MIRROR", None)
    os.environ.update(request["environment"])
    sys.path.insert(0, str(Path("src").absolute()))
    said, done, again, code = io.StringIO(), [], [], 0
    with redirect_stdout(said), redirect_stderr(said):
        try:
            if request["command"]:
                code = importlib.import_module("labbook.cli").main(request["command"])
            else:
                done, again = make(), make()
        except Exception:
            traceback.print_exc()
            code = 1
    return {"done": done, "again": again, "code": code, "said": said.getvalue()}


def serve() -> None:
    """Answer requests until there are no more."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.startswith("labbook")]
    for line in sys.stdin:
        if os.fork() == 0:
            sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
            sys.stdout.flush()
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    sys.path = [path for path in sys.path if not path.rstrip("/").endswith(("src", "workflow"))]
    serve()
