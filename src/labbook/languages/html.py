"""A page in another language: its texts and what is said of its parts, not its markup."""

import json
import re
from collections.abc import Iterator

from labbook.languages.language import LETTERS, Language

TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.S)
NAME = re.compile(r"</?([a-zA-Z0-9]+)")
INLINE = frozenset(
    ("a", "abbr", "b", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "small", "span")
) | {"strong", "sub", "sup", "var"}
CODE = frozenset(("code", "kbd"))
BLOCK = r"<(?:script|style|pre)\b.*?</(?:script|style|pre)>"
OWN = r'<[a-z]+\b[^>]* translate="no"[^>]*>[^<]*'
UNTOUCHED = re.compile(f"({BLOCK}|{OWN})", re.S)
SAID = re.compile(r'( (?:title|aria-label|placeholder|alt|data-name)=")([^"]*)(")')
AS_WRITTEN = (("&#39;", "'"), ("&#34;", '"'), ("&quot;", '"'))  # within texts, no markup either way


def translated_page(html: str, words: Language) -> str:
    """The page `html` in a language; English stays where that has no words for it.

    Elements with `translate="no"`, names of users, stay as they are. Sentences are looked up with
    the tags inside of them (`<code>`, without attributes), and, where the language does not know
    them so, piece by piece.
    """
    html = html.replace('<html lang="en">', f'<html lang="{words.name}">', 1)
    return "".join(
        piece if place % 2 else "".join(_unit_in(unit, words) for unit in _units(TAG.split(piece)))
        for place, piece in enumerate(UNTOUCHED.split(html))
    )


def _units(tokens: list[str]) -> Iterator[list[str]]:
    """Runs of texts and of tags that do not end a sentence; every other tag by itself."""
    unit: list[str] = []
    for token in tokens:
        match = NAME.match(token)
        if token[:1] == "<" and not (match and match[1].lower() in INLINE):
            yield from (unit, [token])
            unit = []
        elif token:
            unit.append(token)
    yield unit


def _unit_in(unit: list[str], words: Language) -> str:
    said = any(LETTERS.search(token) for token in unit if token[:1] != "<")
    return (_whole(unit, words) if said else None) or "".join(_pieces(unit, words))


def _whole(unit: list[str], words: Language) -> str | None:
    """The unit by its sentence with tags, if it has some and the language knows it."""
    tags = [token for token in unit if token[:1] == "<"]
    if not tags:
        return None
    bare = "".join(_bare(token) if token in tags else _as_written(token) for token in unit)
    found = words.known(bare)
    if found is None:
        return None
    waiting = {bare: [tag for tag in tags if _bare(tag) == bare] for bare in set(map(_bare, tags))}
    return TAG.sub(
        lambda tag: _tag_in(waiting[tag[0]].pop(0), words) if waiting.get(tag[0]) else tag[0], found
    )


def _pieces(unit: list[str], words: Language) -> Iterator[str]:
    """Text by text; code stays as it is."""
    code = False
    for token in unit:
        if token[:1] == "<":
            match = NAME.match(token)
            if match and match[1] in CODE:
                code = not token.startswith("</")
            yield _tag_in(token, words)
        else:
            yield token if code else words.text(_as_written(token))


def _bare(tag: str) -> str:
    """A tag without its attributes."""
    match = NAME.match(tag)
    return f"{match[0]}>" if match else tag


def _tag_in(tag: str, words: Language) -> str:
    def said(match: re.Match[str]) -> str:
        text = words.text(_as_written(match[2]))
        return match[1] + text.replace('"', "&#34;") + match[3]

    return SAID.sub(said, tag) if "=" in tag else tag


def _as_written(text: str) -> str:
    for escaped, letter in AS_WRITTEN:
        text = text.replace(escaped, letter)
    return text


def words_block(words: Language) -> str:
    """What scripts/words.js reads: the words of scripts by their English ones, as JSON."""
    return json.dumps(words.scripts, ensure_ascii=False).replace("<", "\\u003c")
