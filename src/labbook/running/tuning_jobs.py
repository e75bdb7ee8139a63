"""Jobs of a tuning: its steps, what each slot trains for them, its page."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.files import read_json, write_json
from labbook.identity.code import digest
from labbook.params.studies import Recipe
from labbook.paths import RUNS
from labbook.plan.tunings import SLOTS, Slot
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_tunings import asked_by, step_file, step_files, step_of
from labbook.training.runfile import RunRecord, read_run, run_path

if TYPE_CHECKING:
    from labbook.tuning.step import Found, Tried


def share_of(graph: Graph, slot: Slot) -> list[tuple[Recipe, int]]:
    """What falls to a slot of all that its step asks for, once each: all get alike many.

    Shared out in turn by digests. By the order in which they are asked for, a slot could get all of
    one rate out of four, which may be the one that takes longest.
    """
    asked = asked_by(graph.plan.tunings[slot.tuning], slot.step)
    once = {digest(recipe.model_dump(mode="json"), seed): (recipe, seed) for recipe, seed in asked}
    return [once[key] for key in sorted(once)[slot.number :: SLOTS]]


def tune(graph: Graph, name: str, inputs: Sequence[Path], outputs: Sequence[Path]) -> None:
    """A step of a tuning: what it finds, decides and asks for, from the steps before."""
    from labbook.data.prepared import read_prepared
    from labbook.data.select import read_selection
    from labbook.tuning.decide import decide
    from labbook.tuning.step import Before, found_from_json, found_to_json

    tuning, step = step_of(graph, name)
    earlier = tuning.before(step)
    found = {one: found_from_json(read_json(step_file(tuning, one))) for one in earlier}
    data = read_prepared(inputs[0])

    def columns(seed: int) -> Any:
        if data.kind == "images":
            return None
        return read_selection(graph.selected(tuning.recipe)).columns(seed)

    tried = _tried(graph, found[earlier[-1]]) if earlier else ()
    before = Before(tuning, data, columns, found, tried)
    write_json(outputs[0], found_to_json(decide(step, before)))


def _tried(graph: Graph, found: "Found") -> tuple["Tried", ...]:
    """The runs that a step asked for, with their learning curves."""
    from labbook.tuning.step import Tried

    ids = [graph.identified(trial.recipe, trial.seed)[0] for trial in found.asked]
    paths = [run_path(RUNS, run_id) for run_id in ids]
    return tuple(
        Tried(trial, read_run(path, ("curves",)), partial(_read, path))
        for trial, path in zip(found.asked, paths, strict=True)
    )


def _read(path: Path, group: str) -> RunRecord:
    return read_run(path, (group,))


def tuned(graph: Graph, name: str, inputs: Sequence[Path], outputs: Sequence[Path]) -> None:
    """The page of a tuning, and a figure of each step."""
    from labbook.report.tuning.page import write_page

    steps = [read_json(path) for path in step_files(graph.plan.tunings[name])]
    write_page(name, steps, outputs[0], graph.plan.params.report.language)
