"""labbook export: the champion as ONNX says what labbook says, and a card that is read safely."""

import hashlib
import json
import re
import typing
from pathlib import Path

import numpy as np
import onnx
import pytest

from labbook.cli import main
from labbook.models.layers import ACTIVATIONS
from labbook.models.layers import Layer as AnyLayer
from labbook.params.models import Activation
from labbook.prediction.answers import predict
from labbook.prediction.champion import read_champion
from labbook.prediction.export import layers
from labbook.prediction.export.agreement import compare
from labbook.prediction.export.card_page import escaped
from labbook.prediction.export.made_rows import made_rows
from labbook.prediction.export.model import onnx_model
from labbook.prediction.rows import read_rows
from tests.conftest import ROOT
from tests.made_champion import MLP, SEEDS, csv_text, images, made_champion, of_classes
from tests.made_champion import table as block

FOLDER = Path("results/made/champion")


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes a champion in the current folder, which is the test's own, and reads it."""
    monkeypatch.chdir(tmp_path)

    def make(dataset=None, model=MLP, features=None, **more):
        made_champion(tmp_path, dataset, model=model, features=features, **more)
        return read_champion(FOLDER)

    return make


def export(*arguments):
    """The exit code of `labbook export`."""
    return main(["export", *map(str, arguments)])


