"""Which device a process trains on, and the settings that make equal input give equal bits there.

For the engines that use torch: `torch` and `cuda`.
"""

import itertools
import os
import platform
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from labbook.errors import LabbookError

_held: list[FileLock] = []  # for the life of the process


def prepare_device(device: str) -> torch.device:
    """The device for "cpu" or "cuda", with torch made deterministic and single-threaded.

    With several GPUs each process takes one that no other process of this user holds, and keeps
    it for all that it trains; when all are held, they are shared evenly. Raises `LabbookError` for
    "cuda" where there is no GPU.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # else bits differ between calls
    torch.set_num_threads(1)  # sums are cut up by threads, and processes share the cores
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms: 1.5 s of imports
    # It finds faults by filling all new memory, and is slow.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False  # it chooses kernels by their times
    torch.backends.cudnn.allow_tf32 = False  # 10 bits of mantissa in place of 23
    torch.backends.cuda.matmul.allow_tf32 = False
    if device == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise LabbookError(
            "device: cuda was asked for, and torch finds no GPU here (no CUDA device, no driver, "
            "or a torch without CUDA). Set device: cpu in params.yaml."
        )
    chosen = torch.device("cuda", _own_gpu())
    torch.cuda.set_device(chosen)  # CUDA graphs and streams are those of the current device
    return chosen


def lease(gpus: Sequence[str], folder: Path) -> int:
    """The place in `gpus` (names that stay) of the one that this process now holds.

    It is the first that nobody holds; where all are held, the first that only one process holds,
    and so on: nobody waits. A hold is the lock of a file under `folder`, which the system lifts
    when the process ends, however it ends. Where no file can be locked, GPUs are taken by chance.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for share in itertools.count():
            for number, name in enumerate(gpus):
                lock = FileLock(Path(folder, f"{name}-{share}.lock"))
                try:
                    lock.acquire(timeout=0)
                except Timeout:
                    continue
                _held.append(lock)
                return number
    except (OSError, NotImplementedError):
        pass
    return os.getpid() % len(gpus)


def leases() -> Path:
    """Where this user's processes on this machine see each other's holds, whatever the project.

    By the machine's name, for a home that several machines see.
    """
    cache_folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_folder, "labbook/devices", platform.node())


@cache
def _own_gpu() -> int:
    """By the GPUs' own numbers: places change with CUDA_VISIBLE_DEVICES."""
    properties = map(torch.cuda.get_device_properties, range(torch.cuda.device_count()))
    return lease([str(one.uuid) for one in properties], leases())
