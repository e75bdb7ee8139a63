"""The compiled engine: its numbers, its memory, signals, and where its machine code is kept."""

import hashlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labbook.engines.compiled import library
from labbook.engines.compiled.arrays import Arrays, inputs
from labbook.engines.compiled.operations import ACTIVATIONS, STATE, USED_UP
from labbook.engines.torch.network import ACTIVATIONS as MODULES
from labbook.errors import LabbookError
from labbook.params.models import Cnn, Mlp
from labbook.streams import stream, stream_key
from labbook.training.checkpoint import read_checkpoint
from tests.conftest import ROOT, clean_environment
from tests.engines.test_same_bits import bits
from tests.made_data import images, recipe, run_of, table, task

pytestmark = pytest.mark.thorough

ORDERED = Arrays(run_of(table(500), recipe(batch=1)))  # 300 rows of training


@pytest.mark.vectors
@given(seed=st.integers(0, 2**40), epoch=st.integers(1, 10**6), count=st.integers(2, 300))
def test_orders_are_numpys(seed: int, epoch: int, count: int) -> None:
    key, settings = stream_key(seed, "batch order"), ORDERED["settings"]
    settings["rows"], settings["order0"], settings["order1"] = count, key % 2**64, key >> 64
    ORDERED.state["epoch"] = epoch - 1
    addresses = ORDERED.addresses()
    library.functions()["take_up"](addresses.ctypes.data)
    expected = stream(seed, "batch order", epoch).permutation(count)
    assert (ORDERED["order"][:count] == expected).all()


@pytest.mark.vectors
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_over_all_sizes(name: str) -> None:
    """Against torch in float64, near zero, far out and at what is no number."""
    x = np.concatenate([np.linspace(-30, 30, 60_001), np.geomspace(1e-30, 1e30, 1000), [np.nan]])
    x = np.concatenate([x, -x]).astype(np.float32)
    arrays = Arrays(run_of(table(columns=1), recipe(Mlp(hidden=[1], activation=name))))
    one, zero = np.ones((1, 1), np.float32), np.zeros(1, np.float32)
    arrays.put(
        {"linear1.weight": one, "linear1.bias": zero, "output.weight": one, "output.bias": zero}
    )
    rows, values, addresses = inputs(arrays.program, x[:, None]), x.copy(), arrays.addresses()
    library.functions()["predict"](
        addresses.ctypes.data, rows.ctypes.data, values.ctypes.data, len(x)
    )
    expected = MODULES[name]()(torch.tensor(x, dtype=torch.float64)).numpy()
    assert (np.isnan(values) == np.isnan(expected)).all()
    allowed = np.maximum(1e-6 * np.abs(expected), 2e-7)
    assert not (np.abs(values - expected) > allowed).any()


@pytest.mark.vectors
@pytest.mark.parametrize(
    "model",
    [
        Mlp(hidden=[9, 7], activation="silu"),
        Mlp(hidden=[6, 4], batch_norm=True, dropout=0.2, activation="gelu"),
        Mlp(hidden=[65], activation="sigmoid", dropout=0.2),
    ],
)
def test_the_size_of_blocks_changes_no_bit(monkeypatch, model) -> None:
    """Sums go on from block to block in the order of the rows."""
    run = run_of(table(400), recipe(model, batch=100, epochs=4))
    digests = set()
    for most in (1, 7, 256):
        monkeypatch.setattr("labbook.engines.compiled.program.MOST_ROWS", most)
        digests.add(bits(run))
    assert len(digests) == 1


def test_batch_norm_has_the_whole_batch_in_a_block(monkeypatch) -> None:
    monkeypatch.setattr("labbook.engines.compiled.program.MOST_ROWS", 7)
    model = Cnn(channels=[3, 4], kernel=3, hidden=[6], dropout=0.3, batch_norm=True)
    assert Arrays(run_of(images(60), recipe(model, batch=25))).program.block == 25


