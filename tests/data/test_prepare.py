import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from labbook.data.fitted import fit_columns
from labbook.data.idx import write_idx
from labbook.data.numbers import Numbers
from labbook.data.prepare import fit_images, fit_seed, prepare, split_seed
from labbook.data.prepared import read_prepared
from labbook.data.remarks import remarks
from labbook.errors import LabbookError
from labbook.metrics import PARTS
from labbook.params.datasets import Function, Images, Table

SPLIT = {"valid": 0.2, "test": 0.2}
COLUMNS = ["id", "north", "size", "age", "flat", "price"]
FILE = {"sha256": "0" * 64, "bytes": 1, "origins": ["https://example.org/f"]}


def make_rows(count=50, seed=0):
    generator = np.random.default_rng(seed)
    return [
        [row, row % 2, *generator.normal(100, 30, 2), 7.1, generator.normal()]
        for row in range(count)
    ]


def changed_rows(*changes, count=50):
    """The rows with other cells, each given as row, column, cell."""
    rows = make_rows(count)
    for row, column, cell in changes:
        rows[row][column] = cell
    return rows


def table(**more):
    settings = {"path": "t.csv", "target": "price", "drop": ["id"], "split": SPLIT}
    return Table(**(settings | more))


def with_files(names, **more):
    return table(path=None, files=dict.fromkeys(names, FILE), **more)


def run(tmp_path, dataset, rows=None, seeds=(0, 1), edition="own", **files):
    """Prepare raw `files`, or the table `rows` under COLUMNS."""
    raw, out = tmp_path / "raw", tmp_path / "p.safetensors"
    raw.mkdir(exist_ok=True)
    files = {"table_csv": [COLUMNS, *rows]} if rows else files
    for name, content in files.items():
        if isinstance(content, list):
            content = "\n".join(",".join(map(str, row)) for row in content) + "\n"
        data = content if isinstance(content, bytes) else content.encode()
        (raw / name.replace("__", "-").replace("_csv", ".csv")).write_bytes(data)
    (raw / "edition.json").write_text(json.dumps({"edition": edition, "note": "A note."}))
    prepare(dataset, raw, seeds, out)
    return read_prepared(out)


def refusal(tmp_path, dataset, rows=None, **files):
    (tmp_path / "p.safetensors").unlink(missing_ok=True)
    with pytest.raises(LabbookError) as caught:
        run(tmp_path, dataset, rows, **files)
    assert not (tmp_path / "p.safetensors").exists()
    return str(caught.value)


# ---- what is fitted


def test_standardised_as_scikit_learn_does(tmp_path):
    rows = make_rows()
    prepared = run(tmp_path, table(standardise_target=True), rows)
    assert prepared.feature_names == ("north", "size", "age", "flat")
    assert (prepared.target_name, prepared.edition, prepared.note) == ("price", "own", "A note.")
    values = np.array(rows)
    for seed in (0, 1):
        split = prepared.split(seed)
        scaler = StandardScaler().fit(values[split.train, 1:4])
        target = StandardScaler().fit(values[split.train, 5:])
        for part in PARTS:
            x, y = prepared.part(seed, part)
            expected = values[getattr(split, part)]
            assert (x.dtype, y.dtype) == (np.float32, np.float32)
            np.testing.assert_allclose(x[:, :3], scaler.transform(expected[:, 1:4]), rtol=1e-6)
            np.testing.assert_allclose(y, target.transform(expected[:, 5:])[:, 0], rtol=1e-6)
            np.testing.assert_allclose(prepared.original(y, seed), expected[:, 5], rtol=1e-6)
    x, _ = run(tmp_path, table(standardise="numbers"), rows).part(0, "train")
    assert set(x[:, 0].tolist()) == {0.0, 1.0}  # columns of 0 and 1 stay as they are
    np.testing.assert_allclose([x[:, 1].mean(), x[:, 1].std()], [0, 1], atol=1e-6)
    every, _ = prepared.part(0, "test")
    chosen, _ = prepared.part(0, "test", np.array([2, 0]))
    np.testing.assert_array_equal(chosen, every[:, [2, 0]])


