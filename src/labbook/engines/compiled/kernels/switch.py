"""A choice among functions at run time: what a plain dict of functions becomes in machine code."""

from collections.abc import Mapping, Sequence
from typing import Any

from labbook.engines.compiled.kernels.vector import compiled


def switch(names: Sequence[str], functions: Mapping[str, Any]) -> Any:
    """A function (number, ...) that calls the function of `names[number]` with the rest.

    All functions have the same signature. Raises KeyError for a name that has no function.
    """
    chosen = None
    for number in reversed(range(len(names))):
        chosen = _link(number, functions[names[number]], chosen)
    return chosen


def _link(number: int, function: Any, otherwise: Any) -> Any:
    if otherwise is None:  # the last one

        @compiled()
        def last(asked, *arguments):
            return function(*arguments)

        return last

    @compiled()
    def link(asked, *arguments):
        if asked == number:
            return function(*arguments)
        return otherwise(asked, *arguments)

    return link
