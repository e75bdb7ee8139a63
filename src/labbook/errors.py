"""The exception that labbook shows to people, several of it at once, and what is no failure."""

from collections.abc import Callable
from typing import Any


class LabbookError(Exception):
    """Something the user can mend. The command line prints its text and exits with 1.

    The text says what is wrong, where, what was found, what is allowed and what to do next.
    """


class OvertakenError(LabbookError):
    """An edit has overtaken a job that was planned. Nothing failed: the next run plans anew."""


class SeveralError(LabbookError):
    """More than one of them: `texts`, each a message by itself."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        super().__init__("\n".join(texts))
        self.texts = texts


def together(*steps: Callable[[], Any]) -> list[Any]:
    """What all steps return; or, only after the last, what any of them have refused."""
    texts: list[str] = []
    results = []
    for step in steps:
        try:
            results.append(step())
        except LabbookError as error:
            texts += texts_of(error)
    if texts:
        raise SeveralError(tuple(dict.fromkeys(texts))) if len(texts) > 1 else LabbookError(*texts)
    return results


def texts_of(error: LabbookError) -> tuple[str, ...]:
    """The messages that an error consists of."""
    return error.texts if isinstance(error, SeveralError) else (str(error),)
