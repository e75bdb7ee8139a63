import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.splits import split_rows
from labbook.errors import LabbookError
from labbook.metrics import PARTS
from labbook.params.splits import Split

share = st.floats(0.01, 0.33)  # more would leave no rows to train on, which Split refuses
sizes = st.one_of(share, st.integers(1, 60))
FIFTHS = Split(valid=0.2, test=0.2)


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
        with pytest.raises(
            LabbookError, match=f"{rows} rows are too few: train .*, valid .*, test"
        ):
            split_rows(block, seed, rows)
        return
    parts = split_rows(block, seed, rows)
    assert {name: len(part) for name, part in parts.items()} == wanted
    together = np.concatenate(list(parts.values()))
    assert len(set(together.tolist())) == len(together)
    assert set(together.tolist()) <= set(range(rows))
    assert all(part.dtype == np.int32 and (np.diff(part) > 0).all() for part in parts.values())


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**40),
    st.lists(st.integers(1, 40), min_size=1, max_size=8),
    st.sampled_from([0.1, 0.2, 0.3]),
    st.booleans(),
)
def test_classes_keep_their_shares_and_are_in_every_part(seed, counts, part, fixed):
    classes = np.repeat(np.arange(len(counts)), counts)
    rows, last = len(classes), 5 if fixed else 0
    block = Split(valid=part, test="fixed" if fixed else part)
    if round(part * rows) < 1:
        return
    whole = np.concatenate([classes, np.zeros(last, int)])
    parts = split_rows(block, seed, rows + last, fixed=last, classes=whole)
    enough = np.array(counts) >= (2 if fixed else 3)
    for name in ("train", "valid") if fixed else PARTS:
        found = np.bincount(classes[parts[name]], minlength=len(counts))
        off = abs(found - np.array(counts) * len(parts[name]) / rows)
        assert (found[enough] > 0).all() or len(parts[name]) < enough.sum()
        assert (off <= len(counts)).all() or rows < 20
        if np.min(np.array(counts) * part) >= 1:  # whole rows for each class: shares are kept
            assert (off <= 2).all()


def test_a_rare_class_is_seen_in_some_seeds():
    """Of two rows, and where a part has fewer rows than there are classes."""

    def seeds(classes, **sizes):
        return [split_rows(Split(**sizes), s, len(classes), classes=classes) for s in range(40)]

    classes = np.array([0] * 60 + [1] * 38 + [2] * 2)
    parts = seeds(classes, valid=0.1, test=0.1)
    for name in PARTS:
        seen = [2 in classes[split[name]] for split in parts]
        assert all(seen) if name == "train" else 0 < sum(seen) < 40
    many = np.repeat(np.arange(30), np.arange(4, 34))
    parts = seeds(many, valid=20, test=20)
    for name in PARTS:
        assert {*np.concatenate([many[split[name]] for split in parts])} == {*range(30)}


@pytest.mark.parametrize(
    ("classes", "block", "counts"),
    [
        (np.arange(5000) % 10, Split(valid=0.2, test=0.1), {"train": [350] * 10, "valid": [100] * 10, "test": [50] * 10}),
        (np.array([0] * 50 + [1]), FIFTHS, {"train": [30, 1], "valid": [10], "test": [10]}),  # a class of one row is learned
        (np.zeros(24, int), Split(valid=4, test=4), {"train": [16], "valid": [4], "test": [4]}),
    ],
)  # fmt: skip
def test_how_many_of_each_class(classes, block, counts):
    for seed in range(20):
        parts = split_rows(block, seed, len(classes), classes=classes)
        assert {name: np.bincount(classes[parts[name]]).tolist() for name in PARTS} == counts
    parts = split_rows(Split(valid=4, test=4), 0, 24, classes=np.arange(24))  # all of one row
    assert [len(parts[name]) for name in PARTS] == [16, 4, 4]


@pytest.mark.parametrize("classes", [None, np.array([0] * 60 + [1] * 36 + [2] * 4)])
def test_less_training_keeps_every_class_and_changes_neither_valid_nor_test(classes):
    whole = split_rows(FIFTHS, 5, 100, classes=classes)
    less = split_rows(Split(train=6, valid=0.2, test=0.2), 5, 100, classes=classes)
    assert set(less["train"]) < set(whole["train"])
    assert classes is None or set(classes[less["train"]]) == {0, 1, 2}
    assert all((whole[name] == less[name]).all() for name in ("valid", "test"))


def test_a_split_follows_from_the_seed_alone():
    first, again, other = (split_rows(FIFTHS, seed, 100) for seed in (1, 1, 2))
    assert all((first[name] == again[name]).all() for name in PARTS)
    assert (first["test"] != other["test"]).any()
    assert split_rows(FIFTHS, 0, 10)["test"].tolist() == [4, 8]  # for ever


def test_sample():
    classes = np.arange(1000) % 10
    block = Split(valid=0.2, test=0.1)
    drawn = [split_rows(block, seed, 1000, classes=classes, sample=100) for seed in (0, 1)]
    rows = [np.concatenate([split[name] for name in PARTS]) for split in drawn]
    assert all(np.bincount(classes[r]).tolist() == [10] * 10 for r in rows)
    assert set(rows[0]) != set(rows[1])
    with pytest.raises(LabbookError, match="sample: 1001 rows were asked for, and there are 1000"):
        split_rows(block, 0, 1000, sample=1001)
