"""labbook predict: new rows as training saw its rows, and what is told about them."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labbook.cli import main
from labbook.data.idx import write_idx
from labbook.params.tables import Form
from labbook.prediction.new_table import _as_read
from tests.made_champion import (
    MLP,
    SEEDS,
    changed,
    csv_text,
    images,
    made_champion,
    of_classes,
    table,
)

CNN = {"kind": "cnn", "channels": [2], "kernel": 3, "hidden": [4], "batch_norm": True}
NORMED = {"kind": "mlp", "hidden": [4, 3], "batch_norm": True, "activation": "gelu"}
KINDS = {
    "regression": (table(), MLP, None),
    "standardised": (table(standardise_target=True, standardise="numbers"), NORMED, None),
    "logarithm": (table(log_target=True, missing_indicator=True), MLP, None),
    "rare": (table(rare=5, missing_category="own"), MLP, None),
    "selected": (table(), MLP, {"method": "names", "names": ["size", "colour=red"]}),
    "classes": (of_classes(), NORMED, None),
    "polynomial": (of_classes(), {"kind": "polynomial", "degree": 2, "initialisation": "he"}, None),
    "images": (images(), CNN, None),
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes a champion in the current folder, which is the test's own."""
    monkeypatch.chdir(tmp_path)

    def make(dataset=None, model=MLP, features=None, **more):
        return made_champion(tmp_path, dataset, model=model, features=features, **more)

    return make


def predict(*arguments):
    """The exit code of `labbook predict`."""
    return main(["predict", *map(str, arguments)])


def read(path="out.csv"):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_those_of_the_run_file(made, kind):
    dataset, model, features = KINDS[kind]
    results = made(dataset, model, features)
    raw = Path("data/raw/made")
    file = raw / ("train-images-idx3-ubyte.gz" if kind == "images" else "table.csv")
    assert predict("made", file, "-o", "out.csv") == 0
    rows = read()
    for part in ("valid", "test"):
        record = results.read("all", SEEDS[1], "predictions").predictions[part]
        places = getattr(results.prepared.split(SEEDS[1]), part)
        found = [rows[place] for place in places]
        if results.study.task == "regression":
            values = np.array([float(row["price"]) for row in found])
            np.testing.assert_allclose(values, record, rtol=1e-12)
        else:
            classes, name = results.prepared.classes, results.prepared.target_column
            chances = [[float(row[f"P({one})"]) for one in classes] for row in found]
            np.testing.assert_allclose(chances, np.exp(record), rtol=1e-6)
            assert [row[name] for row in found] == [classes[i] for i in record.argmax(axis=1)]
    name, first = ("row", "1") if kind == "images" else ("who", "r000")
    assert rows[0][name] == first


def test_columns_may_come_in_any_order_and_without_the_target(made, capsys):
    made()
    Path("a.csv").write_text("colour,who,extra,size,age\nred,007,x,4.0,30\ngreen,008,y,5.0,41\n")
    Path("b.csv").write_text(
        "who,age,size,colour,price,kind\n007,30,4.0,red,,\n008,41,5.0,green,,\n"
    )
    assert predict("made", "a.csv", "-o", "a-out.csv") == 0
    assert "not used, since the model was trained without: extra" in capsys.readouterr().out
    assert predict("made", "b.csv", "-o", "b-out.csv") == 0
    assert Path("a-out.csv").read_text() == Path("b-out.csv").read_text()
    assert [row["who"] for row in read("a-out.csv")] == ["007", "008"]


def test_columns_that_the_model_does_not_look_at_may_be_missing(made, capsys):
    made(features={"method": "names", "names": ["size"]})
    Path("new.csv").write_text("size\n4.0\n")
    assert predict("made", "new.csv", "-o", "out.csv") == 0
    assert read()[0]["row"] == "1"
    Path("new.csv").write_text("sise,age\n4.0,3\n")
    assert predict("made", "new.csv", "-o", "out2.csv") == 1
    assert "has no column 'size'" in (text := capsys.readouterr().err)
    assert "Nearest names: sise" in text
    assert not Path("out2.csv").exists()


