"""One step of a pack, and its capture in a CUDA graph: one launch in place of a hundred."""

import sys
from collections.abc import Callable

import torch
from torch import Tensor

from labbook.engines.cuda.layers import forward
from labbook.engines.cuda.losses import LOSSES
from labbook.engines.cuda.optimizers import CONSTANTS, STEPS, clip
from labbook.losses import loss_name
from labbook.train.run import Run

Step = Callable[[Tensor, Tensor, dict[str, Tensor], Tensor], Tensor]
WARM_UP = 3  # runs of a step before its capture, as torch demands: libraries choose kernels then


def make_step(
    run: Run,
    named: dict[str, Tensor],
    weights: Tensor,
    first: Tensor,
    second: Tensor,
) -> Step:
    """A step of a pack of runs like `run`: forward, gradient, optimiser; the losses (members,).

    `named` are views of `weights` (members, all weights) by name, and batch norm's statistics.
    The step takes x, y, dropout's masks by layer and the constants (members, len(CONSTANTS)).
    """
    network, training = run.network, run.recipe.training
    loss_of = LOSSES[loss_name(training.loss, run.task)]
    update = STEPS[run.recipe.optimizer.kind]
    leaves = {name: named[name].detach().requires_grad_() for name in network.weights()}
    buffers = {name: named[name] for name in network.buffers()}

    def step(x: Tensor, y: Tensor, masks: dict[str, Tensor], constants: Tensor) -> Tensor:
        losses = loss_of(forward(network, leaves | buffers, x, masks), y)
        # Members do not mix: the gradient of the sum holds the gradient of each.
        gradients = torch.autograd.grad(losses.sum(), list(leaves.values()))
        gradient = torch.cat([one.flatten(1) for one in gradients], 1)
        if training.clip is not None:
            gradient = clip(gradient, training.clip)
        columns = constants.unbind(1)
        named_constants = {n: c[:, None] for n, c in zip(CONSTANTS, columns, strict=True)}
        with torch.no_grad():
            update(weights, gradient, first, second, named_constants)
        return losses.detach()

    return step


def captured(step: Step, state: list[Tensor]) -> Step:
    """`step` as CUDA graphs, one per shape of x; eager where capture fails, said once.

    `state` are the tensors that a step changes: warming up must leave them as they were.
    """
    graphs: dict[tuple[int, ...], Callable[[list[Tensor]], Tensor]] = {}
    eager: list[bool] = []

    def run(x: Tensor, y: Tensor, masks: dict[str, Tensor], constants: Tensor) -> Tensor:
        if not eager and tuple(x.shape) not in graphs:
            try:
                graphs[tuple(x.shape)] = _capture(step, state, x, y, masks, constants)
            except RuntimeError as error:
                eager.append(True)
                print(f"labbook: no CUDA graph ({error!s:.200}); packs run step by step.",
                      file=sys.stderr)  # fmt: skip
        if eager:
            return step(x, y, masks, constants)
        return graphs[tuple(x.shape)]([x, y, constants, *masks.values()])

    return run


def _capture(
    step: Step, state: list[Tensor], x: Tensor, y: Tensor, masks: dict[str, Tensor], c: Tensor
) -> Callable[[list[Tensor]], Tensor]:
    """Record a step over inputs of its own; to replay it is to copy the inputs and launch."""
    own = [tensor.clone() for tensor in (x, y, c, *masks.values())]
    own_masks = dict(zip(masks, own[3:], strict=True))
    before = [tensor.clone() for tensor in state]
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            step(own[0], own[1], own_masks, own[2])
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        losses = step(own[0], own[1], own_masks, own[2])
    for tensor, value in zip(state, before, strict=True):
        tensor.copy_(value)

    def replay(given: list[Tensor]) -> Tensor:
        for mine, value in zip(own, given, strict=True):
            mine.copy_(value)
        graph.replay()
        return losses.clone()

    return replay