def test_memory_is_known_beforehand() -> None:
    arrays = Arrays(run_of(table(5000, 20), recipe(Mlp(hidden=[300, 200]), batch=128)))
    held = sum(array.nbytes for array in arrays.by_name.values())
    bytes_of_plan = arrays.program.bytes(rows=3000, valid_rows=1000, epochs=12)
    assert bytes_of_plan == pytest.approx(held, rel=0.01)


SIZES = {  # rows of training, validation and test: one part takes many seconds
    "step": (20_000, 20, 20),
    "validation": (20, 40_000, 20),
    "prediction": (20, 20, 40_000),
}
LONG = {
    "model": Cnn(channels=[32, 64], kernel=5, hidden=[128]),
    "batch": "all",
    "epochs": 1,
}
INTERRUPTED = """
import os, sys, threading, time
from dataclasses import dataclass
from pathlib import Path
import numpy as np
from labbook.training import pack
from tests.engines.test_compiled import LONG, SIZES
from tests.made_data import MadeData, Rows, task, train
folder, part, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
class Parts(MadeData):
    def split(self, seed):
        ends = np.cumsum((0, *SIZES[part]))
        return Rows(*(np.arange(a, b) for a, b in zip(ends[:-1], ends[1:])))
rows = sum(SIZES[part])
pixels = np.random.default_rng(0).integers(0, 256, (rows, 28, 28)).astype(np.uint8)
data = Parts(pixels, np.arange(rows) % 3, "classification", "images", ("a", "b", "c"))
def patch(name, value): pack.read_prepared = value
def interrupt():
    global sent
    sent = time.process_time()
    os.kill(os.getpid(), number)
threading.Timer(3.0, interrupt).start()
try:
    train([task("long", 0, "compiled", **LONG)], data, Path(folder), patch)
finally:
    print(time.process_time() - sent)
"""


@pytest.mark.parametrize(
    ("part", "number"),
    [("step", signal.SIGTERM), ("validation", signal.SIGINT), ("prediction", signal.SIGTERM)],
)
def test_a_signal_is_heard_wherever_it_comes(tmp_path, part: str, number: int) -> None:
    """In a step, in validation and in prediction that take many seconds: within about one.

    Of the process's own time, so that it does not matter what else the machine does.
    """
    library.ensure()
    environment = clean_environment(PYTHONPATH=f"{ROOT / 'src'}:{ROOT}")
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path), part, str(int(number))]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert ran.returncode != 0
    assert ("SIGTERM" if number == signal.SIGTERM else "KeyboardInterrupt") in ran.stderr
    assert float(ran.stdout) < 2
    saved = read_checkpoint(
        tmp_path / "checkpoints/long.safetensors", ["long", task("long", 0, **LONG).identity, ""]
    )
    assert saved is not None
    state = saved["state"].view(STATE)[0]
    where = {
        "step": state["row"] == 0 and state["done"] > 0,
        "validation": state["row"] == SIZES[part][0] and state["valid_row"] > 0,
        "prediction": state["ended"] == USED_UP,
    }
    assert [name for name, found in where.items() if found] == [part]


# In place of the kernels one that tells a number; as it is compiled, its text is edited.
TELLING = """
import os
from pathlib import Path
from numba import types
from labbook.engines.compiled.kernels.vector import compiled

if "EDITED" in os.environ:
    Path(os.environ["EDITED"]).write_text("NUMBER = 8\\n")
from labbook.engines.compiled.kernels.number import NUMBER

@compiled(types.void(types.CPointer(types.int64)))
def tell(target):
    target[0] = NUMBER

ENTRIES = {"tell": tell}
"""
TOLD = """
import ctypes
from labbook.engines.compiled.library import functions
told = ctypes.c_int64()
functions()["tell"](ctypes.addressof(told))
print(told.value)
"""


