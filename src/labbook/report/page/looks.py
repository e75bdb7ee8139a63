"""The looks of static pictures, told once for the whole page: as classes in place of attributes."""

import re
from collections import Counter

LOOKS = "fill|fill-opacity|stroke|stroke-width|stroke-opacity|stroke-dasharray|stroke-linecap"
LETTERS = "font-size|font-weight|text-anchor"
DRAWN = re.compile(rf'(?<=<)(path|g)((?: (?:{LOOKS}|{LETTERS})="[^"<>]*")+)(?=[ >])')
PART = re.compile(r' ([a-z-]+)="([^"]*)"')
END_OF_STYLE = "</style>"


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
