"""Nodes of a study in rounds: its looks, and what each of them lets go on."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.identity.code import digest
from labbook.paths import RESULTS
from labbook.plan.packs import Pack, RunPlan
from labbook.plan.plan import Plan
from labbook.plan.studies import StudyPlan
from labbook.provenance.checksums import is_made
from labbook.provenance.job_code import code_of
from labbook.provenance.node import Node, pack_list, prepared, read, selected, with_key
from labbook.verdicts import REFUTED, SUPPORTED

if TYPE_CHECKING:
    from labbook.provenance.graph import Graph

WORDS = {"sentence", "reported", "conditions"}  # of a claim: they decide nothing
ABOUT = ("dataset", "task", "combinations", "looks", "metric")  # what claims rest on


def looks_of(study: StudyPlan) -> list[str]:
    """The nodes of all looks of a study but the last, which is its evaluation."""
    return [f"look/{study.name}/{number}" for number in range(1, len(study.looks))]


def look_file(study: str, number: int) -> Path:
    """What a look decided: which combinations go on."""
    return RESULTS / study / "looks" / f"{number}.json"


def look(graph: "Graph", name: str) -> Node:
    """The look at a study's claims after a round: `<study>/<number>`."""
    study_name, _, last = name.rpartition("/")
    study, number = graph.plan.studies[study_name], int(last)
    labels = [combination.label for combination in study.combinations]
    seeds = study.seeds[: study.looks[number - 1].seeds]
    keys = study.keys_of(labels, seeds)
    packs = sorted({graph.plan.owners[key] for key in keys})
    chosen = {one for pack in packs for one in graph.plan.packs[pack].selections}
    before = [graph.node(f"look/{study_name}/{earlier}") for earlier in range(1, number)]
    trained = [f"train/{pack}" for pack in packs]
    own = [number, _what_decides(study), *code_of("look")]
    above = [graph.node(name).asked for name in trained] + [one.asked for one in before]
    return Node(
        name=f"look/{name}",
        inputs=(
            prepared(study.dataset),
            *selected(study.dataset, sorted(chosen)),
            *map(pack_list, packs),
            *(one.outputs[0] for one in before),
        ),
        outputs=with_key(f"{look_file(study_name, number).with_suffix('')}", ".json"),
        asked=digest(own, keys, above),
        key=digest(
            own,
            [graph.run_ids[key] for key in keys],
            graph.edition(study.dataset),
            [one.key for one in before],
        ),
        upstream=(*trained, *(one.name for one in before)),
    )


def _what_decides(study: StudyPlan) -> dict[str, Any]:
    """Of a study what verdicts follow from: none of its words."""
    resolved = study.resolved
    claims = [
        {
            **{name: value for name, value in claim.items() if name not in WORDS},
            "block": {name: value for name, value in claim["block"].items() if name not in WORDS},
        }
        for claim in resolved["claims"]
    ]
    about = {name: resolved[name] for name in ABOUT if name in resolved}
    return {**about, "threshold": study.block.threshold, "claims": claims}


def labels_going_on(study: StudyPlan, number: int) -> list[str] | None:
    """The combinations that go on by a look; None where it is not there yet."""
    labels = read(look_file(study.name, number), dict).get("going_on")
    if not isinstance(labels, list):
        return None
    return [one.label for one in study.combinations if one.label in labels]


def decided_with(study: StudyPlan, claim: str) -> int:
    """With how many seeds at most a claim is judged: those of the look that gave its verdict."""
    for number, look in enumerate(study.looks[:-1], 1):
        for one in read(look_file(study.name, number), dict).get("claims", ()):
            if one["id"] == claim and one["verdict"] in (SUPPORTED, REFUTED):
                return look.seeds
    return study.looks[-1].seeds


def reached(study: StudyPlan, number: int) -> dict[str, int]:
    """With how many seeds each combination is trained at a look; missing looks let none go on."""
    seeds = {combination.label: study.looks[0].seeds for combination in study.combinations}
    for earlier in range(1, number):
        seeds |= dict.fromkeys(labels_going_on(study, earlier) or (), study.looks[earlier].seeds)
    return seeds


def runs_asked_of(graph: "Graph", pack: Pack) -> list[RunPlan] | None:
    """The runs of a pack that are asked for: of a later round by looks; None where one lacks.

    One that an edit has made old says nothing of what is asked for now.
    """
    if not pack.after:
        return list(pack.runs)
    wanted: set[str] = set()
    for name, number in pack.after:
        study = graph.plan.studies[name]
        labels = labels_going_on(study, number)
        if labels is None or not is_made(graph.node(f"look/{name}/{number}")):
            return None
        wanted.update(study.keys_of(labels, study.round(number + 1)))
    return [run for run in pack.runs if run.key in wanted]


def in_order_of_rounds(plan: Plan) -> list[str]:
    """The nodes of looks and of later rounds, upstream first.

    A look rests on runs with seeds below its number, a later pack waits for looks up to its own.
    """
    places = [
        (look.seeds, 0, f"look/{study.name}/{number}")
        for study in plan.studies.values()
        for number, look in enumerate(study.looks[:-1], 1)
    ]
    places += [
        (min(run.seed for run in pack.runs), 1, f"train/{pack.name}")
        for pack in plan.packs.values()
        if pack.after
    ]
    return [name for _, _, name in sorted(places)]