def test_a_column_that_does_not_vary_in_training_is_zero_everywhere(tmp_path):
    plain = table(standardise="none")
    other = run(tmp_path, plain, make_rows()).split(0).test[0]
    rows = changed_rows((other, 4, -900.0))  # the column varies, but not where it is learned from
    prepared = run(tmp_path, plain, rows)
    for part in PARTS:
        x, _ = prepared.part(0, part)
        assert (x[:, 3] == 0).all()
        np.testing.assert_allclose(x[:, 1], np.array(rows)[getattr(prepared.split(0), part), 2])
    fitted = fit_columns(np.array([[np.nan, 1.0], [np.nan, 2.0]]), "all")  # nor without a value
    assert fitted["fill"].tolist() == [0.0, 1.5]
    assert np.isinf(fitted["scale"][0])
    assert np.isinf(fit_images(np.full((3, 2, 2), 9, np.uint8))["scale"])


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 49), st.floats(-1e6, 1e6), st.sampled_from(["all", "numbers", "none"]))
def test_nothing_outside_the_training_part_is_seen(row, value, standardise):
    dataset = table(standardise=standardise, standardise_target=True)
    values = np.array(make_rows())

    def fit(values):
        numbers = Numbers(
            "table", "regression", values[:, 1:5], values[:, 5], "price", (), (), ()
        )  # fmt: skip
        return fit_seed(dataset, numbers, 0)

    before = fit(values)
    changed = values.copy()
    changed[row, 1:] = value
    after = fit(changed)
    same = all((before[key] == after[key]).all() for key in before)
    assert same == (row not in before["train"])


def test_categories(tmp_path):
    rows = [[i, ["b", "a ", "c"][i % 3], i * 1.5, i] for i in range(30)]
    rows[7][1] = "rare"
    prepared = run(
        tmp_path,
        table(categorical=["kind"], standardise="numbers"),
        table_csv=[["id", "kind", "size", "price"], *rows],
    )
    assert prepared.feature_names == ("kind=a", "kind=b", "kind=c", "kind=rare", "size")
    assert prepared.features[:, :4].sum(axis=1).tolist() == [1.0] * 30
    assert prepared.features[1, :4].tolist() == [1, 0, 0, 0]
    for seed in (0, 1):
        seen = 7 in prepared.split(seed).train
        everywhere = [prepared.part(seed, part)[0] for part in PARTS]
        assert np.concatenate(everywhere)[:, 3].any() == seen  # unseen in training: never used


def test_missing_fields_get_the_median_of_the_training_part(tmp_path):
    rows = changed_rows(*((row, 2, "NA") for row in (3, 4, 11, 29)))
    prepared = run(tmp_path, table(missing="median"), rows)
    assert np.isnan(prepared.features[3, 1])
    split = prepared.split(0)
    training = prepared.features[split.train, 1]
    median = np.median(training[~np.isnan(training)])
    assert split.fill[1] == median
    filled = np.where(np.isnan(training), median, training)
    x, _ = prepared.part(0, "train")
    np.testing.assert_allclose(x[:, 1], (filled - filled.mean()) / filled.std(), rtol=1e-5)
    assert all(np.isfinite(prepared.part(0, part)[0]).all() for part in PARTS)


# ---- what is read


def test_unlabelled_rows(tmp_path):
    rows = make_rows()
    header = ["price", "flat", "id", "north", "size", "age"]  # another order, and a column more
    rest = [[0, 7.1, f"h{i}", 1, 100 + i, 50] for i in range(5)]
    dataset = with_files(["a.csv", "b.csv"], unlabelled="b.csv")
    prepared = run(tmp_path, dataset, a_csv=[COLUMNS, *rows], b_csv=[header, *rest])
    assert prepared.unlabelled_ids == ("h0", "h1", "h2", "h3", "h4")
    x, y = prepared.part(1, "unlabelled")
    split = prepared.split(1)
    assert y is None
    np.testing.assert_allclose(x[2, 1], (102 - split.mean[1]) / split.scale[1], rtol=1e-6)
    numbered = run(
        tmp_path,
        dataset.model_copy(update={"drop": []}),
        a_csv=[COLUMNS[1:], *(row[1:] for row in rows)],
        b_csv=[[*header[3:], "flat"], *([*row[3:], 7.1] for row in rest)],
    )
    assert numbered.unlabelled_ids == ("0", "1", "2", "3", "4")
    message = refusal(tmp_path, dataset, a_csv=[COLUMNS, *rows], b_csv=[["id"], ["1"]])
    assert "b.csv: has no column 'north', which `unlabelled` names" in message


def test_fixed_test_file(tmp_path):
    dataset = with_files(["a.csv", "b.csv"], test="b.csv", split={"valid": 0.2, "test": "fixed"})
    files = {"a_csv": [COLUMNS, *make_rows()], "b_csv": [COLUMNS, *make_rows(10, seed=1)]}
    prepared = run(tmp_path, dataset, **files)
    for seed in (0, 1):
        assert prepared.split(seed).test.tolist() == list(range(50, 60))
    np.testing.assert_array_equal(prepared.target[50:], [row[5] for row in make_rows(10, seed=1)])


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["yes", "no"], ("no", "yes")),
        (["10", "9", "2.5"], ("2.5", "9", "10")),
        (["10", "9", "b"], ("10", "9", "b")),
    ],
)
def test_classes_are_sorted(tmp_path, labels, classes):
    rows = [[i, i * 1.5, labels[i % len(labels)]] for i in range(40)]
    dataset = table(task="classification", split=SPLIT | {"stratify": True})
    prepared = run(tmp_path, dataset, table_csv=[["id", "size", "price"], *rows])
    assert prepared.classes == classes
    assert [classes[i] for i in prepared.target] == [row[2] for row in rows]
    _, y = prepared.part(0, "valid")
    assert y.dtype == np.int64
    assert set(y) == set(range(len(classes)))


