"""The plan: what must exist follows from params.yaml alone."""

import cProfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.params.document import Packs, Params
from labbook.params.engines import engine_of, left_to_torch
from labbook.params.load import load_params
from labbook.plan.packs import MOST_PACKS, SIDE_BY_SIDE
from labbook.plan.plan import make_plan
from tests.conftest import ROOT, TINY

SOURCE = load_params(TINY).model_dump(exclude_unset=True)


def with_rates(rates: list[float], seeds: int = 3, size: int | None = 4) -> Params:
    """A study of that many rates, whose packs have about `size` runs."""
    study = {**SOURCE["studies"]["boston-rate"], "vary": {"optimizer.rate": rates}, "claims": []}
    changed = {"studies": {"boston-rate": study}, "seeds": seeds, "packs": {"size": size}}
    return Params.model_validate(SOURCE | changed)


def test_a_product_and_a_list_of_settings_reach_the_recipes(tiny: Params) -> None:
    plan = make_plan(tiny)
    product, listed = plan.studies["covid-features"], plan.studies["function-degree"]
    assert [c.label for c in product.combinations] == [
        "k 4, method f_regression", "k 4, method variance",
        "k 8, method f_regression", "k 8, method variance",
    ]  # fmt: skip
    assert [c.recipe.model.kind for c in listed.combinations] == ["polynomial", "polynomial", "mlp"]
    assert listed.reference == "model polynomial degree 1"
    digits, rate = plan.studies["digits-kernel"], plan.studies["boston-rate"]
    assert (digits.seeds, digits.metric) == ((7, 11), "valid_accuracy")
    assert [c.recipe.optimizer.rate for c in rate.combinations] == [0.05, 1e5]
    assert {c.recipe.model.kind for c in rate.combinations} == {"linear"}
    assert rate.claims[0].sides == (("rate 0.05",), ("rate 100000.0",))


def test_every_run_is_in_one_pack_though_studies_share_runs(edited: Callable[..., Path]) -> None:
    again = "studies:\n  again: {question: Again?, recipe: digits, vary: {model.kernel: [3]}, seeds: [7]}"
    plan = make_plan(load_params(edited(("studies:", again))))
    in_packs = [run.key for pack in plan.packs.values() for run in pack.runs]
    assert sorted(in_packs) == sorted(plan.runs)
    assert plan.packs_of("again") == ["again-000"]
    assert "again-000" in plan.packs_of("digits-kernel")  # owned by the first that asks


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12, unique=True), st.integers(1, 6))
def test_packs_divide_the_runs_whatever_their_order(rates: list[float], seeds: int) -> None:
    plan, backward = make_plan(with_rates(rates, seeds)), make_plan(with_rates(rates[::-1], seeds))
    assert len(plan.runs) == len(rates) * seeds
    assert sum(len(pack.runs) for pack in plan.packs.values()) == len(plan.runs)
    assert make_plan(with_rates(rates, seeds)) == plan
    assert (plan.packs, set(plan.runs)) == (backward.packs, set(backward.runs))


def test_one_combination_more_leaves_the_packs_of_the_others_alone() -> None:
    rates = [round(0.01 * n, 2) for n in range(1, 11)]  # 30 runs, 8 packs of about 4
    before = make_plan(with_rates(rates)).packs
    after = make_plan(with_rates([*rates[:-1], 0.5])).packs  # 27 stay, 3 go, 3 come
    changed = [name for name in before if after.get(name) != before[name]]
    assert 1 <= len(changed) <= 6
    still_asked = {run.key for pack in after.values() for run in pack.runs}
    for name, pack in before.items():
        assert {run.key for run in pack.runs} & still_asked <= {run.key for run in after[name].runs}


def test_of_many_runs_one_combination_more_changes_few_packs() -> None:
    """And yet several, which train side by side."""
    rates = [float(f"{0.0001 * 1.02**n:.6f}") for n in range(200)]
    before, after = (make_plan(with_rates(r, 12, None)).packs for r in (rates[:-1], rates))
    assert MOST_PACKS * 0.95 <= len(before) <= MOST_PACKS  # 2,388 runs; chance leaves some empty
    changed = sum(before.get(name) != pack for name, pack in after.items())
    assert 4 <= changed <= SIDE_BY_SIDE
    assert max(len(pack.runs) for pack in after.values()) < 30


def test_a_size_that_is_given_is_kept_to_however_many_runs_there_are() -> None:
    sizes = [len(pack.runs) for pack in make_plan(with_rates([0.1, 0.2, 0.3], 800)).packs.values()]
    assert len(sizes) > MOST_PACKS
    assert sum(sizes) / len(sizes) < 5  # 4 are asked for
    # Also the seeds of one combination have all 64 packs, of which chance may leave some empty.
    assert len(make_plan(with_rates([0.1], 256)).packs) >= 60


