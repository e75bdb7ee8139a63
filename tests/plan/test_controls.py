"""Which controls a study has, and that nothing else of the plan changes by them."""

from typing import Any

import pytest

from labbook.params.document import Params
from labbook.params.load import load_params
from labbook.params.redraws import streams_of
from labbook.params.studies import Recipe
from labbook.plan.controls import CONTROLS, ITSELF, NONE, SHUFFLED, controls_of
from labbook.plan.plan import make_plan
from tests.conftest import TINY

SOURCE = load_params(TINY).model_dump(exclude_unset=True)
STILL: dict[str, dict[str, Any]] = {
    "model": {"kind": "polynomial", "degree": 2},
    "training": {"batch": "all", "epochs": 9},
}
MLP = {"kind": "mlp", "hidden": [4, 4]}


def recipe(model: dict[str, Any] = MLP, **training: Any) -> Recipe:
    optimizer = {"kind": "sgd", "rate": 0.1}
    training = {"batch": 8, "epochs": 9} | training
    return Recipe.model_validate(
        {"dataset": "d", "model": model, "optimizer": optimizer, "training": training}
    )


def params(asked: bool | None = True, **study: Any) -> Params:
    block = {"question": "?", "recipe": "boston", "vary": {"optimizer.rate": [0.1, 0.2]}} | study
    if asked is not None:
        block["controls"] = asked
    return Params.model_validate(SOURCE | {"studies": {"one": block}})


@pytest.mark.parametrize(
    ("block", "names"),
    [
        (recipe(), {"initialisation", "batch order"}),
        (recipe(batch="all"), {"initialisation"}),
        (recipe({**MLP, "dropout": 0.1, "initialisation": "zero"}, batch="all"), {"dropout"}),
        (recipe({**MLP, "dropout": [0.0, 0.0], "initialisation": "zero"}, batch="all"), set()),
        (recipe({**MLP, "dropout": [0.0, 0.2]}, batch="all"), {"initialisation", "dropout"}),
        (recipe(STILL["model"], **STILL["training"]), set()),
        # without hidden layers there are no units to drop
        (
            recipe(
                {
                    "kind": "cnn",
                    "channels": [4],
                    "hidden": [],
                    "dropout": 0.1,
                    "initialisation": "zero",
                },
                batch="all",
            ),
            set(),
        ),
        (
            recipe(batch="all", augment={"brightness": 0.2}),
            {"initialisation", "augmentation"},
        ),
        (recipe(batch="all", augment={"brightness": 0.0}), {"initialisation"}),
    ],
)
def test_what_chance_decides(block: Recipe, names: set[str]) -> None:
    assert set(streams_of(block)) == names
    assert (ITSELF in controls_of(block, (0,)).labels) == bool(names)


def test_a_study_has_two_controls_on_its_first_seeds() -> None:
    plan, without = make_plan(params(seeds=[7, *range(20, 28)])), make_plan(params(False))
    study = plan.studies["one"]
    assert study.controls.labels == CONTROLS
    assert study.controls.seeds == (7, *range(20, 27))
    itself, shuffled = (one.recipe.training for one in study.controls.combinations)
    assert (itself.redraw, itself.shuffled_target) == ("all", False)
    assert (shuffled.redraw, shuffled.shuffled_target) == (None, True)
    assert len(study.runs) == 2 * 9 + 2 * 8
    assert {label for label, _ in study.runs} - {*CONTROLS} == {"rate 0.1", "rate 0.2"}
    assert [one.label for one in study.combinations] == ["rate 0.1", "rate 0.2"]
    assert without.studies["one"].controls == NONE
    assert study.resolved["controls"] != without.studies["one"].resolved["controls"]


def test_the_other_runs_and_their_packs_stay_as_they_are() -> None:
    plan, without = make_plan(params()), make_plan(params(False))
    assert without.runs.items() <= plan.runs.items()
    assert without.packs.items() <= plan.packs.items()
    assert {*plan.packs} - {*without.packs} == {"one.controls-000"}
    assert len(plan.packs["one.controls-000"].runs) == 12
    assert "one.controls-000" in plan.packs_of("one")


def test_studies_of_one_reference_share_their_controls() -> None:
    blocks = params().studies
    two = params().model_copy(update={"studies": {"one": blocks["one"], "two": blocks["one"]}})
    plan = make_plan(two)
    assert plan.studies["one"].runs == plan.studies["two"].runs
    assert "two.controls-000" not in plan.packs
    assert plan.packs_of("two") == plan.packs_of("one")


def test_a_control_that_is_a_combination_too_is_trained_once() -> None:
    plan = make_plan(params(vary={"training.redraw": [None, "all"]}))
    study = plan.studies["one"]
    assert study.runs[ITSELF, 0] == study.runs["redraw all", 0]
    assert len(plan.packs["one.controls-000"].runs) == 6
    trained = [run.key for pack in plan.packs.values() for run in pack.runs]
    assert sorted(trained) == sorted(plan.runs)


@pytest.mark.parametrize(
    "block", [recipe(redraw="all"), recipe(STILL["model"], **STILL["training"])]
)
def test_what_would_be_the_same_run_is_left_out(block: Recipe) -> None:
    controls = controls_of(block, tuple(range(8)))
    assert controls.labels == (SHUFFLED,)
    assert controls.left_out


def test_one_that_redraws_a_part_is_still_told_from_itself() -> None:
    assert controls_of(recipe(redraw="initialisation"), (0, 1)).labels == CONTROLS
    assert controls_of(recipe(batch="all", redraw="initialisation"), (0,)).labels == (SHUFFLED,)


def test_the_file_asks_for_all_studies_and_a_study_for_itself() -> None:
    assert Params.model_fields["controls"].default is True
    every = Params.model_validate({**SOURCE, "controls": True, "studies": params(None).model_dump(
        exclude_unset=True)["studies"]})  # fmt: skip
    assert make_plan(every).studies["one"].controls.labels == CONTROLS
    assert make_plan(params(None)).studies["one"].controls == NONE  # tiny.yaml: false


def test_runs_have_their_ids_from_before_there_were_controls() -> None:
    """What is False by default must not be part of a run's identity."""
    plain = recipe().model_dump(mode="json", exclude_none=True)
    assert set(plain["training"]) == {"batch", "epochs", "gradient_norms"}
