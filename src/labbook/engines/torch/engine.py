"""The reference engine: runs one after the other, each by the textbook loop."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import nn

from labbook.engines.device import prepare_device
from labbook.engines.torch.loop import Part, State, fit, outputs_of, start
from labbook.engines.torch.network import build
from labbook.training.run import Run, Trained
from labbook.training.watch import Watch


class Engine:
    """Plain PyTorch on the CPU or a GPU."""

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Train `runs` one after the other. Raises `LabbookError`."""
        place = prepare_device(device)
        for run in runs:
            yield _train(run, place, watch)
            watch.stop_if_asked()  # nothing is in work


def _train(run: Run, place: torch.device, watch: Watch) -> Trained:
    network = run.network
    # Weights are drawn on the CPU, then moved.
    module: nn.Module = build(network, run.seed_of("initialisation"))
    if len(network.inputs) == 3:
        module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    saved = watch.load(run.id, run.identity)
    state = start(run, module.to(place), saved)
    if saved is not None:
        _restore(state, saved)

    def part(arrays: tuple[np.ndarray, np.ndarray]) -> Part:
        return Part(*(_tensor(array, place) for array in arrays))

    def augmented(epoch: int) -> Part:
        x, y = run.augmented(epoch, watch.stop_if_overdue)
        return part((x, run.weighed(y)))

    def after_epoch() -> None:
        if watch.pause():
            watch.save(run.id, run.identity, _content(state))
            watch.go_on()
        watch.say(run.id, state.course.epoch)

    def outputs(x: np.ndarray) -> np.ndarray:
        state.model.load_state_dict(state.best)
        return np.asarray(outputs_of(state.model, _tensor(x, place)).cpu().numpy())

    x, y = run.part("train")
    train, valid = part((x, run.weighed(y))), part(run.part("valid"))
    ended = fit(
        state, train, valid, watch.stop_if_overdue, after_epoch,
        None if run.augment is None else augmented,
    )  # fmt: skip
    best_epoch = state.course.best_epoch
    weights = {n: w.cpu().numpy() for n, w in state.best.items()} if best_epoch else {}
    return Trained(run, ended, best_epoch, state.course.arrays(np.float32), weights, outputs)


def _tensor(array: np.ndarray, place: torch.device) -> torch.Tensor:
    """A copy in torch's own memory, whose alignment, and so whose bits, are always the same."""
    tensor = torch.tensor(array, device=place)
    images = tensor.ndim == 4
    return tensor.contiguous(memory_format=torch.channels_last) if images else tensor


def _content(state: State) -> dict[str, np.ndarray]:
    """All of a state as named arrays."""
    named = {f"model/{name}": tensor for name, tensor in state.model.state_dict().items()}
    named |= {f"best/{name}": tensor for name, tensor in state.best.items()}
    for number, values in state.optimizer.state_dict()["state"].items():
        named |= {f"optimizer/{number}/{name}": value for name, value in values.items()}
    arrays = {name: tensor.cpu().numpy() for name, tensor in named.items() if tensor is not None}
    return arrays | state.course.arrays()


def _restore(state: State, saved: Mapping[str, np.ndarray]) -> None:
    """Bring weights and optimiser to where `_content` left them."""
    parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "best": {}, "optimizer": {}}
    for name, array in saved.items():
        part, _, rest = name.partition("/")
        if part in parts:
            parts[part][rest] = torch.tensor(array)
    state.model.load_state_dict(parts["model"])
    for name, tensor in parts["best"].items():
        state.best[name].copy_(tensor)

    parameters = list(state.model.parameters())
    content = state.optimizer.state_dict()
    content["state"] = {n: {} for n in range(len(parameters))} if parts["optimizer"] else {}
    for path, tensor in parts["optimizer"].items():
        number, _, name = path.partition("/")
        parameter = parameters[int(number)]
        if tensor.shape == parameter.shape:
            # In the parameter's memory format: a fused step pairs them by place in memory.
            tensor = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
        content["state"][int(number)][name] = tensor
    state.optimizer.load_state_dict(content)
