"""The engine `cuda`: places, memory, graphs and threads of stacks, and what only a card can show.

That it agrees with PyTorch, equality.py says; that no pack changes a bit, test_same_bits.py.
"""

import itertools
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from labbook.engines.cuda import graph, inputs, memory, products, stack
from labbook.engines.cuda.engine import Engine
from labbook.engines.cuda.group import Group, group_runs
from labbook.engines.cuda.products import product
from labbook.engines.cuda.rows import Rows
from labbook.errors import LabbookError
from labbook.params.models import Cnn, Linear, Mlp, Polynomial
from labbook.params.training import Adam, Sgd
from labbook.plan.memory import process_bytes
from labbook.streams import stream
from labbook.training.run import Run
from labbook.training.watch import Watch
from tests.engines import test_same_bits as same
from tests.engines.equality import CASES, TIMES, allowed, by_cuda, by_torch, deviation, run_of_case
from tests.engines.stops import StopError
from tests.made_data import images, recipe, run_of, table

pytestmark = pytest.mark.thorough

GPU, CPU = torch.device("cuda"), torch.device("cpu")
GPU_TIMES = 20  # its elementary functions round more often than a CPU's; not yet seen on a card
NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")


def run(data=None, seed: int = 0, model=None, optimizer=None, **training) -> Run:
    """A run of 36 training rows, named after what makes it differ from others."""
    made = recipe(model, optimizer, **{"batch": 8, "epochs": 4} | training)
    name = f"{seed}-{abs(hash(made.model_dump_json())):x}"
    return run_of(table() if data is None else data, made, seed, name)


def group_of(one: Run) -> Group:
    (group,) = group_runs([one])
    return group


# ---- places


@pytest.mark.vectors
def test_bits_of_every_place() -> None:
    settings = {"model": Mlp(hidden=[7], activation="gelu", dropout=0.2), "clip": 0.5, "batch": 5}
    made = recipe(**settings, epochs=4)
    runs = [run_of(same.CLASSES, made, name=f"place-{i}") for i in range(memory.CPU_PLACES)]
    assert len({same.digest(one) for one in same.trained("cuda", runs).values()}) == 1


