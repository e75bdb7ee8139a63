"""Estimates of memory, held against what processes really take."""

import subprocess
import sys
from pathlib import Path

import pytest

from labbook.params.engines import ENGINES
from labbook.params.models import Cnn, Mlp
from labbook.plan.memory import process_bytes
from tests.conftest import ROOT, clean_environment
from tests.made_data import recipe

pytestmark = pytest.mark.thorough

MNIST = (60_000, 28, 28)
PAPER = Cnn(channels=[16, 32], kernel=5, hidden=[64], batch_norm=True)
WIDE = Mlp(hidden=[2048, 2048])

# Trains for 1.5 seconds of computing at most: by then every array is there and has been used.
PROGRAM = """
import sys, time
from pathlib import Path
import numpy as np
from labbook.engines.choice import load
from labbook.training.watch import Watch
from tests.made_data import MadeData, recipe, run_of
from tests.plan.test_memory import CASES
engine = sys.argv[1]
model, shape, batch = CASES[sys.argv[2]]
kind = "images" if len(shape) == 3 else "table"
draw = np.random.default_rng(0)
features = draw.integers(0, 256, shape).astype(np.uint8) if kind == "images" else draw.random(shape)
names = tuple("0123456789")
data = MadeData(features, np.arange(shape[0]) % 10, "classification", kind, classes=names)
class Enough(Exception): pass
class Short(Watch):
    def look(self):
        if time.process_time() - began > 1.5: raise Enough
    def pause(self): self.look()
    def stop_if_overdue(self): self.look()
began = time.process_time()
try:
    list(load(engine).train([run_of(data, recipe(model, batch=batch, epochs=2))], "cpu", Short(Path())))
except Enough:
    pass
# Not ru_maxrss: that begins with what the parent process had.
(peak,) = (line for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
print(1024 * int(peak.split()[1]))
"""
CASES = {
    "full MNIST": (PAPER, MNIST, 64),
    "wide": (WIDE, (5000, 300), 256),
    "large batch": (Cnn(channels=[16, 32], kernel=5), (6000, 28, 28), 2000),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak there")
@pytest.mark.parametrize(
    ("case", "engine"), [("full MNIST", "compiled"), *((case, "torch") for case in CASES)]
)
def test_estimates_are_near_the_peak(case: str, engine: str) -> None:
    model, shape, batch = CASES[case]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, engine, case], capture_output=True, text=True,
        env=clean_environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}"), check=True,
    )  # fmt: skip
    peak = int(ran.stdout)
    estimate = process_bytes(recipe(model, batch=batch), shape, 10, engine)

    assert 0.75 * peak < estimate < 2.5 * peak


@pytest.mark.parametrize("engine", ENGINES)
def test_full_mnist_fits_into_four_gigabytes(engine: str) -> None:
    assert process_bytes(recipe(PAPER, batch=64), MNIST, 10, engine) < 4e9


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_batch_norm_over_all_rows_is_known_to_be_large(engine: str) -> None:
    """It needs all values of the whole batch at once: `labbook plan` tells before they are asked for."""
    assert process_bytes(recipe(PAPER, batch="all"), MNIST, 10, engine) > 1e10
