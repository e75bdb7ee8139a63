"""Writes the page of a tuning and its figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from labbook.files import write_text
from labbook.languages import ENGLISH
from labbook.languages.html import translated_page
from labbook.languages.language import language_of
from labbook.report.page import page as report
from labbook.report.page.style import joined_style
from labbook.report.tuning.draw import draw_tuning
from labbook.report.tuning.view import tuning_view


def write_page(
    name: str, steps: Sequence[Mapping[str, Any]], out: Path, language: str = ENGLISH
) -> None:
    """Write the page of the tuning `name` to `out`, and its figures to figures/ beside it.

    `steps` are the files of its steps, in order. Raises `LabbookError` where a file cannot be
    written.
    """
    figures = out.parent / "figures"
    draw_tuning(steps, figures)
    context = {"tuning": tuning_view(name, steps, figures), "style": Markup(joined_style())}
    templates = report.templates(Path(__file__).parent, report.HERE)
    # Both folders have a page.html.j2: this one's comes first.
    page = templates.get_template("page.html.j2").render(context)
    words = language_of(language)
    write_text(out, translated_page(page, words) if words else page)
