import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from labbook.data.idx import write_idx
from labbook.data.numbers import Numbers
from labbook.data.prepare import fit_columns, fit_images, fit_seed, prepare, split_seed
from labbook.data.prepared import read_prepared
from labbook.data.remarks import remarks
from labbook.errors import LabbookError
from labbook.params.datasets import Function, Images, Table

SPLIT = {"valid": 0.2, "test": 0.2}
COLUMNS = ["id", "north", "size", "age", "flat", "price"]


def make_rows(count=50, seed=0):
    generator = np.random.default_rng(seed)
    return [
        [row, row % 2, *generator.normal(100, 30, 2), 7.1, generator.normal()]
        for row in range(count)
    ]


def write_raw(folder, edition="own", **files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        if isinstance(content, list):
            content = "\n".join(",".join(map(str, row)) for row in content) + "\n"
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("__", "-").replace("_csv", ".csv")).write_bytes(data)
    (folder / "edition.json").write_text(json.dumps({"edition": edition, "note": "A note."}))
    return folder


def table(**more):
    settings = {"path": "t.csv", "target": "price", "drop": ["id"], "split": SPLIT}
    return Table(**(settings | more))


def with_files(names, **more):
    file = {"sha256": "0" * 64, "bytes": 1, "origins": ["https://example.org/f"]}
    return table(path=None, files=dict.fromkeys(names, file), **more)


def run(tmp_path, dataset, seeds=(0, 1), edition="own", **files):
    out = tmp_path / "p.safetensors"
    prepare(dataset, write_raw(tmp_path / "raw", edition, **files), seeds, out)
    return read_prepared(out)


def refusal(tmp_path, dataset, **files):
    with pytest.raises(LabbookError) as caught:
        run(tmp_path, dataset, **files)
    assert not (tmp_path / "p.safetensors").exists()
    return str(caught.value)


def test_standardised_as_scikit_learn_does(tmp_path):
    rows = make_rows()
    prepared = run(tmp_path, table(standardise_target=True), table_csv=[COLUMNS, *rows])
    assert prepared.feature_names == ("north", "size", "age", "flat")
    assert (prepared.target_name, prepared.edition, prepared.note) == ("price", "own", "A note.")
    values = np.array(rows)
    for seed in (0, 1):
        split = prepared.split(seed)
        scaler = StandardScaler().fit(values[split.train, 1:4])
        target = StandardScaler().fit(values[split.train, 5:])
        for part in ("train", "valid", "test"):
            x, y = prepared.part(seed, part)
            expected = values[getattr(split, part)]
            assert (x.dtype, y.dtype) == (np.float32, np.float32)
            np.testing.assert_allclose(x[:, :3], scaler.transform(expected[:, 1:4]), rtol=1e-6)
            np.testing.assert_allclose(y, target.transform(expected[:, 5:])[:, 0], rtol=1e-6)
            np.testing.assert_allclose(prepared.original(y, seed), expected[:, 5], rtol=1e-6)


def test_a_constant_column_is_zero_everywhere(tmp_path):
    rows = make_rows()
    prepared = run(tmp_path, table(standardise="none"), table_csv=[COLUMNS, *rows])
    other = prepared.split(0).test[0]
    rows[other][4] = -900.0  # the column varies, but not where it is learned from
    prepared = run(tmp_path, table(standardise="none"), table_csv=[COLUMNS, *rows])
    for part in ("train", "valid", "test"):
        x, _ = prepared.part(0, part)
        assert (x[:, 3] == 0).all()
        np.testing.assert_allclose(x[:, 1], np.array(rows)[getattr(prepared.split(0), part), 2])


@settings(deadline=None)
@given(st.integers(0, 49), st.floats(-1e6, 1e6), st.sampled_from(["all", "numbers", "none"]))
def test_nothing_outside_the_training_part_is_seen(row, value, standardise):
    dataset = table(standardise=standardise, standardise_target=True)
    values = np.array(make_rows())

    def fit(values):
        numbers = Numbers("table", "regression", values[:, 1:5], values[:, 5], "price", (), (), ())
        return fit_seed(dataset, numbers, 0)

    before = fit(values)
    changed = values.copy()
    changed[row, 1:] = value
    after = fit(changed)
    same = all((before[key] == after[key]).all() for key in before)
    assert same == (row not in before["train"])


def test_columns_of_0_and_1_stay_with_numbers(tmp_path):
    prepared = run(tmp_path, table(standardise="numbers"), table_csv=[COLUMNS, *make_rows()])
    x, _ = prepared.part(0, "train")
    assert set(x[:, 0].tolist()) == {0.0, 1.0}
    assert x[:, 1].mean() == pytest.approx(0, abs=1e-6)
    assert x[:, 1].std() == pytest.approx(1, rel=1e-6)


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
        everywhere = [prepared.part(seed, part)[0] for part in ("train", "valid", "test")]
        assert np.concatenate(everywhere)[:, 3].any() == seen  # unseen in training: never used


