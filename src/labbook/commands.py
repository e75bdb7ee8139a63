"""The commands of the command line. What needs torch or pandas is imported where it is used."""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from labbook.cost import data_shape
from labbook.data.expression import compile_expression
from labbook.errors import LabbookError
from labbook.graph import Graph
from labbook.identity import digest
from labbook.log import LOG, median_costs, read_lines
from labbook.marks import is_fresh
from labbook.marks import job as node_job
from labbook.memory import process_bytes
from labbook.params.datasets import Function, Table
from labbook.params.engines import why_torch
from labbook.params.load import load_params, params_path
from labbook.params.studies import Recipe
from labbook.plan import Plan, make_plan
from labbook.progress import Progress, human_time

CLASSES = 10  # taken where a data set's number of classes is not known yet: memory hardly differs
DATA_HELP = (
    "List the data sets with their edition. With a name and an edition: fetch it now and use it "
    "from now on. The edition of a data set (real, or a stand-in where no origin could be "
    "reached) stays until you ask for another: `labbook data covid real`."
)


def check(options: argparse.Namespace) -> None:
    """Validate params.yaml, and what it says of expressions and of files of one's own."""
    params = load_params()
    for name, dataset in params.datasets.items():
        if isinstance(dataset, Function):
            compile_expression(dataset.expression)
        elif isinstance(dataset, Table) and dataset.path and not Path(dataset.path).is_file():
            raise LabbookError(
                f"{params_path()}: datasets.{name}.path: no file {dataset.path} in {Path.cwd()}; "
                "a path is seen from the folder of params.yaml."
            )
    plan = make_plan(params)
    combinations = sum(len(study.combinations) for study in plan.studies.values())
    print(
        f"{params_path()}: valid. {len(plan.studies)} studies, {combinations} combinations, "
        f"{len(plan.runs)} runs in {len(plan.packs)} packs."
    )
    for line in _left_to_torch(plan):
        print(line)


def plan(options: argparse.Namespace) -> None:
    """Print what there is to do, what is done and about what it costs."""
    graph = Graph.load()
    progress = Progress(graph)
    there = progress.there()
    rows: list[tuple[str, ...]] = [
        ("study", "data set", "combinations", "seeds", "runs", "done", "one core")
    ]
    for name in graph.plan.studies:
        study = graph.study(name)
        ids = set(study.runs.values())
        cost = sum(progress.cost[run] for run in ids - there)
        counts = (len(study.combinations), len(study.seeds), len(ids), len(ids & there))
        rows.append((name, study.dataset, *map(str, counts), human_time(cost) if cost else "-"))
    _print_table(rows)
    left = sum(cost for run, cost in progress.cost.items() if run not in there)
    stale = Counter(n.name.partition("/")[0] for n in graph.nodes.values() if not is_fresh(n))
    print(f"\n{len(progress.cost)} different runs, {len(there)} done; a run that studies share")
    print("is trained once. To do, about:", human_time(left) if left else "nothing to train")
    print("Jobs to run:", ", ".join(f"{k} {n}" for k, n in stale.items()) or "none")
    print("\n".join(_engine_lines(graph)))


def _left_to_torch(plan: Plan) -> list[str]:
    """Which runs fall to the torch engine because the one asked for does not support them."""
    params = plan.params
    asked = (why_torch(params.engine, params.device, run.recipe) for run in plan.runs.values())
    reasons = Counter(reason for reason in asked if reason)
    return [f"{n} runs are left to the engine torch: {why}" for why, n in reasons.items()]


def _engine_lines(graph: Graph) -> list[str]:
    """Which engines train how many runs, why not the compiled one, and their memory."""
    recipes = [run.recipe for run in graph.plan.runs.values()]
    engines = Counter(map(graph.engine, recipes))
    lines = ["Engines: " + ", ".join(f"{name} {count} runs" for name, count in engines.items())]
    lines += _left_to_torch(graph.plan)
    return [*lines, *_memory_lines(graph, recipes)]


def _memory_lines(graph: Graph, recipes: Iterable[Recipe]) -> list[str]:
    """The largest training process of each engine; what is not prepared yet is guessed."""
    largest: dict[str, int] = {}
    for recipe in {digest(recipe.identity()): recipe for recipe in recipes}.values():
        engine = graph.engine(recipe)
        size = process_bytes(
            recipe,
            data_shape(recipe.dataset, graph.plan.params.datasets[recipe.dataset]),
            CLASSES,
            engine,
        )
        largest[engine] = max(largest.get(engine, 0), size)
    where = {"cuda": " on the GPU"}
    return [
        f"Memory of a training process with the engine {engine}, estimated: "
        f"up to about {size / 1e6:,.0f} MB{where.get(engine, '')}"
        for engine, size in largest.items()
    ]


