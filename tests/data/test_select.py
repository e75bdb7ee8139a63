import dataclasses
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_selection import SelectKBest, f_classif, f_regression

from labbook.data.prepare import fit_columns
from labbook.data.prepared import FittedSplit, Prepared
from labbook.data.select import read_selection, score, select
from labbook.errors import LabbookError
from labbook.params.features import Features

ROWS, COLUMNS = 60, 6
NAMES = tuple("abcdef")


def make(seed=0, task="regression", features=None, target=None):
    generator = np.random.default_rng(seed)
    if features is None:
        features = generator.normal(size=(ROWS, COLUMNS))
        features[:, 4] = 3.0
        features[:, 5] = features[:, 1]
    if target is None:
        target = features[:, 1] * 2 + features[:, 2] + generator.normal(size=ROWS)
        if task == "classification":
            target = (target > 0).astype(np.int64)
    train = np.arange(0, ROWS, 2, dtype=np.int32)
    fitted = fit_columns(features[train], "all")
    rest = np.arange(1, ROWS, 2, dtype=np.int32)
    split = FittedSplit(train, rest[:15], rest[15:], **fitted, target_mean=0.0, target_scale=1.0)
    return prepared_of(task, NAMES, features, target, {0: split, 1: split})


def prepared_of(task, names, features, target, splits):
    return Prepared(
        source="p.safetensors", kind="table", task=task, feature_names=names, target_name="y",
        classes=(), unlabelled_ids=(), edition="own", note="", features=features, target=target, splits=splits, table="t.csv",
    )  # fmt: skip


def chosen(tmp_path, prepared, **settings):
    out = tmp_path / "s.json"
    select(prepared, Features(**settings), [0, 1], out)
    return read_selection(out)


@pytest.mark.parametrize("k", [1, 2, 3, 6])
@pytest.mark.parametrize(
    ("task", "method", "function"),
    [
        ("regression", "f_regression", f_regression),
        ("classification", "f_classif", f_classif),
    ],
)
def test_as_scikit_learn_chooses(tmp_path, k, task, method, function):
    prepared = make(task=task)
    selection = chosen(tmp_path, prepared, method=method, k=k)
    train = prepared.split(0).train
    varying = [0, 1, 2, 3, 5]
    best = SelectKBest(function, k="all").fit(
        prepared.features[train][:, varying], prepared.target[train]
    )
    np.testing.assert_allclose(selection.scores(0)[varying], best.scores_, rtol=1e-7)
    assert np.isnan(selection.scores(0)[4])
    order = [varying[i] for i in np.argsort(-best.scores_.round(6), kind="stable")] + [4]
    assert selection.columns(0).tolist() == sorted(order[:k])


def test_ties_go_to_the_first_and_constant_columns_last(tmp_path):
    prepared = make()
    assert chosen(tmp_path, prepared, method="f_regression", k=1).columns(0).tolist() == [1]
    assert chosen(tmp_path, prepared, method="f_regression", k=2).columns(0).tolist() == [1, 5]
    assert 4 not in chosen(tmp_path, prepared, method="variance", k=5).columns(0)
    assert chosen(tmp_path, prepared, method="variance", k=6).columns(0).tolist() == [*range(6)]


def test_variance_is_in_the_columns_own_units(tmp_path):
    prepared = make()
    prepared.features[:, 3] *= 100
    selection = chosen(tmp_path, prepared, method="variance", k=1)
    assert selection.columns(0).tolist() == [3]


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_mutual_information(tmp_path, task):
    prepared = make(task=task)
    first = chosen(tmp_path, prepared, method="mutual_info", k=3)
    content = (tmp_path / "s.json").read_bytes()
    chosen(tmp_path, prepared, method="mutual_info", k=3)
    assert (tmp_path / "s.json").read_bytes() == content
    assert {1, 5} < set(first.columns(0).tolist())


@settings(deadline=None)
@given(st.integers(0, ROWS - 1), st.floats(-1e3, 1e3))
def test_nothing_outside_the_training_part_is_seen(row, value):
    before = make()
    features, target = before.features.copy(), before.target.copy()
    features[row], target[row] = value, value
    after = make(features=features, target=target)
    for method in ("f_regression", "variance"):
        same = np.array_equal(score(before, method, 0), score(after, method, 0), equal_nan=True)
        assert same == (row not in before.split(0).train)


def test_a_perfect_column_has_a_finite_score(tmp_path):
    prepared = make()
    prepared = dataclasses.replace(prepared, target=prepared.features[:, 2])
    selection = chosen(tmp_path, prepared, method="f_regression", k=1)
    assert selection.columns(0).tolist() == [2]
    assert np.isfinite(selection.scores(0)[2])
    labels = (prepared.features[:, 0] > 0).astype(np.int64)
    prepared.features[:, 0] = labels
    prepared = dataclasses.replace(prepared, target=labels, task="classification")
    selection = chosen(tmp_path, prepared, method="f_classif", k=1)
    assert selection.columns(0).tolist() == [0]


def test_empty_fields_are_scored_as_their_median(tmp_path):
    features = make().features
    features[::5, 2] = np.nan
    prepared = make(features=features, target=np.arange(ROWS, dtype=float))
    filled = np.where(np.isnan(features), prepared.split(0).fill, features)
    assert score(prepared, "variance", 0)[2] == pytest.approx(filled[::2, 2].var())


