from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_selection import SelectKBest, f_classif, f_regression

from labbook.data.fitted import fit_columns
from labbook.data.prepared import FittedSplit, Prepared
from labbook.data.select import read_selection, score, select
from labbook.errors import LabbookError
from labbook.params.features import Features

ROWS, COLUMNS = 60, 6
NAMES = tuple("abcdef")


def make(task="regression", features=None, target=None, train=None):
    """Prepared data whose columns e and f are constant and the same as b; split alike twice."""
    generator = np.random.default_rng(0)
    if features is None:
        features = generator.normal(size=(ROWS, COLUMNS))
        features[:, 4] = 3.0
        features[:, 5] = features[:, 1]
    if target is None:
        target = features[:, 1] * 2 + features[:, 2] + generator.normal(size=ROWS)
        if task == "classification":
            target = (target > 0).astype(np.int64)
    train = np.arange(0, len(target), 2, dtype=np.int32) if train is None else train
    rest = np.setdiff1d(np.arange(len(target), dtype=np.int32), train)
    split = FittedSplit(
        train, rest[::2], rest[1::2], **fit_columns(features[train], "all"),
        target_mean=0.0, target_scale=1.0,
    )  # fmt: skip
    return Prepared(
        source="p.safetensors", kind="table", task=task, feature_names=NAMES[: features.shape[1]],
        target_name="y", classes=(), unlabelled_ids=(), edition="own", note="", table="t.csv",
        features=features, target=target, splits={0: split, 1: split},
    )  # fmt: skip


def chosen(tmp_path, prepared, **settings):
    out = tmp_path / "s.json"
    select(prepared, Features(**settings), [0, 1], out)
    return read_selection(out)


@pytest.mark.parametrize("k", [1, 2, 3, 6])
@pytest.mark.parametrize(
    ("task", "method", "function"),
    [("regression", "f_regression", f_regression), ("classification", "f_classif", f_classif)],
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


WIDE = make().features * [1, 1, 1, 100, 1, 1]
STILL = np.tile([1.0, 0.0, 7.5, 3.0, 2.0, 9.0], (ROWS, 1))
FLAT = np.full(ROWS, 14.62)
SCORED, ALL, NONE = {0, 1, 2, 3, 5}, {*range(6)}, set()


@pytest.mark.parametrize(
    ("data", "settings", "columns", "scored"),
    [
        ({}, {"method": "f_regression", "k": 1}, [1], SCORED),  # ties go to the first
        ({}, {"method": "f_regression", "k": 2}, [1, 5], SCORED),
        ({}, {"method": "variance", "k": 5}, [0, 1, 2, 3, 5], SCORED),  # constant columns last
        ({}, {"method": "variance", "k": 6}, [0, 1, 2, 3, 4, 5], SCORED),
        ({"features": WIDE}, {"method": "variance", "k": 1}, [3], SCORED),  # in its own units
        ({}, {}, [0, 1, 2, 3, 4, 5], NONE),
        ({}, {"method": "names", "names": ["e", "b", "e"]}, [1, 4], NONE),
        *(({"features": STILL}, {"method": m, "k": 2}, [0, 1], NONE) for m in ("f_regression", "mutual_info", "variance")),
        *(({"target": FLAT}, {"method": m, "k": 2}, [0, 1], SCORED) for m in ("f_regression", "mutual_info")),
    ],
)  # fmt: skip
def test_which_columns_are_chosen(tmp_path, data, settings, columns, scored):
    selection = chosen(tmp_path, make(**data), **settings)
    assert selection.columns(1).tolist() == columns
    assert {*np.flatnonzero(~np.isnan(selection.scores(1)))} == scored
    assert (selection.features, selection.k) == (NAMES, settings.get("k"))
    if data.get("target") is FLAT:
        assert not selection.scores(1)[[*scored]].any()


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_mutual_information(tmp_path, task):
    selections = [chosen(tmp_path, make(task=task), method="mutual_info", k=3) for _ in range(2)]
    assert selections[0] == selections[1]
    assert {1, 5} < set(selections[0].columns(0).tolist())


@settings(deadline=None, max_examples=40)
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
    features = make().features
    selection = chosen(tmp_path, make(target=features[:, 2]), method="f_regression", k=1)
    assert selection.columns(0).tolist() == [2]
    assert np.isfinite(selection.scores(0)[2])
    labels = (features[:, 0] > 0).astype(np.int64)
    features[:, 0] = labels
    prepared = make("classification", features, labels)
    assert chosen(tmp_path, prepared, method="f_classif", k=1).columns(0).tolist() == [0]


def test_empty_fields_are_scored_as_their_median():
    features = make().features
    features[::5, 2] = np.nan
    prepared = make(features=features, target=np.arange(ROWS, dtype=float))
    filled = np.where(np.isnan(features), prepared.split(0).fill, features)
    assert score(prepared, "variance", 0)[2] == pytest.approx(filled[::2, 2].var())


FEW = {
    "regression": np.repeat(np.arange(3.0), ROWS // 3),
    "classification": np.repeat(np.arange(3), ROWS // 3),
}


@pytest.mark.parametrize(
    ("prepared", "settings", "words"),
    [
        (make(), {"method": "variance", "k": 7}, "7 columns asked for, and t.csv has 6 beside the target (a, b, c, d, e, f). Use k up to 6"),
        (make(), {"method": "names", "names": ["a", "bb"]}, "t.csv has no column 'bb'"),
        *(
            (make(task, target=target, train=np.array([0, 20, 40], np.int32)), {"method": "mutual_info", "k": 1},
             "training part of seed 0 of t.csv (3 rows): it looks at three neighbours of each row")
            for task, target in FEW.items()
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path, prepared, settings, words):
    with pytest.raises(LabbookError) as caught:
        chosen(tmp_path, prepared, **settings)
    assert words in str(caught.value)
    assert not (tmp_path / "s.json").exists()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_few_rows_are_scored_or_refused_with_a_message(tmp_path_factory, data):
    of_classes = data.draw(st.booleans())
    rows = data.draw(st.integers(1, 6))
    values = st.sampled_from([0.0, 1.0, 2.5, 14.62])
    features = data.draw(st.lists(st.tuples(values, values), min_size=rows, max_size=rows))
    target = data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=rows, max_size=rows))
    f_score = "f_classif" if of_classes else "f_regression"
    method = data.draw(st.sampled_from(["mutual_info", "variance", f_score]))
    prepared = make(
        "classification" if of_classes else "regression", np.array(features),
        np.array(target, np.int64 if of_classes else float), np.arange(rows, dtype=np.int32),
    )  # fmt: skip
    out = tmp_path_factory.mktemp("few") / "s.json"
    with suppress(LabbookError):  # and nothing else
        select(prepared, Features(method=method, k=1), [0], out)
    assert not out.exists() or len(read_selection(out).columns(0)) == 1
    assert out.exists() or method == "mutual_info"


def test_images_have_all(tmp_path):
    images = replace(make(), kind="images", feature_names=())
    assert chosen(tmp_path, images).columns(0) is None


def test_broken_files_and_seeds(tmp_path):
    selection = chosen(tmp_path, make())
    with pytest.raises(LabbookError, match="no selection for seed 9"):
        selection.columns(9)
    with pytest.raises(LabbookError, match="no split for seed 9"):
        select(make(), Features(method="variance", k=1), [9], tmp_path / "t.json")
    (tmp_path / "s.json").write_text('{"splits": {"0": []}}')
    with pytest.raises(LabbookError, match="not a whole selection"):
        read_selection(tmp_path / "s.json")
