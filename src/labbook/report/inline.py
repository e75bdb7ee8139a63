"""Puts a figure's SVG into the page: its colours become the page's, its names unique."""

import re

from markupsafe import Markup

from labbook.figures.style import PALETTE

REFERENCE = re.compile(r'(?:xlink:)?href="#([^"]*)"|url\(#([^)]*)\)')


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
    body = body.replace("xlink:href=", "href=")
    for color, name in PALETTE.items():
        body = body.replace(color, f"var(--{name})")
    body = re.sub(r"\s*\n\s*", "\n", body).strip()
    escaped = Markup.escape(label)
    head = f'<svg role="img" aria-label="{escaped}" {box[0] if box else ""}>\n'
    return Markup(head + body)  # drawn by us, its texts escaped by matplotlib


def _own_names(body: str, prefix: str) -> str:
    """Drop ids that nothing refers to and put `prefix` before the others."""
    used = {one or other for one, other in REFERENCE.findall(body)}

    def renamed(match: re.Match[str]) -> str:
        return f' id="{prefix}{match[1]}"' if match[1] in used else ""

    body = re.sub(r' id="([^"]*)"', renamed, body)
    body = re.sub(r'href="#', f'href="#{prefix}', body)
    return body.replace("url(#", f"url(#{prefix}")