def summary(options: argparse.Namespace) -> None:
    """Print the report's main lines."""
    from labbook.report.summary import summary_lines

    studies = [Path("results", name) for name in load_params().studies]
    if not any((folder / "study.json").exists() for folder in studies):
        raise LabbookError("No results yet: run make report, or snakemake results/report.html.")
    print("\n".join(summary_lines(studies)))


def costs(options: argparse.Namespace) -> None:
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
    _print_table(rows)
    print(f"\nAs measured on {_machines(lines)}, other work there included; from {LOG}.")


def _machines(lines: Mapping[str, Mapping[str, Any]]) -> str:
    return ", ".join(sorted({line["machine"] for line in lines.values()})) or "no machine yet"


def data(options: argparse.Namespace) -> None:
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
        known = graph.edition(name)
        files = str(len(known.get("files", {})))
        rows.append((name, known.get("edition", "not there yet"), files, known.get("note", "")))
    _print_table(rows)


def _change_edition(graph: Graph, name: str, edition: Literal["real", "stand-in"]) -> None:
    from labbook.jobs import download

    if f"download/{name}" not in graph.nodes:
        raise LabbookError(f"{name}: no study uses this data set, so there is nothing to fetch.")
    locks = Path(".snakemake/locks")
    if locks.is_dir() and any(locks.iterdir()):
        raise LabbookError(
            "snakemake is at work in this folder (or was killed: then `snakemake --unlock` first). "
            "Change the edition of data when it has ended."
        )
    with node_job(f"download/{name}", None):
        download(graph, name, edition)
    print(f"{name}: {Graph(graph.plan).edition(name)['edition']} from now on. Run snakemake next.")


def model(options: argparse.Namespace) -> None:
    """Print the layers of a recipe's model with output shapes and parameters."""
    from labbook.data.prepared import read_prepared
    from labbook.models import build

    params = load_params()
    if options.recipe not in params.recipes:
        allowed = ", ".join(params.recipes)
        raise LabbookError(f"{options.recipe}: no such recipe; allowed: {allowed}.")
    recipe = params.recipes[options.recipe]
    prepared = Path(f"data/prepared/{recipe.dataset}.safetensors")
    columns, outputs = options.inputs or recipe.features.k, 1
    if prepared.exists():
        data = read_prepared(prepared)
        outputs = len(data.classes) or 1
        if data.kind == "images":
            columns = None
        elif columns is None:
            columns = data.features.shape[1]
    elif columns is None:
        raise LabbookError(
            f"{options.recipe}: the number of inputs is known once the data are prepared: run "
            f"`snakemake {prepared}` first, or give --inputs."
        )
    inputs = (1, *data.features.shape[1:]) if columns is None else (columns,)
    layers = build(recipe.model, inputs, outputs).summary()
    rows: list[tuple[str, ...]] = [("layer", "output shape", "parameters")]
    rows += [(name, " x ".join(map(str, out)), str(count)) for name, out, count in layers]
    _print_table([*rows, ("total", "", str(sum(count for _, _, count in layers)))])


def prune(options: argparse.Namespace) -> None:
    """Move aside what params.yaml no longer asks for."""
    from labbook.attic import move_aside, unasked

    paths = unasked(Graph.load())
    if options.folder is not None:
        paths = [path for path in paths if path.is_relative_to(options.folder)]
    size = sum(path.stat().st_size for path in paths) / 1e6
    if not options.yes and paths:
        print("\n".join(map(str, paths)))
    verb = "moved to .labbook/attic" if options.yes else "to move; repeat with --yes"
    if options.yes:
        move_aside(paths)
    print(f"{len(paths)} files, {size:.1f} MB {verb}." if paths else "Nothing to prune.")


def reference(options: argparse.Namespace) -> None:
    """Write the reference page of params.yaml and its JSON schema."""
    from labbook.params.reference import write_reference

    write_reference(options.folder)


def job(options: argparse.Namespace) -> None:
    """Make one node of the plan, with times and mistakes in a log."""
    from labbook.jobs import run_job

    begun = time.time()
    try:
        run_job(options.node, options.asked)
    except LabbookError as error:
        _log(options.log, begun, str(error))
        raise
    except Exception as error:
        _log(options.log, begun, traceback.format_exc())
        if options.log is None:
            raise
        raise LabbookError(
            f"{options.node}: a mistake of labbook's own ({type(error).__name__}: {error}). "
            f"Please report it with {options.log}."
        ) from error
    _log(options.log, begun, "done")
    if not options.node.startswith("train/"):  # packs tell of their runs
        print(f"{options.node}: {time.time() - begun:.1f} s", file=sys.stderr)


def _log(path: Path | None, begun: float, text: str) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(begun))
    with path.open("a") as file:
        file.write(f"{at} UTC, {time.time() - begun:.1f} s: {text}\n")


def _print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip(), file=sys.stdout)