def test_how_the_file_was_read_is_said_where_a_column_lacks():
    """A file without the title line of the study's loses its header to `skip_lines`."""
    assert _as_read(Form()) == ""
    told = _as_read(Form(delimiter=";", skip_lines=1, encoding="cp1252", decimal=","))
    assert "(delimiter: ';', encoding: 'cp1252', skip_lines: 1)" in told


def test_what_is_unlike_the_training_rows_is_told_by_column(made, capsys):
    text = csv_text().replace(",,", ",40.0,")  # no empty field in training
    made(text=text)
    Path("new.csv").write_text("age,size,colour\n40,4,red\n,4,mauve\n999,4,mauve\n40,4,\n")
    assert predict("made", "new.csv", "-o", "out.csv") == 0
    told = capsys.readouterr().out
    assert "age: 1 row (25" in told
    assert "outside of the training rows' range" in told
    assert "colour: 2 rows of categories that no training row had: 'mauve'" in told
    assert "age: 1 empty field, and the training rows had none" in told
    assert "colour: 1 empty field" in told
    assert "size" not in told


@pytest.mark.parametrize("indicator", [False, True])
def test_empty_fields_that_training_had_are_not_told(made, capsys, indicator):
    made(table(missing_indicator=indicator))
    Path("new.csv").write_text("age,size,colour\n40,4,red\n,4,red\n")
    assert predict("made", "new.csv", "-o", "out.csv") == 0
    assert "age" not in capsys.readouterr().out


def test_errors_of_rows_with_a_target_are_said_to_be_no_test(made, capsys):
    results = made()
    assert predict("made", "data/raw/made/table.csv", "-o", "out.csv") == 0
    told = capsys.readouterr().out
    assert "On the 80 rows with a target: MSE" in told
    assert "only if these rows are new" in told
    made(of_classes())
    Path("new.csv").write_text(csv_text(6).replace("small", "huge"))
    assert predict("made", "new.csv", "-o", "out2.csv") == 0
    assert "of classes that the model does not know: huge" in capsys.readouterr().out
    assert results.study.task == "regression"


def test_intervals_are_those_of_the_validation_errors(made):
    results = made()
    seed, prepared = SEEDS[1], results.prepared
    assert predict("made", "data/raw/made/table.csv", "-o", "out.csv", "--level", "0.8") == 0
    valid = results.read("all", seed, "predictions").predictions["valid"]
    errors = np.sort(np.abs(valid - prepared.target[prepared.split(seed).valid]))
    half = errors[int(np.ceil((len(errors) + 1) * 0.8)) - 1]
    row = read()[0]
    assert float(row["price high"]) - float(row["price"]) == pytest.approx(half)
    assert float(row["price"]) - float(row["price low"]) == pytest.approx(half)
    assert predict("made", "data/raw/made/table.csv", "-o", "o.csv", "--level", "0.99") == 0
    assert read("o.csv")[0]["price high"] == ""  # 20 rows do not tell
    assert predict("made", "data/raw/made/table.csv", "-o", "p.csv", "--level", "0.123") == 1


@pytest.mark.parametrize("kind", ["regression", "selected", "classes", "images"])
def test_an_ensemble_is_the_mean_of_its_members(made, kind, monkeypatch):
    dataset, model, features = KINDS[kind]
    results = made(dataset, model, features)
    raw = Path("data/raw/made")
    file = raw / ("train-images-idx3-ubyte.gz" if kind == "images" else "table.csv")
    singles = []
    for seed in SEEDS:
        from labbook.evaluate.champion import write_champion
        from labbook.evaluate.choice import Choice

        write_champion(results, Choice("all", seed), Path(f"one/{seed}"))
        assert predict(f"one/{seed}", file, "-o", f"{seed}.csv") == 0
        singles.append(read(f"{seed}.csv"))
    assert predict("made", file, "-o", "out.csv", "--ensemble") == 0
    names = [f"P({one})" for one in results.prepared.classes] or ["price"]
    for name in names:
        values = [[float(row[name]) for row in rows] for rows in singles]
        mean = [float(row[name]) for row in read()]
        np.testing.assert_allclose(mean, np.mean(values, axis=0), rtol=1e-9)
    shutil.rmtree("results/runs")
    assert predict("made", file, "-o", "out2.csv", "--ensemble") == 1
    assert not Path("out2.csv").exists()