@pytest.mark.vectors
def test_more_runs_than_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that gets free is taken at once; rows of few splits at a time change nothing."""
    monkeypatch.setattr(memory, "CPU_PLACES", 4)
    runs = [run(seed=seed, epochs=2 + seed % 5, optimizer=Adam(rate=0.02)) for seed in range(12)]
    made = same.trained("cuda", runs)
    assert len(made) == len(runs)
    monkeypatch.setattr(memory, "CPU_BYTES", 1)
    again = same.trained("cuda", runs)
    assert {name: same.digest(one) for name, one in made.items()} == {
        name: same.digest(one) for name, one in again.items()
    }
    for one in runs[-2:]:
        assert same.digest(made[one.id]) == same.bits(one, "cuda")


def test_runs_of_many_kinds_at_once() -> None:
    runs = [
        run(), run(batch=16), run(model=Linear()), run(optimizer=Sgd(rate=0.1)), run(clip=1.0),
        run(seed=1), run(optimizer=Adam(rate=0.3)), run(patience=2), run(epochs=2),
    ]  # fmt: skip
    assert [len(group.runs) for group in group_runs(runs)] == [5, 1, 1, 1, 1]
    made = same.trained("cuda", runs)
    assert len(made) == len(runs)
    assert same.digest(made[runs[-2].id]) == same.bits(runs[-2], "cuda")


def test_places_do_not_follow_from_the_number_of_runs() -> None:
    few, many = (group_runs([run(seed=s) for s in range(n)])[0] for n in (1, 9))
    assert memory.places(few, GPU) == memory.places(many, GPU) == memory.MOST_PLACES
    assert memory.places(group_of(run(model=Mlp(hidden=[6000, 6000]))), GPU) == 1


def test_a_loss_for_another_task_is_refused() -> None:
    with pytest.raises(LabbookError, match="cross_entropy is for classification"):
        same.trained("cuda", [run(loss="cross_entropy")])


# ---- memory


def test_large_draws_take_places() -> None:
    """Masks of dropout for many rows: more than the rest of the pack."""
    model = Mlp(hidden=[5, 4], dropout=0.2)
    few, many = (group_of(run(table(rows), model=model)) for rows in (60, 20_000))
    assert memory.epoch_bytes(many) == 12_000 * (8 + 9)
    assert memory.places(few, GPU) == 1024
    assert memory.places(many, GPU) < memory.STACK_BYTES // memory.step_bytes(many)
    assert memory.places(many, GPU) * memory.epoch_bytes(many) < memory.STACK_BYTES


@pytest.mark.parametrize("hidden", [[32, 16, 8], [6000, 6000]])
def test_the_plan_s_estimate_counts_as_the_engine_does(hidden: list[int]) -> None:
    """labbook.plan.memory knows no engine's libraries, and so not this engine's numbers."""
    one = run(table(3000, 16), model=Mlp(hidden=hidden), batch=256)
    places = memory.places(group_of(one), GPU)
    assert places == (1024 if hidden[0] == 32 else 1)
    estimate = process_bytes(one.recipe, (3000, 16), 1, "cuda")
    assert estimate == pytest.approx(places * memory.step_bytes(group_of(one)), rel=0.25)


class LiveBytes(TorchDispatchMode):
    """How many bytes the tensors made within take: now, and at most."""

    def __init__(self) -> None:
        super().__init__()
        self.living: set[int] = set()
        self.now = self.most = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, tuple | list) else [made]:
            if isinstance(tensor, Tensor) and id(tensor.untyped_storage()) not in self.living:
                self._note(tensor.untyped_storage())
        return made

    def _note(self, storage: torch.UntypedStorage) -> None:
        key, size = id(storage), storage.nbytes()
        self.living.add(key)
        self.now += size
        self.most = max(self.most, self.now)

        def gone() -> None:
            self.living.remove(key)
            self.now -= size

        weakref.finalize(storage, gone)


@pytest.mark.parametrize("batch", [8, 128])
@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("table", Mlp(hidden=[32, 16, 8], activation="gelu")),
        ("table", Mlp(hidden=[64, 64], batch_norm=True, dropout=0.2)),
        ("table", Linear()),
        ("table", Polynomial(degree=4)),
        ("images", Cnn(channels=[4, 8], hidden=[16])),
        ("images", Cnn(channels=[4], hidden=[], pooling="average", kernel=5, batch_norm=True)),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_the_estimate_of_memory_covers_all_tensors(kind, model, batch: int, monkeypatch) -> None:
    """Of those on a GPU, which has no copies of matrices that begin on a cache line."""
    monkeypatch.setattr("labbook.engines.cuda.layers.product", products.in_one_kernel)
    data = table(400, 16) if kind == "table" else images(300, 20)
    one = run(data, 0, model, batch=batch, clip=1)
    group, rows = group_of(one), Rows([one], CPU)
    with LiveBytes() as bytes_of:
        made = stack.Stack(group, rows, CPU)
        for step in made.steps:
            step()
    estimate = made.places * (memory.step_bytes(group) + memory.epoch_bytes(group))
    assert bytes_of.most < estimate < 8 * bytes_of.most


def test_too_little_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2**20, 2**30))
    with pytest.raises(LabbookError, match="may be used"):
        memory.splits_at_once(group_of(run()), GPU)


# ---- threads that draw, and graphs


@pytest.mark.parametrize("batch", [8, "all"])
def test_draws_ahead_are_those_of_the_run_that_comes(batch, monkeypatch) -> None:
    """Threads draw for the epoch that will probably come; another run may come instead."""
    monkeypatch.setattr(inputs, "SHARE", 2)
    group = group_of(run(model=Mlp(hidden=[6], dropout=0.2), batch=batch))
    ahead = inputs.Inputs(group, 5, CPU)
    ahead.draw_ahead({place: inputs.Epoch(2, place, place) for place in range(5)})
    comes = {  # by place; 4 stays free, and one draws its order anew
        0: inputs.Epoch(2, 0, 0),
        1: inputs.Epoch(3, 1, 1),
        2: inputs.Epoch(1, 9, 9),
        3: inputs.Epoch(2, 7, 3),
    }
    for place, epoch in comes.items():
        ahead.draw(place, epoch)
    ahead.send()
    for place, epoch in comes.items():
        if batch == 8:
            order = stream(epoch.order_seed, "batch order", epoch.number)
            expected = order.permutation(group.rows)
            assert ahead.order[place].tolist() == expected.tolist()
        (kept,) = ahead.kept.values()
        drawn = inputs.kept_units(
            group.network, epoch.dropout_seed, epoch.number, group.rows, group.batch
        )
        assert (kept[place].numpy() == next(iter(drawn.values()))).all()


def test_a_failure_of_a_draw_is_heard(monkeypatch) -> None:
    ahead = inputs.Inputs(group_of(run()), 2, CPU)
    monkeypatch.setattr(inputs, "order", lambda *_: 1 / 0)
    ahead.draw_ahead({0: inputs.Epoch(1, 0, 0)})
    with pytest.raises(ZeroDivisionError):
        ahead.draw(0, inputs.Epoch(1, 0, 0))


class Interrupted(Watch):
    """Asks for a pause at the n-th question, and then once more is stopped."""

    def __init__(self, folder: Path, questions: int) -> None:
        super().__init__(folder)
        self.questions = questions

    def pause(self) -> bool:
        self.questions -= 1
        return self.questions == 0

    def go_on(self) -> None:
        raise StopError


@pytest.mark.parametrize("ends", [False, True])
def test_a_pack_that_is_left_stops_its_threads(ends: bool, tmp_path, monkeypatch) -> None:
    """Else a process that is told to stop draws for a whole epoch first."""
    asked: list[int] = []

    def slow(group: object, seed: int, epoch: int, *_: object) -> dict:
        asked.append(epoch)
        time.sleep(0.05)
        return {}

    monkeypatch.setattr(inputs, "kept_units", slow)
    monkeypatch.setattr(inputs, "SHARE", 1)
    runs = [run(seed=seed, epochs=1 if ends else 9) for seed in range(8)]
    if ends:
        same.trained("cuda", runs)
    else:
        with pytest.raises(StopError):
            list(Engine().train(runs, "cpu", Interrupted(tmp_path, 20)))
    time.sleep(0.3)
    assert asked.count(1) == 8
    assert asked.count(2) < 5


def test_pauses_are_asked_for_within_an_epoch(tmp_path: Path) -> None:
    watch = Interrupted(tmp_path, 0)
    list(Engine().train([run(batch=1, epochs=1)], "cpu", watch))
    assert watch.questions < -36  # 36 training rows, one a step


def test_warming_up_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU all steps are made a few times before the first run enters."""
    one = run(model=Mlp(hidden=[6], batch_norm=True, dropout=0.2), clip=1.0)
    expected = same.bits(one, "cuda")

    def warmed_up(step: Callable, reset: Callable, *_: object) -> Callable:
        for _ in range(3):
            reset()
            step()
        return step

    monkeypatch.setattr(stack, "captured", warmed_up)
    assert same.bits(one, "cuda") == expected


