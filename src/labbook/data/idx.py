"""IDX files, the format of MNIST: arrays of bytes behind a short header, often gzipped.

The format is that of http://yann.lecun.com/exdb/mnist: two zero bytes, a type (8: uint8), the
number of dimensions, each dimension as four bytes (big-endian), then the values in C order.
"""

import gzip
import math
import struct
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import IO

import numpy as np

from labbook.errors import LabbookError
from labbook.params.limits import VALUES

UINT8 = 8
GZIP = b"\x1f\x8b"
AT_ONCE = 1 << 20  # bytes that are read together
ANEW = "Remove the file to have it made anew."
BLOCK = 65535  # the most that a stored block of deflate holds


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read uint8 values: images (count, height, width) have 3 `dimensions`, labels 1.

    Raises `LabbookError` where the file is no such IDX file, is cut off, or holds more than its
    header says: of that no more is read, since a small gzip file may hold terabytes.
    """
    return parse_idx(lambda: path.open("rb"), dimensions, str(path), ANEW)


def parse_idx(
    opener: Callable[[], IO[bytes]], dimensions: int, source: str, remedy: str
) -> np.ndarray:
    """As `read_idx`, of what `opener` opens; `remedy` is what people can do about a broken one."""
    blocks, left = [], 0
    try:
        with opener() as plain:
            zipped = plain.read(len(GZIP)) == GZIP
        with opener() as plain, gzip.open(plain) if zipped else nullcontext(plain) as file:
            shape = _shape(source, file.read(4 + 4 * dimensions), dimensions, remedy)
            promised = math.prod(shape)
            left = promised + 1
            # In blocks: as much memory as the values there are, not as the header promises.
            while left and (block := file.read(min(left, AT_ONCE))):
                blocks.append(block)
                left -= len(block)
    except (OSError, EOFError, zlib.error) as error:
        raise LabbookError(f"{source}: cannot be read ({error}). {remedy}") from error
    if left != 1:
        count = f"more than {promised}" if left == 0 else str(promised + 1 - left)
        raise LabbookError(
            f"{source}: holds {count} values where its header says "
            f"{' x '.join(map(str, shape))} = {promised}. Perhaps it was cut off. {remedy}"
        )
    return np.frombuffer(b"".join(blocks), np.uint8).reshape(shape)


def _shape(source: str, head: bytes, dimensions: int, remedy: str) -> tuple[int, ...]:
    """The shape that a header promises."""
    if len(head) < 4 or head[:3] != bytes([0, 0, UINT8]):
        raise LabbookError(
            f"{source}: is not an IDX file of bytes: it begins with {head[:4].hex(' ')!r}, "
            f"and such a file with 00 00 {UINT8:02x}. {remedy}"
        )
    if head[3] != dimensions or len(head) < 4 + 4 * dimensions:
        kind = {1: "labels", 3: "images"}.get(dimensions, "values")
        raise LabbookError(
            f"{source}: has {head[3]} dimensions where {kind} have {dimensions}. "
            "Perhaps images and labels were exchanged."
        )
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", head[4:])
    if math.prod(shape) > VALUES:
        raise LabbookError(
            f"{source}: its header says {' x '.join(map(str, shape))} = {math.prod(shape):,} "
            f"values; at most {VALUES:,} are allowed. {remedy}"
        )
    return shape


def write_idx(values: np.ndarray) -> bytes:
    """The gzipped IDX file of uint8 `values`, with the same bytes on every machine.

    Without compression (RFC 1951, 1952), since libraries compress differently.
    """
    header = bytes([0, 0, UINT8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    content = header + np.ascontiguousarray(values, np.uint8).tobytes()
    blocks = [content[i : i + BLOCK] for i in range(0, len(content), BLOCK)]
    body = b"".join(
        struct.pack("<BHH", block is blocks[-1], len(block), len(block) ^ 0xFFFF) + block
        for block in blocks
    )
    head = GZIP + bytes([8, 0, 0, 0, 0, 0, 0, 255])  # deflate, no name, no time, no system
    return head + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
