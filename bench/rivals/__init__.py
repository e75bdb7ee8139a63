"""Who trains in a benchmark: to add one, write a module with `prepare` and name it here.

`prepare(workload)` sets all up and gives a function (epochs) that trains for so many epochs, and
how many models it trains at once.
"""

from collections.abc import Callable, Sequence
from importlib import import_module

from bench.workloads import Workload

Train = Callable[[int], None]

RIVALS = {  # name -> (module, share of the epochs of a round)
    "compiled": ("bench.rivals.labbook_engines", 1.0),
    "torch": ("bench.rivals.labbook_engines", 0.05),
    "cuda-256": ("bench.rivals.labbook_engines", 0.2),
    "cuda-1024": ("bench.rivals.labbook_engines", 0.2),
    "notebook": ("bench.rivals.notebook", 0.01),
    "lean": ("bench.rivals.lean", 0.06),
    "jax": ("bench.rivals.jax_vmap", 0.4),
    "sklearn": ("bench.rivals.sklearn_mlp", 0.05),
    "skorch": ("bench.rivals.skorch_net", 0.01),
}
GPU = ("cuda-256", "cuda-1024")  # the packs of the engine cuda that are timed,
GPU_WORKLOADS = ("W1a",)  # on these workloads


class MissingError(Exception):
    """What a rival needs is not here; the text says what."""


def entered(names: Sequence[str], workload: str, processes: int) -> list[str]:
    """Who of `names` is timed on a workload: a GPU has one process and the small networks."""
    on_gpu = workload in GPU_WORKLOADS and processes == 1
    return [name for name in names if name not in GPU or on_gpu]


def prepare(name: str, workload: Workload) -> tuple[Train, int]:
    """The training function of a rival, and how many models it trains at once.

    Raises ImportError or `MissingError` where what it needs is not here.
    """
    module = import_module(RIVALS[name][0])
    found: tuple[Train, int] = module.prepare(workload, name)
    return found


def epochs_of_a_round(name: str, workload: Workload) -> int:
    """So many that a round takes some tenths of a second."""
    share = RIVALS[name][1]
    return max(1, round(workload.epochs * share))
