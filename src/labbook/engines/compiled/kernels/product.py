"""Matrix products of any size, cut into tiles: the work of nearly every network.

All sums of a tile are in registers.
"""

import os
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from labbook.engines.compiled.kernels.vector import (
    FLOAT,
    INT32,
    INT64,
    LANES,
    VECTOR,
    Pointer,
    at,
    call,
    compiled,
)

FIRST_LANE = ir.Constant(ir.VectorType(INT32, LANES), None)


def tile(rows: int, vectors: int) -> Any:
    """A function that computes `rows` rows and `vectors` * 16 columns of a matrix product.

    C[r, c] = S[r, c] + sum over j < J, then k < K of A[r, j, k] * B[j, k, c], in that order, all
    sums in registers. Arguments: A with the steps of its three indices; B with the steps of j and
    k (its columns lie side by side); J, K; S and C with the step of a row. Steps count floats.
    """

    @intrinsic
    def product(typing_context, a, a_row, a_j, a_k, b, b_j, b_k, j, k, s, s_row, c, c_row):
        """The types of the call, and who writes its machine code."""

        def generate(context, builder, signature, arguments):
            return _tile(context, builder, rows, vectors, *arguments)

        i = types.int64
        arguments = (Pointer, i, i, i, Pointer, i, i, i, i, Pointer, i, Pointer, i)
        return types.void(*arguments), generate

    return product


def _tile(
    context, builder, rows, vectors, a, a_row, a_j, a_k, b, b_j, b_k, j, k, s, s_row, c, c_row
) -> Any:
    def number(value: int) -> ir.Value:
        return ir.Constant(INT64, value)

    def address(pointer: ir.Value, offset: ir.Value) -> ir.Value:
        return builder.gep(pointer, [offset], source_etype=FLOAT)

    def place(pointer: ir.Value, vector: int) -> ir.Value:
        return builder.bitcast(address(pointer, number(LANES * vector)), VECTOR.as_pointer())

    def spread(value: ir.Value) -> ir.Value:
        nothing = ir.Constant(VECTOR, ir.Undefined)
        first = builder.insert_element(nothing, value, INT32(0))
        return builder.shuffle_vector(first, nothing, FIRST_LANE)

    cells = [(row, vector) for row in range(rows) for vector in range(vectors)]
    sums = {}
    for row, vector in cells:
        start = address(s, builder.mul(s_row, number(row)))
        sums[row, vector] = cgutils.alloca_once_value(
            builder, builder.load(place(start, vector), align=4)
        )
    with cgutils.for_range(builder, j) as outer, cgutils.for_range(builder, k) as inner:
        b_at = address(b, builder.add(builder.mul(outer.index, b_j), builder.mul(inner.index, b_k)))
        a_at = address(a, builder.add(builder.mul(outer.index, a_j), builder.mul(inner.index, a_k)))
        columns = [builder.load(place(b_at, vector), align=4) for vector in range(vectors)]
        for row in range(rows):
            one = builder.load(address(a_at, builder.mul(a_row, number(row))))
            factor = spread(one)
            for vector in range(vectors):
                total = sums[row, vector]
                value = call(
                    builder, "llvm.fma.v16f32", VECTOR, factor, columns[vector],
                    builder.load(total),
                )  # fmt: skip
                builder.store(value, total)
    for row, vector in cells:
        end = place(address(c, builder.mul(c_row, number(row))), vector)
        builder.store(builder.load(sums[row, vector]), end, align=4)
    return context.get_dummy_value()


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
        """As many strips of this width as there are columns for; the rest by narrower ones."""
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
# C[r, c] = S[r, c] + sum over j < J and k < K of A[r, j, k] B[j, k, c]; see tile.
# S is C itself (to add), a bias with row step 0, or zeros with row step 0.
product = across(tuple(sorted(HEIGHTS, reverse=True)))
