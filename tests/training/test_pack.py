"""Packs: equal bytes whatever the pack, its order, the threads, and stops on the way."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from sklearn.dummy import DummyClassifier
from sklearn.metrics import log_loss

from labbook.engines.choice import load
from labbook.errors import LabbookError
from labbook.metrics import measure
from labbook.models import forward
from labbook.params.augment import Augment
from labbook.params.engines import ENGINES
from labbook.params.models import Cnn, Linear, Mlp
from labbook.params.training import Adagrad, Adam, Momentum, Nesterov, Plateau, RMSProp, Sgd
from labbook.training import pack, record, watch
from labbook.training.run import Trained
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, RunRecord, read_run
from tests.conftest import ROOT, clean_environment
from tests.engines.stops import train_with_stops
from tests.made_data import LATE, images, run_of, table, task, together, train

pytestmark = pytest.mark.thorough

DROPPING = Mlp(hidden=[6, 4], batch_norm=True, dropout=0.2)
TASKS = [
    task("adam", 0),
    task("dropout", 1, model=DROPPING, schedule=Plateau(patience=1, factor=0.5)),
    task("rmsprop", 2, optimizer=RMSProp(rate=0.01, momentum=0.5), clip=1.0),
    task("nesterov", 3, optimizer=Nesterov(rate=0.01), batch="all"),
]
ALL = ("curves", "weights", "predictions")


@pytest.fixture(params=ENGINES)
def engine(request, monkeypatch):
    # One step a slice: the compiled engine, too, stops and says where it is wherever it can.
    monkeypatch.setattr("labbook.engines.compiled.engine.MOST_ROWS", 1)
    return request.param


@pytest.fixture
def tasks(engine):
    return [replace(one, engine=engine) for one in TASKS]


@pytest.fixture
def patch(monkeypatch):
    return monkeypatch.setattr


def read(folder: Path, name: str) -> RunRecord:
    return read_run(folder / f"runs/{name}.safetensors", ALL)


def test_a_record_says_what_came_out(tmp_path, patch, engine):
    data, one = table(), task("one", 5, engine)
    train([one], data, tmp_path, patch)
    record = read(tmp_path, "one")
    assert record.identity == one.identity
    assert record.epochs == 12
    assert {name: len(curve) for name, curve in record.curves.items()} == {
        "train_loss": 12, "valid_loss": 12, "rate": 12,
    }  # fmt: skip
    assert {name: len(p) for name, p in record.predictions.items()} == {
        "valid": 12, "test": 12, "unlabelled": 4,
    }  # fmt: skip
    assert all(a.dtype == np.float32 for a in (*record.curves.values(), *record.weights.values()))
    target = data.target[data.split(5).test]
    expected = np.mean((record.predictions["test"].astype(float) - target) ** 2)
    assert record.metrics["test_mse"] == pytest.approx(expected)
    best = record.curves["valid_loss"][record.best_epoch - 1]
    assert record.metrics["valid_mse"] == pytest.approx(best * data.scale**2, rel=1e-5)
    assert [layer[0] for layer in record.layers] == ["linear1", "linear2", "output"]
    assert not list((tmp_path / "checkpoints").glob("*.safetensors"))


def test_selected_columns(tmp_path, patch, engine):
    """Those of each run's own seed, also beside a run with others."""
    chosen = SimpleNamespace(columns=lambda seed: np.array([2, seed]))
    patch("labbook.training.pack.read_selection", lambda path: chosen)
    path = tmp_path / "selection.json"
    tasks = [
        replace(task(str(seed), seed, engine, model=Linear()), selection=path) for seed in (0, 1)
    ]
    both = train(tasks, table(), tmp_path / "both", patch)
    assert read(tmp_path / "both", "1").weights["output.weight"].shape == (1, 2)
    alone = train(tasks[1:], table(), tmp_path / "alone", patch)
    assert alone["1.safetensors"] == both["1.safetensors"]


def test_images_with_classes(tmp_path, patch, engine):
    model = Cnn(channels=[4], kernel=3, hidden=[8], dropout=0.1)
    one = task("one", 0, engine, model=model, optimizer=Adam(rate=0.02), epochs=40)
    train([one], images(), tmp_path, patch)
    record = read(tmp_path, "one")
    assert record.metrics["test_accuracy"] == 1
    assert np.exp(record.predictions["test"]).sum(axis=1) == pytest.approx(np.ones(12), abs=1e-5)


