"""A run's bits are its own: whatever the vector units, processes, threads and the runs beside it."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labbook.engines.choice import load
from labbook.engines.compiled import library
from labbook.engines.compiled.processor import NARROW, features
from labbook.params.engines import ENGINES
from labbook.params.models import Cnn, Linear, Mlp, Polynomial
from labbook.params.training import Adam, AdamW, Momentum, Plateau, RMSProp
from labbook.processor import known
from labbook.training.run import Run, Trained
from labbook.training.runfile import DIVERGED
from labbook.training.watch import Watch
from tests.conftest import ROOT, clean_environment
from tests.made_data import MadeData, images, recipe, run_of, table

pytestmark = pytest.mark.vectors


def classes() -> MadeData:
    made = table()
    number = np.digitize(made.target, [-1.0, 1.0])
    return MadeData(made.features, number, "classification", classes=("a", "b", "c"))


TABLE, CLASSES, IMAGES = table(), classes(), images(45, 7)
# What runs of a pack share: data and settings of the recipe. Last batches of one row are among them.
CASES: dict[str, tuple[MadeData, dict]] = {
    "silu": (TABLE, {"model": Mlp(hidden=[9, 7], activation="silu")}),
    "batch norm, dropout, one row left": (
        TABLE,
        {"model": Mlp(hidden=[6, 4], batch_norm=True, dropout=0.2, activation="gelu"), "batch": 35},
    ),
    "wide, adamw": (
        TABLE,
        {"model": Mlp(hidden=[65], activation="sigmoid"), "optimizer": AdamW(rate=0.01)},
    ),
    "classes, rmsprop, clipped": (
        CLASSES,
        {"model": Mlp(hidden=[6], activation="elu"), "optimizer": RMSProp(rate=0.01), "clip": 0.5},
    ),
    "linear, norms of gradients": (TABLE, {"model": Linear(), "gradient_norms": True}),
    "polynomial, full batch": (TABLE, {"model": Polynomial(degree=3), "batch": "all"}),
    "images, dropout": (IMAGES, {"model": Mlp(hidden=[4], dropout=0.5), "batch": 8}),
    "cnn": (IMAGES, {"model": Cnn(channels=[5, 17], kernel=5), "optimizer": Momentum(rate=0.01)}),
    "cnn, batch norm, dropout": (
        IMAGES,
        {"model": Cnn(channels=[4], pooling="average", batch_norm=True, dropout=0.3), "batch": 8},
    ),
    "cnn, no pooling": (
        IMAGES,
        {"model": Cnn(channels=[2], hidden=[], pooling="none", kernel=5, activation="tanh")},
    ),
}


def run(case: str, seed: int = 0, rate: float | None = None, **more) -> Run:
    """A run of a case, named after what makes it differ from others."""
    data, settings = CASES[case]
    optimizer = settings.get("optimizer", Adam(rate=0.01))
    if rate is not None:
        optimizer = optimizer.model_copy(update={"rate": rate})
    made = recipe(**{**settings, "epochs": 5, **more, "optimizer": optimizer})
    return run_of(data, made, seed, f"{seed} {rate} {more}")


def trained(engine: str, runs: Sequence[Run], device: str = "cpu") -> dict[str, Trained]:
    """Runs that an engine has trained together, by their ids."""
    with tempfile.TemporaryDirectory() as folder:  # for the checkpoints of a slow machine
        return {one.run.id: one for one in load(engine).train(runs, device, Watch(Path(folder)))}


def digest(one: Trained) -> str:
    """A digest of weights, curves, outputs and ending."""
    total = hashlib.sha256(f"{one.ended} {one.best_epoch}".encode())
    for named in (one.weights, one.curves):
        for name in sorted(named):
            assert named[name].dtype == np.float32
            total.update(name.encode() + named[name].tobytes())
    total.update(one.outputs(one.run.part("valid")[0]).tobytes())
    return total.hexdigest()


def bits(run: Run, engine: str = "compiled", device: str = "cpu") -> str:
    """The digest of a run that is trained alone."""
    return digest(trained(engine, [run], device)[run.id])


def assert_own_bits(case: str, engine: str, device: str = "cpu") -> None:
    """Alone, and in a pack with other seeds, rates, budgets and schedules, and runs that explode."""
    one = run(case)
    others = [run(case, seed, 0.003 * seed, epochs=2 + seed) for seed in range(1, 7)]
    others[2] = run(case, 3, epochs=6, schedule=Plateau(patience=1))
    bad = [run(case, 7, 1e30), run(case, 0, 3e12)]
    data, _ = CASES[case]
    if data.kind == "table":  # and one whose data are no numbers
        features = data.features.copy()
        features[:, 1] = [np.nan, np.inf, -np.inf] * (len(features) // 3)
        bad.append(replace(run(case), data=replace(data, features=features), id="no numbers"))
    packs = {
        "small": [*others[:2], one],
        "large": [*others[:4], *bad[1:], one, bad[0], *others[4:]],
    }
    expected = bits(one, engine, device)
    for name, pack in packs.items():
        together = trained(engine, pack, device)
        assert len(together) == len(pack)
        assert digest(together[one.id]) == expected, name
        if "no numbers" in together:
            assert together["no numbers"].ended == DIVERGED


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES)
def test_no_pack_changes_a_bit(case: str, engine: str) -> None:
    assert_own_bits(case, engine)


PROGRAM = """
from tests.engines.test_same_bits import CASES, bits, run
print(*(bits(run(case)) for case in CASES))
"""


def start(**environment: str) -> subprocess.Popen[str]:
    """A process that trains a run of each case."""
    paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=clean_environment(**paths, **environment),
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> list[str]:
    """The digests that a process of `start` has written."""
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output.split()


@pytest.fixture(scope="module")
def expected() -> list[str]:
    """The digests in this process, one after the other."""
    digests = [bits(run(case)) for case in CASES]
    assert len(set(digests)) == len(digests)
    return digests


@pytest.mark.skipif(
    "avx512f" not in known().get("flags", ""), reason="this processor has no AVX-512 to leave alone"
)
def test_vector_units_change_no_bit(expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NARROW, raising=False)  # `make test-avx2` sets it for this process
    assert "+avx512f" in features()
    wide = library.path()
    monkeypatch.setenv(NARROW, "1")
    assert "+avx512f" not in features()
    assert library.path() != wide  # other machine code
    assert finish(start(**{NARROW: "1"})) == expected
    assert finish(start(**{NARROW: ""})) == expected


def test_processes_at_once_change_no_bit(expected: list[str]) -> None:
    library.ensure()
    processes = [start(OMP_NUM_THREADS=str(threads)) for threads in (1, 4)]
    assert [finish(process) for process in processes] == [expected] * 2


def test_threads_of_one_process_change_no_bit(expected: list[str]) -> None:
    """The machine code runs without Python's lock, so these are in it at the same time."""
    copies = [run(case) for case in CASES for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        digests = list(pool.map(bits, copies))
    assert digests == [digest for digest in expected for _ in range(4)]
