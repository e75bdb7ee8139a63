"""The compiled engine: equal to itself to the bit, sturdy, and kept where it should be."""

import hashlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.engines.compiled import library
from labbook.engines.compiled.arrays import Arrays
from labbook.engines.compiled.engine import Engine
from labbook.engines.compiled.operations import ACTIVATIONS, DRAWS, STATE, USED_UP
from labbook.errors import LabbookError
from labbook.params.models import Cnn, Mlp
from labbook.params.training import Plateau, RMSProp
from labbook.streams import stream, stream_key
from labbook.training.checkpoint import read_checkpoint
from labbook.training.watch import Watch
from tests.conftest import ROOT, clean_environment
from tests.made_data import images, recipe, run_of, table, task, train

pytestmark = pytest.mark.thorough

MODELS = [
    Mlp(hidden=[9, 7], activation="silu"),
    Mlp(hidden=[6, 4], batch_norm=True, dropout=0.2, activation="gelu"),
    Mlp(hidden=[65], activation="sigmoid"),
]


def weights(run) -> bytes:
    (trained,) = Engine().train([run], "cpu", Watch(Path("nowhere")))
    return b"".join(trained.weights[name].tobytes() for name in sorted(trained.weights))


@given(seed=st.integers(0, 2**40), epoch=st.integers(1, 10**6), count=st.integers(1, 300))
def test_orders_are_numpys(seed: int, epoch: int, count: int) -> None:
    key, order = stream_key(seed, "batch order"), np.zeros(count + DRAWS, np.int32)
    library.functions()["permutation"](order.ctypes.data, count, epoch, key % 2**64, key >> 64)
    assert (order[:count] == stream(seed, "batch order", epoch).permutation(count)).all()


@given(seed=st.integers(0, 2**40), skip=st.integers(0, 50), count=st.integers(1, 300))
def test_masks_are_numpys_from_any_place_on(seed: int, skip: int, count: int) -> None:
    key, found = stream_key(seed, "dropout"), np.zeros(count, np.float32)
    library.functions()["uniforms"](found.ctypes.data, count, skip, 7, key % 2**64, key >> 64)
    expected = stream(seed, "dropout", 7).random(skip + count, dtype=np.float32)[skip:]
    assert (found == expected).all()


@pytest.mark.parametrize("number", range(len(ACTIVATIONS)), ids=ACTIVATIONS)
def test_activations_over_all_sizes(number: int) -> None:
    """Against torch in float64, near zero, far out and at what is no number."""
    import torch

    from labbook.engines.torch.network import ACTIVATIONS as MODULES

    x = np.concatenate([np.linspace(-30, 30, 60_001), np.geomspace(1e-30, 1e30, 1000)])
    x = np.concatenate([x, -x]).astype(np.float32)
    found = x.copy()
    library.functions()["activation"](number, found.ctypes.data, len(found))
    expected = MODULES[ACTIVATIONS[number]]()(torch.tensor(x, dtype=torch.float64)).numpy()
    assert found == pytest.approx(expected, rel=1e-6, abs=2e-7)
    strange = np.array([np.nan, np.nan], np.float32)
    library.functions()["activation"](number, strange.ctypes.data, 2)
    assert np.isnan(strange).all()


@settings(max_examples=60)
@given(
    rows=st.integers(1, 40),
    inner=st.integers(1, 40),
    vectors=st.integers(1, 7),
    turned=st.booleans(),
)
def test_products_of_any_shape(rows: int, inner: int, vectors: int, turned: bool) -> None:
    draw, columns = np.random.default_rng(rows), 16 * vectors
    a = draw.standard_normal((inner, rows) if turned else (rows, inner)).astype(np.float32)
    b = draw.standard_normal((inner, columns)).astype(np.float32)
    s = draw.standard_normal((rows, columns)).astype(np.float32)
    c = s.copy()
    row, step = (1, rows) if turned else (inner, 1)
    address = c.ctypes.data
    library.functions()["product"](
        a.ctypes.data, row, 0, step, b.ctypes.data, 0, columns, 1, inner,
        address, columns, address, columns, rows, columns,
    )  # fmt: skip
    left = (a.T if turned else a).astype(np.float64)
    assert c == pytest.approx(s + left @ b, abs=1e-4)