@pytest.fixture
def telling(tmp_path) -> SimpleNamespace:
    """A copy of labbook with that kernel, and how to begin or run a program with it."""
    hidden = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=hidden)
    kernels = tmp_path / "src/labbook/engines/compiled/kernels"
    (kernels / "entries.py").write_text(TELLING)
    number, kept = kernels / "number.py", tmp_path / "kept"
    number.write_text("NUMBER = 7\n")

    def begin(text: str, **more: str) -> subprocess.Popen[str]:
        paths = {"PYTHONPATH": f"{tmp_path / 'src'}:{ROOT}", "LABBOOK_KERNELS": str(kept)}
        return subprocess.Popen(
            [sys.executable, "-c", text], env=clean_environment(**paths, **more), cwd=tmp_path,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(text: str, **more: str) -> str:
        output, errors = begin(text, **more).communicate()
        return output + errors.replace("\n", " ")

    return SimpleNamespace(number=number, kept=kept, begin=begin, run=run)


def test_many_processes_compile_once(telling: SimpleNamespace) -> None:
    """Processes that need the machine code at the same time wait for one of them."""
    running = [telling.begin(TOLD) for _ in range(3)]
    said = [process.communicate() for process in running]
    assert [output for output, _ in said] == ["7\n"] * 3
    assert sum("compiling the training engine" in errors for _, errors in said) == 1
    assert len(list(telling.kept.glob("kernels-*[0-9a-f]"))) == 1


def test_a_signal_ends_the_compilation(telling: SimpleNamespace, tmp_path: Path) -> None:
    """Nothing is in work yet: the machine code is made before signals are collected."""
    text = (
        "from pathlib import Path; from tests.made_data import table, task, train\n"
        "from labbook.training import pack\n"
        "def patch(name, value): pack.read_prepared = value\n"
        f"train([task('one', 0, 'compiled')], table(), Path({str(tmp_path)!r}), patch)"
    )
    with telling.begin(text) as process:
        assert "compiling" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=3) == -signal.SIGTERM


def test_what_is_edited_while_it_compiles_is_compiled_as_it_was(telling: SimpleNamespace) -> None:
    said = telling.run(TOLD, EDITED=str(telling.number))
    assert said.splitlines()[0] == "7", said
    assert telling.number.read_text() == "NUMBER = 8\n"
    assert telling.run(TOLD).splitlines()[0] == "8"
    telling.number.write_text("NUMBER = 7\n")
    assert telling.run(TOLD) == "7\n"  # of before, and right


def test_what_was_edited_since_the_command_began_is_not_compiled(
    telling: SimpleNamespace,
) -> None:
    """Its name would be that of the code which the command has read."""
    edit = f"from pathlib import Path; Path({str(telling.number)!r}).write_text('NUMBER = 8')"
    text = f"from labbook.engines.compiled import library; library.path(); {edit}\n{TOLD}"
    said = telling.run(text)
    assert "has been changed since this command began" in said
    assert "run the same command again" in said
    assert not list(telling.kept.glob("kernels-*[0-9a-f]"))


def test_broken_machine_code_is_made_anew(tmp_path, monkeypatch) -> None:
    whole = library.ensure().read_bytes()
    monkeypatch.setenv("LABBOOK_KERNELS", str(tmp_path))
    library.path().write_bytes(whole[:-1])
    monkeypatch.setattr(library, "_build", lambda path: path.write_bytes(whole))
    symbols, code = library._read(library.ensure())
    assert hashlib.sha256(code).hexdigest() in whole.partition(b"\n")[0].decode()
    assert library.path().read_bytes() == whole
    assert "advance" in symbols


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LABBOOK_KERNELS", str(tmp_path / "file/folder"))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LabbookError, match="Set LABBOOK_KERNELS to a folder"):
        library.ensure()


def test_what_the_compiler_says_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LABBOOK_KERNELS", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(LabbookError, match=r"could not be compiled .* engine: torch"):
        library.ensure()
    assert not library.path().exists()


def test_nothing_is_kept_in_the_package_folder() -> None:
    assert not list((ROOT / "src").rglob("*.nbi"))
    assert not library.folder().is_relative_to(ROOT / "src")
