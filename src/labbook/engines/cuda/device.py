"""Where packs are computed, and how many members a pack has there."""

import os

import torch

from labbook.errors import LabbookError

# Places of a pack. Fixed, so that kernels, and with them bits, do not change with the number of
# runs; a place that is free is computed, too. The last one is always free: on a CPU the end of a
# tensor, which does not fill a vector, is computed in another way.
PLACES = {"cpu": 8, "cuda": 64}
SHARE = 0.5  # of a GPU's memory that a pack may take


def prepare(device: str) -> torch.device:
    """The device for "auto", "cpu" or "cuda", with torch made deterministic.

    `auto` is a GPU where there is one. Raises `LabbookError` for "cuda" where there is none.
    """
    torch.set_num_threads(1)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS starts
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise LabbookError(
            "device: cuda was asked for, and torch finds no GPU here (no CUDA device, no driver, "
            "or a torch without CUDA). Set device: auto or cpu in params.yaml."
        )
    return torch.device("cuda", 0)


def places(device: torch.device, bytes_each: int) -> int:
    """How many members a pack has: halved until they fit a GPU's memory, at least two."""
    count = PLACES[device.type]
    if device.type == "cuda":
        whole = torch.cuda.get_device_properties(device).total_memory
        while count > 2 and count * bytes_each > SHARE * whole:
            count //= 2
    return count
