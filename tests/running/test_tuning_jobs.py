"""What falls to each of the jobs that share out the trainings of a step."""

from pathlib import Path

import pytest

from labbook.files import write_json
from labbook.params.load import load_params
from labbook.params.studies import Recipe
from labbook.plan.plan import make_plan
from labbook.plan.tunings import SLOTS
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_tunings import step_file
from labbook.running.tuning_jobs import share_of
from labbook.tuning.recipes import at

Trial = tuple[Recipe, int]


@pytest.fixture
def graph(edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Of a tuning of which nothing is made."""
    tune = ("studies:", "tune: {some: {recipe: boston}}\nstudies:")
    graph = Graph(make_plan(load_params(edited(tune))))
    monkeypatch.chdir(tmp_path)
    return graph


def shares_of(graph: Graph, trials: list[Trial]) -> list[list[Trial]]:
    """What falls to each slot where a step asks for these recipes and seeds."""
    asked = [{"recipe": recipe.model_dump(mode="json"), "seed": seed} for recipe, seed in trials]
    path = step_file(graph.plan.tunings["some"], "fine")
    path.parent.mkdir(parents=True)
    write_json(path, {"asked": asked})
    slots = [slot for slot in graph.plan.slots.values() if slot.step == "fine"]
    return [share_of(graph, slot) for slot in slots]


def test_each_training_falls_to_one_slot_and_all_have_alike_many(graph: Graph) -> None:
    recipe = graph.plan.tunings["some"].recipe
    trials = [(recipe, seed) for seed in range(10)]
    shares = shares_of(graph, trials + trials[:3])  # a step may ask twice for a run
    assert sorted(seed for share in shares for _, seed in share) == list(range(10))
    assert {len(share) for share in shares} == {10 // SLOTS, 10 // SLOTS + 1}


def test_no_slot_has_all_of_one_rate_out_of_as_many_as_there_are_slots(graph: Graph) -> None:
    """The smallest may take longest."""
    recipe = graph.plan.tunings["some"].recipe
    recipes = [at(recipe, 10.0**-power, 0.0) for power in range(SLOTS)]
    shares = shares_of(graph, [(one, seed) for seed in range(8) for one in recipes])
    assert {len(share) for share in shares} == {8}
    for share in shares:
        assert all(sum(one == recipe for one, _ in share) < 6 for recipe in recipes)
