"""One tile of a matrix product, all its sums in registers: the work of nearly every network."""

from typing import Any

from llvmlite import ir
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
    call,
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
