"""Puts a study's figures into the page, and leaves out the largest where it gets too large.

Their colours become the page's, their ids unique.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from labbook.documents import read_text
from labbook.files import RECORD_BYTES
from labbook.report.palette import PALETTE
from labbook.report.study_results import StudyResults

REFERENCE = re.compile(r'(?:xlink:)?href="#([^"]*)"|url\(#([^)]*)\)')
Place = tuple[int, int]  # which study of the page, and which of its figures


@dataclass(frozen=True)
class Figure:
    """What the template shows of a figure, and what stands in its place if it is left out."""

    name: str
    title: str
    caption: str
    svg: Markup
    note: Markup


def figures(results: StudyResults, study: int) -> list[Figure]:
    """The figures of a study, the one at this place in the page."""
    return [
        _figure(results, entry, f"f{study}{chr(ord('a') + number)}")
        for number, entry in enumerate(results.figures())
    ]


def _figure(results: StudyResults, entry: Mapping[str, str], prefix: str) -> Figure:
    svg = read_text(results.folder / "figures" / entry["svg"], RECORD_BYTES)
    # The file that figures/study.py wrote; no link, which a copy of the page would break.
    note = Markup(
        '<p class="left-out">Left out to keep this page small; the figure is in '
        "<code>{}</code>.</p>"
    ).format(f"results/{results.name}/figures/{entry['name']}.svg")
    return Figure(
        entry["name"],
        entry["title"],
        entry["caption"],
        inline_svg(svg, prefix, entry["alt"]),
        note,
    )


def largest_figures(studies: Sequence[Sequence[Figure]]) -> list[tuple[int, Place]]:
    """Bytes that the page has less without a figure, and its place; largest first.

    Of figures of one size the first: equal pages leave out the same ones.
    """
    savings = [
        (len(figure.svg.encode()) - len(figure.note.encode()), (study, number))
        for study, its_figures in enumerate(studies)
        for number, figure in enumerate(its_figures)
    ]
    return sorted((saving for saving in savings if saving[0] > 0), key=lambda saving: -saving[0])


def without(its_figures: Sequence[Figure], study: int, left_out: Collection[Place]) -> list[Figure]:
    """The figures of a study, notes in place of those that are left out."""
    return [
        replace(figure, svg=figure.note) if (study, number) in left_out else figure
        for number, figure in enumerate(its_figures)
    ]


def inline_svg(svg: str, prefix: str, label: str) -> Markup:
    """The `<svg>` element of a figure that `label` describes to those who cannot see it.

    `prefix` keeps its ids apart from those of other figures. The label and all texts within the
    figure are escaped.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    opening, body = body.split(">", 1)
    box = re.search(r'viewBox="[-0-9. ]*"', opening)
    body = _own_names(body, prefix)
    for name, color in PALETTE.items():
        body = body.replace(color, f"var(--{name})")
    body = re.sub(r"\s*\n\s*", "\n", body).strip()
    escaped = Markup.escape(label)
    head = f'<svg role="img" aria-label="{escaped}" {box[0] if box else ""}>\n'
    return Markup(head + body)  # drawn by us, its texts escaped by matplotlib


def _own_names(body: str, prefix: str) -> str:
    """Drop ids that nothing refers to and number the others after `prefix`."""
    used = dict.fromkeys(one or other for one, other in REFERENCE.findall(body))
    names = {name: f"{prefix}{place}" for place, name in enumerate(used)}

    def renamed(match: re.Match[str]) -> str:
        return f' id="{names[match[1]]}"' if match[1] in names else ""

    def pointed(match: re.Match[str]) -> str:
        return f'href="#{names[match[1]]}"' if match[1] else f"url(#{names[match[2]]})"

    return REFERENCE.sub(pointed, re.sub(r' id="([^"]*)"', renamed, body))
