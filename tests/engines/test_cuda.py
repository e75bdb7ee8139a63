"""The cuda engine, its packs eagerly on the CPU: equal to PyTorch, and to itself to the bit."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from labbook.engines.cuda import device
from labbook.engines.cuda.layers import ACTIVATIONS, FORWARD
from labbook.engines.cuda.losses import LOSSES
from labbook.engines.cuda.optimizers import STEPS as OPTIMIZERS
from labbook.engines.cuda.pack import Pack, bytes_each, member_of
from labbook.engines.torch import network, optimizers
from labbook.engines.torch.losses import LOSSES as TORCH_LOSSES
from labbook.errors import LabbookError
from labbook.params.models import Cnn, Linear, Mlp
from labbook.params.training import Adam, Nesterov, Plateau, RMSProp, Sgd
from labbook.runs import DIVERGED, read_run
from labbook.train.watch import Watch
from tests.engines.equality import CASES, STEPS, TOLERANCE, by_torch, deviation, run_of_case
from tests.made_data import images, recipe, run_of, table, task, train

CPU = torch.device("cpu")
DROPPING = Mlp(hidden=[6, 4], batch_norm=True, dropout=0.2, activation="silu")
TASKS = [
    *(task(f"adam{i}", i, "cuda", optimizer=Adam(rate=0.01 * (i + 1))) for i in range(9)),
    task("dropout", 1, "cuda", model=DROPPING, schedule=Plateau(patience=1, factor=0.5)),
    task("other", 2, "cuda", model=DROPPING, schedule=Plateau(patience=2), epochs=5),
    task("rmsprop", 2, "cuda", optimizer=RMSProp(rate=0.01, momentum=0.5), clip=1.0),
    task("nesterov", 3, "cuda", optimizer=Nesterov(rate=0.01), batch="all"),
    task("short", 4, "cuda", patience=1, epochs=11),
]


def by_cuda(run) -> dict[str, np.ndarray]:
    """The weights at the end of training."""
    pack = Pack(run, 3, CPU)
    pack.put(member_of(run, None), None)
    while pack.members[0].ended is None:
        pack.train_epoch(Watch("nowhere"))
    return {
        name: tensor[0].numpy()
        for name, tensor in pack._named(pack.weights, pack.statistics).items()
    }


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("name", CASES)
def test_weights_equal_those_of_pytorch(name: str, steps: int) -> None:
    run = run_of_case(name, steps)
    assert deviation(by_cuda(run), by_torch(run)) <= TOLERANCE


def test_every_name_has_an_entry() -> None:
    assert set(ACTIVATIONS) == set(network.ACTIVATIONS)
    assert set(OPTIMIZERS) == set(optimizers.BUILDERS)
    assert set(LOSSES) == set(TORCH_LOSSES)
    assert set(FORWARD) == set(network.MODULES)


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> dict[str, bytes]:
    """The bytes of each run that is trained in a pack of its own."""
    found: dict[str, bytes] = {}
    with pytest.MonkeyPatch.context() as patch:
        for one in TASKS:
            found |= train([one], table(), tmp_path_factory.mktemp("alone"), patch.setattr)
    return found


@pytest.mark.parametrize("step", [1, -1])
def test_pack_and_place_change_no_bit(tmp_path, monkeypatch, alone, step: int) -> None:
    """Nine runs of one kind for seven places: some begin where others have ended."""
    assert train(TASKS[::step], table(), tmp_path, monkeypatch.setattr) == alone


def test_a_run_that_diverges_leaves_the_others_alone(tmp_path, monkeypatch, alone) -> None:
    bad = task("bad", 0, "cuda", optimizer=Adam(rate=1e30))
    packed = train([bad, *TASKS[:4]], table(), tmp_path, monkeypatch.setattr)
    for one in TASKS[:4]:
        name = f"{one.id}.safetensors"
        assert packed[name] == alone[name]
    assert read_run(tmp_path / "runs/bad.safetensors").ended == DIVERGED


class Stop(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize("stops", [1, 6, 13])
def test_resumed_training_gives_the_same_bytes(tmp_path, monkeypatch, alone, stops: int) -> None:
    monkeypatch.setattr("labbook.train.watch.CHECKPOINT_SECONDS", 0.0)
    asked: list[int] = []

    def halt(watch: Watch) -> None:
        asked.append(1)
        if len(asked) == stops:
            raise Stop

    monkeypatch.setattr("labbook.train.watch.Watch.go_on", halt)
    with pytest.raises(Stop):
        train(TASKS, table(), tmp_path, monkeypatch.setattr)
    assert list((tmp_path / "checkpoints").iterdir())
    monkeypatch.undo()
    assert train(TASKS, table(), tmp_path, monkeypatch.setattr) == alone


def test_images_with_classes(tmp_path, monkeypatch) -> None:
    model = Cnn(channels=[4], kernel=3, hidden=[8], dropout=0.1)
    one = task("one", 0, "cuda", model=model, optimizer=Adam(rate=0.02), epochs=40)
    train([one], images(), tmp_path, monkeypatch.setattr)
    record = read_run(tmp_path / "runs/one.safetensors", ("predictions",))
    assert record.metrics["test_accuracy"] == 1


def test_memory_is_known_beforehand() -> None:
    run = run_of(table(5000, 20), recipe(Mlp(hidden=[300, 200]), batch=128))
    pack = Pack(run, 2, CPU)
    held = sum(t.nbytes for t in (pack.weights, pack.first, pack.second, pack.best_weights))
    held += sum(tensor.nbytes for tensors in pack.data.values() for tensor in tensors)
    assert held / 2 <= bytes_each(run) <= 3 * held


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there() -> None:
    assert device.prepare("auto") == CPU
    with pytest.raises(LabbookError, match="no GPU"):
        device.prepare("cuda")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_agrees_with_the_cpu_and_with_itself(tmp_path, monkeypatch) -> None:
    from labbook.engines.choice import load
    from labbook.train import pack

    monkeypatch.setattr("labbook.train.pack.read_prepared", lambda path: table())
    for name, where in {"cpu": "cpu", "first": "cuda", "second": "cuda"}.items():
        pack.train_pack(TASKS, tmp_path, tmp_path / name, tmp_path / "checkpoints", where, load)
    for one in TASKS:
        name = f"{one.id}.safetensors"
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
        cpu, gpu = (read_run(tmp_path / d / name, ("weights",)).weights for d in ("cpu", "first"))
        for key, weight in cpu.items():
            assert gpu[key] == pytest.approx(weight, abs=1e-4)


def test_runs_of_one_column_and_one_unit(tmp_path, monkeypatch) -> None:
    made = [
        task(f"thin{i}", i, "cuda", model=Mlp(hidden=[1], activation="silu"), batch=5, epochs=3)
        for i in range(4)
    ] + [task("line", 0, "cuda", model=Linear(), optimizer=Sgd(rate=0.01), batch=1, epochs=2)]
    data = replace(table(37, 1), unlabelled=None)
    whole = train(made, data, tmp_path / "pack", monkeypatch.setattr)
    for one in made:
        found = train([one], data, tmp_path / one.id, monkeypatch.setattr)
        assert found[f"{one.id}.safetensors"] == whole[f"{one.id}.safetensors"]