def test_missing_fields_are_counted(tmp_path):
    rows = make_rows()
    rows[3][2] = rows[4][2] = rows[4][3] = ""
    message = refusal(tmp_path, table(), table_csv=[COLUMNS, *rows])
    assert "t.csv: has 3 empty fields, by column: 'size' 2, 'age' 1." in message
    assert "`missing: median`" in message


def test_missing_fields_get_the_median_of_the_training_part(tmp_path):
    rows = make_rows()
    for row in (3, 4, 11, 29):
        rows[row][2] = "NA"
    prepared = run(tmp_path, table(missing="median"), table_csv=[COLUMNS, *rows])
    assert np.isnan(prepared.features[3, 1])
    split = prepared.split(0)
    training = prepared.features[split.train, 1]
    median = np.median(training[~np.isnan(training)])
    assert split.fill[1] == median
    filled = np.where(np.isnan(training), median, training)
    x, _ = prepared.part(0, "train")
    np.testing.assert_allclose(x[:, 1], (filled - filled.mean()) / filled.std(), rtol=1e-5)
    for part in ("train", "valid", "test"):
        assert np.isfinite(prepared.part(0, part)[0]).all()


def test_a_column_without_a_value_is_zero():
    fitted = fit_columns(np.array([[np.nan, 1.0], [np.nan, 2.0]]), "all")
    assert fitted["fill"].tolist() == [0.0, 1.5]
    assert np.isinf(fitted["scale"][0])


def test_missing_targets_are_refused(tmp_path):
    rows = make_rows()
    rows[3][5] = ""
    message = refusal(tmp_path, table(missing="median"), table_csv=[COLUMNS, *rows])
    assert "'price' 1. Rows without a target" in message
    message = refusal(tmp_path, table(task="classification"), table_csv=[COLUMNS, *rows])
    assert "'price' 1. Rows without a target" in message


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
    message = refusal_after(tmp_path, dataset, a_csv=[COLUMNS, *rows], b_csv=[["id"], ["1"]])
    assert "b.csv: has no column 'north', which `unlabelled` names" in message


def refusal_after(tmp_path, dataset, **files):
    (tmp_path / "p.safetensors").unlink()
    return refusal(tmp_path, dataset, **files)


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


def prices(count=300):
    draw = np.random.default_rng(6)
    return [
        ["id", "size", "price"],
        *([i, i % 7, round(draw.normal(9, 2), 2)] for i in range(count)),
    ]


@pytest.mark.parametrize(
    ("rows", "classes", "advice"),
    [
        (prices(), "classes in 300 rows", "a quantity: set `task: regression`"),
        ([["id", "size", "price"], *([i, i, f"city {i}"] for i in range(24))], "24 classes in 24 rows, 24 of them with a single row", "Choose another target"),
        ([["id", "size", "price"], *([i, i, i if i < 30 else "b"] for i in range(100))], "31 classes in 100 rows, 30 of them with a single row", "Choose another"),
    ],
)  # fmt: skip
def test_classes_that_name_single_rows_are_refused(tmp_path, rows, classes, advice):
    message = refusal(tmp_path, table(task="classification"), table_csv=rows)
    assert message.startswith("t.csv, column 'price': has ")
    assert classes in message
    assert advice in message


def test_what_is_odd_about_classes_is_said(tmp_path):
    rows = [[i, i * 1.5, i % 40 if i < 300 else "7"] for i in range(301)]
    rows += [[301, 2, 99], [302, 2, 99]]
    block = table(task="classification", split={"valid": 30, "test": 60})
    said = run(tmp_path, block, table_csv=[["id", "size", "price"], *rows]).remarks
    assert said == (
        "price has 41 classes, all of them numbers. If it is a quantity, set `task: regression`.",
        "1 class with fewer than 3 rows: 99. Of each, one row is trained on, and chance decides "
        "about another.",
        "The validation part has 30 rows for 41 classes: it cannot have all of them in one seed.",
    )
    assert run(tmp_path, table(), table_csv=[COLUMNS, *make_rows()]).remarks == ()


def test_a_target_that_does_not_vary_is_not_scaled_and_that_is_said(tmp_path):
    rows = [[i, i * 1.5, 14.62] for i in range(116)]
    block = table(standardise_target=True, split={"train": 60, "valid": 20, "test": 36})
    files = {"table_csv": [["id", "size", "price"], *rows]}
    flat = run(tmp_path, block, **files)
    assert flat.remarks == (
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
    for seed in {*range(12)} - {*still}:
        assert nearly.split(seed).target_scale > 0.5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": "prise"}, "'prise', which `target` names. Nearest names: price"),
        ({"drop": ["ID"]}, "'ID', which `drop` names"),
        ({"categorical": ["nrth"]}, "'nrth', which `categorical` names. Nearest names: north"),
        ({"drop": ["id", "north", "size", "age", "flat"]}, "no column is left"),
        ({"split": {"valid": 30, "test": 30}}, "50 rows are too few: train 0, valid 30, test 30"),
        ({"split": SPLIT | {"stratify": True}}, "split.stratify"),
        ({"task": "classification", "target": "flat"}, "single class '7.1'"),
    ],
)
def test_settings_that_do_not_suit_the_table(tmp_path, change, words):
    assert words in refusal(tmp_path, table(**change), table_csv=[COLUMNS, *make_rows()])


