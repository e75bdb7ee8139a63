"""A language: what an English sentence of the report is called in it.

Code speaks plain English; `<language>.toml` has a line for each of its sentences. A place in braces
stands for what differs: `{n}`, `{n_seeds}` (any name that begins with n) for a number, `{item}` for
words without a semicolon, any other name for words. Words are translated themselves where they are
known, but not code, nor `{recipe}` and `{tuning}`, which users name. `(s)` is an s or nothing.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cache

from labbook.languages import ENGLISH, HERE
from labbook.languages.sentences import PLACE, Sentence, Sentences

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])")
LETTERS = re.compile(r"[A-Za-z]{2,}")
ENDS = {".": "。", ":": "：", "!": "！", "?": "？"}
LISTS = {re.compile("; (?:and |or )?"): "；", re.compile(", (?:and )?| and "): "、"}
FULL_WIDTH = tuple("。：；！？，、（）")
NOT_PLAIN = ("scripts", "fonts")  # sections of a catalogue that have no sentences


class Language:
    """The sentences of a language, and which English ones it was asked for in vain."""

    def __init__(self, name: str, sections: Mapping[str, Mapping[str, str]]) -> None:
        self.name = name
        self.fonts = tuple(sections.get("fonts", {}))  # of drawings that hold their letters
        self.scripts = dict(sections.get("scripts", {}))  # said by the page's scripts
        plain = dict(
            _without_end(*pair)
            for section, entries in sections.items()
            if section not in NOT_PLAIN
            for pair in entries.items()
        )
        with_places = [english for english in plain if PLACE.search(english)]
        self._known: dict[str, str | None] = {**plain}
        for english in with_places:
            del self._known[english]
        self._sentences = Sentences(Sentence(english, plain[english]) for english in with_places)
        self.unknown: dict[str, None] = {}

    def keeping(self, own: Iterable[str]) -> "Language":
        """The same language where some texts stay as they are: those of whoever asks."""
        other = copy(self)
        other._known = self._known | {text: text for text in own}
        other.unknown = {}
        return other

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
        matching = list(self._sentences.matching(core))
        sure = [pair for pair in matching if pair[0].weight]
        # A list comes before what only joins: "a: 1; b: 2" is no `{a}: {b}`.
        return (
            self._by_sentence(sure)
            or self._by_parts(core)
            or self._by_sentence(matching[len(sure) :])
        )

    def _by_sentence(self, matching: Iterable[tuple[Sentence, re.Match[str]]]) -> str | None:
        for sentence, match in matching:
            found = {
                name: None if name in sentence.kept else self.known(part)
                for name, part in match.groupdict().items()
            }
            parts = {name: found[name] or match[name] for name in found}
            if sentence.weight or all(found[name] or _alone(match[name]) for name in found):
                return sentence.filled(parts)
        return None

    def _by_parts(self, core: str) -> str | None:
        """A list, between semicolons or commas, of which all parts are known."""
        for between, comma in LISTS.items():
            parts = between.split(core)
            found = [self.known(part) or (part if _alone(part) else None) for part in parts]
            if len(parts) > 1 and None not in found:
                return comma.join(map(str, found))
        return None


def _alone(part: str) -> bool:
    """Whether a text may stay as it is beside what is translated: a name, a number."""
    return " " not in part or not LETTERS.search(part)


def _without_end(english: str, translated: str) -> tuple[str, str]:
    """Both without the full stop that both have: it is told when the sentence is looked up."""
    end = ENDS.get(english[-1])
    return (english[:-1], translated[:-1]) if end == translated[-1] else (english, translated)


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