@pytest.mark.parametrize("size", [7, 64])
def test_pack_size_and_place_change_no_bit(tmp_path, monkeypatch, size: int) -> None:
    made = [
        task(f"run{i}", i, "compiled", model=MODELS[i % 3], schedule=Plateau(patience=1))
        for i in range(size)
    ]
    whole = train(made, table(), tmp_path / "pack", monkeypatch.setattr)
    for one in (made[0], made[size // 2], made[-1]):
        alone = train([one], table(), tmp_path / one.id, monkeypatch.setattr)
        assert alone[f"{one.id}.safetensors"] == whole[f"{one.id}.safetensors"]


@pytest.mark.parametrize("model", MODELS)
def test_the_size_of_blocks_changes_no_bit(monkeypatch, model) -> None:
    """Sums go on from block to block in the order of the rows."""
    run = run_of(table(400), recipe(model, batch=100, epochs=4))
    found = set()
    for most in (1, 7, 256):
        monkeypatch.setattr("labbook.engines.compiled.program.MOST_ROWS", most)
        found.add(weights(run))
    assert len(found) == 1


NORMS = Cnn(channels=[3, 4], kernel=3, hidden=[6], dropout=0.3, batch_norm=True)


def test_batch_norm_has_the_whole_batch_in_a_block(monkeypatch) -> None:
    monkeypatch.setattr("labbook.engines.compiled.program.MOST_ROWS", 7)
    run = run_of(images(60), recipe(NORMS, batch=25))
    assert Arrays(run).program.block == 25


class Stop(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize("norm", [False, True])
def test_a_stop_anywhere_changes_no_bit(tmp_path, monkeypatch, norm: bool) -> None:
    """Between any two blocks: in the middle of a step, or of validation."""
    data = images(60)
    monkeypatch.setattr("labbook.engines.compiled.program.MOST_ROWS", 5)
    one = task(
        "one", 0, "compiled", model=NORMS.model_copy(update={"batch_norm": norm}), optimizer=RMSProp(rate=0.01), batch=13, epochs=3,
        gradient_norms=True, stalled=2, schedule=Plateau(patience=1),
    )  # fmt: skip
    expected = train([one], data, tmp_path / "straight", monkeypatch.setattr)
    # Steps of 13, 13 and 10 rows, then 12 of validation, an epoch. In blocks of 5: 3 + 3 + 2 and 3.
    blocks = 3 * (3 + 1) if norm else 3 * (3 + 3 + 2 + 3)
    monkeypatch.setattr("labbook.engines.compiled.engine.MOST_ROWS", 1)
    monkeypatch.setattr("labbook.training.watch.CHECKPOINT_SECONDS", 0.0)

    def halt(watch: Watch) -> None:
        raise Stop

    with monkeypatch.context() as patched:
        patched.setattr("labbook.training.watch.Watch.go_on", halt)
        for _ in range(blocks - 1):
            with pytest.raises(Stop):
                train([one], data, tmp_path / "stopped", patched.setattr)
    assert train([one], data, tmp_path / "stopped", monkeypatch.setattr) == expected


def test_memory_is_known_beforehand() -> None:
    run = run_of(table(5000, 20), recipe(Mlp(hidden=[300, 200]), batch=128))
    arrays = Arrays(run)
    held = sum(array.nbytes for array in arrays.by_name.values())
    assert arrays.program.bytes(rows=3000, valid_rows=1000, epochs=12) == pytest.approx(
        held, rel=0.01
    )


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("part", SIZES)
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


def test_a_signal_ends_the_compilation(tmp_path) -> None:
    """Nothing is in work yet: the machine code is made before signals are collected."""
    paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LABBOOK_KERNELS": str(tmp_path / "kernels")}
    text = (
        "from pathlib import Path; from tests.made_data import table, task, train; import labbook\n"
        "from labbook.training import pack\n"
        "def patch(name, value): pack.read_prepared = value\n"
        f"train([task('one', 0, 'compiled')], table(), Path({str(tmp_path)!r}), patch)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", text], env=clean_environment(**paths), stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert "compiling" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=3) == -signal.SIGTERM


def test_many_processes_compile_once(tmp_path) -> None:
    """Processes that need the machine code at the same time wait for one of them."""
    paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "LABBOOK_KERNELS": str(tmp_path)}
    text = "from labbook.engines.compiled.library import functions; functions()"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", text],
            env=clean_environment(**paths),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum("compiling the training engine" in text for text in said) == 1
    assert len(list(tmp_path.glob("kernels-*[0-9a-f]"))) == 1


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
    """A copy of labbook with that kernel, and how to run a program with it."""
    hidden = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=hidden)
    kernels = tmp_path / "src/labbook/engines/compiled/kernels"
    (kernels / "entries.py").write_text(TELLING)
    number, kept = kernels / "number.py", tmp_path / "kept"
    number.write_text("NUMBER = 7\n")

    def run(text: str, **more: str) -> str:
        paths = {"PYTHONPATH": str(tmp_path / "src"), "LABBOOK_KERNELS": str(kept)}
        ran = subprocess.run(
            [sys.executable, "-c", text], env=clean_environment(**paths, **more), cwd=tmp_path,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return ran.stdout + ran.stderr.replace("\n", " ")

    return SimpleNamespace(number=number, kept=kept, run=run)


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
