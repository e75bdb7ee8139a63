"""Small grey images as PNG, the same bytes on every machine."""

import base64
import struct
import zlib

import numpy as np

SHADES = 16  # of grey: half the bytes of 256, and the eye hardly sees it in so small an image
SHORTEST_RUN, LONGEST_RUN = 3, 10  # bytes that one code without further bits stands for


def data_address(pixels: np.ndarray) -> str:
    """The PNG file of pixels (rows, columns) as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(grey_png(pixels)).decode()}"


def grey_png(pixels: np.ndarray) -> bytes:
    """A PNG file of 16 shades of pixels (rows, columns) uint8, the same bytes on every machine."""
    rows, columns = pixels.shape
    shades = np.pad(pixels // (256 // SHADES), ((0, 0), (0, columns % 2)))
    packed = shades[:, ::2] << 4 | shades[:, 1::2]
    lines = b"".join(b"\0" + line.tobytes() for line in packed)
    head = struct.pack(">IIBBBBB", columns, rows, 4, 0, 0, 0, 0)  # 4 bits a pixel, grey
    chunks = ((b"IHDR", head), (b"IDAT", compressed(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def compressed(data: bytes) -> bytes:
    """The same in zlib's format (RFC 1950, 1951), by its fixed codes and runs of equal bytes alone.

    Libraries compress differently, and such images are mostly runs of black.
    """
    bits, place = ["110"], 0  # the last block, and with the fixed codes
    while place < len(data):
        run = data[place : place + LONGEST_RUN]
        length = len(run) - len(run.lstrip(run[:1])) if data[place - 1 : place] == run[:1] else 0
        if length >= SHORTEST_RUN:
            bits.append(f"{length - SHORTEST_RUN + 1:07b}00000")  # of the byte before
            place += length
        else:
            byte = data[place]
            bits.append(f"{byte + 0x30:08b}" if byte < 144 else f"{byte + 0x100:09b}")
            place += 1
    text = "".join(bits) + "0" * 7  # the end's code; what is left of its byte is 0
    octets = (text[at : at + 8].ljust(8, "0")[::-1] for at in range(0, len(text), 8))
    body = bytes(int(octet, 2) for octet in octets)
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
