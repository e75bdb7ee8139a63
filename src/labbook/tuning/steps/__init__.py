"""The steps by the names that their files have (plan/tunings.py has their order)."""

from collections.abc import Callable

from labbook.tuning.step import Before, Found

STEPS: dict[str, Callable[[Before], Found]] = {}
