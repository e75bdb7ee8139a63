"""Puts a figure's SVG into the page: its colours become the page's, its names unique."""

import re

from markupsafe import Markup

from labbook.report.palette import PALETTE

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
