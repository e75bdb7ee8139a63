"""The reference engine: runs one after the other, each by the textbook loop."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn

from labbook.engines.device import prepare_device
from labbook.engines.torch.loop import Part, State, fit, outputs_of, start
from labbook.engines.torch.network import build
from labbook.training.run import Run, Trained
from labbook.training.runfile import GRADIENT_NORM
from labbook.training.watch import Watch

CURVES = ("train_loss", "valid_loss", "rate")
SAVED = (*CURVES, "gradient_norms")


class Engine:
    """Plain PyTorch on the CPU or a GPU."""

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Train `runs` one after the other. Raises `LabbookError`."""
        place = prepare_device(device)
        for run in runs:
            yield _train(run, place, watch)
            watch.stop_if_asked()  # nothing is in work


def _train(run: Run, place: torch.device, watch: Watch) -> Trained:
    state = _begin(run, place)
    saved = watch.load(run.id, run.identity)
    if saved is not None:
        _restore(state, saved)
    train, valid = _part(run, "train", place), _part(run, "valid", place)

    def after_epoch(state: State) -> None:
        if watch.pause():
            watch.save(run.id, run.identity, _content(state))
            watch.go_on()
        watch.say(run.id, state.epoch)

    def augmented(epoch: int) -> Part:
        x, y = run.augmented(epoch, watch.stop_if_overdue)
        return Part(_tensor(x, place), _tensor(y, place))

    ended = fit(
        state, train, valid, run.task, run.recipe, run.seed, watch.stop_if_overdue, after_epoch,
        None if run.augment is None else augmented,
    )  # fmt: skip
    return _trained(run, state, ended, place)


def _trained(run: Run, state: State, ended: str, place: torch.device) -> Trained:
    module, best = state.model, state.best

    def outputs(x: np.ndarray) -> np.ndarray:
        module.load_state_dict(best)
        return np.asarray(outputs_of(module, _tensor(x, place)).cpu().numpy())

    return Trained(
        run=run,
        ended=ended,
        best_epoch=state.best_epoch,
        curves=_curves(run, state),
        weights={n: w.cpu().numpy() for n, w in best.items()} if state.best_epoch else {},
        outputs=outputs,
    )


def _curves(run: Run, state: State) -> dict[str, np.ndarray]:
    curves = {name: np.array(getattr(state, name), np.float32) for name in CURVES}
    if run.recipe.training.gradient_norms:
        norms = np.array(state.gradient_norms, np.float32).T  # (layers, epochs)
        names = run.network.trained_layers()
        curves |= {GRADIENT_NORM + name: curve for name, curve in zip(names, norms, strict=True)}
    return curves


def _begin(run: Run, place: torch.device) -> State:
    """The run before its first epoch; the weights are drawn on the CPU, then moved."""
    network = run.network
    module: nn.Module = build(network, run.seed)
    if len(network.inputs) == 3:
        module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return start(module.to(place), run.recipe)


def _part(run: Run, name: str, place: torch.device) -> Part:
    x, y = run.part(name)
    return Part(_tensor(x, place), _tensor(y, place))


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
    arrays |= {name: np.array(getattr(state, name)) for name in SAVED}
    return arrays | {"best_at": np.array([state.best_epoch, state.best_loss])}


def _restore(state: State, saved: dict[str, np.ndarray]) -> None:
    """Bring a state to where `_content` left it."""
    parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "best": {}, "optimizer": {}}
    for name, array in saved.items():
        part, _, rest = name.partition("/")
        if rest:
            parts[part][rest] = torch.tensor(array)
    state.model.load_state_dict(parts["model"])
    for name, tensor in parts["best"].items():
        state.best[name].copy_(tensor)
    _restore_optimizer(state, parts["optimizer"])
    for name in SAVED:
        setattr(state, name, saved[name].tolist())
    epoch, loss = saved["best_at"].tolist()
    state.best_epoch, state.best_loss = int(epoch), loss if epoch else math.inf


def _restore_optimizer(state: State, saved: dict[str, torch.Tensor]) -> None:
    """Fill the optimiser's state from tensors by `<number of the parameter>/<name>`."""
    parameters = list(state.model.parameters())
    content = state.optimizer.state_dict()
    content["state"] = {number: {} for number in range(len(parameters))} if saved else {}
    for path, tensor in saved.items():
        number, _, name = path.partition("/")
        parameter = parameters[int(number)]
        if tensor.shape == parameter.shape:
            # In the parameter's memory format: a fused step pairs them by place in memory.
            tensor = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
        content["state"][int(number)][name] = tensor
    state.optimizer.load_state_dict(content)
