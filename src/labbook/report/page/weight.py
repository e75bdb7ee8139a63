"""The page's weight: its looks told once, and without what HTML lets one leave out.

A page of many studies is mostly tables and static pictures. Nothing that is read changes.
"""

import re
from collections import Counter

LOOKS = "fill|fill-opacity|stroke|stroke-width|stroke-opacity|stroke-dasharray|stroke-linecap"
LETTERS = "font-size|font-weight|text-anchor"
DRAWN = re.compile(rf'(?<=<)(path|g)((?: (?:{LOOKS}|{LETTERS})="[^"<>]*")+)(?=[ >])')
PART = re.compile(r' ([a-z-]+)="([^"]*)"')
END_OF_STYLE, FIRST_BLOCK = "</style>", '<script type="application/'
# A cell ends where the next begins, and a row, too (HTML, "Optional tags").
NEEDLESS_END = re.compile(r"</(?:td|th|tr)>\n?")
CELL = re.compile(r"<(?:td|th|tr|text|g)( [^<>]*)>")
QUOTED = re.compile(r'="([A-Za-z0-9_.-]+)"(?=[ ]|$)')
BACKGROUND = re.compile(r'<path fill="var\(--paper\)" d="M0 [^"]*"/>\n')  # the page has that colour


def lighter(page: str) -> str:
    """The same page in fewer bytes."""
    page = with_shared_looks(BACKGROUND.sub("", page))
    head, block, rest = page.partition(FIRST_BLOCK)
    head = NEEDLESS_END.sub("", head)
    head = CELL.sub(lambda cell: QUOTED.sub(r"=\1", cell[0][:-1]) + ">", head)
    return head + block + rest


def with_shared_looks(page: str) -> str:
    """The same page, smaller: each look that several marks have is a class of its style."""
    uses = Counter(match[2] for match in DRAWN.finditer(page))
    names = {
        look: f"k{place:x}" for place, (look, number) in enumerate(uses.most_common()) if number > 1
    }

    def named(match: re.Match[str]) -> str:
        name = names.get(match[2])
        return f'{match[1]} class="{name}"' if name else match[0]

    rules = "".join(f".{name}{{{_as_style(look)}}}\n" for look, name in names.items())
    head, end, rest = page.partition(END_OF_STYLE)
    return head + rules + end + DRAWN.sub(named, rest)


def _as_style(look: str) -> str:
    """Attributes as they stand in a rule of a style, where sizes of letters have a unit."""
    return ";".join(
        f"{name}:{value}{'px' if name == 'font-size' else ''}" for name, value in PART.findall(look)
    )
