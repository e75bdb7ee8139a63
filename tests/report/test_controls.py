"""The page on controls: what they say, and a loud warning where one failed."""

from pathlib import Path
from typing import Any

import pytest

from labbook.evaluate.controls import UNSEEN
from labbook.report.page.controls import controls_of_page, controls_view
from labbook.report.page.page import page_of
from labbook.report.study_results import StudyResults, read_results
from tests import made_results

ITSELF = {
    "control": "itself", "combination": "rate 0.01", "metric": "test_mse", "outcome": "passed",
    "why": "", "scale": "ratio", "effect": 1.012, "low": 0.95, "high": 1.08, "n": 6, "p": 0.61,
    "usual": 1.12, "usual_low": 1.08, "usual_high": 1.26, "run": "a",
}  # fmt: skip
SHUFFLED = ITSELF | {
    "control": "shuffled target", "effect": 1.21, "low": 1.1, "high": 1.33, "p": 0.31,
    "usual": "", "usual_low": "", "usual_high": "", "run": "b",
}  # fmt: skip
FAILED = {"outcome": "failed", "p": 0.0004}


def study(folder: Path, *rows: dict[str, Any], **changes: Any) -> StudyResults:
    more = {"controls": list(rows)} if rows else {}
    return read_results(made_results.write(made_results.boston(more=more, **changes), folder))


def said(folder: Path, row: dict[str, Any]) -> str:
    view = controls_view(study(folder, row))["controls"]
    return " ".join([*view["sentences"], *view["warnings"]]).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ITSELF, "cannot be told from itself: test MSE +1.2 % (95 % interval −5.0 % to +8.0 %, n = 6, p = 0.61)."),
        (ITSELF, "In 19 of 20 cases two such trainings differ by less than 12.0 % (95 % interval 8.0 % to 26.0 %, n = 6): a single run that is better by less than that shows nothing."),
        (ITSELF | {"p": 0.03}, "p = 0.030). A control has failed where p is below 0.01. In 19 of 20"),
        (ITSELF | {"usual_high": 3.4}, "by less than ×1.1 (95 % interval ×1.1 to ×3.4, n = 6)"),
        (ITSELF | {"usual": 1, "usual_low": 1, "usual_high": 1}, "the very same numbers"),
        (ITSELF | {"scale": "difference", "metric": "test_accuracy", "effect": 0.001, "low": -0.01,
                   "high": 0.012, "usual": 0.02, "usual_low": 0.01, "usual_high": 0.05},
         "differ by less than 0.020 (95 % interval 0.010 to 0.050, n = 6)"),
        (ITSELF | {"outcome": "left out", "why": "nothing to draw"}, "rate 0.01 has nothing to draw."),
        (ITSELF | {"outcome": "not judged", "why": "too few seeds", "n": 3}, "not judged (too few seeds). In 19 of 20"),
        (ITSELF | {"why": UNSEEN}, "p = 0.61). But with fewer than 8 seeds to compare it would not be seen if all of the second trainings diverged. In 19 of 20"),
        (ITSELF | FAILED, "A setting is told from itself"),
        (SHUFFLED, "no more than by chance (p = 0.31): no sign that these get into training. Against always answering the training rows’ mean: test MSE +21 % (95 % interval +10 % to +33 %, n = 6)."),
        (SHUFFLED | {"n": 4, "why": "2 of 6 runs diverged and learnt nothing"}, "n = 4). 2 of 6 runs diverged"),
        (SHUFFLED | {"n": 0, "why": "6 of 6 runs diverged and learnt nothing"}, "nothing was learnt: 6 of 6"),
        (SHUFFLED | {"outcome": "not judged", "why": "too few seeds"}, "A shuffled target: not judged (too few seeds)."),
        (SHUFFLED | FAILED, "more than chance would let them (p < 0.001)"),
        (SHUFFLED | FAILED, "believe no figure of this study before it is clear how"),
    ],
)  # fmt: skip
def test_a_control_in_words(tmp_path: Path, row: dict[str, Any], words: str) -> None:
    assert words in said(tmp_path, row)


def test_a_failed_control_is_said_on_top_of_page_and_study(tmp_path: Path) -> None:
    text = page_of("Controls", [study(tmp_path, ITSELF, SHUFFLED | FAILED)])
    top = text[: text.index('class="counted"')]
    assert "A control failed" in top
    assert '<a href="#study-boston-rate">' in top
    assert (
        "Of 2 controls (a setting against itself or a shuffled target) 1 passed and 1 failed" in top
    )
    of_study = text[text.index("<article") :]
    head = of_study[: of_study.index("</header>")]
    assert "A control failed" in head
    assert "get into training" in head
    passed = page_of("Controls", [study(tmp_path / "2", ITSELF, SHUFFLED)])
    assert "A control failed" not in passed
    assert "All 2 controls (a setting against itself or a shuffled target) passed" in passed
    assert "a column that gives the answer away" in passed


def test_without_controls_nothing_is_said(tmp_path: Path) -> None:
    text = page_of("None", [study(tmp_path)])
    assert "ontrol" not in text[text.index("<body>") :].replace("aria-controls", "").replace(
        "controls the", ""
    )


def test_what_studies_share_counts_once(tmp_path: Path) -> None:
    first = study(tmp_path / "1", ITSELF, SHUFFLED)
    again = study(tmp_path / "2", ITSELF, SHUFFLED, name="again")
    third = study(tmp_path / "3", ITSELF | FAILED | {"run": "c"}, name="third")
    page = controls_of_page([first, again, third])
    assert page["alarming"] == ["third"]
    assert "Of 3 controls" in page["sentence"]
    assert "2 passed and 1 failed, in third; by chance" in page["sentence"]
    assert "about 0.030" in page["sentence"]
    assert "Those of one data set share its rows and splits" in page["sentence"]
    only = study(tmp_path / "4", SHUFFLED | {"run": "d"}, name="only")
    assert controls_of_page([only])["sentence"].startswith("The only control")
    few = study(tmp_path / "5", SHUFFLED | {"outcome": "not judged", "why": "w"}, name="few")
    assert controls_of_page([few]) == {"sentence": "", "alarming": []}
    left = study(tmp_path / "6", ITSELF | {"outcome": "left out", "run": ""}, name="left")
    assert controls_of_page([only, left])["sentence"].startswith("The only control")


def test_a_page_of_many_controls_does_not_warn_of_what_chance_does(tmp_path: Path) -> None:
    """One in a hundred fails by chance: said in its study and in the tally, not on top."""
    many = [
        study(tmp_path / str(n), SHUFFLED | {"run": str(n)}, name=f"study{n}") for n in range(9)
    ]
    odd = study(tmp_path / "odd", SHUFFLED | FAILED | {"p": 0.009, "run": "odd"}, name="odd")
    page = controls_of_page([*many, odd])
    assert page["alarming"] == []
    assert "9 passed and 1 failed, in odd;" in page["sentence"]
    sure = study(tmp_path / "sure", SHUFFLED | FAILED | {"run": "sure"}, name="sure")
    assert controls_of_page([*many, odd, sure])["alarming"] == ["sure"]
