"""The plan: what must exist follows from params.yaml alone."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.params.document import Packs, Params
from labbook.params.engines import ENGINES, RUNS_PER_JOB, engine_of
from labbook.params.load import load_params
from labbook.plan.packs import MOST_PACKS, SIDE_BY_SIDE
from labbook.plan.studies import make_plan, selection_name
from tests.conftest import ROOT, TINY

SOURCE = load_params(TINY).model_dump(exclude_unset=True)


def with_rates(rates: list[float], seeds: int = 3, size: int = 4) -> Params:
    studies = {
        "boston-rate": {**SOURCE["studies"]["boston-rate"], "vary": {"optimizer.rate": rates}}
    }
    studies["boston-rate"]["claims"] = []
    return Params.model_validate(
        {**SOURCE, "studies": studies, "seeds": seeds, "packs": {"size": size}}
    )


def test_a_product_and_a_list_of_settings(tiny: Params) -> None:
    plan = make_plan(tiny)
    product = plan.studies["covid-features"]
    assert [c.label for c in product.combinations] == [
        "k 4, method f_regression", "k 4, method variance",
        "k 8, method f_regression", "k 8, method variance",
    ]  # fmt: skip
    listed = plan.studies["function-degree"]
    assert [c.recipe.model.kind for c in listed.combinations] == ["polynomial", "polynomial", "mlp"]
    assert listed.reference == "model polynomial degree 1"
    assert plan.studies["digits-kernel"].seeds == (7, 11)
    assert plan.studies["digits-kernel"].metric == "valid_accuracy"


def test_settings_reach_the_recipes(tiny: Params) -> None:
    study = make_plan(tiny).studies["boston-rate"]
    assert [c.recipe.optimizer.rate for c in study.combinations] == [0.05, 1e5]
    assert {c.recipe.model.kind for c in study.combinations} == {"linear"}
    assert study.claims[0].sides == (("rate 0.05",), ("rate 100000.0",))


def test_every_run_is_in_one_pack_though_studies_share_runs(edited: Callable[..., Path]) -> None:
    again = "studies:\n  again: {question: Again?, recipe: digits, vary: {model.kernel: [3]}, seeds: [7]}"
    plan = make_plan(load_params(edited(("studies:", again))))
    in_packs = [run.key for pack in plan.packs.values() for run in pack.runs]
    assert sorted(in_packs) == sorted(plan.runs)
    assert plan.packs_of("again") == ["again-000"]
    assert "again-000" in plan.packs_of("digits-kernel")  # owned by the first that asks


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12, unique=True), st.integers(1, 6))
def test_packs_divide_the_runs(rates: list[float], seeds: int) -> None:
    plan = make_plan(with_rates(rates, seeds))
    assert len(plan.runs) == len(rates) * seeds
    assert sum(len(pack.runs) for pack in plan.packs.values()) == len(plan.runs)
    assert make_plan(with_rates(rates, seeds)) == plan


@given(st.lists(st.floats(1e-6, 0.5), min_size=2, max_size=8, unique=True))
def test_names_of_packs_and_keys_do_not_depend_on_order(rates: list[float]) -> None:
    forward, backward = make_plan(with_rates(rates)), make_plan(with_rates(rates[::-1]))
    assert forward.packs == backward.packs
    assert set(forward.runs) == set(backward.runs)


def test_one_combination_more_leaves_the_packs_of_the_others_alone() -> None:
    rates = [round(0.01 * n, 2) for n in range(1, 11)]  # 30 runs, 8 packs of about 4
    before = make_plan(with_rates(rates)).packs
    after = make_plan(with_rates([*rates[:-1], 0.5])).packs  # 27 stay, 3 go, 3 come
    changed = [name for name in before if after.get(name) != before[name]]
    assert 1 <= len(changed) <= 6
    for name, pack in before.items():
        kept = {run.key for run in pack.runs} & {run.key for p in after.values() for run in p.runs}
        assert kept <= {run.key for run in after[name].runs}


def changed_packs(before: Params, after: Params) -> tuple[int, int]:
    """How many packs there were, and how many of those that are there now are others."""
    old, new = make_plan(before).packs, make_plan(after).packs
    return len(old), sum(old.get(name) != pack for name, pack in new.items())


def test_of_many_runs_one_combination_more_changes_few_packs() -> None:
    """And yet several, which train side by side."""
    rates = [float(f"{0.0001 * 1.02**n:.6f}") for n in range(200)]
    before, after = with_rates(rates[:-1], 12), with_rates(rates, 12)
    before, after = (one.model_copy(update={"packs": Packs()}) for one in (before, after))
    packs, changed = changed_packs(before, after)
    assert MOST_PACKS * 0.95 <= packs <= MOST_PACKS  # 2,388 runs; chance leaves some empty
    assert 4 <= changed <= SIDE_BY_SIDE
    assert max(len(pack.runs) for pack in make_plan(after).packs.values()) < 30


def test_a_size_that_is_given_is_kept_to_however_many_runs_there_are() -> None:
    sizes = [len(pack.runs) for pack in make_plan(with_rates([0.1, 0.2, 0.3], 800)).packs.values()]
    assert len(sizes) > MOST_PACKS
    assert sum(sizes) / len(sizes) < 5  # 4 are asked for


def test_the_seeds_of_one_combination_have_all_the_packs_that_they_need() -> None:
    [count] = {len(make_plan(with_rates([0.1], 256, size=4)).packs)}
    assert count >= 60  # of 64, of which chance may leave some empty


def test_seeds_and_selections_of_a_data_set(tiny: Params) -> None:
    plan = make_plan(tiny)
    assert plan.seeds_of("digits") == [7, 11]
    assert ("covid", "variance-4") in plan.selections()
    names = plan.params.studies["leaves-features"].vary[3]["features"]["names"]  # type: ignore[index]
    [listed] = [name for data, name in plan.selections() if name.startswith("names-")]
    assert names == ["length", "width"]
    assert len(listed) == len("names-") + 8


def test_selection_names_are_names_of_files(tiny: Params) -> None:
    for features in make_plan(tiny).selections().values():
        assert "/" not in selection_name(features)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_pack_size_changes_no_run(tiny: Params, size: int) -> None:
    packs = tiny.packs.model_copy(update={"size": size})
    assert make_plan(tiny.model_copy(update={"packs": packs})).runs == make_plan(tiny).runs


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
        name: study.model_copy(update={"seeds": 600}) for name, study in tiny.studies.items()
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


def test_every_engine_says_how_many_runs_a_job_trains() -> None:
    assert set(RUNS_PER_JOB) == set(ENGINES)


def test_the_default_plan_has_enough_seeds() -> None:
    plan = make_plan(load_params(ROOT / "params.yaml"))
    assert all(len(study.seeds) >= 6 for study in plan.studies.values())
    assert len(plan.studies["covid-width"].combinations) >= 6


def test_plan_time_grows_with_the_runs_not_worse() -> None:
    """1,000 runs cost at most about ten times 100, not a hundred: best of several."""

    def best(seeds: int) -> float:
        params = with_rates([0.01 * n for n in range(1, 11)], seeds)
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            make_plan(params)
            times.append(time.perf_counter() - begun)
        return min(times)

    assert best(100) < 40 * best(10)


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
    assert {one.partition("-")[0] for one in claims} == set(FINDINGS)
