"""Matrix products of any size, cut into tiles."""

import os
from typing import Any

from llvmlite import binding
from numba import types

from labbook.engines.compiled.kernels.tile import tile
from labbook.engines.compiled.kernels.vector import LANES, Pointer, at, compiled


def has_wide_registers() -> bool:
    """Whether the code is made for AVX-512, whose 32 registers hold 16 floats each."""
    asked = os.environ.get("NUMBA_CPU_FEATURES")
    return "+avx512f" in asked if asked else bool(binding.get_host_cpu_features().get("avx512f"))


# Columns / 16 -> heights of tiles, tallest first: as many sums as the registers hold. The heights
# change no bits: each element of the product is one sum, in the same order in every tile.
WIDE = {4: (6, 4, 1), 2: (14, 8, 4, 2, 1), 1: (14, 8, 4, 2, 1)}
NARROW = {1: (6, 3, 1)}
HEIGHTS = WIDE if has_wide_registers() else NARROW

i = types.int64
ARGUMENTS = types.void(Pointer, i, i, i, Pointer, i, i, i, i, Pointer, i, Pointer, i, i)


def strip(vectors: int) -> Any:
    """The product for a strip of `vectors` * 16 columns and any number of rows."""

    def with_height(height: int, rest: Any) -> Any:
        one = tile(height, vectors)

        @compiled(ARGUMENTS)
        def down(a, a_row, a_j, a_k, b, b_j, b_k, j, k, s, s_row, c, c_row, rows):
            row = 0
            while row + height <= rows:
                one(
                    at(a, row * a_row), a_row, a_j, a_k, b, b_j, b_k, j, k,
                    at(s, row * s_row), s_row, at(c, row * c_row), c_row,
                )  # fmt: skip
                row += height
            if row < rows:
                rest(
                    at(a, row * a_row), a_row, a_j, a_k, b, b_j, b_k, j, k,
                    at(s, row * s_row), s_row, at(c, row * c_row), c_row, rows - row,
                )  # fmt: skip

        return down

    rest = nothing
    for height in reversed(HEIGHTS[vectors]):
        rest = with_height(height, rest)
    return rest


@compiled(ARGUMENTS)
def nothing(a, a_row, a_j, a_k, b, b_j, b_k, j, k, s, s_row, c, c_row, rows):
    """The strip below the last tile: there are no rows."""


def across(widths: tuple[int, ...]) -> Any:
    """The product for any number of columns, a multiple of 16, by strips, the widest first."""
    if not widths:
        return nothing_across
    step, one, rest = LANES * widths[0], strip(widths[0]), across(widths[1:])

    @compiled(types.void(*ARGUMENTS.args, i))
    def product(a, a_row, a_j, a_k, b, b_j, b_k, j, k, s, s_row, c, c_row, rows, columns):
        column = 0
        while column + step <= columns:
            one(
                a, a_row, a_j, a_k, at(b, column), b_j, b_k, j, k,
                at(s, column), s_row, at(c, column), c_row, rows,
            )  # fmt: skip
            column += step
        if column < columns:
            rest(
                a, a_row, a_j, a_k, at(b, column), b_j, b_k, j, k,
                at(s, column), s_row, at(c, column), c_row, rows, columns - column,
            )  # fmt: skip

    return product


@compiled(types.void(*ARGUMENTS.args, i))
def nothing_across(a, a_row, a_j, a_k, b, b_j, b_k, j, k, s, s_row, c, c_row, rows, columns):
    """The strips right of the last: there are no columns."""


# product(A, row, j, k steps, B, j, k steps, J, K, S, row step, C, row step, rows, columns):
# C[r, c] = S[r, c] + sum over j < J and k < K of A[r, j, k] B[j, k, c]; see vector.tile.
# S is C itself (to add), a bias with row step 0, or zeros with row step 0.
product = across(tuple(sorted(HEIGHTS, reverse=True)))
