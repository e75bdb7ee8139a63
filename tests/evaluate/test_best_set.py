"""best_set.csv and what study.json says of it: the set, and which of it is recommended."""

from dataclasses import replace

import numpy as np
import pytest

from labbook.evaluate.best_set import write_best_set
from labbook.evaluate.choice import choose
from labbook.evaluate.statistics.best_set import none_better
from tests.evaluate.test_study import read
from tests.made_study import FakePrepared, made_results, recipe

draw = np.random.default_rng(4)
SPLIT = draw.normal(0, 0.3, 8)


def errors(mean, spread=0.02, seed=0):
    """Errors of eight seeds, on splits that are easy and hard for all alike."""
    luck = np.random.default_rng([seed, int(1e6 * mean)]).normal(0, spread, 8)
    return list(np.exp(np.log(mean) + SPLIT + luck))


def written(tmp_path, values, sizes=None, **options):
    """The table by combination, and the entries of study.json; `sizes` are parameters by label."""
    results = made_results(values, **options)
    records = {
        (label, seed): replace(record, layers=(("linear", (1,), (sizes or {}).get(label, 10)),))
        for (label, seed), record in results.records.items()
    }
    results = replace(results, records=records)
    about = write_best_set(results, choose(results), tmp_path / "best_set.csv")
    return read(tmp_path / "best_set.csv").set_index("combination"), about


VALUES = {"small": errors(1.01), "best": errors(1.0), "large": errors(1.005), "bad": errors(2.0)}
SIZES = {"small": 10, "best": 50, "large": 90, "bad": 5}


def test_the_simplest_in_the_set_is_recommended(tmp_path):
    table, about = written(tmp_path, VALUES, SIZES)
    chosen = table["mean"].idxmin()
    assert list(table["may_be_best"]) == ["yes", "yes", "yes", "no"]
    assert list(table["recommended"]) == ["yes", "no", "no", "no"]
    assert list(table["parameters"]) == [10, 50, 90, 5]
    assert about["best_set"] == {"in_set": 3, "of": 4, "n": 8, "why": ""}
    found = about["recommended"]
    assert found["label"] == "small"
    assert found["parameters"] == 10
    assert found["fewer_parameters"] == SIZES[chosen] - 10
    ratio = np.log(VALUES["small"]) - np.log(VALUES[chosen])
    assert found["effect"] == pytest.approx(np.exp(ratio.mean()))
    assert found["low"] < found["effect"] < found["high"]
    assert found["n"] == 8


def test_p_is_that_of_the_metric_that_chooses_oriented(tmp_path):
    table, _ = written(tmp_path, VALUES, SIZES)
    assert list(table["p"]) == pytest.approx(none_better(-np.log(list(VALUES.values()))))
    assert set(table["metric"]) == {"valid_mse"}


def test_who_is_worse_by_the_whole_interval_is_not_recommended(tmp_path):
    """In the set, as the test allows for all comparisons; but one difference tells against it."""
    luck = 0.01 * np.array([1, 1, 1, 1, 1, -0.4, 1, 0.2])
    base = np.log(errors(1.0))
    values = {"best": base, "near": base + luck}
    noise = np.random.default_rng(3).normal(0.02, 0.03, (12, 8))
    values |= {f"other{i}": base + one for i, one in enumerate(noise)}
    values = {name: list(np.exp(one)) for name, one in values.items()}
    table, about = written(tmp_path, values, dict.fromkeys(values, 50) | {"near": 10})
    assert table["may_be_best"]["near"] == "yes"
    assert about["recommended"]["label"] != "near"


def test_of_equal_parameters_the_best_unless_another_needs_clearly_fewer_epochs(tmp_path):
    values = {"a": errors(1.0), "b": errors(1.004), "c": errors(1.003)}
    best = min(values, key=lambda name: np.log(values[name]).mean())
    even = {name: list(range(50, 58)) for name in values}
    assert written(tmp_path, values, epochs=even)[1]["recommended"]["label"] == best
    other = next(name for name in values if name != best)
    fewer = even | {other: [30, 31, 30, 33, 29, 30, 32, 31]}
    _, about = written(tmp_path, values, epochs=fewer)
    assert about["recommended"]["label"] == other
    assert about["recommended"]["fewer_parameters"] == 0
    assert about["recommended"]["epochs"] < about["recommended"]["chosen_epochs"]
    slightly = even | {other: [one - 1 for one in even[other]]}  # clear, and of no matter
    assert written(tmp_path, values, epochs=slightly)[1]["recommended"]["label"] == best


def test_a_combination_that_is_set_aside_is_none_of_them(tmp_path):
    values = {"a": errors(1.0), "b": errors(1.0, seed=1), "c": [0.1, 0.1] + [None] * 6}
    table, about = written(tmp_path, values, {"a": 9, "b": 9, "c": 1})
    assert table["may_be_best"]["c"] == "set aside"
    assert np.isnan(table["p"]["c"])
    assert about["recommended"]["label"] in "ab"
    assert about["best_set"]["of"] == 3


def test_one_that_may_be_chosen_stands_alone(tmp_path):
    table, about = written(tmp_path, {"a": errors(1.0), "b": [None] * 8})
    assert list(table["may_be_best"]) == ["yes", "set aside"]
    assert about["best_set"] == {"in_set": 1, "of": 2, "n": 8, "why": ""}
    assert about["recommended"]["label"] == "a"


def test_the_chosen_one_stays_in_the_set(tmp_path):
    """Its mean over what ended is the best, though by ranks its failures tell against it."""
    worse = [1.001] * 8 + [0.01, None]
    values = {"a": [1.0 + 0.01 * i for i in range(10)]}
    values["b"] = [a and b and a * b for a, b in zip(values["a"], worse, strict=True)]
    table, _ = written(tmp_path, values)
    assert table["mean"].idxmin() == "b"
    assert table["p"]["b"] < 0.05
    assert table["may_be_best"]["b"] == "yes"


def test_where_nothing_is_tested_all_may_be_best_and_none_is_recommended(tmp_path):
    few = {name: one[:5] for name, one in VALUES.items()}
    still = FakePrepared()
    still.target = np.full_like(still.target, 3.0)
    rounding = {name: [1e-30 * v for v in one] for name, one in VALUES.items()}
    for options, why in (
        ({"values": few}, "Fewer than 6 seeds"),
        ({"values": VALUES, "edition": "stand-in"}, "stand-in"),
        ({"values": VALUES, "prepared": still}, "does not vary"),
        ({"values": rounding}, "rounding alone"),
    ):
        table, about = written(tmp_path, sizes=SIZES, **options)
        assert set(table["may_be_best"]) == {"yes"}
        assert set(table["recommended"]) == {"no"}
        assert table["p"].isna().all()
        assert about["recommended"] is None
        assert why in about["best_set"]["why"]


@pytest.mark.parametrize(
    "options",
    [
        {"values": {"only": errors(1.0)}},
        {"values": {"a": [None] * 8, "b": [None] * 8}},
        {
            "values": {"a": errors(1.0), "b": errors(1.0, seed=1)},
            "base": {
                "a": recipe(training={"batch": 8, "epochs": 50, "redraw": "all"}),
                "b": recipe(training={"batch": 8, "epochs": 50}),
            },
        },
    ],
)
def test_only_a_header_where_there_is_nothing_to_choose(tmp_path, options):
    table, about = written(tmp_path, **options)
    assert table.empty
    assert about == {"best_set": None, "recommended": None}