def test_all_and_names(tmp_path):
    every = chosen(tmp_path, make())
    assert every.columns(1).tolist() == list(range(6))
    some = chosen(tmp_path, make(), method="names", names=["e", "b", "e"])
    assert some.columns(0).tolist() == [1, 4]
    assert (some.features, some.method, some.k) == (NAMES, "names", None)
    assert np.isnan(some.scores(0)).all()


@pytest.mark.parametrize(
    ("task", "settings", "words"),
    [
        (
            "regression",
            {"method": "variance", "k": 7},
            "7 columns asked for, and t.csv has 6 beside the target (a, b, c, d, e, f). Use k up to 6",
        ),
        (
            "regression",
            {"method": "names", "names": ["a", "bb"]},
            "t.csv has no column 'bb'",
        ),
        ("regression", {"method": "f_classif", "k": 1}, "Use f_regression"),
        ("classification", {"method": "f_regression", "k": 1}, "Use f_classif"),
    ],
)
def test_refused(tmp_path, task, settings, words):
    with pytest.raises(LabbookError) as caught:
        chosen(tmp_path, make(task=task), **settings)
    assert words in str(caught.value)
    assert not (tmp_path / "s.json").exists()


@pytest.mark.parametrize("method", ["f_regression", "mutual_info", "variance"])
def test_columns_that_do_not_vary_have_no_score_and_the_first_are_taken(tmp_path, method):
    prepared = make(features=np.tile([1.0, 0.0, 7.5, 3.0, 2.0, 9.0], (ROWS, 1)))
    selection = chosen(tmp_path, prepared, method=method, k=2)
    assert selection.columns(0).tolist() == [0, 1]
    assert np.isnan(selection.scores(0)).all()


@pytest.mark.parametrize("method", ["f_regression", "mutual_info"])
def test_of_a_target_that_does_not_vary_all_scores_are_0(tmp_path, method):
    prepared = make(target=np.full(ROWS, 14.62))
    selection = chosen(tmp_path, prepared, method=method, k=2)
    assert selection.columns(0).tolist() == [0, 1]
    assert set(selection.scores(0)[[0, 1, 2, 3, 5]]) == {0.0}


@pytest.mark.parametrize(
    ("task", "target"),
    [("regression", np.arange(3.0)), ("classification", np.arange(3, dtype=np.int64))],
)
def test_too_few_rows_for_mutual_information(tmp_path, task, target):
    few = make(task=task, target=np.repeat(target, ROWS // 3))
    split = dataclasses.replace(few.split(0), train=np.array([0, 20, 40], np.int32))
    with pytest.raises(LabbookError) as caught:
        chosen(
            tmp_path, dataclasses.replace(few, splits={0: split, 1: split}),
            method="mutual_info", k=1,
        )  # fmt: skip
    assert "training part of seed 0 of t.csv (3 rows): it looks at three" in str(caught.value)
    assert "use another method: variance" in str(caught.value)


@settings(deadline=None)
@given(st.data())
def test_any_few_rows_are_scored_or_refused_with_a_message(tmp_path_factory, data):
    task = data.draw(st.sampled_from(["regression", "classification"]))
    rows = data.draw(st.integers(1, 6))
    values = st.sampled_from([0.0, 1.0, 2.5, 14.62])
    table = data.draw(
        st.lists(st.lists(values, min_size=2, max_size=2), min_size=rows, max_size=rows)
    )
    target = data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=rows, max_size=rows))
    method = data.draw(
        st.sampled_from(
            ["mutual_info", "variance", "f_regression" if task == "regression" else "f_classif"]
        )
    )
    features = np.array(table)
    fitted = fit_columns(features, "all")
    split = FittedSplit(np.arange(rows, dtype=np.int32), *2 * (np.array([], np.int32),), **fitted,
                  target_mean=0.0, target_scale=1.0)  # fmt: skip
    numbers = np.array(target, float if task == "regression" else np.int64)
    prepared = prepared_of(task, ("a", "b"), features, numbers, {0: split})
    out = tmp_path_factory.mktemp("few") / "s.json"
    with suppress(LabbookError):  # and nothing else
        select(prepared, Features(method=method, k=1), [0], out)
    assert not out.exists() or len(read_selection(out).columns(0)) == 1
    assert out.exists() or method == "mutual_info"


def test_images_have_all(tmp_path):
    prepared = dataclasses.replace(make(), kind="images", feature_names=())
    assert chosen(tmp_path, prepared).columns(0) is None
    with pytest.raises(LabbookError, match="images have none"):
        chosen(tmp_path, prepared, method="variance", k=1)


def test_broken_files_and_seeds(tmp_path):
    selection = chosen(tmp_path, make())
    with pytest.raises(LabbookError, match="no selection for seed 9"):
        selection.columns(9)
    with pytest.raises(LabbookError, match="no split for seed 9"):
        select(make(), Features(method="variance", k=1), [9], tmp_path / "t.json")
    (tmp_path / "s.json").write_text('{"splits": {"0": []}}')
    with pytest.raises(LabbookError, match="not a whole selection"):
        read_selection(tmp_path / "s.json")
