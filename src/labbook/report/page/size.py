"""Keeps the page to a size that a browser opens at once: the largest figures are left out, told."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from labbook.report.page.study import StudyView

Place = tuple[int, int]  # which study of the page, and which of its figures


def largest_figures(views: Sequence[StudyView]) -> list[tuple[int, Place]]:
    """Bytes that the page has less without a figure, and its place; largest first.

    Of figures of one size the first: equal pages leave out the same ones.
    """
    found = [
        (len(figure["svg"].encode()) - len(_note(view, figure).encode()), (study, number))
        for study, view in enumerate(views)
        for number, figure in enumerate(view.figures)
    ]
    return sorted((one for one in found if one[0] > 0), key=lambda one: -one[0])


def without_figures(views: Sequence[StudyView], left_out: Collection[Place]) -> list[StudyView]:
    """The same studies, with a note in place of the figures that are left out."""
    return [
        replace(
            view,
            figures=[
                {**figure, "svg": _note(view, figure)} if (study, number) in left_out else figure
                for number, figure in enumerate(view.figures)
            ],
        )
        for study, view in enumerate(views)
    ]


def _note(view: StudyView, figure: dict[str, Any]) -> Markup:
    """Names the file that figures/study.py wrote; no link, which a copy of the page would break."""
    file = f"results/{view.name}/figures/{figure['name']}.svg"
    return Markup(
        '<p class="left-out">Left out to keep this page small; the figure is in '
        "<code>{}</code>.</p>"
    ).format(file)
