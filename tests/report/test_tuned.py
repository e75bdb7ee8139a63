"""Methods tuned against tuned and the greedy ensemble, on the page and in their figure."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbook.report.figures.expected_best import expected_best_figure
from labbook.report.figures.figure import Figure
from labbook.report.page.page import page_of
from labbook.report.page.tuned import tuned_view
from labbook.report.paper.draw import page_files
from labbook.report.paper.names import apart
from labbook.report.study_results import StudyResults, read_results
from tests import made_results
from tests.made_results import HOSTILE

TRIES = (1, 2, 3, 5, 8, 12)
LEVELS = {"adam": 10.0, "momentum": 9.5, "adagrad": 11.0, "rmsprop": 10.2, "sgd": 10.4}


def curves(levels: dict[str, float] | None = None, claimed: int = 12) -> list[dict[str, Any]]:
    """Rows of expected_best.csv: errors that fall to these levels; `all` has no claim."""
    rows = []
    for side, level in (levels or LEVELS).items():
        for tries in TRIES:
            mean = level * (1 + 1 / tries)
            rows.append({
                "side": side, "metric": "test_mse", "choice": "valid_mse", "tries": tries,
                "mean": mean, "low": mean * 0.9, "high": mean * 1.1, "n": 12, "of": 25,
                "claimed": "yes" if tries == claimed and side != "all" else "",
            })  # fmt: skip
    return rows


def ensemble(chosen: str = "rate 0.01", effect: float = 0.93) -> list[dict[str, Any]]:
    head = {"who": "greedy ensemble", "metric": "test_mse", "mean": 12.4, "low": 11.0, "high": 14.0}
    more = {"scale": "ratio", "effect": effect, "effect_low": 0.88, "effect_high": 0.98, "p": 0.01}
    own = {"who": chosen, "metric": "test_mse", "mean": 13.4, "low": 12.0, "high": 15.0, "n": 8}
    return [head | {"n": 8} | more | {"members": 6.5, "candidates": 40}, own]


def study(folder: Path, rows: list[dict[str, Any]], **more: Any) -> StudyResults:
    made = made_results.boston(more={"expected_best": rows} | more)
    return read_results(made_results.write(made, folder))


def view(results: StudyResults) -> dict[str, Any]:
    return dict(tuned_view(results)["tuned"])


def test_one_sentence_says_where_methods_end(tmp_path: Path) -> None:
    (text,) = view(study(tmp_path, curves()))["sentences"]
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith(
        "With 12 tries each, momentum ends at a test MSE of 10.3 (95 % interval 9.3 to 11.3, "
        "n = 12), adagrad at 11.9"
    )
    assert "; with 3 tries each at 12.7 " in text
    assert "the first and the last of 5" in text
    assert text.endswith("Whether a difference is more than chance, the claims say.")


def test_what_may_fail_with_few_tries_is_said(tmp_path: Path) -> None:
    rows = [row for row in curves() if row["side"] != "momentum" or row["tries"] > 8]
    results = study(tmp_path, rows)
    (text,), (table,) = view(results)["sentences"], view(results)["tables"]
    assert "; with 3 tries all may fail (momentum). These" in text
    assert table["rows"][1][:2] == ("momentum", ["–", "–", "10.3 (9.3 to 11.3)"])
    assert "momentum" in drawing(results).alt


def test_a_search_says_what_it_gives(tmp_path: Path) -> None:
    (text,) = view(study(tmp_path, curves({"all": 10.0})))["sentences"]
    assert text.startswith("With 12 tries the search ends at a test MSE of 10.8 ")
    both = view(study(tmp_path / "b", curves({"adam": 9.0, "sgd": 10.0, "all": 9.5})))["sentences"]
    assert both[1].startswith("Of all combinations together: with 12 tries")


def test_the_table_has_few_and_the_claimed_numbers(tmp_path: Path) -> None:
    (table,) = view(study(tmp_path, curves({"adam": 10.0, "sgd": 11.0, "all": 9.5})))["tables"]
    assert table["heads"] == ["1 try", "3 tries", "12 tries"]
    assert [name for name, _, _ in table["rows"]] == ["adam", "sgd", "all combinations"]
    assert table["rows"][0][1][-1] == "10.8 (9.8 to 11.9)"
    assert table["rows"][0][2] == "12"


def test_nothing_is_said_where_there_is_nothing(tmp_path: Path) -> None:
    assert view(study(tmp_path, [])) == {"sentences": [], "tables": [], "together": ""}
    assert expected_best_figure(study(tmp_path / "b", [])) is None
    assert "Tuned against tuned" not in page_of("Book", [study(tmp_path / "c", [])])


def test_several_together_are_one_line(tmp_path: Path) -> None:
    text = view(study(tmp_path, [], greedy_ensemble=ensemble()))["together"]
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    assert "on average 6.5 different ones of 40" in text
    assert "with a test MSE of 12.4 (95 % interval 11.0 to 14.0, n = 8)" in text
    assert "rate 0.01 alone has 13.4" in text
    assert (
        "The mean's figure differs by −7.0 % (−12.0 % to −2.0 %, p = 0.010 of this one comparison alone)."
        in text
    )
    without = view(study(tmp_path / "b", [], greedy_ensemble=ensemble(effect=math.nan)))["together"]
    assert "differs by" not in without


def test_names_are_escaped(tmp_path: Path) -> None:
    rows, more = curves({HOSTILE: 9.0, "sgd": 10.0}), ensemble(HOSTILE)
    page = page_of("Book", [study(tmp_path, rows, greedy_ensemble=more)])
    assert "Tuned against tuned" in page
    assert "<script>alert" not in page


def drawing(results: StudyResults) -> Figure:
    found = expected_best_figure(results)
    assert found is not None
    return found


def test_each_line_has_its_name(tmp_path: Path) -> None:
    found = drawing(study(tmp_path, curves(LEVELS | {"all": 9.9})))
    svg = page_files(found)[0].decode()
    assert all(f">{name}<" in svg for name in LEVELS)
    assert ">all<" not in svg
    assert found.alt.startswith("Figure by number of tries. adam: 20 with 1 try and 10.8 with 12")
    again = drawing(study(tmp_path / "b", curves(LEVELS | {"all": 9.9})))
    assert svg == page_files(again)[0].decode()


def test_a_search_has_one_line(tmp_path: Path) -> None:
    (line,) = drawing(study(tmp_path, curves({"all": 9.9}))).panels[0].marks
    assert getattr(line, "name", "") == "all"


@pytest.mark.parametrize("heights", [[0.5, 0.5, 0.5], [0.9, 0.1], [0.2, 0.21, 0.9], [0.3]])
def test_labels_do_not_lie_over_each_other(heights: list[float]) -> None:
    given = np.array(heights)
    found = apart(given.copy(), 0.05)
    assert (np.diff(np.sort(found)) >= 0.05 - 1e-12).all()
    assert found.mean() == pytest.approx(given.mean())
    assert (np.argsort(found, kind="stable") == np.argsort(given, kind="stable")).all()
