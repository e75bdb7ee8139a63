"""Products of matrices, one a run, whose bits do not follow from a run's place in the stack.

On a GPU one kernel makes all products of a stack alike. On a CPU the library looks at where each
matrix begins: MKL takes other kernels, with another order of sums, where that is no multiple of 64
bytes, and equal results are promised for such multiples alone (Intel's developer guide for oneMKL,
"Obtaining Numerically Reproducible Results"). So there each matrix begins on one.
"""

from typing import Any

import torch
from torch import Tensor

ALIGNED = 16  # numbers of float32: 64 bytes


def product(a: Tensor, b: Tensor, added: Tensor | None = None) -> Tensor:
    """The products of a (runs, n, k) and b (runs, k, m), plus `added`, spread over them."""
    if a.is_cuda:
        return in_one_kernel(a, b, added)
    found: Tensor = _Product.apply(a, b)  # type: ignore[no-untyped-call]
    return found if added is None else found + added


def in_one_kernel(a: Tensor, b: Tensor, added: Tensor | None = None) -> Tensor:
    """`product` as a GPU makes it."""
    return torch.bmm(a, b) if added is None else torch.baddbmm(added, a, b)


class _Product(torch.autograd.Function):
    """The product, whose gradients are such products, too."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(a, b)
        return _aligned_product(a, b)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        a, b = ctx.saved_tensors
        of_a, of_b = ctx.needs_input_grad
        return (
            _aligned_product(gradient, b.transpose(1, 2)) if of_a else None,
            _aligned_product(a.transpose(1, 2), gradient) if of_b else None,
        )


def _aligned_product(a: Tensor, b: Tensor) -> Tensor:
    """The product of copies that begin alike; rows of zeros make its own matrices begin so."""
    rows = a.shape[1]
    a = torch.nn.functional.pad(a, (0, 0, 0, -rows % ALIGNED))
    return torch.bmm(_aligned(a), _aligned(b))[:, :rows].contiguous()


def _aligned(stack: Tensor) -> Tensor:
    """A copy of a stack of matrices (runs, n, k), each of which begins at a multiple of ALIGNED."""
    runs, n, k = stack.shape
    space = stack.new_empty(runs, n * k + -(n * k) % ALIGNED)
    return space[:, : n * k].view(runs, n, k).copy_(stack)
