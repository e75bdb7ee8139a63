"""CUDA graphs: a step's kernels, recorded once and then started by one call.

Small networks need many small kernels, and starting them one by one takes longer than they do.
No test without a GPU reaches what is below the first line of `captured`.
"""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

WARM_UP = 3  # calls before the capture: libraries set themselves up, memory is asked for
Memory = Any  # torch's handle of memory that graphs share; its type has no public name


@cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    """The stream of all captures: cuBLAS keeps 32 MiB and more for each stream that it meets."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def captured(
    step: Callable[[], None],
    reset: Callable[[], None],
    device: torch.device,
    memory: Memory = None,
) -> Callable[[], None]:
    """A function that does what `step` does: on a GPU the replay of a graph, else `step` itself.

    `step` reads and writes tensors that stay where they are, keeps no others, and is called a few
    times here, each time after `reset`. Where the capture fails, one line on stderr says so.
    """
    if device.type != "cuda":
        return step
    try:
        side, main = _stream(device), torch.cuda.current_stream(device)
        side.wait_stream(main)
        with torch.cuda.stream(side):  # and back from it, too, where a capture breaks off
            for _ in range(WARM_UP):
                reset()
                step()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=memory, stream=side):
                step()
        main.wait_stream(side)
    except RuntimeError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        print(
            f"labbook: no CUDA graph of this network ({reason:.200}); it trains without, slower.",
            file=sys.stderr,
        )
        return step
    replay: Callable[[], None] = graph.replay
    return replay