@pytest.mark.parametrize(
    ("header", "target", "repeated", "written"),
    [
        ("id,PM2.5,size", "PM2.5", "refuse", "PM2.5"),
        ("id,PM2.5,size", "PM2.5", "number", "PM2.5"),
        ("id,PM2.5,PM2.5", "PM2.5.1", "number", "PM2.5"),
        ("id,size,positive,positive,positive", "positive.2", "number", "positive"),
        ("id,size,v1.0,v1.1", "v1.1", "number", "v1.1"),
    ],
)
def test_the_target_has_its_name_in_the_file(tmp_path, header, target, repeated, written):
    width = header.count(",")
    rows = "".join(f"{i}" + f",{i * 1.5}" * width + "\n" for i in range(30))
    block = table(target=target, repeated_columns=repeated)
    prepared = run(tmp_path, block, table_csv=f"{header}\n{rows}")
    assert (prepared.target_name, prepared.target_column) == (target, written)
    assert prepared.table == "t.csv"


CLASSES = {"task": "classification"}
PRICES = [
    [i, i % 7, 1, 1, 1, round(x, 2)]
    for i, x in enumerate(np.random.default_rng(6).normal(9, 2, 300))
]
CITIES = [[i, i, 1, 1, 1, f"city {i}"] for i in range(24)]
RARE = [[i, i, 1, 1, 1, i if i < 30 else "b"] for i in range(100)]
EMPTY = changed_rows((3, 2, ""), (4, 2, ""), (4, 3, ""))
NO_TARGET = changed_rows((3, 5, ""))


@pytest.mark.parametrize(
    ("rows", "settings", "words"),
    [
        (None, {"target": "prise"}, ["'prise', which `target` names. Nearest names: price"]),
        (None, {"drop": ["ID"]}, ["'ID', which `drop` names"]),
        (None, {"categorical": ["nrth"]}, ["'nrth', which `categorical` names. Nearest names: north"]),
        (None, {"drop": ["id", "north", "size", "age", "flat"]}, ["no column is left"]),
        (None, {"split": {"valid": 30, "test": 30}}, ["50 rows are too few: train 0, valid 30, test 30"]),
        (None, CLASSES | {"target": "flat"}, ["t.csv, column 'flat': has the single class '7.1'"]),
        (PRICES, CLASSES, ["t.csv, column 'price': has ", "classes in 300 rows", "a quantity: set `task: regression`"]),
        (CITIES, CLASSES, ["24 classes in 24 rows, 24 of them with a single row", "Choose another target"]),
        (RARE, CLASSES, ["31 classes in 100 rows, 30 of them with a single row", "Choose another"]),
        (EMPTY, {}, ["t.csv: has 3 empty fields, by column: 'size' 2, 'age' 1.", "`missing: median`"]),
        (NO_TARGET, {"missing": "median"}, ["'price' 1. Rows without a target"]),
        (NO_TARGET, CLASSES, ["'price' 1. Rows without a target"]),
        (changed_rows((8, 3, "old")), {}, ["t.csv: text where a number is needed: column 'age', line 10: 'old'"]),
    ],
)  # fmt: skip
def test_settings_that_do_not_suit_the_table(tmp_path, rows, settings, words):
    message = refusal(tmp_path, table(**settings), rows or make_rows())
    assert [word for word in words if word not in message] == []


def test_function(tmp_path):
    block = Function(expression="x", low=0.0, high=1.0, points=50, split=SPLIT)
    rows = [["x", "y"], *([i / 50, i / 25] for i in range(50))]
    prepared = run(tmp_path, block, points_csv=rows)
    assert (prepared.feature_names, prepared.target_column) == (("x",), "y")
    assert prepared.target[-1] == 49 / 25
    assert prepared.part(0, "train")[0].std() == pytest.approx(1, rel=1e-6)


# ---- what is said