def test_an_ensemble_of_other_data_is_refused(made, capsys):
    made()
    shutil.copytree("results/made/champion", "old")
    made(text=csv_text(seed=4))
    assert predict("old", "data/raw/made/table.csv", "-o", "out.csv", "--ensemble") == 1
    assert "no longer those of its champion" in capsys.readouterr().err


def test_nothing_is_overwritten(made, capsys):
    made()
    Path("out.csv").write_text("mine")
    shutil.copy("data/raw/made/table.csv", "new.csv")
    assert predict("made", "new.csv", "-o", "out.csv") == 1
    assert Path("out.csv").read_text() == "mine"
    assert predict("made", "new.csv", "-o", "out.csv", "--force") == 0
    before = Path("new.csv").read_bytes()
    for name in ("new.csv", "."):
        assert predict("made", "new.csv", "-o", name, "--force") == 1
    assert Path("new.csv").read_bytes() == before
    assert predict("nobody", "new.csv", "-o", "o.csv") == 1
    assert "Studies with a champion: made" in capsys.readouterr().err


def test_a_full_disk_leaves_nothing_behind(made, capsys):
    made()
    Path("new.csv").write_text(csv_text(200))
    limit = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (4096, 4096))\n"
    ignore = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    run = "from labbook.cli import main; raise SystemExit(main(['predict','made','new.csv','-o','out.csv']))"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", limit + ignore + run],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "out.csv: cannot be written" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(Path().glob("*out.csv*"))


DEEP: list = []
for _ in range(400):
    DEEP = [DEEP]
BROKEN = [
    ({"sums__model.safetensors": "0" * 64}, "SHA-256"),
    ({"sums": {}}, "no sum"),
    ({"rows__columns": [99]}, "columns that are not there"),
    ({"rows__fitted__mean": [1.0]}, "its mean is of"),
    ({"rows__fitted__mean": "x"}, "rows.fitted.mean"),
    ({"rows__encodings": []}, "its encodings give 0 columns"),
    ({"rows__training__low": []}, "ranges"),
    ({"rows__encodings": [{"name": "age", "kind": "number", "levels": 5}]}, "levels"),
    ({"rows__encodings": [{"name": "age", "kind": "pickle"}]}, "of none of the kinds"),
    ({"rows__columns": [1, 0, 2, 3, 4]}, "not in order"),
    ({"rows__fitted__scale": [0.0] * 5}, "not above 0"),
    ({"rows__fitted__route": 3}, "rows.fitted.route"),
    ({"rows__fitted__route": [1e300] * 5}, "rows.fitted.route"),
    ({"recipe__deep": DEEP}, "nested too deep"),
    ({"ensemble": {"gain": 3}}, "ensemble"),
    ({"recipe__model": {"kind": "mlp", "hidden": [7]}}, "linear1.weight"),
    ({"recipe__model": {"kind": "mlp", "hidden": [4096] * 20}}, ""),
    ({"preprocessing__classes": ["a", "b"]}, "2 classes"),
    ({"conformal__levels": []}, "levels"),
    ({"members": [{"seed": 1, "run": "../../etc/passwd"}]}, "members.0.run"),
    ({"study": "../x"}, "study"),
    ({"combination": None}, "no run of its study has a result"),
]


