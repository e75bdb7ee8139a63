"""Splits of rows that depend on one another: groups stay whole, time goes on, folds meet once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.splits import split_rows, strata
from labbook.errors import LabbookError
from labbook.metrics import PARTS
from labbook.params.splits import Split

seeds = st.integers(0, 2**40)
group_lists = st.lists(st.integers(0, 12), min_size=30, max_size=200)


def rows_of(parts: dict[str, np.ndarray]) -> list[int]:
    return sorted(np.concatenate([parts[name] for name in PARTS]).tolist())


@settings(deadline=None, max_examples=60)
@given(seeds, group_lists, st.booleans())
def test_groups_stay_whole_in_parts_of_about_the_size(seed, drawn, in_time) -> None:
    groups = np.array(drawn)
    times = np.arange(len(groups), dtype=float) if in_time else None
    block = Split(valid=0.2, test=0.2, group="patient", time="day" if in_time else None)
    if len(set(drawn)) < 3:
        with pytest.raises(LabbookError, match="groups are too few"):
            split_rows(block, seed, len(groups), groups=groups, times=times)
        return
    parts = split_rows(block, seed, len(groups), groups=groups, times=times)
    assert rows_of(parts) == list(range(len(groups)))
    of_part = [set(groups[parts[name]].tolist()) for name in PARTS]
    assert all(of_part)
    assert sum(map(len, of_part)) == len(set(drawn))
    largest = np.bincount(groups).max()
    assert abs(len(parts["test"]) - 0.2 * len(groups)) <= largest
    if times is not None:
        last = [[times[groups == one].max() for one in found] for found in of_part]
        assert max(last[0]) < min(last[1]) <= max(last[1]) < min(last[2])


@settings(deadline=None, max_examples=60)
@given(seeds, st.lists(st.integers(0, 20), min_size=10, max_size=100))
def test_time_goes_on_from_part_to_part(seed, drawn) -> None:
    times = np.array(drawn, float)
    block = Split(valid=0.2, test=0.2, time="day")
    parts = split_rows(block, seed, len(times), times=times)
    assert rows_of(parts) == list(range(len(times)))
    train, valid, test = (times[parts[name]] for name in PARTS)
    assert train.max() <= valid.min() <= valid.max() <= test.min()
    other = split_rows(block, seed + 1, len(times), times=times)
    assert all((parts[name] == other[name]).all() for name in PARTS)
    less = split_rows(block.model_copy(update={"train": 3}), seed, len(times), times=times)
    assert set(less["train"]) <= set(parts["train"])
    assert len(less["train"]) == 3


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 1000),
    st.integers(2, 9),
    group_lists,
    st.sampled_from(["rows", "classes", "groups"]),
)
def test_folds_test_each_row_once(repetition, folds, drawn, how) -> None:
    numbers = np.array(drawn)
    block = Split(valid=0.1, folds=folds, group="g" if how == "groups" else None)
    given = {} if how == "rows" else {how: numbers}
    if how == "groups" and (len(set(drawn)) < folds + 3 or np.bincount(numbers).max() > 12):
        return  # a fold may leave a single group
    tested = []
    for seed in range(repetition * folds, (repetition + 1) * folds):
        parts = split_rows(block, seed, len(numbers), **given)
        assert rows_of(parts) == list(range(len(numbers)))
        assert all(len(parts[name]) for name in PARTS)
        tested.append(parts["test"])
        if how == "groups":
            assert sum(len(set(numbers[parts[name]])) for name in PARTS) == len(set(drawn))
        if how == "classes":
            counts = np.bincount(numbers[parts["test"]], minlength=13)
            assert (abs(counts - np.bincount(numbers, minlength=13) / folds) <= 1).all()
    assert sorted(np.concatenate(tested)) == list(range(len(numbers)))
    if how != "groups":
        assert np.ptp([len(rows) for rows in tested]) <= 1


def test_folds_of_another_repetition_are_another_shuffle() -> None:
    block = Split(valid=0.1, folds=5)
    first, again, other = (split_rows(block, seed, 100)["test"] for seed in (0, 0, 5))
    assert (first == again).all()
    assert set(first) != set(other)


def test_more_folds_than_rows() -> None:
    with pytest.raises(LabbookError, match=r"split\.folds: 50 folds need as many rows"):
        split_rows(Split(valid=1, train=1, folds=50), 0, 40)


def test_ranges_of_a_quantity_are_in_every_part() -> None:
    target = np.random.default_rng(0).lognormal(size=500)
    classes = strata(target)
    assert np.bincount(classes).tolist() == [50] * 10
    assert all(target[classes == n].max() <= target[classes == n + 1].min() for n in range(9))
    parts = split_rows(Split(valid=0.2, test=0.2, stratify=True), 3, 500, classes=classes)
    assert all(
        np.bincount(classes[parts[name]]).tolist() == [n] * 10
        for name, n in zip(PARTS, (30, 10, 10), strict=True)
    )
    assert len(set(strata(np.arange(7.0)))) == 1  # too few rows for more


def test_files_of_one_s_own_for_validation_and_test() -> None:
    parts = split_rows(Split(valid="fixed", test="fixed"), 0, 20, fixed=5, fixed_valid=3)
    assert {name: parts[name].tolist() for name in PARTS} == {
        "train": list(range(12)), "valid": [12, 13, 14], "test": [15, 16, 17, 18, 19],
    }  # fmt: skip
    parts = split_rows(Split(valid="fixed", test=0.25), 0, 20, fixed_valid=4)
    assert parts["valid"].tolist() == [16, 17, 18, 19]
    assert (len(parts["train"]), len(parts["test"])) == (12, 4)


def test_a_group_larger_than_a_part_trains() -> None:
    groups = np.array([0] * 220 + [*range(1, 81)])
    for seed in range(20):
        block = Split(valid=60, test=20, group="g")
        parts = split_rows(block, seed, 300, groups=groups)
        assert {name: len(rows) for name, rows in parts.items()} == {
            "train": 220, "valid": 60, "test": 20,
        }  # fmt: skip
