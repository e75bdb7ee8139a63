"""The page says what a network is worth: first in the answer, then rivals, measures and classes."""

import re
from pathlib import Path
from typing import Any

import pytest

from labbook.report.page.page import page_of
from labbook.report.study_results import read_results
from labbook.rivals.file import NAMES
from tests import made_results, made_rivals

WORTH = ("32-16 beats gradient boosting.", "It beats the rest.", "The rivals are not tuned.")


def page(made: made_results.Made, folder: Path) -> str:
    """The page of one study, its white space one blank each."""
    text = page_of("Worth", [read_results(made_results.write(made, folder))])
    return " ".join(text.split())


def of_quantities(**more: Any) -> made_results.Made:
    tables = {
        "rivals": made_rivals.rivals(NAMES["regression"], "test_mse"),
        "measures": made_rivals.measures(("rate 0.001", "the constant"), ("mse", "rmse", "mape")),
    }
    return made_results.boston(worth=WORTH, more=tables | more)


def test_the_answer_begins_with_it(tmp_path: Path) -> None:
    text = page(of_quantities(), tmp_path)
    answer = text[text.index("<h3>Answer") : text.index(">What was done</h3>")]
    use, second, third = re.findall(r"<p[^>]*>(.*?)</p>", answer)[:3]
    assert "rate 0.01 does best" in use
    assert (second, third) == WORTH[:2]
    section = text[text.index(">Is a network worth it?</h3>") :]
    assert WORTH[2] in section
    assert WORTH[0] not in section


@pytest.mark.parametrize(
    "words",
    [
        "Test MSE of rate 0.01 against simpler models",
        "p corrected for 5 comparisons",
        "gradient boosting <span class=\"tag plain\">best rival</span>",
        "refuted: no relevant difference",
        "+30.0",  # the network's figure is 1.3 times that of the constant
        "<th scope=\"col\" data-ends=\"beside\">Median absolute error</th>",
        "Median absolute error: not defined in 2 of 8",
    ],
)  # fmt: skip
def test_rivals_and_measures_are_in_tables(tmp_path: Path, words: str) -> None:
    measures = made_rivals.measures(("rate 0.01", "the constant"), ("mse", "median_error"))
    assert words in page(of_quantities(measures=measures), tmp_path)


def test_classes_are_shown_on_test_rows(tmp_path: Path) -> None:
    names = ("a", made_results.HOSTILE)
    made = made_results.images(more={
        "classes": made_rivals.classes("kernel 7", names),
        "measures": made_rivals.measures(("kernel 7", "the constant"), ("accuracy",)),
    })  # fmt: skip
    text = page(made, tmp_path)
    assert "0.90 (0.80 to 1.00)" in text
    assert "<script>alert" not in text
    assert "against simpler models" not in text


def test_a_threshold_is_told_in_a_sentence(tmp_path: Path) -> None:
    rows = made_rivals.measures(("kernel 7", "the constant"), ("accuracy", "balanced_accuracy"))
    at = [
        rows[0] | {"part": "test_at_threshold", "metric": name, "mean": 0.45}
        for name in ("threshold", "balanced_accuracy")
    ]
    text = page(made_results.images(more={"measures": [*rows, *at]}), tmp_path)
    assert "P(1) = 0.45 (0.40 to 0.60) on, as each run chose on its validation rows, test" in text
    assert "Where a row is" not in page(made_results.images(more={"measures": rows}), tmp_path)


def test_a_study_without_any_of_it_has_no_such_section(tmp_path: Path) -> None:
    assert "Is a network worth it?" not in page(made_results.boston(), tmp_path)
