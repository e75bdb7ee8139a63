"""Images of a class side by side, as a picture in the page."""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

SHADES = 16  # of grey: half the bytes of 256, and the eye hardly sees it in so small an image


def strip_graphic(images: Sequence[str], height: int, width: int, label: str) -> Markup:
    """Images of this size, given as data/thumbnails.py writes them, as one `<svg>`.

    `label` says to those who cannot see it what it shows.
    """
    if not images:
        return Markup("")
    pixels = [np.frombuffer(base64.b64decode(one), np.uint8) for one in images]
    side_by_side = np.concatenate([one.reshape(height, width) for one in pixels], axis=1)
    png = base64.b64encode(grey_png(side_by_side)).decode()
    size = f'width="{width * len(images)}" height="{height}"'
    return Markup(
        '<svg class="strip" role="img" aria-label="{}" viewBox="0 0 {} {}" {}>'
        '<image href="data:image/png;base64,{}" {}/></svg>'
    ).format(label, width * len(images), height, Markup(size), png, Markup(size))


def grey_png(pixels: np.ndarray) -> bytes:
    """A PNG file of 16 shades from pixels (rows, columns) uint8."""
    rows, columns = pixels.shape
    shades = np.pad(pixels // (256 // SHADES), ((0, 0), (0, columns % 2)))
    packed = shades[:, ::2] << 4 | shades[:, 1::2]
    lines = b"".join(b"\0" + line.tobytes() for line in packed)
    head = struct.pack(">IIBBBBB", columns, rows, 4, 0, 0, 0, 0)  # 4 bits a pixel, grey
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
