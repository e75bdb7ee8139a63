"""A language: what an English sentence of the report is called in it.

Code speaks plain English; `<language>.toml` has a line for each of its sentences. A place in braces
stands for what differs: `{n}`, `{n_seeds}` (any name that begins with n) for a number, any other
name for words, which are translated themselves where they are known. `(s)` is an s or nothing.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from labbook.languages import ENGLISH, HERE

PLACE = re.compile(r"\{(\w+)\}|(\(s\))")
NUMBER = r"(?:(?:&lt;|[<=≥≤~]) ?)?[-+−±×]?\d[\d,.]*(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?:[\xa0 ]?%)?|–"
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])")
LETTERS = re.compile(r"[A-Za-z]{2,}")
JOINING = re.compile(r"\W*(?:\b(?:and|or|to)\b)?\W*")  # what says nothing by itself
ENDS = {".": "。", ":": "：", "!": "！", "?": "？"}
CODE = ("<code>", "<kbd>")
LIST = "; "
FULL_WIDTH = tuple("。：；！？，、（）")
WORDS = r"(?:(?![.!?]\s+[^a-z\s]|</?[a-z]+>).)+?"  # of one sentence, without tags
BESIDE = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Sentence:
    """An English sentence with places, and what it is called."""

    pattern: re.Pattern[str]
    literal: str  # the longest piece between its places: quick to look for
    letters: int  # beside its places: the more, the surer it is meant
    weight: int  # the same, but 0 where these only join
    translated: str
    code: frozenset[str]  # places that hold code

    def filled(self, parts: Mapping[str, str]) -> str:
        """The translation with parts in its places."""
        text = PLACE.sub(lambda place: parts.get(place[1], place[0]), self.translated)
        return BESIDE.sub(" ", text)


class Language:
    """The sentences of a language, and which English ones it was asked for in vain."""

    def __init__(
        self, name: str, sections: Mapping[str, Mapping[str, str]], own: Iterable[str] = ()
    ) -> None:
        self.name = name
        self.fonts = tuple(sections.get("fonts", {}))  # of drawings that hold their letters
        self.scripts = dict(sections.get("scripts", {}))  # said by the page's scripts
        self._sections = sections
        plain = dict(
            _without_end(*pair)
            for section, entries in sections.items()
            if section not in ("scripts", "fonts")
            for pair in entries.items()
        )
        self._known: dict[str, str | None] = {
            english: words for english, words in plain.items() if not PLACE.search(english)
        }
        self._sentences = sorted(
            (
                _sentence(english, words)
                for english, words in plain.items()
                if PLACE.search(english)
            ),
            key=lambda sentence: (-sentence.weight, -sentence.letters),
        )
        self._known |= {text: text for text in own}
        self.unknown: dict[str, None] = {}

    def keeping(self, own: Iterable[str]) -> "Language":
        """The same language where some texts stay as they are: those of whoever asks."""
        return Language(self.name, self._sections, own)

    def text(self, english: str) -> str:
        """What `english` is called, as far as it is known; sentence by sentence if need be."""
        found = self.known(english)
        if found is not None:
            return found
        sentences = SENTENCE_END.split(english)
        if len(sentences) > 1:
            return _joined(self.text(sentence) for sentence in sentences)
        if LETTERS.search(english):
            self.unknown[english.strip()] = None
        return english

    def known(self, english: str) -> str | None:
        """What `english` as a whole is called, or None."""
        if english not in self._known:
            self._known[english] = None  # in case it holds itself
            self._known[english] = self._looked_up(english)
        return self._known[english]

    def _looked_up(self, english: str) -> str | None:
        core = english.strip()
        if core != english:
            found = self.known(core) if core else None
            return found and english.replace(core, found)
        if not LETTERS.search(core):
            return None
        for other in (core[:1].lower() + core[1:], core[:1].upper() + core[1:]):
            if other != core and (exact := self._known.get(other)):
                return exact
        if (
            core[-1] in ENDS
            and not core.endswith("..")
            and (found := self.known(core[:-1].rstrip()))
        ):
            return found + ENDS[core[-1]]
        return self._by_sentence(core) or self._by_parts(core)

    def _by_sentence(self, core: str) -> str | None:
        for sentence in self._sentences:
            if sentence.literal in core and (match := sentence.pattern.fullmatch(core)):
                found = {
                    name: None if name in sentence.code else self.known(part)
                    for name, part in match.groupdict().items()
                }
                parts = {name: found[name] or match[name] for name in found}
                if sentence.weight or all(found[name] or _alone(match[name]) for name in found):
                    return sentence.filled(parts)
        return None

    def _by_parts(self, core: str) -> str | None:
        """A list whose parts stand between semicolons, and are all known."""
        parts = core.split(LIST)
        found = [self.known(part) or (part if _alone(part) else None) for part in parts]
        return None if len(parts) < 2 or None in found else "；".join(map(str, found))


def _alone(part: str) -> bool:
    """Whether a text may stay as it is beside what is translated: a name, a number."""
    return " " not in part or not LETTERS.search(part)


def _without_end(english: str, translated: str) -> tuple[str, str]:
    """Both without the full stop that both have: it is told when the sentence is looked up."""
    end = ENDS.get(english[-1])
    return (english[:-1], translated[:-1]) if end == translated[-1] else (english, translated)


def _sentence(english: str, translated: str) -> Sentence:
    pattern, literals = "", []
    names: set[str] = set()
    code = set()
    at = 0
    for place in PLACE.finditer(english):
        literals.append(english[at : place.start()])
        pattern += _literal(literals[-1], first=at == 0)
        at = place.end()
        name = place[1]
        if not name:
            pattern += "s?"
        elif name in names:
            pattern += f"(?P={name})"
        else:
            names.add(name)
            code |= {name} if literals[-1].endswith(CODE) else set()
            pattern += f"(?P<{name}>{NUMBER if name.startswith('n') else WORDS})"
    literals.append(english[at:])
    pattern += _literal(literals[-1], first=at == 0)
    without_first = [literals[0][1:], *literals[1:]]  # whose case may be another
    letters = sum(map(len, literals))
    weight = 0 if all(map(JOINING.fullmatch, literals)) else letters
    literal = max(without_first, key=len)
    return Sentence(
        re.compile(pattern, re.S), literal, letters, weight, translated, frozenset(code)
    )


def _literal(text: str, first: bool) -> str:
    """A pattern of a piece of text; the case of a sentence's first letter does not count."""
    if first and text[:1].isalpha():
        return f"[{text[0].lower()}{text[0].upper()}]{re.escape(text[1:])}"
    return re.escape(text)


def _joined(sentences: Iterator[str]) -> str:
    text = ""
    for sentence in sentences:
        text += ("" if not text or text.endswith(FULL_WIDTH) else " ") + sentence
    return text


@cache
def language_of(name: str) -> Language | None:
    """The language of this name; None for English, which needs no other words."""
    if name == ENGLISH:
        return None
    with (HERE / f"{name}.toml").open("rb") as file:
        return Language(name, tomllib.load(file))