def with_runtime(model, inputs):
    """What onnxruntime computes, by the names of the outputs."""
    runtime = pytest.importorskip("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs), strict=True))


def mlp(**settings):
    return {"kind": "mlp", "hidden": [6, 4], **settings}


def cnn(**settings):
    return {"kind": "cnn", "channels": [3, 2], "kernel": 3, "hidden": [4], **settings}


NETWORKS = [
    *((block(), mlp(activation=name)) for name in ACTIVATIONS),
    (block(), mlp(batch_norm=True, dropout=0.5)),
    (block(), {"kind": "linear"}),
    (block(standardise_target=True), {"kind": "polynomial", "degree": 7, "initialisation": "he"}),
    (of_classes(), mlp()),
    (of_classes(), {"kind": "linear"}),
    *((images(), cnn(pooling=kind, batch_norm=norm, kernel=side))
      for kind, norm, side in (("max", True, 3), ("average", False, 1), ("none", True, 5))),
    (images(), {"kind": "linear"}),
    (images(), mlp(batch_norm=True)),
]  # fmt: skip


@pytest.mark.parametrize(("dataset", "model"), NETWORKS)
def test_onnxruntime_says_the_same_of_each_layer(made, dataset, model):
    champion = made(dataset, model)
    inputs, features = made_rows(champion)
    agreement = compare(champion, with_runtime(onnx_model(champion), inputs), features)
    assert agreement.rows == len(features)


def test_every_layer_and_activation_has_a_form():
    assert set(layers.ACTIVATIONS) == set(ACTIVATIONS) == set(typing.get_args(Activation))
    assert set(layers.LAYERS) == set(AnyLayer.__subclasses__())


TABLES = [
    block(missing_indicator=True),
    block(rare=5, missing_category="own"),
    block(rare=30),
    block(missing_category="most_frequent", missing="mean", standardise="numbers"),
    block(log_target=True, standardise_target=True),
    block(categorical=[], ordinal={"colour": ["green", "red", "blue, dark"]}),
    block(categorical=[], drop=["kind", "colour"]),
    block(drop=["kind", "age", "size"], missing="most_frequent"),
    of_classes(standardise="none"),
]


@pytest.mark.parametrize("dataset", TABLES)
@pytest.mark.parametrize("few", [False, True])
def test_preprocessing_is_inside(made, dataset, few):
    """On made rows, and on the rows of the file itself, by onnxruntime."""
    champion = made(dataset)
    if few:  # only the last and the first column are chosen
        names = [champion.prepared.feature_names[place] for place in (-1, 0)]
        champion = made(dataset, features={"method": "names", "names": sorted(set(names))})
    model = onnx_model(champion)
    inputs, features = made_rows(champion)
    assert np.isnan(features).any() or "numbers" not in inputs or few
    compare(champion, with_runtime(model, inputs), features)
    rows = read_rows(champion, Path("data/raw/made/table.csv"))
    table = rows.table
    names = json.loads(model.metadata_props[0].value)
    given = {}
    for kind, values in (("numbers", table.numbers), ("texts", table.texts)):
        if names[kind]:
            given[kind] = np.column_stack([values[name] for name in names[kind]])
    compare(champion, with_runtime(model, given), rows.features(0, len(rows.values)))


def test_dates_are_computed_outside_and_that_is_said(made, capsys):
    lines = csv_text().splitlines()
    text = "\n".join(
        [lines[0] + ",when", *(f"{line},2026-0{1 + i % 9}-11" for i, line in enumerate(lines[1:]))]
    )
    champion = made(block(dates={"when": {"parts": ["month", "elapsed"]}}), text=text + "\n")
    assert export("made", "-o", "m.onnx") == 0
    assert "Not inside, to be computed from dates: when.month.sin" in capsys.readouterr().out
    assert "Dates are not read inside" in Path("m.md").read_text()
    inputs, features = made_rows(champion)
    compare(champion, with_runtime(onnx.load("m.onnx"), inputs), features)


def test_equal_champions_give_equal_bytes(made):
    made()
    assert export("made", "-o", "a/m.onnx") == 0
    assert export(FOLDER, "-o", "b/m.onnx") == 0
    for end in ("onnx", "json"):
        assert Path(f"a/m.{end}").read_bytes() == Path(f"b/m.{end}").read_bytes()
    model = onnx.load("a/m.onnx")
    assert (model.producer_name, model.producer_version) == ("labbook", "1")
    assert [one.version for one in model.opset_import] == [20]


def test_the_card_names_model_data_measures_and_the_way_back(made):
    champion = made()
    assert export("made", "-o", "m.onnx") == 0
    card = json.loads(Path("m.json").read_text())
    assert card["file"]["sha256"] == hashlib.sha256(Path("m.onnx").read_bytes()).hexdigest()
    assert (card["model"]["run"], card["model"]["seed"]) == (champion.about.run, SEEDS[1])
    assert card["inputs"]["numbers"] == ["age", "size"]
    assert card["inputs"]["levels"] == {"colour": ["blue, dark", "green", "red"]}
    assert set(card["measures"]["test_mse"]) >= {"mean", "low", "high", "n"}
    assert card["recreate"][0] == "labbook recreate made/champion"
    page = Path("m.md").read_text()
    assert all(f"## {head}" in page for head in ("How good it is", "Where it ends", "Data"))


def test_the_card_has_verdicts_and_rivals_of_its_own_study_alone(made):
    champion = made()
    Path("results/made/verdicts.csv").write_text("id,sentence,verdict\nc,It is <b>.,refuted\n")
    Path("results/made/rivals.csv").write_text(
        "rival,metric,mean,verdict\nline,test_mse,2,refuted\n"
    )
    Path("results/made/measures.csv").write_text(
        "who,part,metric,mean,low,high,n\nall,test,rmse,1.5,1,2,3\nline,test,mape,1,1,1,3\n"
    )
    for run, there in (("another", False), (champion.about.run, True)):
        Path("results/made/study.json").write_text(json.dumps({"chosen": {"run": run}}))
        assert export("made", "-o", "m.onnx", "--force") == 0
        card, page = json.loads(Path("m.json").read_text()), Path("m.md").read_text()
        assert bool(card["verdicts"]) == bool(card["rivals"]) == there
        assert ("Is a network worth it?" in page) == ("It is \\<b\\>." in page) == there
        assert ("test_rmse" in card["measures"]) == there
        assert "test_mape" not in card["measures"]


def test_hostile_names_mean_nothing_in_the_card(made):
    text = csv_text().replace("size", "<script>|`x`").replace("green", "a|b\\<b>")
    made(of_classes(), text=text)
    assert export("made", "-o", "m.onnx") == 0
    page = Path("m.md").read_text()
    assert "<script>" not in page
    assert "\\<script\\>\\|\\`x\\`" in page
    json.loads(Path("m.json").read_text())
    assert escaped("a\nb\u202e<") == "a b \\<"


def test_a_model_that_disagrees_is_not_written(made, capsys, monkeypatch):
    made(model=mlp(activation="elu"))
    monkeypatch.setitem(layers.ACTIVATIONS, "elu", lambda graph, x: graph.add("Elu", x, alpha=0.5))
    assert export("made", "-o", "m.onnx") == 1
    assert "does not say what the champion says" in capsys.readouterr().err
    assert not list(Path().glob("m.*"))
    monkeypatch.delitem(layers.ACTIVATIONS, "elu")
    assert export("made", "-o", "m.onnx") == 1
    assert "has no form in ONNX yet" in capsys.readouterr().err


def test_nothing_is_overwritten(made):
    made()
    Path("m.md").write_text("mine")
    assert export("made", "-o", "m.onnx") == 1
    assert export("made", "-o", "m.txt") == 1
    assert sorted(path.name for path in Path().glob("m.*")) == ["m.md"]
    assert Path("m.md").read_text() == "mine"
    assert export("made", "-o", "m.onnx", "--force") == 0


def test_a_damaged_champion_is_not_exported(made, capsys):
    made()
    (FOLDER / "model.safetensors").write_bytes(b"x")
    assert export("made", "-o", "m.onnx") == 1
    assert "not a whole champion" in capsys.readouterr().err
    assert not Path("m.onnx").exists()


def test_the_program_of_the_docs_predicts(made):
    """Of docs/predict.md, word for word, on a file with an empty field and a gap in a category."""
    pytest.importorskip("onnxruntime")
    champion = made()
    assert export("made", "-o", "model.onnx") == 0
    Path("new.csv").write_text("who,age,size,colour\nr1,30,4.5,red\nr2,,4.5,\n")
    text = (ROOT / "docs/predict.md").read_text()
    (program,) = re.findall(r"```python\n(import json.*?)```", text, flags=re.DOTALL)
    names: dict = {}
    exec(program, names)  # our own page
    rows = read_rows(champion, Path("new.csv"))
    np.testing.assert_allclose(names["prediction"], predict(champion, rows.features(0, 2)), 1e-5)
