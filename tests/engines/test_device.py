"""Which device a process gets, and that processes do not meet on one where there are others."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from labbook.engines import device
from labbook.engines.device import lease, leases, prepare_device
from labbook.errors import LabbookError
from tests.conftest import ROOT, clean_environment

pytestmark = pytest.mark.thorough

# A process that takes a device twice, as for two packs, and holds it until its input ends. Of
# CUDA only what is asked is there: GPUs named a, b, ... in the order of the argument.
HOLDER = """
import sys
from types import SimpleNamespace
import torch
names = sys.argv[1]
torch.cuda.is_available = lambda: True
torch.cuda.device_count = lambda: len(names)
torch.cuda.get_device_properties = lambda number: SimpleNamespace(uuid=names[number])
torch.cuda.set_device = lambda chosen: None
from labbook.engines.device import prepare_device
first, second = prepare_device("cuda"), prepare_device("cuda")
print(names[first.index], names[second.index], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def released() -> Iterator[None]:
    """What a test leased is free again."""
    before = len(device._held)
    yield
    for lock in device._held[before:]:
        lock.release()
    del device._held[before:]


class Holder:
    """A process with a device, in a cache folder."""

    def __init__(self, gpus: str, cache: Path) -> None:
        environment = clean_environment(PYTHONPATH=str(ROOT / "src"), XDG_CACHE_HOME=str(cache))
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, gpus], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, cwd=cache, env=environment,
        )  # fmt: skip

    def gpus(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def end(self, kill: bool = False) -> None:
        if kill:
            self.process.kill()
        self.process.communicate()


def test_processes_take_different_gpus_and_keep_them(tmp_path: Path) -> None:
    started = [Holder("ab", tmp_path) for _ in range(2)]  # at once
    taken = [holder.gpus() for holder in started]
    assert sorted(taken) == [["a", "a"], ["b", "b"]]
    third = Holder("ba", tmp_path)  # all are held: it does not wait; GPUs may be listed otherwise
    assert third.gpus() == ["b", "b"]
    holder_of_a = started[taken.index(["a", "a"])]
    holder_of_a.end(kill=True)  # what it held is free at once
    fourth = Holder("ba", tmp_path)
    assert fourth.gpus() == ["a", "a"]
    for holder in (*started, third, fourth):
        if holder is not holder_of_a:
            holder.end()


@pytest.mark.usefixtures("released")
def test_shares_are_even(tmp_path: Path) -> None:
    assert [lease(["x", "y", "z"], tmp_path) for _ in range(8)] == [0, 1, 2, 0, 1, 2, 0, 1]
    device._held[-4].release()  # of y, the second share
    assert lease(["x", "y", "z"], tmp_path) == 1
    assert lease(["alone"], tmp_path) == 0
    assert lease(["alone"], tmp_path) == 0


@pytest.mark.usefixtures("released")
def test_where_no_lock_can_be_had(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert lease(["x"], tmp_path / "file/folder") == 0
    assert lease(["x", "y"], tmp_path / "file/folder") in (0, 1)


def test_one_folder_for_all_projects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = leases()
    monkeypatch.chdir(tmp_path)
    assert leases() == here
    assert here.is_absolute()
    monkeypatch.setattr("platform.node", lambda: "another machine")
    assert leases() != here


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there() -> None:
    with pytest.raises(LabbookError, match="Set device: cpu"):
        prepare_device("cuda")


def test_a_cpu_holds_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "cuda", SimpleNamespace(is_available=lambda: True))
    assert prepare_device("cpu") == torch.device("cpu")


def test_settings_for_equal_bits() -> None:
    torch.set_num_threads(2)
    prepare_device("cpu")
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32
