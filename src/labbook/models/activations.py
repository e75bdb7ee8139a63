"""Activations by name: to add one, write it here and name it in params/models.py."""

from collections.abc import Callable

from torch import nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,  # max(0, x)
    "leaky_relu": nn.LeakyReLU,  # x, or 0.01 x below 0
    "silu": nn.SiLU,  # x sigmoid(x)
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,  # x Phi(x), Phi the normal distribution function
    "elu": nn.ELU,  # x, or exp(x) - 1 below 0
}