def test_bytes_do_not_depend_on_the_pack_its_order_or_the_threads(tmp_path, patch, tasks):
    alone: dict[str, bytes] = {}
    for one in tasks:
        alone = train([one], table(), tmp_path / "alone", patch)
    torch.set_num_threads(2)
    assert train(tasks[::-1], table(), tmp_path / "packed", patch) == alone


def test_runs_that_are_there_are_left_alone_and_broken_ones_made_again(tmp_path, patch, tasks):
    made: list[str] = []
    whole = train(tasks[:2], table(), tmp_path, patch)
    (tmp_path / "runs/dropout.safetensors").write_bytes(whole["dropout.safetensors"][:-9])
    before = (tmp_path / "runs/adam.safetensors").stat().st_mtime_ns
    again = train(
        tasks[:2], table(), tmp_path, patch, notify=lambda record, seconds: made.append(record.id)
    )
    assert again == whole
    assert made == ["dropout"]
    assert (tmp_path / "runs/adam.safetensors").stat().st_mtime_ns == before
    patch("labbook.training.pack.read_prepared", pytest.fail)  # nothing to do: nothing is read
    pack.train_pack(tasks[:2], tmp_path, tmp_path / "runs", tmp_path / "checkpoints", "cpu", load)


def test_a_run_that_diverges_has_curves_and_no_metrics(tmp_path, patch, engine):
    bad = task("bad", 0, engine, model=Linear(), optimizer=Sgd(rate=1e5))
    train([bad], table(), tmp_path, patch)
    record = read(tmp_path, "bad")
    assert np.isfinite(record.weights["output.weight"]).all()  # of the epochs before
    assert record.ended == DIVERGED
    assert len(record.curves["valid_loss"]) == record.epochs < 12
    assert set(record.metrics) == {
        f"{p}_{m}" for p in ("train", "valid", "test") for m in ("mse", "mae", "r2")
    }
    assert np.isnan(list(record.metrics.values())).all()
    assert not record.predictions


def test_a_run_that_diverges_after_its_best_epoch_keeps_that_epochs_model(tmp_path, patch, engine):
    patch("labbook.engines.compiled.engine.MOST_ROWS", 2**24)
    data, late = together(), task("late", 1, engine, **LATE)
    train([late], data, tmp_path, patch)
    record = read(tmp_path, "late")
    assert record.ended == DIVERGED_LATER
    assert 0 < record.best_epoch < record.epochs / 4
    losses = np.array([record.curves["train_loss"], record.curves["valid_loss"]])
    assert np.isfinite(losses).all(axis=0).tolist() == [True] * (record.epochs - 1) + [False]
    best = record.curves["valid_loss"][record.best_epoch - 1]
    assert record.metrics["valid_mse"] == pytest.approx(best * data.scale**2, rel=1e-5)
    assert record.metrics["test_r2"] > 0.8
    run = run_of(data, late.recipe, late.seed)
    outputs = forward(run.network, record.weights, run.part("test")[0])[:, 0]
    expected = data.original(outputs, 1)
    assert record.predictions["test"] == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("shares", [(), (0.0, 0.5, 0.5)])
def test_what_learnt_less_than_a_constant_has_failed(shares):
    """The bound is 5 % below the loss of the training rows' mean, or of their classes' shares.

    Of many epochs of noise the lowest loss is a little below the constant's.
    """
    data = table()
    if shares:
        classes = np.random.default_rng(0).choice(3, len(data.target), p=shares)
        data = replace(data, target=classes, task="classification", classes=("a", "b", "c"))
    run = run_of(data, task().recipe)
    (_, train_y), (_, valid_y) = run.part("train"), run.part("valid")
    if shares:
        prior = DummyClassifier(strategy="prior").fit(np.zeros((len(train_y), 1)), train_y)
        chances = prior.predict_proba(np.zeros((len(valid_y), 1)))
        bound = log_loss(valid_y, chances, labels=[1, 2])
    else:
        bound = np.mean((valid_y - train_y.mean()) ** 2)

    def with_loss(loss: float) -> Trained:
        curves = {"valid_loss": np.array([2 * bound, loss, np.nan], np.float32)}
        return Trained(run, DIVERGED, 2, curves, {}, lambda x: np.zeros((len(x), 1)))

    assert record.has_learnt(with_loss(bound * 0.949))
    assert not record.has_learnt(with_loss(bound * 0.951))
    assert not record.has_learnt(replace(with_loss(bound * 0.5), best_epoch=0))


