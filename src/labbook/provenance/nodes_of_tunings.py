"""Nodes of a tuning: its steps, the slots that train what a step asks for, its page."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.params.studies import Recipe
from labbook.paths import PACKS, RESULTS, RUNS
from labbook.plan.packs import selection_name
from labbook.plan.tunings import SLOTS, Slot, TuningPlan
from labbook.provenance.checksums import is_made
from labbook.provenance.job_code import code_of
from labbook.provenance.node import (
    Node,
    figure_files,
    node_from,
    pack_list,
    prepared,
    read,
    selected,
    with_key,
)
from labbook.training.runfile import run_path

if TYPE_CHECKING:
    from labbook.provenance.graph import Graph

TUNE = RESULTS / "tune"  # a folder per tuning


def step_file(tuning: TuningPlan, step: str) -> Path:
    """What a step found and decided: results/tune/<tuning>/3-rate.json."""
    return TUNE / tuning.name / f"{tuning.numbered(step)}.json"


def step_node(tuning: TuningPlan, step: str) -> str:
    """The name of its node."""
    return f"tune/{tuning.name}/{tuning.numbered(step)}"


def step_of(graph: "Graph", name: str) -> tuple[TuningPlan, str]:
    """The tuning and the step of a node's name but for its kind: `<tuning>/3-rate`."""
    tuning, _, numbered = name.rpartition("/")
    return graph.plan.tunings[tuning], numbered.partition("-")[2]


def step_files(tuning: TuningPlan) -> list[Path]:
    """What all its steps found, in order."""
    return [step_file(tuning, step) for step in tuning.steps]


def asked_by(tuning: TuningPlan, step: str) -> list[tuple[Recipe, int]]:
    """The recipes and seeds that a step asks to be trained; none before it was made."""
    asked: list[dict[str, Any]] = read(step_file(tuning, step), dict).get("asked", [])
    return [(Recipe.model_validate(one["recipe"]), one["seed"]) for one in asked]


def asked_of_step(graph: "Graph", tuning: TuningPlan, step: str) -> list[tuple[Recipe, int]] | None:
    """What a step asks to be trained; None before it was made for what params.yaml asks now."""
    if not step_file(tuning, step).exists() or not is_made(graph.node(step_node(tuning, step))):
        return None
    return asked_by(tuning, step)


def step(graph: "Graph", name: str) -> Node:
    """A step of a tuning."""
    tuning, last = step_of(graph, name)
    earlier = tuning.before(last)
    slots = slots_after(graph.plan.slots.values(), tuning, earlier[-1]) if earlier else []
    chosen = _selections(tuning)
    inputs = (
        prepared(tuning.dataset),
        *selected(tuning.dataset, chosen),
        *(step_file(tuning, one) for one in earlier),
        *(pack_list(one.name) for one in slots),
    )
    upstream = (
        f"prepare/{tuning.dataset}",
        *(f"select/{tuning.dataset}/{one}" for one in chosen),
        *(step_node(tuning, one) for one in earlier),
        *(f"train/{one.name}" for one in slots),
    )
    outputs = with_key(f"{step_file(tuning, last).with_suffix('')}", ".json")
    own = [last, _resolved(tuning), *code_of("tune")]
    return node_from(graph, f"tune/{name}", inputs, outputs, own, upstream)


def slot(graph: "Graph", one: Slot) -> Node:
    """A job that trains its share of what a step asks for."""
    tuning = graph.plan.tunings[one.tuning]
    chosen, asks = _selections(tuning), step_node(tuning, one.step)
    outputs = with_key(f"{PACKS}/{one.name}", ".json")
    # Also those that a study trains of the recipe with which it is compared: trained once.
    owners = sorted(
        {graph.plan.owners[key] for key in tuning.known_runs & graph.plan.owners.keys()}
    )
    share = [one.number, SLOTS, "by digest"]  # another number or way shares out anew
    own = [share, [graph.maker(*maker) for maker in _makers(graph, tuning)]]
    return node_from(
        graph,
        f"train/{one.name}",
        (
            prepared(tuning.dataset),
            *selected(tuning.dataset, chosen),
            step_file(tuning, one.step),
            *map(pack_list, owners),
        ),
        outputs,
        own,
        (asks, *(f"train/{pack}" for pack in owners)),
        tuple(run_path(RUNS, run_id) for run_id in read(outputs[0], dict).get("runs", ())),
    )


def tuned(graph: "Graph", name: str) -> Node:
    """The page of a tuning and its figures."""
    tuning = graph.plan.tunings[name]
    folder = TUNE / name
    outputs = (folder / "report.html", drawn(tuning), folder / "report.key")
    upstream = tuple(step_node(tuning, step) for step in tuning.steps)
    inputs, language = tuple(step_files(tuning)), graph.plan.params.report.language
    own = [_resolved(tuning), language, *code_of("tuned")]
    return node_from(
        graph, f"tuned/{name}", inputs, outputs, own, upstream, figure_files(outputs[1])
    )


def drawn(tuning: TuningPlan) -> Path:
    """The list of its figures."""
    return TUNE / tuning.name / "figures/index.json"


def _selections(tuning: TuningPlan) -> list[str]:
    return sorted({selection_name(recipe.features) for recipe in (tuning.recipe, tuning.than)})


def _makers(graph: "Graph", tuning: TuningPlan) -> list[tuple[str, str]]:
    recipes = (tuning.recipe, tuning.than)
    return sorted({(graph.engine(recipe), recipe.model.kind) for recipe in recipes})


def _resolved(tuning: TuningPlan) -> dict[str, Any]:
    return {
        **vars(tuning),
        "block": tuning.block.identity(),
        "recipe": tuning.recipe.model_dump(mode="json"),
        "than": tuning.than.model_dump(mode="json"),
    }


def slots_after(slots: Iterable[Slot], tuning: TuningPlan, step: str) -> list[Slot]:
    """The slots that share out what a step asks for."""
    return [slot for slot in slots if (slot.tuning, slot.step) == (tuning.name, step)]


def names_of(tuning: TuningPlan, slots: Collection[Slot]) -> Iterator[str]:
    """The nodes of a tuning, upstream first."""
    for step in tuning.steps:
        yield step_node(tuning, step)
        yield from (f"train/{slot.name}" for slot in slots_after(slots, tuning, step))
    yield f"tuned/{tuning.name}"
