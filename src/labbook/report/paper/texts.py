"""Texts that must fit: folded at words, and shortened between words."""

import textwrap

from labbook.wording import plain, short


def folded(text: str, room: int, lines: int = 2) -> str:
    """A text in so many lines of `room` letters at most; of a longer one the middle is left out.

    Beginning and end stay, since ends tell labels apart. A word that is longer than a line is
    shortened by itself.

    >>> folded("hidden 64-64, rate 0.01", 14)
    'hidden 64-64,\\nrate 0.01'
    """
    if lines == 1:
        return short(text, room)
    words = [short(word, room) for word in plain(text).split()]
    found = _lines(words, room)
    for left in range(1, len(words) - 1):
        if len(found) <= lines:
            break
        kept = len(words) - left
        found = _lines([*words[: (kept + 1) // 2], "…", *words[len(words) - kept // 2 :]], room)
    if len(found) > lines:  # two long words, of which both ends are to be seen
        found = textwrap.wrap(short(text, lines * (room - 1)), room)
    return "\n".join(found[:lines])


def _lines(words: list[str], room: int) -> list[str]:
    return textwrap.wrap(" ".join(words), room, break_on_hyphens=False) or [""]