def test_batch_norm_over_all_images_is_left_to_torch(tiny: Params) -> None:
    recipe = tiny.recipes["digits"]
    training = recipe.training.model_copy(update={"batch": "all"})
    whole = recipe.model_copy(update={"training": training})
    assert [engine_of("auto", "cpu", each) for each in (recipe, whole)] == ["compiled", "torch"]
    (told,) = left_to_torch("auto", "cpu", [recipe, whole, whole])
    assert told.startswith("2 runs are left to the engine torch: model.batch_norm of images")


def test_seeds_and_selections_of_a_data_set(tiny: Params) -> None:
    plan = make_plan(tiny)
    assert plan.seeds_of("digits") == [7, 11]
    assert ("covid", "variance-4") in plan.selections()
    listed = {n: f.names for (_, n), f in plan.selections().items() if n.startswith("names-")}
    assert list(listed.values()) == [["length", "width"]]
    assert [len(name) for name in listed] == [len("names-") + 8]
    assert not any("/" in name for _, name in plan.selections())  # they are names of files


@pytest.mark.parametrize("size", [1, 7, 64])
def test_pack_size_changes_no_run(tiny: Params, size: int) -> None:
    packs = tiny.model_copy(update={"packs": Packs(size=size)})
    assert make_plan(packs).runs == make_plan(tiny).runs


@pytest.mark.parametrize(
    ("engine", "device", "expected"),
    [
        ("auto", "auto", 8), ("auto", "cpu", 8), ("compiled", "cpu", 8), ("torch", "cuda", 8),
        ("auto", "cuda", 1024), ("cuda", "auto", 1024),
    ],
)  # fmt: skip
def test_jobs_are_as_large_as_their_engine_trains_at_once(
    tiny: Params, engine: str, device: str, expected: int
) -> None:
    studies = {
        name: study.model_copy(update={"seeds": 600, "controls": False})
        for name, study in tiny.studies.items()
    }
    asked = {"studies": studies, "engine": engine, "device": device}
    plan = make_plan(tiny.model_copy(update=asked | {"packs": Packs()}))
    for name, study in plan.studies.items():
        own = [pack for pack in plan.packs.values() if pack.name.rpartition("-")[0] == name]
        last = max(int(pack.name.rpartition("-")[2]) for pack in own)
        count = 1 << last.bit_length()  # a power of two; small packs may be empty by chance
        runs = sum(len(pack.runs) for pack in own)
        assert expected / 2 < runs / count <= max(expected, runs / MOST_PACKS), study
    with_size = make_plan(tiny.model_copy(update=asked | {"packs": Packs(size=50)}))
    assert all(len(pack.runs) < 100 for pack in with_size.packs.values())


def test_what_falls_to_another_engine_has_jobs_of_its_own() -> None:
    """Else a thousand runs that train one after the other would be one job."""
    vary = {"training.augment.mixup": [0, 0.2]}
    studies = {"mixed": {"recipe": "digits", "question": "Which?", "vary": vary, "seeds": 40}}
    source = {**SOURCE, "studies": studies, "packs": {}, "device": "cuda"}
    plan = make_plan(Params.model_validate(source))
    engines = {
        pack.name: {engine_of("auto", "cuda", run.recipe) for run in pack.runs}
        for pack in plan.packs.values()
    }
    assert len(plan.runs) == 80
    assert all(len(names) == 1 for names in engines.values())
    counted = Counter(min(names) for names in engines.values())
    assert counted["cuda"] == 1
    assert 5 <= counted["torch"] <= 8


def test_the_default_plan_has_enough_seeds() -> None:
    plan = make_plan(load_params(ROOT / "params.yaml"))
    assert all(len(study.seeds) >= 6 for study in plan.studies.values())
    assert len(plan.studies["covid-width"].combinations) >= 6


def test_a_plan_s_work_grows_with_the_runs_not_worse() -> None:
    """Ten times the runs: about ten times the calls, not a hundred. Counted, not timed."""

    def calls(seeds: int) -> int:
        profile = cProfile.Profile()
        profile.runcall(make_plan, with_rates([0.01 * n for n in range(1, 11)], seeds))
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(100) < 15 * calls(10)


FINDINGS = [
    *(f"C{n}" for n in range(1, 11)),  # C11 is measured by the benchmark, C12 are the champions
    *(f"F{n}" for n in range(1, 9)),
    *(f"B{n}" for n in range(1, 5)),
    *(f"M{n}" for n in range(1, 9)),
    *("O1", "O6", "O9", "O10"),  # the others are ways of working, not claims
]


@pytest.mark.parametrize("name", ["params.yaml", "full.yaml"])
def test_every_finding_of_the_reports_is_tested(name: str) -> None:
    plan = make_plan(load_params(ROOT / name))
    claims = [claim.id for study in plan.studies.values() for claim in study.claims]
    reported = [claim for claim in claims if claim[0].isupper()]  # others no report made
    assert {claim.partition("-")[0] for claim in reported} == set(FINDINGS)
