import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.splits import split_rows
from labbook.errors import LabbookError
from labbook.params.datasets import Split

PARTS = ("train", "valid", "test")
share = st.floats(0.01, 0.33)  # more would leave no rows to train on, which Split refuses
sizes = st.one_of(share, st.integers(1, 60))


@settings(deadline=None)
@given(st.integers(0, 2**40), st.integers(3, 200), sizes, sizes, st.none() | sizes)
def test_disjoint_and_of_the_sizes_asked_for(seed, rows, valid, test, train):
    block = Split(train=train, valid=valid, test=test)

    def count(part):
        return part if isinstance(part, int) else round(part * rows)

    wanted = {"valid": count(valid), "test": count(test)}
    rest = rows - sum(wanted.values())
    wanted["train"] = rest if train is None else count(train)
    if min(wanted.values()) < 1 or sum(wanted.values()) > rows:
        with pytest.raises(LabbookError, match=f"{rows} rows are too few"):
            split_rows(block, seed, rows)
        return
    parts = split_rows(block, seed, rows)
    assert {name: len(part) for name, part in parts.items()} == wanted
    together = np.concatenate(list(parts.values()))
    assert len(set(together.tolist())) == len(together)
    assert set(together.tolist()) <= set(range(rows))
    assert train is not None or len(together) == rows
    assert all(part.dtype == np.int32 and (np.diff(part) > 0).all() for part in parts.values())


@settings(deadline=None)
@given(st.integers(0, 99), st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_classes_keep_their_shares(seed, counts):
    classes = np.repeat(np.arange(len(counts)), counts)
    rows = len(classes)
    if rows < 20:
        return
    parts = split_rows(Split(valid=0.2, test=0.1), seed, rows, classes=classes)
    for part in parts.values():
        found = np.bincount(classes[part], minlength=len(counts))
        wanted = np.array(counts) * len(part) / rows
        assert (abs(found - wanted) <= len(counts)).all()


@settings(deadline=None)
@given(
    st.integers(0, 2**40),
    st.lists(st.integers(1, 30), min_size=2, max_size=8),
    st.sampled_from([0.1, 0.2, 0.3]),
    st.booleans(),
)
def test_every_class_with_enough_rows_is_in_every_part(seed, counts, part, fixed):
    classes = np.repeat(np.arange(len(counts)), counts)
    rows = len(classes)
    last = 5 if fixed else 0
    block = Split(valid=part, test="fixed" if fixed else part)
    if round(part * rows) < 1:
        return
    whole = np.concatenate([classes, np.zeros(last, int)])
    parts = split_rows(block, seed, rows + last, fixed=last, classes=whole)
    enough = np.array(counts) >= (2 if fixed else 3)
    for name in ("train", "valid") if fixed else PARTS:
        found = np.bincount(classes[parts[name]], minlength=len(counts))
        assert (found[enough] > 0).all() or len(parts[name]) < enough.sum()
        if np.min(np.array(counts) * part) >= 1:  # whole rows for each class: shares are kept
            assert (abs(found - np.array(counts) * len(parts[name]) / rows) <= 2).all()


def test_a_rare_class_is_seen_in_some_seeds():
    """Of two rows, and where a part has fewer rows than there are classes."""
    classes = np.array([0] * 60 + [1] * 38 + [2] * 2)
    parts = [
        split_rows(Split(valid=0.1, test=0.1), seed, 100, classes=classes) for seed in range(40)
    ]
    for name in PARTS:
        seen = [2 in classes[one[name]] for one in parts]
        assert all(seen) if name == "train" else 0 < sum(seen) < 40
    many = np.repeat(np.arange(30), np.arange(4, 34))
    found = [
        split_rows(Split(valid=20, test=20), seed, len(many), classes=many) for seed in range(40)
    ]
    for name in PARTS:
        assert {*np.concatenate([many[one[name]] for one in found])} == {*range(30)}


def test_equal_classes_are_split_exactly():
    classes = np.arange(5000) % 10
    parts = split_rows(Split(valid=0.2, test=0.1), 3, 5000, classes=classes)
    for name, count in (("train", 350), ("valid", 100), ("test", 50)):
        assert np.bincount(classes[parts[name]]).tolist() == [count] * 10


def test_classes_of_one_row_are_learned():
    classes = np.array([0] * 50 + [1])
    for seed in range(20):
        assert 50 in split_rows(Split(valid=0.2, test=0.2), seed, 51, classes=classes)["train"]


def test_nothing_but_classes_of_one_row():
    parts = split_rows(Split(valid=4, test=4), 0, 24, classes=np.arange(24))
    assert [len(parts[name]) for name in PARTS] == [16, 4, 4]


def test_less_training_keeps_every_class_and_changes_neither_valid_nor_test():
    classes = np.array([0] * 60 + [1] * 36 + [2] * 4)
    whole = split_rows(Split(valid=0.2, test=0.2), 5, 100, classes=classes)
    less = split_rows(Split(train=6, valid=0.2, test=0.2), 5, 100, classes=classes)
    assert set(less["train"]) < set(whole["train"])
    assert set(classes[less["train"]]) == {0, 1, 2}
    assert all((whole[name] == less[name]).all() for name in ("valid", "test"))
    plain, fewer = (split_rows(Split(valid=0.2, test=0.2, train=n), 5, 100) for n in (None, 10))
    assert set(fewer["train"]) < set(plain["train"])
    assert all((plain[name] == fewer[name]).all() for name in ("valid", "test"))


def test_a_split_follows_from_the_seed_alone():
    block = Split(valid=0.2, test=0.2)
    first, again, other = (split_rows(block, seed, 100) for seed in (1, 1, 2))
    assert all((first[name] == again[name]).all() for name in PARTS)
    assert (first["test"] != other["test"]).any()
    assert split_rows(block, 0, 10)["test"].tolist() == [4, 8]  # for ever


def test_fixed_test_rows_are_the_last():
    parts = split_rows(Split(valid=0.5, test="fixed"), 5, 30, fixed=10)
    assert parts["test"].tolist() == list(range(20, 30))
    assert sorted([*parts["train"], *parts["valid"]]) == list(range(20))


def test_sample():
    classes = np.arange(1000) % 10
    block = Split(valid=0.2, test=0.1)
    drawn = [split_rows(block, seed, 1000, classes=classes, sample=100) for seed in (0, 1)]
    rows = [np.concatenate([split[name] for name in PARTS]) for split in drawn]
    assert all(np.bincount(classes[r]).tolist() == [10] * 10 for r in rows)
    assert set(rows[0]) != set(rows[1])
    with pytest.raises(LabbookError, match="sample: 1001 rows were asked for, and there are 1000"):
        split_rows(block, 0, 1000, sample=1001)


def test_too_few_rows_gives_the_numbers():
    with pytest.raises(LabbookError, match="4 rows are too few: train 3, valid 1, test 1"):
        split_rows(Split(train=3, valid=1, test=1), 0, 4)
