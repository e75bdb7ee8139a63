"""The streams of labbook.streams in machine code: the same bits as NumPy's generators."""

import numpy as np
from numba import types

from labbook.engines.compiled.kernels.vector import Orders, Pointer, at, compiled, multiply_high
from labbook.engines.compiled.operations import DRAWS

u = np.uint64
MULTIPLIERS = u(0xD2E7470EE14C6C93), u(0xCA5A826395121157)
WEYL = u(0x9E3779B97F4A7C15), u(0xBB67AE8584CAA73B)
HALF = u(32)
LOWER = u(0xFFFFFFFF)


@compiled(types.UniTuple(types.uint64, 4)(types.uint64, types.uint64, types.uint64, types.uint64))
def block(number, index, key0, key1):
    """Block `number` (from 0) of part `index` of a stream: four uint64.

    Philox4x64 with 10 rounds (Salmon et al. 2011, section 3.3). NumPy counts from 1.
    """
    c0, c1, c2, c3 = number + u(1), u(0), u(0), index
    for _ in range(10):
        high0, low0 = multiply_high(MULTIPLIERS[0], c0), MULTIPLIERS[0] * c0
        high1, low1 = multiply_high(MULTIPLIERS[1], c2), MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
        key0, key1 = key0 + WEYL[0], key1 + WEYL[1]
    return c0, c1, c2, c3


@compiled(types.uint64(types.UniTuple(types.uint64, 4), types.int64), inline=True)
def half(words, place):
    """The uint32 at `place`, 0 to 7, of a block: lower halves first."""
    word = words[place >> 1]
    return word >> HALF if place & 1 else word & LOWER


@compiled(types.void(Pointer, types.int64, types.int64, types.int64, types.uint64, types.uint64))
def uniforms(out, count, position, index, key0, key1):
    """`count` float32 from [0, 1), as Generator.random draws them, from `position` on."""
    i = 0
    while i < count:
        words = block(u(position + i) >> u(3), u(index), key0, key1)
        place = (position + i) & 7
        while place < 8 and i < count:
            out[i] = np.float32(np.int32(half(words, place) >> u(8))) * np.float32(2.0**-24)
            i += 1
            place += 1


@compiled(types.void(Orders, types.uint64, types.int64, types.uint64, types.uint64))
def draw_some(draws, number, index, key0, key1):
    """The DRAWS uint32 from block `number` on, as the bits of int32."""
    for k in range(DRAWS // 8):
        words = block(number + u(k), u(index), key0, key1)
        for place in range(4):
            draws[8 * k + 2 * place] = np.int32(words[place] & LOWER)
            draws[8 * k + 2 * place + 1] = np.int32(words[place] >> HALF)


@compiled(types.void(Orders, types.int64, types.int64, types.uint64, types.uint64))
def permutation(order, count, index, key0, key1):
    """The numbers below `count` in the order of Generator.permutation.

    Fisher and Yates from the end; each place is a draw of as many bits as it needs, and another
    one where that is too large. Behind `order` there is room for DRAWS numbers: draws that are
    made together wait for one another less.
    """
    draws = at(order, count)
    for i in range(count):
        order[i] = i
    number, position, mask = u(0), DRAWS, 1
    while mask < count - 1:
        mask = 2 * mask + 1
    for i in range(count - 1, 0, -1):
        if i <= mask >> 1:
            mask >>= 1
        j = i + 1
        while j > i:
            if position == DRAWS:
                draw_some(draws, number, index, key0, key1)
                number += u(DRAWS // 8)
                position = 0
            j = np.int64(draws[position]) & mask
            position += 1
        order[i], order[j] = order[j], order[i]
