"""The low-level part: pointers, records, choices, a fused multiply-add, the float mode.

Written as LLVM vector code of 16 float32 lanes. LLVM splits them in two on AVX2 and in four on
SSE and NEON: the bits stay, because each lane is a sum of its own in a fixed order and each
multiply-add is rounded once.
"""

import platform
from collections.abc import Callable, Mapping, Sequence
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

Pointer = types.CPointer(types.float32)
Orders = types.CPointer(types.int32)


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


def switch(names: Sequence[str], functions: Mapping[str, Any]) -> Any:
    """A function (number, ...) that calls the function of `names[number]` with the rest.

    All functions have the same signature. Raises KeyError for a name that has no function.
    """
    chosen = None
    for number in reversed(range(len(names))):
        chosen = _link(number, functions[names[number]], chosen)
    return chosen


def _link(number: int, function: Any, otherwise: Any) -> Any:
    if otherwise is None:  # the last one

        @compiled()
        def last(asked, *arguments):
            return function(*arguments)

        return last

    @compiled()
    def link(asked, *arguments):
        if asked == number:
            return function(*arguments)
        return otherwise(asked, *arguments)

    return link


def call(builder: ir.IRBuilder, name: str, kind: ir.Type, *arguments: ir.Value) -> ir.Value:
    """A call of one of LLVM's own functions, such as llvm.fma.f32."""
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
    """a * b + c, rounded once."""

    def generate(context, builder, signature, arguments):
        return call(builder, "llvm.fma.f32", FLOAT, *arguments)

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
            call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), place)
        return builder.load(place)

    return types.int32(), generate


@intrinsic
def set_float_mode(typing_context, mode):
    """Change these settings."""

    def generate(context, builder, signature, arguments):
        if X86:
            place = cgutils.alloca_once_value(builder, arguments[0])
            call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), place)
        return context.get_dummy_value()

    return types.void(types.int32), generate
