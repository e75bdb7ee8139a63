"""Where a process trains, and the settings that make equal input give equal bits there."""

import os
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from labbook.errors import LabbookError

_held: list[FileLock] = []  # for the life of the process


def prepare_device(device: str, folder: Path) -> torch.device:
    """The device for "auto", "cpu" or "cuda", with torch made deterministic and single-threaded.

    "auto" is a GPU where there is one. With several GPUs, and no CUDA_VISIBLE_DEVICES from a
    scheduler, each process takes one that no other holds, by a lock file under `folder`; when all
    are held, they are shared. Raises `LabbookError` for "cuda" where there is no GPU.
    """
    _make_deterministic()
    if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise LabbookError(
            "device: cuda was asked for, and torch finds no GPU here (no CUDA device, no driver, "
            "or a torch without CUDA). Set device: auto or cpu in params.yaml."
        )
    chosen = torch.device("cuda", _lease(torch.cuda.device_count(), folder))
    torch.cuda.set_device(chosen)  # CUDA graphs and streams are those of the current device
    return chosen


def _make_deterministic() -> None:
    """Settings for the whole process; those of cuBLAS are read when it starts."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # else bits differ between calls
    torch.set_num_threads(1)  # sums are cut up by threads, and processes share the cores
    torch.use_deterministic_algorithms(True)
    # It finds faults by filling all new memory, and is slow.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cuda.matmul.allow_tf32 = False  # 10 bits of mantissa in place of 23


def _lease(devices: int, folder: Path) -> int:
    """The number of a GPU that is free, now held by this process; shared if none is free."""
    if devices == 1 or "CUDA_VISIBLE_DEVICES" in os.environ:
        return 0
    Path(folder).mkdir(parents=True, exist_ok=True)
    for number in range(devices):
        lock = FileLock(Path(folder, f"cuda-{number}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        _held.append(lock)
        return number
    return os.getpid() % devices
