"""Draws all figures of a study."""

from pathlib import Path

from labbook.files import remove, write_bytes, write_json
from labbook.report.figures import FIGURES
from labbook.report.figures.style import Drawing, house_style
from labbook.report.study_results import StudyResults, read_results


def draw(results: StudyResults) -> list[Drawing]:
    """The figures that a study has something to show in, in the report's order."""
    with house_style():
        drawn = [draw_one(results) for draw_one in FIGURES.values()]
    return [one for one in drawn if one is not None]


def draw_study(folder: Path) -> None:
    """Write figures/*.svg, figures/*.png and figures/index.json into a study's results folder.

    Figures of an earlier time that are no longer drawn are removed. Raises `LabbookError` where
    a table is missing a column or a file cannot be written.
    """
    drawings = draw(read_results(folder))
    place = Path(folder) / "figures"
    _remove_others(place, {one.name for one in drawings})
    for one in drawings:
        write_bytes(place / f"{one.name}.svg", one.svg)
        write_bytes(place / f"{one.name}.png", one.png)
    write_json(place / "index.json", [_entry(one) for one in drawings])


def _entry(one: Drawing) -> dict[str, str]:
    return {
        "name": one.name,
        "title": one.title,
        "caption": one.caption,
        "alt": one.alt,
        "svg": f"{one.name}.svg",
        "png": f"{one.name}.png",
    }


def _remove_others(place: Path, kept: set[str]) -> None:
    """Of the figures that labbook draws; other files are the user's own."""
    for path in [place / f"{name}.{kind}" for name in FIGURES for kind in ("svg", "png")]:
        if path.stem not in kept:
            remove(path)
