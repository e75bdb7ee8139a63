"""The test images that most networks of the best combination get wrong."""

import numpy as np

from labbook.report.figures.figure import Figure, Panel, Pictures
from labbook.report.grey_png import SHADES
from labbook.report.study_results import StudyResults
from labbook.wording import count, plain, short

ROW, EACH_ROW = 1.5, 6  # inches; images


def mistaken_figure(results: StudyResults) -> Figure | None:
    """At most twelve images with their class and what they are taken for; None for tables."""
    rows = results.frame("mistaken", "wrong", "n", "width")
    if rows.empty:
        return None
    captions = [
        f"{short(row.true, 12)} → {short(row.predicted, 12)} ({row.wrong:.0f} of {row.n:.0f})"
        for row in rows.itertuples()
    ]
    brightness = [np.array(text.split(), int) for text in rows["pixels"]]
    images = _inks(np.array(brightness), int(rows["width"].iloc[0]))
    pictures = Pictures(images.reshape(len(rows), -1).tolist(), images.shape[-1], captions)
    seeds = count(len(results.about["seeds"]), "seed")
    words = (
        f"{plain(row.true)} taken for {plain(row.predicted)} by {row.wrong:.0f} of {row.n:.0f}"
        for row in rows.itertuples()
    )
    return Figure(
        "The images most often mistaken",
        f"Test images that most networks of {short(results.chosen or '', 60)} get wrong: true "
        "class → what they are taken for (how many networks of those that had it as a test image "
        f"and not to learn from, of {seeds}).",
        "; ".join(words) + ".",
        [Panel([pictures])],
        height=ROW * -(-len(rows) // EACH_ROW),
    )


def _inks(brightness: np.ndarray, width: int) -> np.ndarray:
    """How dark each pixel is drawn, 0 to 255: square images (images, side, side).

    Images that are light on dark are drawn dark on light, as on paper.
    """
    levels = brightness.reshape(len(brightness), -1, width) * SHADES // 256
    inks = levels if np.median(levels) < SHADES / 2 else SHADES - 1 - levels
    side = max(inks.shape[1:])
    missing = [(0, 0), *((0, side - size) for size in inks.shape[1:])]
    return np.asarray(np.pad(inks, missing) * (255 // (SHADES - 1)))
