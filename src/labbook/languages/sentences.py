"""English sentences with places, found by what stands between the places."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

PLACE = re.compile(r"\{(\w+)\}|(\(s\))")
NUMBER = r"(?:(?:&lt;|[<=≥≤~]) ?)?[-+−±×]?\d[\d,.]*(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?:[\xa0 ]?%)?|–"
WORDS = r"(?:(?![.!?]\s+[^a-z\s]|</?[a-z]+>).)+?"  # of one sentence, without tags
JOINING = re.compile(r"\W*(?:\b(?:and|or|to)\b)?\W*")  # what says nothing by itself
CODE = ("<code>", "<kbd>")
NAMES = frozenset(("recipe", "tuning"))  # places of what a user named, perhaps by a word of ours
# Between letters or digits of both writings stands a space.
BESIDE = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])")
PIECE = 4  # letters by which sentences are looked up


@dataclass(frozen=True)
class Sentence:
    """An English sentence with places, and what it is called."""

    english: str
    translated: str

    @cached_property
    def literals(self) -> list[str]:
        """What stands between its places."""
        return PLACE.sub("\0", self.english).split("\0")

    @cached_property
    def literal(self) -> str:
        """The longest of these, without the first letter, whose case may be another."""
        return max([self.literals[0][1:], *self.literals[1:]], key=len)

    @cached_property
    def weight(self) -> int:
        """Letters that are surely meant; 0 where they only join what stands in the places."""
        return 0 if all(map(JOINING.fullmatch, self.literals)) else self.letters

    @property
    def letters(self) -> int:
        """How many letters it has beside its places."""
        return sum(map(len, self.literals))

    @cached_property
    def kept(self) -> frozenset[str]:
        """The places whose words stay as they are: code, and names that users gave."""
        found = zip(PLACE.finditer(self.english), self.literals, strict=False)
        code = (place[1] for place, before in found if place[1] and before.endswith(CODE))
        return NAMES.union(code)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What it matches: the first letter in either case, a number or words in each place."""
        pattern, known = _first(self.literals[0]), set()
        for place, after in zip(PLACE.finditer(self.english), self.literals[1:], strict=True):
            name = place[1]
            if not name:
                pattern += "s?"
            elif name in known:
                pattern += f"(?P={name})"
            else:
                pattern += f"(?P<{name}>{_place(name)})"
                known.add(name)
            pattern += re.escape(after)
        return re.compile(pattern, re.S)

    def filled(self, parts: Mapping[str, str]) -> str:
        """The translation with parts in its places."""
        text = PLACE.sub(lambda place: parts.get(place[1], place[0]), self.translated)
        return BESIDE.sub(" ", text)


class Sentences:
    """Sentences from the surest to the least sure, found by a piece of each."""

    def __init__(self, sentences: Iterable[Sentence]) -> None:
        ordered = sorted(sentences, key=lambda one: (-one.weight, -one.letters))
        self._by_piece: dict[str, list[tuple[int, Sentence]]] = {}
        for rank, sentence in enumerate(ordered):
            self._by_piece.setdefault(sentence.literal[:PIECE], []).append((rank, sentence))

    def matching(self, text: str) -> Iterator[tuple[Sentence, re.Match[str]]]:
        """Those that match a text as a whole, the surest first."""
        pieces = {text[at : at + long] for long in range(PIECE + 1) for at in range(len(text))}
        near = [one for piece in pieces for one in self._by_piece.get(piece, ())]
        for _, sentence in sorted(near, key=lambda pair: pair[0]):
            if sentence.literal in text and (match := sentence.pattern.fullmatch(text)):
                yield sentence, match


def _place(name: str) -> str:
    """A pattern of what stands in a place of this name: a number, an item of a list, or words."""
    if name.startswith("n"):
        return NUMBER
    return WORDS.replace("</?", ";|</?") if name.startswith("item") else WORDS


def _first(text: str) -> str:
    """A pattern of a sentence's beginning, in whose first letter case does not count."""
    if text[:1].isalpha():
        return f"[{text[0].lower()}{text[0].upper()}]{re.escape(text[1:])}"
    return re.escape(text)
