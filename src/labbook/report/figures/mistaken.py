"""The test images that most networks of the best combination get wrong."""

from labbook.report.figures.figure import Figure, Panel, Pictures
from labbook.report.study_results import StudyResults
from labbook.wording import count, plain, short

SHADES = 16  # of grey: half the bytes of 256, and the eye hardly sees it in so small an image
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
    pictures = Pictures([*map(_pixels, rows["pixels"])], int(rows["width"].iloc[0]), captions)
    seeds = count(len(results.about["seeds"]), "seed")
    return Figure(
        "The images most often mistaken",
        f"Test images that most networks of {short(results.chosen or '', 60)} get wrong: true "
        "class → what they are taken for (how many networks of those that had it as a test image "
        f"and not to learn from, of {seeds}).",
        "; ".join(
            f"{plain(row.true)} taken for {plain(row.predicted)} by {row.wrong:.0f} of {row.n:.0f}"
            for row in rows.itertuples()
        ) + ".",
        [Panel([pictures])],
        height=ROW * -(-len(rows) // EACH_ROW),
    )  # fmt: skip


def _pixels(text: str) -> list[int]:
    """Blackness from 0 to 255 of brightnesses that stand between spaces."""
    step = 256 // SHADES
    return [255 - 17 * (int(one) // step) for one in text.split()]
