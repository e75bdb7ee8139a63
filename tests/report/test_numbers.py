"""The page's block of numbers: what is shortened comes back as it was."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from labbook.files import read_json
from labbook.report.page.numbers import _shorter, study_numbers
from labbook.report.study_results import read_results

NUMBERS = st.one_of(
    st.none(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: float(f"{x:.4e}")),
    st.floats(-1000, 1000).map(lambda x: float(f"{x:.3e}")),
)


def whole(part: Any, lists: list[Any]) -> Any:
    """As scripts/numbers.js puts lists back into their places."""
    if isinstance(part, list):
        return [whole(one, lists) for one in part]
    if not isinstance(part, dict):
        return part
    if "same" in part:
        return lists[part["same"]]
    if "by" in part:
        total, numbers = 0, []
        for step in part["by"]:
            total += step or 0
            numbers.append(None if step is None else total / 10 ** part["places"])
        return numbers
    return {key: whole(value, lists) for key, value in part.items()}


@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_differences_are_exact(numbers: list[float | None]) -> None:
    short = _shorter(numbers)
    assert whole(short, []) == numbers
    assert len(json.dumps(short)) <= len(json.dumps(numbers))


def test_figures_come_back(book: dict[str, Path]) -> None:
    for folder in book.values():
        results = read_results(folder)
        told = study_numbers(results)
        figures = whole(told["figures"], whole(told["lists"], []))
        for entry in results.figures():
            assert figures[entry["name"]] == read_json(folder / "figures" / entry["json"])
        assert len(json.dumps(told["figures"])) < 0.9 * len(json.dumps(figures))
