"""A study's figures as parts of the page: their colours become the page's, their ids unique."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from labbook.documents import read_text
from labbook.files import RECORD_BYTES
from labbook.report.figures import PALETTE
from labbook.report.study_results import StudyResults
from labbook.wording import short

REFERENCE = re.compile(r'(?:xlink:)?href="#([^"]*)"|url\(#([^)]*)\)')
# The part of a study's room in which a figure stands; "matters" for those that are not named.
PARTS = {
    **dict.fromkeys(("curves", "ends"), "curves"),
    **dict.fromkeys(
        ("predicted", "residuals", "fit", "confusion", "mistaken", "rates"), "predictions"
    ),
    **dict.fromkeys(
        ("metric", "grid", "published", "expected_best", "scatter", "parallel"), "combinations"
    ),
}

LABEL = 200  # characters that say what a static picture shows; its table has all
# Drawn by scripts alone, on paper, too: they tell more of what others show, and all static pictures
# would be a third of the page. Without scripts their words stand there.
BY_SCRIPTS = frozenset(
    ("ends", "residuals", "features", "permutation", "dependence", "axes", "importance")
)


@dataclass
class Figure:
    """What the template shows of a figure."""

    name: str
    title: str
    caption: str
    words: str
    svg: Markup | None

    @property
    def part(self) -> str:
        """In which part of the study's room it stands."""
        return PARTS.get(self.name, "matters")


def inline_figures(results: StudyResults, study: int) -> list[Figure]:
    """The figures of a study, the one at this place in the page."""
    figures = []
    for number, entry in enumerate(results.figures()):
        path = results.folder / "figures" / entry["svg"]
        prefix, svg = f"f{study}{chr(ord('a') + number)}", None
        if entry["name"] not in BY_SCRIPTS:
            label = short(entry["alt"], LABEL)
            svg = inline_svg(read_text(path, RECORD_BYTES), prefix, label)
        figures.append(Figure(entry["name"], entry["title"], entry["caption"], entry["alt"], svg))
    return figures


def inline_svg(svg: str, prefix: str, label: str) -> Markup:
    """The `<svg>` element of a figure that `label` describes to those who cannot see it.

    Its ids begin with `prefix`, which keeps them apart from those of other figures; those that
    nothing refers to go. The label and all texts within the figure are escaped.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    opening, body = body.split(">", 1)
    box = re.search(r'viewBox="[-0-9. ]*"', opening)
    used = dict.fromkeys(href or url for href, url in REFERENCE.findall(body))
    names = {name: f"{prefix}{number}" for number, name in enumerate(used)}

    def renamed(match: re.Match[str]) -> str:
        return f' id="{names[match[1]]}"' if match[1] in names else ""

    def pointed(match: re.Match[str]) -> str:
        return f'href="#{names[match[1]]}"' if match[1] else f"url(#{names[match[2]]})"

    body = REFERENCE.sub(pointed, re.sub(r' id="([^"]*)"', renamed, body))
    for name, color in PALETTE.items():
        body = body.replace(color, f"var(--{name})")
    body = re.sub(r"\s*\n\s*", "\n", body).strip()
    head = f'<svg role="img" aria-label="{Markup.escape(label)}" {box[0] if box else ""}>\n'
    return Markup(head + body)  # drawn by us, its texts escaped by matplotlib
