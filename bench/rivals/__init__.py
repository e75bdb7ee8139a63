"""Who trains in a benchmark: to add one, write a module with `prepare` and name it here.

`prepare(workload)` sets all up and gives a function (epochs) that trains for so many epochs, and
how many models it trains at once.
"""

from collections.abc import Callable, Sequence
from importlib import import_module

from bench.workloads import WORKLOADS, Workload

Train = Callable[[int], None]

TABLES = tuple(name for name, one in WORKLOADS.items() if not one.channels)
BUT_W1A = tuple(name for name in WORKLOADS if name != "W1a")
RIVALS = {  # name -> (module, workloads that it does not do, share of the epochs of a round)
    "compiled": ("bench.rivals.labbook_engines", (), 1.0),
    "torch": ("bench.rivals.labbook_engines", (), 0.05),
    "cuda-256": ("bench.rivals.labbook_engines", BUT_W1A, 0.2),
    "cuda-1024": ("bench.rivals.labbook_engines", BUT_W1A, 0.2),
    "notebook": ("bench.rivals.notebook", (), 0.01),
    "lean": ("bench.rivals.lean", (), 0.06),
    "lean_channels_last": ("bench.rivals.lean", TABLES, 0.06),
    "jax": ("bench.rivals.jax_vmap", (), 0.4),
    "sklearn": ("bench.rivals.sklearn_mlp", ("CNN",), 0.05),
    "skorch": ("bench.rivals.skorch_net", (), 0.01),
}
GPU = ("cuda-256", "cuda-1024")  # the packs of the engine cuda that are timed


class MissingError(Exception):
    """What a rival needs is not here; the text says what."""


def entered(names: Sequence[str], workload: str, processes: int) -> list[str]:
    """Who of `names` is timed on a workload: several processes share no GPU."""
    able = [name for name in names if workload not in RIVALS[name][1]]
    return [name for name in able if name not in GPU or processes == 1]


def prepare(name: str, workload: Workload) -> tuple[Train, int]:
    """The training function of a rival, and how many models it trains at once.

    Raises ImportError or `MissingError` where what it needs is not here.
    """
    module = import_module(RIVALS[name][0])
    found: tuple[Train, int] = module.prepare(workload, name)
    return found


def epochs_of_a_round(name: str, workload: Workload) -> int:
    """So many that a round takes some tenths of a second."""
    share = RIVALS[name][2]
    return max(1, round(workload.epochs * share))