def test_what_is_odd_about_classes_is_said(tmp_path):
    rows = [[i, i * 1.5, i % 40 if i < 300 else "7"] for i in range(301)]
    rows += [[301, 2, 99], [302, 3, 99]]
    block = table(task="classification", split={"valid": 30, "test": 60})
    said = run(tmp_path, block, table_csv=[["id", "size", "price"], *rows]).remarks
    assert said == (
        "price has 41 classes, all of them numbers. If it is a quantity, set `task: regression`.",
        "1 class with fewer than 3 rows: 99. Of each, one row is trained on, and chance decides "
        "about another.",
        "The validation part has 30 rows for 41 classes: it cannot have all of them in one seed.",
    )
    classes, digits = tuple(map(str, range(47))), np.arange(470) % 47  # of images: no quantity
    pixels = np.zeros((470, 2, 2), np.uint8)
    numbers = Numbers("images", "classification", pixels, digits, "label", (), classes, ())
    split = split_seed(Images(package="mnist-5k", split=SPLIT), numbers, 0)
    assert remarks(numbers, {0: split}, True) == ()


def test_a_target_that_does_not_vary_is_not_scaled_and_that_is_said(tmp_path):
    rows = [[i, i * 1.5, 14.62] for i in range(116)]
    block = table(standardise_target=True, split={"train": 60, "valid": 20, "test": 36})
    files = {"table_csv": [["id", "size", "price"], *rows]}
    assert run(tmp_path, block, **files).remarks == (
        "price is 14.62 in all 116 rows: there is nothing to learn, and R2 has no value.",
    )
    rows[31][2] = 20.0
    nearly = run(tmp_path, block, seeds=range(12), **files)
    still = [seed for seed in range(12) if 31 not in nearly.split(seed).train]
    for seed in still:
        split = nearly.split(seed)
        assert (split.target_mean, split.target_scale) == (14.62, 1.0)
        assert set(nearly.part(seed, "train")[1]) == {0.0}
        assert np.abs(nearly.part(seed, "test")[1]).max() < 6
    assert 0 < len(still) < 12
    assert f"in the training part of {len(still)} of 12 seeds" in nearly.remarks[0]
    assert all(nearly.split(seed).target_scale > 0.5 for seed in {*range(12)} - {*still})


# ---- images


def images(count, seed=0):
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 256, (count, 6, 5)).astype(np.uint8)
    return values, (np.arange(count) % 4).astype(np.uint8)


def image_files(name, count, seed=0):
    values, labels = images(count, seed)
    return {f"{name}__images": write_idx(values), f"{name}__labels": write_idx(labels)}


def test_images(tmp_path):
    block = Images(package="mnist-5k", split=SPLIT)
    files = image_files("train", 40)
    prepared = run(tmp_path, block, edition="package", **files)
    assert (prepared.kind, prepared.task) == ("images", "classification")
    assert prepared.classes == ("0", "1", "2", "3")
    values, labels = images(40)
    split = prepared.split(0)
    x, y = prepared.part(0, "train")
    assert x.shape == (24, 1, 6, 5)
    assert np.bincount(y).tolist() == [6] * 4  # stratified
    pixels = values[split.train] / 255
    np.testing.assert_allclose([split.mean, split.scale], [pixels.mean(), pixels.std()])
    np.testing.assert_allclose(x[:, 0], (pixels - pixels.mean()) / pixels.std(), atol=1e-6)
    np.testing.assert_array_equal(y, labels[split.train])
    files["train__labels"] = write_idx(np.zeros(39, np.uint8))
    assert "40 train images, but 39 labels" in refusal(tmp_path, block, **files)
    (tmp_path / "raw/train-labels").unlink()
    del files["train__labels"]
    assert "has 0 files named train...labels" in refusal(tmp_path, block, **files)


def test_images_with_a_test_set_and_a_sample(tmp_path):
    settings = {"files": {"f": FILE}, "stand_in": "mnist-5k"}
    settings["split"] = {"valid": 0.25, "test": "fixed"}
    files = image_files("train", 40) | image_files("t10k", 12, seed=1)
    split = run(tmp_path, Images(sample=20, **settings), **files).split(0)
    assert (len(split.train), len(split.valid)) == (15, 5)
    assert split.test.tolist() == list(range(40, 52))
    large = Images(sample=41, **settings)
    assert "there are 40 to draw from" in refusal(tmp_path, large, **files)
    prepared = run(tmp_path, large, edition="stand-in", **files)  # smaller than the real data
    assert len(prepared.split(0).train) == 30


# ---- the file


def test_equal_input_equal_bytes(tmp_path):
    run(tmp_path, table(), make_rows())
    first = (tmp_path / "p.safetensors").read_bytes()
    prepared = run(tmp_path, table(), make_rows(), seeds=(1, 0, 0))
    assert (tmp_path / "p.safetensors").read_bytes() == first
    with pytest.raises(LabbookError, match=r"no split for seed 5 \(only 0, 1\)"):
        prepared.part(5, "train")
    with pytest.raises(LabbookError, match="no unlabelled rows"):
        prepared.part(0, "unlabelled")
