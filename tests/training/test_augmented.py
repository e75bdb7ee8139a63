"""Training with augmented images: the same bits in any pack and after stops, and in all engines."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from labbook.cli import main
from labbook.data.augmentation import augmented, mixed
from labbook.errors import LabbookError
from labbook.evaluate.choice import Choice, check_weights
from labbook.models.forward import forward
from labbook.models.initialisation import initial_weights
from labbook.params.augment import Augment
from labbook.params.engines import engine_of
from labbook.params.models import Cnn, Mlp
from labbook.params.training import Adam, Plateau, Sgd
from labbook.provenance.graph import Graph
from labbook.running.jobs import run_job
from labbook.training.runfile import read_run
from labbook.training.watch import Watch
from tests.conftest import ROOT, copy_project
from tests.engines.equality import deviation
from tests.made_data import images, recipe, run_of, task, train

pytestmark = pytest.mark.thorough

ALL = Augment(
    rotation=10.0, translation=0.1, scale=0.1, flip="horizontal", crop=1, contrast=0.2,
    brightness=0.2, erase=0.5,
)  # fmt: skip
SMALL = Cnn(channels=[3], kernel=3, hidden=[6], pooling="average", activation="tanh")
DATA = images(60)


@pytest.fixture(params=["torch", "compiled", "cuda"])
def engine(request, monkeypatch):
    # One step a slice: the compiled engine, too, stops and says where it is wherever it can.
    monkeypatch.setattr("labbook.engines.compiled.engine.MOST_ROWS", 1)
    return request.param


@pytest.fixture
def patch(monkeypatch):
    return monkeypatch.setattr


def made(name: str, seed: int, engine: str, augment: Augment | None = ALL, **more):
    settings = {"model": SMALL, "batch": 14, "epochs": 5} | more
    return task(name, seed, engine, augment=augment, **settings)


def record(folder: Path, name: str):
    return read_run(folder / f"runs/{name}.safetensors", ("curves", "weights", "predictions"))


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


@pytest.mark.parametrize("stops", [[1], [2, 3]])
@pytest.mark.parametrize(
    ("engine", "augment"),
    [("torch", ALL), ("torch", Augment(mixup=0.4, crop=1)), ("compiled", ALL), ("cuda", ALL)],
    ids=["torch", "torch-mixup", "compiled", "cuda"],
    indirect=["engine"],
)
def test_a_resumed_run_gives_the_same_bytes(tmp_path, patch, engine, augment, stops):
    one = made("one", 0, engine, augment)
    expected = train([one], DATA, tmp_path / "straight", patch)
    patch("labbook.training.watch.CHECKPOINT_SECONDS", 0.0)
    patch("labbook.training.watch.PROGRESS_SECONDS", 0.0)

    class StopError(Exception):
        pass

    for stop in stops:

        def halt(_, epoch, stop=stop):
            if epoch == stop:
                raise StopError

        with pytest.raises(StopError):
            train([one], DATA, tmp_path / "resumed", patch, progress=halt)
    seen: list[int] = []
    found = train(
        [one], DATA, tmp_path / "resumed", patch, progress=lambda _, epoch: seen.append(epoch)
    )
    assert seen[0] >= stops[-1]
    assert found == expected


@pytest.mark.parametrize("engine", ["compiled", "cuda"])
def test_a_stop_while_images_are_changed_or_in_mid_epoch_changes_no_bit(
    tmp_path, monkeypatch, engine
):
    one = made("one", 0, engine, epochs=3)
    expected = train([one], DATA, tmp_path / "straight", monkeypatch.setattr)
    monkeypatch.setattr("labbook.engines.compiled.engine.MOST_ROWS", 1)
    monkeypatch.setattr("labbook.data.augmentation.BLOCK", 64 * 12)  # three blocks of twelve images
    monkeypatch.setattr("labbook.training.watch.CHECKPOINT_SECONDS", 0.0)

    class StopError(Exception):
        pass

    left = 0

    def halt(watch: Watch) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise StopError

    monkeypatch.setattr("labbook.training.watch.Watch.go_on", halt)
    found, stopped = None, 0
    while found is None:
        left = 1 + stopped  # a little further each time: the engine cuda begins its epoch anew
        try:
            found = train([one], DATA, tmp_path / "stopped", monkeypatch.setattr)
        except StopError:
            stopped += 1
    assert stopped > 5
    assert found == expected


def test_validation_rows_are_seen_as_they_are(tmp_path, patch, engine):
    """With weights that do not move, only the training loss changes, and each epoch differently."""
    rate = Sgd(rate=1e-30)
    tasks = [made("plain", 0, engine, None, optimizer=rate), made("all", 0, engine, optimizer=rate)]
    train(tasks, DATA, tmp_path, patch)
    plain, changed = record(tmp_path, "plain"), record(tmp_path, "all")
    assert (plain.curves["valid_loss"] == changed.curves["valid_loss"]).all()
    for part in ("valid", "test"):
        assert (plain.predictions[part] == changed.predictions[part]).all()
    assert plain.metrics == changed.metrics  # those of the training rows, too
    assert np.ptp(plain.curves["train_loss"]) < 1e-6
    assert len(set(changed.curves["train_loss"].tolist())) == 5


def test_the_training_loss_is_that_of_the_changed_images(tmp_path, patch, engine):
    one = made("one", 0, engine, optimizer=Sgd(rate=1e-30), batch="all")
    train([one], DATA, tmp_path, patch)
    run = run_of(DATA, one.recipe)
    weights = initial_weights(run.network, 0)
    y = DATA.target[DATA.split(0).train]
    for epoch, loss in enumerate(record(tmp_path, "one").curves["train_loss"], 1):
        x = augmented(DATA.pixels(0, "train"), ALL, 0, "epoch", epoch)[:, None]
        log_p = log_softmax(forward(run.network, weights, x), axis=1)
        assert loss == pytest.approx(-log_p[np.arange(len(y)), y].mean(), rel=1e-5)


@pytest.mark.parametrize("engine", ["compiled", "cuda"])
@pytest.mark.parametrize("model", [SMALL, Mlp(hidden=[7], activation="tanh", dropout=0.2)])
def test_engines_agree(tmp_path, patch, engine, model):
    for name in ("torch", engine):
        one = made("one", 3, name, model=model, epochs=30, optimizer=Adam(rate=0.003))
        train([one], DATA, tmp_path / name, patch)
    ours, theirs = record(tmp_path / engine, "one"), record(tmp_path / "torch", "one")
    assert ours.best_epoch == theirs.best_epoch
    assert deviation(ours.weights, theirs.weights) < 2e-5
    assert ours.curves["train_loss"] == pytest.approx(theirs.curves["train_loss"], rel=1e-4)


def test_mixed_classes_are_weighed_by_their_shares(tmp_path, patch):
    block = Augment(flip="vertical", mixup=0.5)
    one = made("one", 0, "torch", block, optimizer=Sgd(rate=1e-30), batch="all", epochs=3)
    train([one], DATA, tmp_path, patch)
    run = run_of(DATA, one.recipe)
    weights, y = initial_weights(run.network, 0), DATA.target[DATA.split(0).train]
    for epoch, loss in enumerate(record(tmp_path, "one").curves["train_loss"], 1):
        pixels = augmented(DATA.pixels(0, "train"), block, 0, "epoch", epoch)
        x, shares = mixed(pixels, y, 3, block, 0, epoch)
        log_p = log_softmax(forward(run.network, weights, x[:, None]), axis=1)
        assert loss == pytest.approx(-(shares * log_p).sum(axis=1).mean(), rel=1e-5)


def test_mixing_is_left_to_torch():
    plain, mixing = recipe(augment=Augment(crop=1)), recipe(augment=Augment(mixup=0.2))
    for asked, device in (("auto", "cpu"), ("compiled", "cpu"), ("auto", "cuda"), ("cuda", "auto")):
        assert engine_of(asked, device, plain) != "torch"
        assert engine_of(asked, device, mixing) == "torch"


def test_predictions_are_the_mean_over_copies(tmp_path, patch, engine):
    block = replace_block(ALL, test_copies=4)
    one = made("one", 0, engine, block)
    train([one, replace(made("plain", 0, engine))], DATA, tmp_path, patch)
    found, plain = record(tmp_path, "one"), record(tmp_path, "plain")
    for name, array in plain.weights.items():
        assert (found.weights[name] == array).all()  # the copies change predictions alone
    run = run_of(DATA, one.recipe)
    for part in ("train", "valid", "test"):
        total = 0
        for copy in range(1, 5):
            x = augmented(DATA.pixels(0, part), block, 0, part, copy)
            total = total + softmax(forward(run.network, found.weights, x[:, None]), axis=1)
        target = DATA.target[getattr(DATA.split(0), part)]
        mean = total / 4
        assert found.metrics[f"{part}_accuracy"] == (mean.argmax(axis=1) == target).mean()
        loss = -np.log(mean[np.arange(len(target)), target]).mean()
        assert found.metrics[f"{part}_cross_entropy"] == pytest.approx(loss, rel=1e-4)
        if part != "train":
            assert np.exp(found.predictions[part]) == pytest.approx(mean, abs=1e-5)
            assert not np.allclose(found.predictions[part], plain.predictions[part], atol=1e-3)


def test_a_champion_with_copies_is_checked_and_a_broken_one_found(tmp_path, patch):
    one = made("one", 0, "compiled", replace_block(ALL, test_copies=3))
    train([one], DATA, tmp_path, patch)
    results = SimpleNamespace(
        prepared=DATA,
        study=SimpleNamespace(task="classification"),
        columns=lambda label, seed: None,
        combinations={"label": SimpleNamespace(recipe=one.recipe)},
        path=lambda label, seed: Path("one"),
    )
    found = record(tmp_path, "one")
    check_weights(results, Choice("label", 0), found)
    found.weights["output.bias"][0] += 0.5
    with pytest.raises(LabbookError, match="do not give the validation predictions"):
        check_weights(results, Choice("label", 0), found)


def replace_block(block: Augment, **settings) -> Augment:
    """`block` with other settings, validated."""
    return Augment.model_validate(block.model_dump() | settings)


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
