"""CUDA graphs: a step's kernels, recorded once and then started by one call.

Small networks need many small kernels, and starting them one by one takes longer than they do.
No test without a GPU reaches what is below the first line of `captured`.
"""

import sys
from collections.abc import Callable

import torch

WARM_UP = 3  # calls before the capture: libraries set themselves up, memory is asked for


def captured(
    step: Callable[[], None], reset: Callable[[], None], device: torch.device
) -> Callable[[], None]:
    """A function that does what `step` does: on a GPU the replay of a graph, else `step` itself.

    `step` reads and writes tensors that stay where they are, and is called a few times here, each
    time after `reset`. Where the capture fails, one line on stderr says so.
    """
    if device.type != "cuda":
        return step
    try:
        side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                reset()
                step()
        torch.cuda.current_stream(device).wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
    except RuntimeError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        print(
            f"labbook: no CUDA graph of this network ({reason:.200}); it trains without, slower.",
            file=sys.stderr,
        )
        return step
    replay: Callable[[], None] = graph.replay
    return replay
