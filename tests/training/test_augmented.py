"""Training with augmented images: which images are seen when, and what predictions are made of.

Stops and equality of engines: see test_pack.py and tests/engines/equality.py.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from labbook.cli import main
from labbook.data.augmentation import augmented, mixed
from labbook.errors import LabbookError
from labbook.evaluate.choice import Choice, check_weights
from labbook.models import forward
from labbook.models.initialisation import initial_weights
from labbook.params.augment import Augment
from labbook.params.engines import ENGINES, engine_of
from labbook.params.models import Cnn
from labbook.params.training import Plateau, Sgd
from labbook.provenance.graph import Graph
from labbook.running.jobs import run_job
from labbook.training.runfile import RunRecord, read_run
from tests.conftest import ROOT, copy_project
from tests.made_data import images, recipe, run_of, task, train

pytestmark = pytest.mark.thorough

SETTINGS = {
    "rotation": 10.0, "translation": 0.1, "scale": 0.1, "flip": "horizontal", "crop": 1,
    "contrast": 0.2, "brightness": 0.2, "erase": 0.5,
}  # fmt: skip
ALL = Augment(**SETTINGS)
SMALL = Cnn(channels=[3], kernel=3, hidden=[6], pooling="average", activation="tanh")
STILL = Sgd(rate=1e-30)  # weights that do not move
DATA = images(60)
Y = DATA.target[DATA.split(0).train]


@pytest.fixture
def patch(monkeypatch):
    return monkeypatch.setattr


def made(name: str, seed: int, engine: str, augment: Augment | None = ALL, **more):
    settings = {"model": SMALL, "batch": 14, "epochs": 5} | more
    return task(name, seed, engine, augment=augment, **settings)


def record(folder: Path, name: str) -> RunRecord:
    return read_run(folder / f"runs/{name}.safetensors", ("curves", "weights", "predictions"))


@pytest.mark.parametrize("engine", ENGINES)
def test_neither_pack_nor_order_changes_a_bit(tmp_path, patch, engine):
    tasks = [
        made("all", 0, engine),
        made("plain", 0, engine, None),
        made("turned", 0, engine, Augment(rotation=20.0)),
        made("longer", 0, engine, epochs=8, schedule=Plateau(patience=1)),
        made("other", 1, engine, batch="all"),
    ]
    alone: dict[str, bytes] = {}
    for one in tasks:
        alone = train([one], DATA, tmp_path / "alone", patch)
    assert len(set(alone.values())) == len(tasks)
    assert train(tasks[::-1], DATA, tmp_path / "packed", patch) == alone


@pytest.mark.parametrize("engine", ENGINES)
def test_training_rows_alone_are_changed_and_in_each_epoch_otherwise(tmp_path, patch, engine):
    tasks = [
        made("plain", 0, engine, None, optimizer=STILL, batch="all"),
        made("all", 0, engine, optimizer=STILL, batch="all"),
    ]
    train(tasks, DATA, tmp_path, patch)
    plain, changed = record(tmp_path, "plain"), record(tmp_path, "all")
    assert (plain.curves["valid_loss"] == changed.curves["valid_loss"]).all()
    for part in ("valid", "test"):
        assert (plain.predictions[part] == changed.predictions[part]).all()
    assert plain.metrics == changed.metrics  # those of the training rows, too
    assert np.ptp(plain.curves["train_loss"]) < 1e-6
    network = run_of(DATA, tasks[1].recipe).network
    for epoch, loss in enumerate(changed.curves["train_loss"], 1):
        x = augmented(DATA.pixels(0, "train"), ALL, 0, "epoch", epoch)[:, None]
        log_p = log_softmax(forward(network, initial_weights(network, 0), x), axis=1)
        assert loss == pytest.approx(-log_p[np.arange(len(Y)), Y].mean(), rel=1e-5)


def test_mixed_classes_are_weighed_by_their_shares(tmp_path, patch):
    block = Augment(flip="vertical", mixup=0.5)
    one = made("one", 0, "torch", block, optimizer=STILL, batch="all", epochs=3)
    train([one], DATA, tmp_path, patch)
    network = run_of(DATA, one.recipe).network
    for epoch, loss in enumerate(record(tmp_path, "one").curves["train_loss"], 1):
        pixels = augmented(DATA.pixels(0, "train"), block, 0, "epoch", epoch)
        x, shares = mixed(pixels, Y, 3, block, 0, epoch)
        log_p = log_softmax(forward(network, initial_weights(network, 0), x[:, None]), axis=1)
        assert loss == pytest.approx(-(shares * log_p).sum(axis=1).mean(), rel=1e-5)


def test_mixing_is_left_to_torch():
    plain, mixing = recipe(augment=Augment(crop=1)), recipe(augment=Augment(mixup=0.2))
    for asked, device in (("auto", "cpu"), ("compiled", "cpu"), ("auto", "cuda"), ("cuda", "auto")):
        assert engine_of(asked, device, plain) != "torch"
        assert engine_of(asked, device, mixing) == "torch"


def test_predictions_are_the_mean_over_copies(tmp_path, patch):
    block = Augment(**SETTINGS, test_copies=4)
    train([made("one", 0, "compiled", block), made("plain", 0, "compiled")], DATA, tmp_path, patch)
    copied, plain = record(tmp_path, "one"), record(tmp_path, "plain")
    for name, array in plain.weights.items():
        assert (copied.weights[name] == array).all()  # the copies change predictions alone
    network = run_of(DATA, recipe(SMALL)).network
    for part in ("train", "valid", "test"):
        chances = [
            softmax(forward(network, copied.weights, x[:, None]), axis=1)
            for x in (augmented(DATA.pixels(0, part), block, 0, part, n) for n in range(1, 5))
        ]
        mean, target = np.mean(chances, axis=0), DATA.target[getattr(DATA.split(0), part)]
        assert copied.metrics[f"{part}_accuracy"] == (mean.argmax(axis=1) == target).mean()
        loss = -np.log(mean[np.arange(len(target)), target]).mean()
        assert copied.metrics[f"{part}_cross_entropy"] == pytest.approx(loss, rel=1e-4)
        if part != "train":
            assert np.exp(copied.predictions[part]) == pytest.approx(mean, abs=1e-5)
            assert not np.allclose(copied.predictions[part], plain.predictions[part], atol=1e-3)


def test_a_champion_with_copies_is_checked_and_a_broken_one_found(tmp_path, patch):
    one = made("one", 0, "compiled", Augment(**SETTINGS, test_copies=3))
    train([one], DATA, tmp_path, patch)
    results = SimpleNamespace(
        prepared=DATA,
        study=SimpleNamespace(task="classification"),
        columns=lambda label, seed: None,
        combinations={"label": SimpleNamespace(recipe=one.recipe)},
        path=lambda label, seed: Path("one"),
    )
    champion = record(tmp_path, "one")
    check_weights(results, Choice("label", 0), champion)
    champion.weights["output.bias"][0] += 0.5
    with pytest.raises(LabbookError, match="do not give the validation predictions"):
        check_weights(results, Choice("label", 0), champion)


def test_a_whole_project_with_augmentation(tmp_path, monkeypatch, capsys):
    """From the download to the report; only runs that mix are torch's; idle blocks are plain."""
    folder = copy_project(tmp_path / "project", ROOT / "tests/augment.yaml")
    monkeypatch.chdir(folder)
    assert main(["check"]) == 0
    assert "2 runs are left to the engine torch: training.augment.mixup" in capsys.readouterr().out
    for name in Graph.load().nodes:
        run_job(name, None)
    graph = Graph.load()
    for key, run in graph.plan.runs.items():
        augment = run.recipe.training.augment
        mixes = augment is not None and augment.mixup > 0
        assert graph.identities[key]["engine"] == ("torch" if mixes else "compiled")
    plain, unmixed = graph.study("digits-augment"), graph.study("digits-mixup")
    assert plain.runs["augment none", 0] == unmixed.runs["mixup 0", 0]  # one and the same run
    assert "Do mixed digits help?" in Path("results/report.html").read_text()