@pytest.mark.parametrize(("entries", "why"), BROKEN)
def test_a_champion_that_is_not_whole_gets_one_message(made, capsys, entries, why):
    made()
    changed(Path("results/made/champion"), **entries)
    assert predict("made", "data/raw/made/table.csv", "-o", "out.csv") == 1
    error = capsys.readouterr().err
    assert why in error
    assert "Traceback" not in error
    assert len(error) < 2000
    assert not Path("out.csv").exists()


def test_cut_off_files_get_one_message(made, capsys):
    made()
    folder = Path("results/made/champion")
    for name in ("model.safetensors", "champion.json"):
        whole = (folder / name).read_bytes()
        for part in (b"", whole[:20], whole[: len(whole) // 2], b"[" * 100_000):
            (folder / name).write_bytes(part)
            assert predict("made", "data/raw/made/table.csv", "-o", "out.csv") == 1
            assert "not a whole champion" in capsys.readouterr().err
        (folder / name).write_bytes(whole)
    assert predict("made", "data/raw/made/table.csv", "-o", "out.csv") == 0


def test_images_of_another_size_or_kind_are_refused(made, capsys):
    made(images(), CNN)
    Path("small.idx").write_bytes(write_idx(np.zeros((2, 4, 4), np.uint8)))
    Path("t.csv").write_text("a,b\n1,2\n")
    Path("odd.bin").write_bytes(b"GIF89a")
    Path("none").mkdir()
    Path("small").mkdir()
    Image.fromarray(np.zeros((4, 4), np.uint8)).save("small/a.png")
    for name in ("small.idx", "t.csv", "odd.bin", "none", "small", "small/a.png"):
        assert predict("made", name, "-o", "out.csv") == 1
        error = capsys.readouterr().err
        assert "mages" in error
        assert "Nothing was written" in error


def test_images_come_as_pictures_and_pixels_too(made, capsys):
    results = made(images(), CNN)
    assert predict("made", "data/raw/made/train-images-idx3-ubyte.gz", "-o", "idx.csv") == 0
    pixels, known = results.prepared.features[:4], results.prepared.target[:4]
    names = [f"p{i}" for i in range(pixels[0].size)]
    lines = [",".join(map(str, [k, *one.ravel()])) for k, one in zip(known, pixels, strict=True)]
    Path("pixels.csv").write_text("\n".join([",".join(["label", *names]), *lines]) + "\n")
    for number, (k, one) in enumerate(zip(known, pixels, strict=True)):
        Path(f"new/{k}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(one).save(f"new/{k}/{number}.png")
    capsys.readouterr()
    assert predict("made", "pixels.csv", "-o", "pixels-out.csv") == 0
    assert "On the 4 rows with a target" in capsys.readouterr().out
    assert predict("made", "new", "-o", "new.csv") == 0
    assert "On the 4 rows with a target" in capsys.readouterr().out
    assert predict("made", "new/0/0.png", "-o", "one.csv") == 0
    wanted = [row["P(1)"] for row in read("idx.csv")][:4]
    assert [row["P(1)"] for row in read("pixels-out.csv")] == wanted
    by_file = {row["file"]: row["P(1)"] for row in read("new.csv")}
    assert by_file == {f"{known[i]}/{i}.png": wanted[i] for i in range(4)}
    assert [row["P(1)"] for row in read("one.csv")] == wanted[:1]


def test_hostile_names_stay_in_their_fields(made):
    classes = csv_text().replace("small", '"a ""b"", c"').replace("who,", '"w|o, ""x""",')
    made(of_classes(id='w|o, "x"'), text=classes)
    assert predict("made", "data/raw/made/table.csv", "-o", "out.csv") == 0
    row = read()[0]
    assert set(row) >= {'w|o, "x"', 'P(a "b", c)', "P(big)", "kind set"}


def test_equal_inputs_give_equal_bytes(made):
    made()
    about = Path("results/made/champion/champion.json")
    first = about.read_bytes()
    made()
    assert about.read_bytes() == first
    assert json.loads(first)["rows"]["id"] == "who"
