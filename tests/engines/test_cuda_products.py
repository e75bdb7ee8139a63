"""Products of stacks: equal bits at every place, and the gradients of a product."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labbook.engines.cuda.products import product

PLACES = 32
SIZES = [1, 3, 7, 9, 16, 17, 43, 64, 65]


def stack(rows: int, columns: int, turned: bool) -> torch.Tensor:
    """The same matrix at every place, as it lies in memory or turned."""
    draw = torch.Generator().manual_seed(rows * columns)
    shape = (columns, rows) if turned else (rows, columns)
    one = torch.randn(shape, generator=draw).repeat(PLACES, 1, 1)
    return one.transpose(1, 2) if turned else one


@pytest.mark.parametrize("turned", list(itertools.product([False, True], repeat=2)))
def test_every_place_has_the_same_bits(turned: tuple[bool, bool]) -> None:
    """With torch.bmm alone a tenth of these have not, by MKL on a processor of AMD's."""
    torch.set_num_threads(1)
    for n, k, m in itertools.product(SIZES, repeat=3):
        a, b = stack(n, k, turned[0]), stack(k, m, turned[1])
        a, b = a.detach().requires_grad_(), b.detach().requires_grad_()
        found = product(a, b)
        found.backward(stack(n, m, False))
        for made in (found, a.grad, b.grad):
            assert torch.equal(made, made[:1].expand_as(made)), (n, k, m)


@given(
    shape=st.tuples(*[st.integers(1, 20)] * 3),
    turned=st.tuples(st.booleans(), st.booleans()),
    added=st.booleans(),
)
def test_values_and_gradients_are_those_of_torch(shape, turned, added: bool) -> None:
    n, k, m = shape
    draw = torch.Generator().manual_seed(n)
    tensors = {}
    for name, function in (("ours", product), ("torchs", _torchs)):
        a, b = stack(n, k, turned[0]).double(), stack(k, m, turned[1]).double()
        c = torch.ones(PLACES, 1, m, dtype=torch.float64) if added else None
        leaves = [one.detach().requires_grad_() for one in (a, b, c) if one is not None]
        made = function(*leaves)
        weights = torch.randn(made.shape, generator=draw.manual_seed(n), dtype=torch.float64)
        made.backward(weights)
        tensors[name] = [made.detach(), *(one.grad for one in leaves)]
    for ours, torchs in zip(tensors["ours"], tensors["torchs"], strict=True):
        torch.testing.assert_close(ours, torchs, rtol=1e-12, atol=1e-12)


def _torchs(a, b, c=None) -> torch.Tensor:
    return a @ b if c is None else a @ b + c
