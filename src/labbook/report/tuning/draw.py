"""Draws the figures of a tuning into its folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from labbook.files import remove, write_json
from labbook.report.figures.draw import ENDS, write_figure
from labbook.report.tuning.figures import FIGURES, figures_of


def draw_tuning(steps: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write <step>.svg, .png and .json of each step that was reached, and index.json, to `folder`.

    What an earlier run drew and this one does not is removed. Raises `LabbookError` where a file
    cannot be written.
    """
    figures = figures_of(steps)
    for step in FIGURES:
        for end in ENDS if step not in figures else ():
            remove(folder / f"{step}.{end}")
    index = []
    for step, figure in figures.items():
        files = write_figure(figure, folder, step)
        words = {"title": figure.title, "caption": figure.caption, "alt": figure.alt}
        index.append({"name": step, **words, **files})
    write_json(folder / "index.json", index)