@pytest.mark.parametrize("offset", [1.7e9, -291_230.0])
def test_a_constant_added_to_the_target_changes_no_error(tmp_path, patch, engine, offset):
    """Nor does it round predictions: float32 has steps of 128 at 1.7e9."""
    plain = table()
    far = replace(plain, target=plain.target + offset, mean=offset)
    records = {}
    for name, data in {"plain": plain, "far": far}.items():
        train([task("one", 5, engine)], data, tmp_path / name, patch)
        records[name] = read(tmp_path / name, "one")
    assert records["far"].metrics == pytest.approx(records["plain"].metrics, rel=1e-4)
    for name, predicted in records["far"].predictions.items():
        assert predicted.dtype == np.float64
        expected = records["plain"].predictions[name]
        assert predicted - offset == pytest.approx(expected, abs=1e-4)
    rows = far.split(5).test
    again = measure("regression", "test", far.target[rows], records["far"].predictions["test"])
    assert again == {name: records["far"].metrics[name] for name in again}


# Stops. Several channels: torch keeps them last in memory, and so must the optimiser's state.
CNN = {"model": Cnn(channels=[4, 6], kernel=3, hidden=[8], batch_norm=True, dropout=0.1)}
CHANGED = Augment(
    rotation=10.0, translation=0.1, scale=0.1, flip="horizontal", crop=1, contrast=0.2,
    brightness=0.2, erase=0.5,
)  # fmt: skip
AUGMENTED = {"model": Cnn(channels=[3], kernel=3, hidden=[6], pooling="average"), "batch": 14}
STOPPED: dict[str, dict] = {
    "dropout, batch norm, rates by loss": {"model": DROPPING, "schedule": Plateau(patience=1)},
    "full batch": {"optimizer": Nesterov(rate=0.01), "batch": "all", "epochs": 9},
    "clipped, norms, stalled": {
        "optimizer": RMSProp(rate=0.01, momentum=0.5), "clip": 1.0, "gradient_norms": True,
        "stalled": 3,
    },
    "images, momentum": {"optimizer": Momentum(rate=0.01), **CNN},
    "images, adagrad": {"optimizer": Adagrad(rate=0.01), **CNN},
    "images, rmsprop": {"optimizer": RMSProp(rate=0.01), **CNN},
    "images, adam": {"optimizer": Adam(rate=0.01), **CNN},
    "images, augmented": {"augment": CHANGED, **AUGMENTED},
    "images, mixed": {"augment": Augment(mixup=0.4, crop=1), **AUGMENTED},
}  # fmt: skip


@pytest.mark.parametrize("case", STOPPED)
def test_stops_anywhere_change_no_bit(tmp_path, monkeypatch, case, engine):
    """Between any two blocks of rows (compiled), in mid-epoch (cuda), while images are changed."""
    if case == "images, mixed" and engine != "torch":
        pytest.skip("mixing is left to torch")
    monkeypatch.setattr("labbook.data.augmentation.BLOCK", 64 * 12)  # twelve images
    monkeypatch.setattr("labbook.engines.compiled.program.MOST_ROWS", 5)
    data = images() if "images" in case else table()
    settings = {"epochs": 4} | STOPPED[case]
    tasks = [task(f"run{seed}", seed, engine, **settings) for seed in (0, 1)]
    with monkeypatch.context() as patched:
        patched.setattr("labbook.engines.compiled.engine.MOST_ROWS", 2**24)
        expected = train(tasks, data, tmp_path / "straight", patched.setattr)
    files, stops = train_with_stops(tasks, data, tmp_path / "stopped", monkeypatch)
    assert files == expected
    assert stops >= 6
    assert not list((tmp_path / "stopped/checkpoints").glob("*.safetensors"))


