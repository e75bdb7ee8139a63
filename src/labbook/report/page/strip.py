"""Images of a class side by side, as a picture in the page."""

import base64
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from labbook.report.grey_png import data_address


def strip_graphic(images: Sequence[str], height: int, width: int, label: str) -> Markup:
    """Images of this size, given as data/thumbnails.py writes them, as one `<svg>`.

    `label` says to those who cannot see it what it shows.
    """
    if not images:
        return Markup("")
    pixels = [np.frombuffer(base64.b64decode(one), np.uint8) for one in images]
    side_by_side = np.concatenate([one.reshape(height, width) for one in pixels], axis=1)
    size = Markup(f'width="{width * len(images)}" height="{height}"')
    return Markup(
        '<svg class="strip" role="img" aria-label="{}" viewBox="0 0 {} {}" {}>'
        '<image href="{}" {}/></svg>'
    ).format(label, width * len(images), height, size, data_address(side_by_side), size)
