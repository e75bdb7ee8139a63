"""IDX files, the format of MNIST: arrays of bytes behind a short header, often gzipped.

The format is that of http://yann.lecun.com/exdb/mnist: two zero bytes, a type (8: uint8), the
number of dimensions, each dimension as four bytes (big-endian), then the values in C order.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from labbook.errors import LabbookError

UINT8 = 8
GZIP = b"\x1f\x8b"
BLOCK = 65535  # the most that a stored block of deflate holds


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read uint8 values: images (count, height, width) have 3 `dimensions`, labels 1.

    Raises `LabbookError` where the file is no such IDX file or is cut off.
    """
    content = _content(path)
    if len(content) < 4 or content[:3] != bytes([0, 0, UINT8]):
        raise LabbookError(
            f"{path}: is not an IDX file of bytes: it begins with {content[:4].hex(' ')!r}, "
            f"and such a file with 00 00 {UINT8:02x}. Remove the file to have it made anew."
        )
    header = 4 + 4 * content[3]
    if content[3] != dimensions or len(content) < header:
        kind = {1: "labels", 3: "images"}.get(dimensions, "values")
        raise LabbookError(
            f"{path}: has {content[3]} dimensions where {kind} have {dimensions}. "
            "Perhaps images and labels were exchanged."
        )
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    values = np.frombuffer(content, np.uint8, offset=header)
    if len(values) != math.prod(shape):
        raise LabbookError(
            f"{path}: holds {len(values)} values where its header says "
            f"{' x '.join(map(str, shape))} = {math.prod(shape)}. Perhaps it was cut off: "
            "remove the file to have it made anew."
        )
    return values.reshape(shape)


def _content(path: Path) -> bytes:
    try:
        content = Path(path).read_bytes()
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise LabbookError(
            f"{path}: cannot be read ({error}). Remove the file to have it made anew."
        ) from error


def write_idx(values: np.ndarray) -> bytes:
    """The gzipped IDX file of uint8 `values`, with the same bytes on every machine."""
    header = bytes([0, 0, UINT8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    return _stored(header + np.ascontiguousarray(values, np.uint8).tobytes())


def _stored(content: bytes) -> bytes:
    """`content` as gzip without compression (RFC 1951, 1952): libraries compress differently."""
    blocks = [content[i : i + BLOCK] for i in range(0, len(content), BLOCK)]
    body = b"".join(
        struct.pack("<BHH", block is blocks[-1], len(block), len(block) ^ 0xFFFF) + block
        for block in blocks
    )
    head = GZIP + bytes([8, 0, 0, 0, 0, 0, 0, 255])  # deflate, no name, no time, no system
    return head + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