def test_a_failed_capture_falls_back(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no graphs today\nand a long trace")

    monkeypatch.setattr(graph, "_stream", fails)
    calls: list[str] = []
    graph.captured(lambda: calls.append("step"), lambda: None, GPU)()
    assert calls == ["step"]
    assert capsys.readouterr().err.count("\n") == 1


# ---- products of stacks

SIZES = [1, 3, 9, 16, 17, 65]


def repeated(rows: int, columns: int, turned: bool) -> torch.Tensor:
    """The same matrix at every place, as it lies in memory or turned."""
    draw = torch.Generator().manual_seed(rows * columns)
    shape = (columns, rows) if turned else (rows, columns)
    one = torch.randn(shape, generator=draw).repeat(memory.CPU_PLACES, 1, 1)
    return one.transpose(1, 2) if turned else one


@pytest.mark.vectors
@pytest.mark.parametrize("turned", list(itertools.product([False, True], repeat=2)))
def test_a_product_has_the_same_bits_at_every_place(turned: tuple[bool, bool]) -> None:
    """With torch.bmm alone a tenth of these have not, by MKL on a processor of AMD's."""
    torch.set_num_threads(1)
    for n, k, m in itertools.product(SIZES, repeat=3):
        a, b = repeated(n, k, turned[0]), repeated(k, m, turned[1])
        a, b = a.detach().requires_grad_(), b.detach().requires_grad_()
        found = product(a, b)
        found.backward(repeated(n, m, False))
        for made in (found, a.grad, b.grad):
            assert torch.equal(made, made[:1].expand_as(made)), (n, k, m)


# ---- on a GPU: never run where there is none, so what they test is untested there


@pytest.mark.gpu
@NEEDS_GPU
@pytest.mark.parametrize("name", CASES)
def test_gpu_as_torch(name: str, capfd) -> None:
    one = run_of_case(name, 10)
    expected = by_torch(one)
    most = GPU_TIMES / TIMES * allowed(one, expected)
    assert deviation(by_cuda(one, "cuda"), expected) <= most
    assert "no CUDA graph" not in capfd.readouterr().err


@pytest.mark.gpu
@NEEDS_GPU
@pytest.mark.parametrize("case", same.CASES)
def test_gpu_bits_whatever_the_pack(case: str, tmp_path: Path) -> None:
    same.assert_own_bits(case, "cuda", "cuda")
    one = same.run(case)
    with pytest.raises(StopError):
        list(Engine().train([one], "cuda", Interrupted(tmp_path, 20)))
    (resumed,) = Engine().train([one], "cuda", Watch(tmp_path))
    assert same.digest(resumed) == same.bits(one, "cuda", "cuda")


@pytest.mark.gpu
@NEEDS_GPU
def test_gpu_bits_of_every_place() -> None:
    made = recipe(Mlp(hidden=[7], activation="gelu", dropout=0.2), batch=5, epochs=4)
    runs = [run_of(same.CLASSES, made, name=f"place-{i}") for i in range(memory.MOST_PLACES)]
    assert len({same.digest(one) for one in same.trained("cuda", runs, "cuda").values()}) == 1


@pytest.mark.gpu
@NEEDS_GPU
def test_gpu_without_graphs_has_the_same_bits(monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    one = run(model=Mlp(hidden=[6], batch_norm=True))
    expected = same.bits(one, "cuda", "cuda")

    def fails(*_: object) -> None:
        raise RuntimeError("no graphs today")

    monkeypatch.setattr(torch.cuda, "CUDAGraph", fails)
    assert same.bits(one, "cuda", "cuda") == expected
    assert "no graphs today" in capfd.readouterr().err
