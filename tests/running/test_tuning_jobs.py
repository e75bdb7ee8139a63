"""What falls to each of the jobs that share out the trainings of a step."""

from pathlib import Path

import pytest

from labbook.files import write_json
from labbook.params.load import load_params
from labbook.plan.studies import make_plan
from labbook.plan.tunings import SLOTS
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_tunings import step_file
from labbook.running.tuning_jobs import share_of


def test_each_training_falls_to_one_slot_and_all_have_alike_many(
    edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tune = ("studies:", "tune: {some: {recipe: boston}}\nstudies:")
    graph = Graph(make_plan(load_params(edited(tune))))
    monkeypatch.chdir(tmp_path)
    tuning = graph.plan.tunings["some"]
    recipe = tuning.recipe.model_dump(mode="json")
    trials = [{"recipe": recipe, "seed": seed} for seed in range(10)]
    path = step_file(tuning, "fine")
    path.parent.mkdir(parents=True)
    write_json(path, {"asked": trials + trials[:3]})  # a step may ask twice for a run
    slots = [slot for slot in graph.plan.slots.values() if slot.step == "fine"]
    shares = [share_of(graph, slot) for slot in slots]
    assert sorted(seed for share in shares for _, seed in share) == list(range(10))
    assert {len(share) for share in shares} == {10 // SLOTS, 10 // SLOTS + 1}
