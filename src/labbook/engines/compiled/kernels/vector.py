"""The only low-level part: pointers, a fused multiply-add, and one tile of a matrix product.

Written as LLVM vector code of 16 float32 lanes. LLVM splits them in two on AVX2 and in four on
SSE and NEON: the bits stay, because each lane is a sum of its own in a fixed order and each
multiply-add is rounded once.
"""

import platform
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
FLOAT, INT32, INT64, INT128 = ir.FloatType(), ir.IntType(32), ir.IntType(64), ir.IntType(128)
X86 = platform.machine() in ("x86_64", "AMD64")
# Numbers below 1e-38 count as zero: the moments of a dead unit would be such numbers for ever,
# and each costs a hundred ticks.
FLUSH = 0x8040
VECTOR = ir.VectorType(FLOAT, LANES)
FIRST_LANE = ir.Constant(ir.VectorType(INT32, LANES), None)

Pointer = types.CPointer(types.float32)
Ints = types.CPointer(types.int64)
Orders = types.CPointer(types.int32)
Doubles = types.CPointer(types.float64)


def compiled(signature: Any = None, inline: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Numba's compiler as all kernels use it; without a signature, types are inferred."""
    options: dict[str, Any] = {
        "error_model": "numpy",
        "no_cpython_wrapper": True,
        "no_cfunc_wrapper": True,
        "forceinline": inline,
        "_nrt": False,
    }
    return njit(**options) if signature is None else njit(signature, **options)


def _call(builder: ir.IRBuilder, name: str, kind: ir.Type, *arguments: ir.Value) -> ir.Value:
    function = ir.FunctionType(kind, [a.type for a in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, function, name), arguments)


@intrinsic
def at(typing_context, pointer, offset):
    """The address `offset` elements behind `pointer`."""

    def generate(context, builder, signature, arguments):
        element = context.get_data_type(signature.args[0].dtype)
        return builder.gep(arguments[0], [arguments[1]], source_etype=element)

    return pointer(pointer, types.int64), generate


def record(layout: np.dtype[Any]) -> types.Type:
    """The type of a record of a NumPy layout; as an argument it is the record's address."""
    return from_dtype(layout)


@intrinsic
def entry(typing_context, first, number):
    """The record `number` places behind the record `first`."""

    def generate(context, builder, signature, arguments):
        size = ir.Constant(INT64, signature.args[0].size)
        offset = builder.mul(size, arguments[1])
        address = builder.add(builder.ptrtoint(arguments[0], INT64), offset)
        return builder.inttoptr(address, arguments[0].type)

    return first(first, types.int64), generate


@intrinsic
def fma(typing_context, a, b, c):
    """A * b + c, rounded once."""

    def generate(context, builder, signature, arguments):
        return _call(builder, "llvm.fma.f32", FLOAT, *arguments)

    one = types.float32
    return one(one, one, one), generate


@intrinsic
def copy_vector(typing_context, target, source):
    """Copy 16 numbers."""

    def generate(context, builder, signature, arguments):
        target, source = (builder.bitcast(one, VECTOR.as_pointer()) for one in arguments)
        builder.store(builder.load(source, align=4), target, align=4)
        return context.get_dummy_value()

    return types.void(Pointer, Pointer), generate


@intrinsic
def float_of_bits(typing_context, bits):
    """The float32 with the bits of an int32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], FLOAT)

    return types.float32(types.int32), generate


@intrinsic
def multiply_high(typing_context, a, b):
    """The upper 64 of the 128 bits of a product of two uint64."""

    def generate(context, builder, signature, arguments):
        a, b = (builder.zext(value, INT128) for value in arguments)
        upper = builder.lshr(builder.mul(a, b), ir.Constant(INT128, 64))
        return builder.trunc(upper, INT64)

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def float_mode(typing_context):
    """The processor's settings for floating-point numbers (x86; 0 elsewhere)."""

    def generate(context, builder, signature, arguments):
        place = cgutils.alloca_once_value(builder, INT32(0))
        if X86:
            _call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), place)
        return builder.load(place)

    return types.int32(), generate


@intrinsic
def set_float_mode(typing_context, mode):
    """Change these settings."""

    def generate(context, builder, signature, arguments):
        if X86:
            place = cgutils.alloca_once_value(builder, arguments[0])
            _call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), place)
        return context.get_dummy_value()

    return types.void(types.int32), generate


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
                value = _call(
                    builder, "llvm.fma.v16f32", VECTOR, factor, columns[vector],
                    builder.load(total),
                )  # fmt: skip
                builder.store(value, total)
    for row, vector in cells:
        end = place(address(c, builder.mul(c_row, number(row))), vector)
        builder.store(builder.load(sums[row, vector]), end, align=4)
    return context.get_dummy_value()