def test_text_in_a_number_column_names_the_users_file(tmp_path):
    rows = make_rows()
    rows[8][3] = "old"
    message = refusal(tmp_path, table(), table_csv=[COLUMNS, *rows])
    assert message.startswith("t.csv: text where a number is needed: column 'age', line 10: 'old'")


def images(count, seed=0):
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 256, (count, 6, 5)).astype(np.uint8)
    return values, (np.arange(count) % 4).astype(np.uint8)


def image_files(name, count, seed=0):
    values, labels = images(count, seed)
    return {f"{name}__images": write_idx(values), f"{name}__labels": write_idx(labels)}


def test_images(tmp_path):
    block = Images(package="mnist-5k", split=SPLIT)
    prepared = run(tmp_path, block, edition="package", **image_files("train", 40))
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


def test_many_kinds_of_images_are_no_quantity():
    classes = tuple(map(str, range(47)))
    numbers = Numbers("images", "classification", np.zeros((470, 2, 2), np.uint8),
                      np.arange(470) % 47, "label", (), classes, ())  # fmt: skip
    assert (
        remarks(numbers, {0: split_seed(Images(package="mnist-5k", split=SPLIT), numbers, 0)}, True)
        == ()
    )


def test_images_with_a_test_set_and_a_sample(tmp_path):
    file = {"sha256": "0" * 64, "bytes": 1, "origins": ["https://example.org/f"]}
    settings = {"files": {"f": file}, "stand_in": "mnist-5k"}
    settings["split"] = {"valid": 0.25, "test": "fixed"}
    files = image_files("train", 40) | image_files("t10k", 12, seed=1)
    prepared = run(tmp_path, Images(sample=20, **settings), **files)
    split = prepared.split(0)
    assert (len(split.train), len(split.valid)) == (15, 5)
    assert split.test.tolist() == list(range(40, 52))
    large = Images(sample=41, **settings)
    assert "there are 40 to draw from" in refusal_after(tmp_path, large, **files)
    prepared = run(tmp_path, large, edition="stand-in", **files)  # smaller than the real data
    assert len(prepared.split(0).train) == 30


def test_images_and_labels_must_agree(tmp_path):
    block = Images(package="mnist-5k", split=SPLIT)
    files = image_files("train", 40) | {"train__labels": write_idx(np.zeros(39, np.uint8))}
    assert "40 train images, but 39 labels" in refusal(tmp_path, block, **files)
    (tmp_path / "raw/train-labels").unlink()
    del files["train__labels"]
    assert "has 0 files named train...labels" in refusal(tmp_path, block, **files)


def test_equal_images_have_no_scale():
    fitted = fit_images(np.full((3, 2, 2), 9, np.uint8))
    assert np.isinf(fitted["scale"])


def test_function(tmp_path):
    block = Function(expression="x", low=0.0, high=1.0, points=50, split=SPLIT)
    rows = [["x", "y"], *([i / 50, i / 25] for i in range(50))]
    prepared = run(tmp_path, block, points_csv=rows)
    assert prepared.feature_names == ("x",)
    assert prepared.target[-1] == 49 / 25
    assert prepared.target_column == "y"
    assert prepared.part(0, "train")[0].std() == pytest.approx(1, rel=1e-6)


def test_equal_input_equal_bytes(tmp_path):
    files = {"table_csv": [COLUMNS, *make_rows()]}
    run(tmp_path, table(), **files)
    first = (tmp_path / "p.safetensors").read_bytes()
    run(tmp_path, table(), seeds=(1, 0, 0), **files)
    assert (tmp_path / "p.safetensors").read_bytes() == first


def test_a_seed_without_a_split(tmp_path):
    prepared = run(tmp_path, table(), table_csv=[COLUMNS, *make_rows()])
    with pytest.raises(LabbookError, match=r"no split for seed 5 \(only 0, 1\)"):
        prepared.part(5, "train")
    with pytest.raises(LabbookError, match="no unlabelled rows"):
        prepared.part(0, "unlabelled")


def test_columns_are_chosen(tmp_path):
    prepared = run(tmp_path, table(), table_csv=[COLUMNS, *make_rows()])
    every, _ = prepared.part(0, "test")
    some, _ = prepared.part(0, "test", np.array([2, 0]))
    np.testing.assert_array_equal(some, every[:, [2, 0]])


@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_broken_files(tmp_path, content):
    path = tmp_path / "p.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LabbookError, match="not a whole prepared data set"):
        read_prepared(path)
