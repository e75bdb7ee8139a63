"""A run's bits are its own: whatever the vector units, processes, threads and the runs beside it."""

import hashlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labbook.engines.choice import load
from labbook.engines.compiled import library
from labbook.engines.compiled.processor import NARROW, features
from labbook.params.engines import ENGINES
from labbook.params.models import Cnn, Mlp
from labbook.params.training import AdamW, Momentum, Plateau, RMSProp, Sgd
from labbook.training.run import Run, Trained
from labbook.training.runfile import DIVERGED, read_run
from labbook.training.watch import Watch
from tests.conftest import ROOT, clean_environment
from tests.made_data import images, recipe, run_of, table, task, train

MODELS = [
    Mlp(hidden=[9, 7], activation="silu"),
    Mlp(hidden=[6, 4], batch_norm=True, dropout=0.2, activation="gelu"),
    Mlp(hidden=[65], activation="sigmoid"),
]


def runs() -> list[Run]:
    """Of every kind of operation: tables and images, optimisers, a clip, a last batch of a row."""
    settings = ({}, {"optimizer": AdamW(rate=0.01)}, {"optimizer": RMSProp(rate=0.01), "clip": 0.5})
    made = [
        run_of(table(300), recipe(model, batch=43, epochs=5, **more))
        for model, more in zip(MODELS, settings, strict=True)
    ]
    cnns = [
        Cnn(channels=[5, 17], kernel=5),
        Cnn(channels=[4], kernel=3, pooling="average", batch_norm=True, dropout=0.3),
    ]
    return [*made, *(run_of(images(), recipe(cnn, Momentum(rate=0.01), epochs=3)) for cnn in cnns)]


def bits(run: Run, engine: str = "compiled") -> str:
    """What `digest_of` says of a run that is trained alone."""
    with tempfile.TemporaryDirectory() as folder:  # for the checkpoints of a slow machine
        (trained,) = load(engine).train([run], "cpu", Watch(Path(folder)))
        return digest_of(trained)


def digest_of(trained: Trained) -> str:
    """A digest of weights, curves and ending."""
    total = hashlib.sha256(f"{trained.ended} {trained.best_epoch}".encode())
    for named in (trained.weights, trained.curves):
        for name in sorted(named):
            total.update(named[name].tobytes())
    return total.hexdigest()


PROGRAM = """
from tests.engines.test_same_bits import bits, runs
print(*map(bits, runs()))
"""


def start(**environment: str) -> subprocess.Popen[str]:
    """A process that trains all of `runs`."""
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
    """The digests of `runs` in this process, one after the other."""
    found = [bits(run) for run in runs()]
    assert len(set(found)) == len(found)
    return found


def has_avx512() -> bool:
    """Whether /proc/cpuinfo lists AVX-512."""
    path = Path("/proc/cpuinfo")
    return path.exists() and "avx512f" in path.read_text().split()


@pytest.mark.skipif(not has_avx512(), reason="this processor has no AVX-512 to leave alone")
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
    processes = [start(OMP_NUM_THREADS=str(threads)) for threads in (1, 2, 4)]
    assert [finish(process) for process in processes] == [expected] * 3


def test_threads_of_one_process_change_no_bit(expected: list[str]) -> None:
    """The machine code runs without Python's lock, so these are in it at the same time."""
    copies = [run for run in runs() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(bits, copies))
    assert found == [digest for digest in expected for _ in range(4)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", MODELS)
def test_a_run_that_explodes_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, model: Mlp
) -> None:
    """In the middle of a pack of runs that are alike but for their rates."""

    def one(name: str, rate: float, seed: int) -> Any:
        return task(
            name, seed, engine, model=model, optimizer=Momentum(rate=rate), epochs=9,
            schedule=Plateau(patience=1),
        )  # fmt: skip

    good = [one(f"good{seed}", 0.01, seed) for seed in range(4)]
    bad = [one(f"bad{rate}", rate, 0) for rate in (1e30, 3e12)]
    mixed = [good[0], bad[0], *good[1:3], bad[1], good[3]]
    without = train(good, table(), tmp_path / "good", monkeypatch.setattr)
    together = train(mixed, table(), tmp_path / "mixed", monkeypatch.setattr)
    ended = [read_run(tmp_path / f"mixed/runs/{made.id}.safetensors").ended for made in bad]
    assert DIVERGED in ended
    assert {name: together[name] for name in without} == without


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", [1e30, float("nan"), float("inf")])
def test_what_is_no_number_stays_in_its_run(tmp_path: Path, engine: str, number: float) -> None:
    """A column of another run's data that is no number at all."""
    good = run_of(table(), recipe(MODELS[0]))
    alone = bits(good, engine)
    data = table()
    data.features[:, 1] = number
    bad = replace(run_of(data, recipe(MODELS[0], Sgd(rate=1e10))), id="bad")
    trained = {one.run.id: one for one in load(engine).train([bad, good], "cpu", Watch(tmp_path))}
    assert trained["bad"].ended == DIVERGED
    assert digest_of(trained[good.id]) == alone
