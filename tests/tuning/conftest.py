"""What any step says in these tests is known to each language."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from labbook.languages import ENGLISH, LANGUAGES
from labbook.languages.language import language_of
from labbook.tuning.step import Found

LEFT = re.compile(r"\b(?!kind |activation )[A-Za-z’']{2,} [a-z’']{2,}")  # but in labels of a search
OTHERS = [name for name in LANGUAGES if name != ENGLISH]


@pytest.fixture(autouse=True)
def known_to_languages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Collects the texts of all findings of a test, and finds no English in their translations."""
    said: dict[str, None] = {}
    made = Found.__init__

    def collected(self: Found, *arguments: Any, **named: Any) -> None:
        made(self, *arguments, **named)
        said.update(dict.fromkeys((self.said, self.stopped)))

    monkeypatch.setattr(Found, "__init__", collected)
    yield
    for name in OTHERS:
        words = language_of(name)
        assert words is not None
        translated = map(words.text, said)
        assert [text for text in translated if LEFT.search(text)] == []