def test_a_foreign_checkpoint_is_ignored(tmp_path, patch, capfd, tasks):
    one = tasks[0]
    expected = train([one], table(), tmp_path / "straight", patch)
    patch("labbook.training.watch.CHECKPOINT_SECONDS", 0.0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("labbook.training.watch.Watch.forget", lambda self, run_id: None)
        train([replace(one, identity={"other": 1})], table(), tmp_path / "foreign", patch)
    (tmp_path / "foreign/checkpoints").rename(tmp_path / "checkpoints")
    capfd.readouterr()
    assert train([one], table(), tmp_path, patch) == expected
    assert "is ignored and the run starts anew" in capfd.readouterr().err


@pytest.mark.parametrize(("number", "last"), [(signal.SIGTERM, False), (signal.SIGINT, True)])
def test_a_signal_while_a_run_is_handed_over(tmp_path, patch, engine, number, last):
    """Whoever is still in work is saved as it is then, though its last checkpoint was long ago."""
    ends = {"first": 4, "second": 4, "third": 9}  # first and second end at once in a pack
    tasks = [task(name, i, engine, epochs=n) for i, (name, n) in enumerate(ends.items())]
    expected = train(tasks, table(), tmp_path / "straight", patch)
    made: list[str] = []

    def stop(record, seconds):
        made.append(record.id)
        if len(made) == (len(tasks) if last else 1):
            os.kill(os.getpid(), number)

    with pytest.raises(LabbookError if number == signal.SIGTERM else KeyboardInterrupt):
        train(tasks, table(), tmp_path / "stopped", patch, notify=stop)
    assert made == (list(ends) if last else ["first"])
    one = watch.Watch(tmp_path / "stopped/checkpoints")
    saved = {t.id: one.load(t.id, t.identity) for t in tasks}
    if engine == "cuda" and not last:  # all three were in work
        assert saved.pop("first") is None
        assert {name: len(arrays["rate"]) for name, arrays in saved.items()} == {
            "second": 4, "third": 4,
        }  # fmt: skip
    else:
        assert not any(saved.values())
    assert train(tasks, table(), tmp_path / "stopped", patch) == expected


SCRIPT = """
import sys
from pathlib import Path
from tests.made_data import table, task, train
from labbook.training import pack, watch
from labbook.errors import LabbookError
watch.CHECKPOINT_SECONDS = 0.0
def patch(name, value): pack.read_prepared = value
one = task("long", 0, sys.argv[3], epochs=int(sys.argv[2]))
try:
    train([one], table(), Path(sys.argv[1]), patch)
except LabbookError as error:
    sys.exit(str(error))
"""


def epochs_in(path: Path) -> int:
    """How many epochs a checkpoint holds, 0 where it is not there yet."""
    if not path.exists():
        return 0
    with safe_open(str(path), framework="numpy") as file:
        name = "rates" if "rates" in file.keys() else "rate"  # noqa: SIM118
        return len(file.get_tensor(name))


@pytest.mark.parametrize(
    ("number", "engine", "epochs"),
    [
        (signal.SIGKILL, "torch", 600),
        (signal.SIGKILL, "compiled", 60_000),
        (signal.SIGTERM, "compiled", 60_000),
        (signal.SIGINT, "cuda", 300),
    ],
)
def test_killed_and_resumed(tmp_path, patch, number, engine, epochs):
    environment = clean_environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}")
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "killed"), str(epochs), engine]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    path = tmp_path / "killed/checkpoints/long.safetensors"
    while process.poll() is None and epochs_in(path) < 3:
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode != 0
    assert path.exists()
    assert not (tmp_path / "killed/runs").exists()
    if number == signal.SIGTERM:
        assert errors.startswith("Training was stopped by SIGTERM.")
    one = task("long", 0, engine, epochs=epochs)
    seen: list[int] = []
    patch("labbook.training.watch.PROGRESS_SECONDS", 0.0)
    resumed = train(
        [one], table(), tmp_path / "killed", patch, progress=lambda _, epoch: seen.append(epoch)
    )
    assert seen[0] > 1
    assert resumed == train([one], table(), tmp_path / "straight", patch)


def test_recent_states_are_not_written():
    one = watch.Watch(Path("nowhere"))
    assert not one.pause()
    one.saved -= watch.CHECKPOINT_SECONDS
    assert one.pause()
    one.go_on()
    assert not one.pause()


def test_saving_takes_a_small_share_of_the_time(tmp_path, patch):
    patch("labbook.training.watch.write_checkpoint", lambda *_: time.sleep(0.3))
    one = watch.Watch(tmp_path)
    for run_id in "abcdef":
        one.save(run_id, {}, {})
    one.go_on()
    one.saved -= watch.CHECKPOINT_SECONDS
    assert not one.pause()
    one.saved -= watch.CHECKPOINT_SECONDS  # 1.8 s of saving: 36 s later
    assert one.pause()
    one.go_on()
    one.saved -= watch.CHECKPOINT_SECONDS
    assert one.pause()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_agrees_with_the_cpu_and_with_itself(tmp_path, patch):
    patch("labbook.training.pack.read_prepared", lambda path: table())
    for name, device in {"cpu": "cpu", "first": "cuda", "second": "cuda"}.items():
        pack.train_pack(TASKS, tmp_path, tmp_path / name, tmp_path / "checkpoints", device, load)
    for one in TASKS:
        name = f"{one.id}.safetensors"
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
        cpu, gpu = (read_run(tmp_path / d / name, ("weights",)).weights for d in ("cpu", "first"))
        for key, weight in cpu.items():
            assert gpu[key] == pytest.approx(weight, abs=1e-4)
