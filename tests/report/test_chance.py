"""Where chance comes from, as the page says it: sentences, tables and figure against chance.csv."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from labbook.evaluate.study import evaluate
from labbook.params.redraws import IDLE
from labbook.report.chance_names import STREAMS
from labbook.report.figures.chance import chance_figure
from labbook.report.figures.draw import draw_study
from labbook.report.page.page import page_of
from labbook.report.page.study import study_view
from labbook.report.study_results import StudyResults, read_results
from labbook.report.summary import summary_lines
from tests import results_check
from tests.calibration.chance import drawn_runs
from tests.evaluate.test_chance import PLACES, REDRAWS, made
from tests.made_study import make_study

MOST_SPLIT = {"split": 0.95, "first": 0.03, "order": 0.02}
MOST_TRAINING = {"split": 0.02, "first": 0.5, "order": 0.48}
UNCLEAR = {"split": 0.5, "first": 0.3, "order": 0.2}


def told(folder: Path, variances, n: int = 20, metric: str = "valid_mse", fail=()) -> StudyResults:
    """The results of a study whose chance comes from these sources."""
    runs = drawn_runs(np.random.default_rng(5), n, variances)
    values = np.stack([runs[:, i, j] for i, j in PLACES], axis=1)  # (seeds, REDRAWS)
    values = np.exp(0.1 * values) if metric.endswith("mse") else 0.8 + 0.01 * values
    values[list(fail), 0] = np.nan
    study = made(values, metric=metric)
    options = {
        "metric": metric,
        "task": study.study.task,
        "settings": {c.label: dict(c.settings) for c in study.study.combinations},
        "base": {c.label: c.recipe for c in study.study.combinations},
        "vary": {"training.redraw": list(REDRAWS)},
    }
    by_label = {
        label: [None if np.isnan(v) else float(v) for v in column]
        for label, column in zip(study.labels, values.T, strict=True)
    }
    evaluate(make_study(folder / "runs", by_label, **options), folder / "made")
    return read_results(folder / "made")


def rows_of(results: StudyResults) -> dict[str, dict[str, str]]:
    with (results.folder / "chance.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["source"]: row for row in rows if row["metric"] == results.metric}


def text_of(results: StudyResults) -> str:
    return " ".join(study_view(results, 1)["answer"]).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("variances", "words", "not_words"),
    [
        (MOST_SPLIT, "The split makes up most of it", "draw both anew"),
        (MOST_TRAINING, "Training makes up most of it", "The split makes up"),
        (UNCLEAR, "cannot be told from 20 seeds, so draw both anew", "most of it"),
    ],
)
def test_the_answer_follows_from_the_table(tmp_path, variances, words, not_words) -> None:
    results = told(tmp_path, variances)
    text, rows = text_of(results), rows_of(results)
    first = study_view(results, 1)["answer"][0].replace("\N{NO-BREAK SPACE}", " ")
    for source in ("split", "training"):
        share, low, high = (100 * float(rows[source][k]) for k in ("share", "low", "high"))
        assert f"{share:.0f} % ({low:.0f} to {high:.0f} %)" in first
    assert "n = 20 seeds" in first
    assert words in text
    assert not_words not in text
    left = float(rows["training"]["share"])
    assert f"would show {100 * left:.0f} % of it" in text
    bars = re.search(r"error bars ([\d.]+) \(([\d.]+) to ([\d.]+)\)", text)
    assert bars is not None
    expected = [np.sqrt(float(rows["training"][k])) for k in ("share", "low", "high")]
    assert [float(one) for one in bars.groups()] == pytest.approx(expected, abs=0.01)
    spread = re.search(r"typically off by ×([\d.]+)", text)
    assert spread is not None
    assert float(spread[1]) == pytest.approx(float(rows["everything"]["spread"]), abs=0.01)


def test_no_combination_is_called_better(tmp_path) -> None:
    results = told(tmp_path, UNCLEAR)
    draw_study(results.folder)
    view = study_view(results, 1)
    assert "one and the same setting" in text_of(results)
    assert "does best" not in text_of(results)
    assert view["best"] == "one setting"
    assert view["compared_with"] == ""
    assert not any(row["chosen"] or row["reference"] for row in view["combinations"])
    assert results.chosen == results.reference
    text = page_of("t", [results])
    assert "Against the reference" not in text
    assert '<span class="tag">best</span>' not in text
    assert text.count("<h4>Where chance comes from</h4>") == 1
    assert "one setting" in "\n".join(summary_lines([results.folder]))
    words = {entry["name"]: entry["alt"] + entry["caption"] for entry in results.figures()}
    assert "best combination" not in " ".join(words.values())
    assert "the split of the rows" in words["chance"]


def test_both_parts_have_a_table_and_numbers_fit_the_folder(tmp_path) -> None:
    results = told(tmp_path, UNCLEAR, metric="test_accuracy")
    tables = study_view(results, 1)["chance"]["tables"]
    assert [words for words, _ in tables] == ["test accuracy", "validation accuracy"]
    assert [row["part"] for row in tables[0][1]] == [False, False, True, True, False]
    assert tables[0][1][0]["interval"].count("to") == 1
    assert [text for text in results_check._tables(results) if "chance" in text] == []


def test_errors_say_that_variances_are_of_logarithms(tmp_path) -> None:
    (words, rows), *_ = study_view(told(tmp_path, UNCLEAR), 1)["chance"]["tables"]
    assert words == "the logarithm of validation MSE"
    assert all(row["spread"].startswith("×") for row in rows)


def test_seeds_with_failures_are_left_out_and_counted(tmp_path) -> None:
    results = told(tmp_path, UNCLEAR, fail=(2, 5))
    assert "n = 18 seeds" in text_of(results)
    left_out = study_view(results, 1)["chance"]["left_out"]
    assert left_out.startswith("2 of 20 seeds left out")


def test_too_few_seeds_say_so(tmp_path) -> None:
    results = told(tmp_path, UNCLEAR, n=8, fail=(0, 1, 2))
    assert "is not known: only 5 seeds have a value of all runs" in text_of(results)
    assert chance_figure(results) is None
    assert [text for text in results_check._tables(results) if "chance" in text] == []


def test_all_streams_have_words() -> None:
    assert list(STREAMS) == list(IDLE)


def test_other_studies_say_nothing_of_it(tmp_path) -> None:
    evaluate(make_study(tmp_path / "runs", {"a": [1.0, 2.0], "b": [2.0, 1.0]}), tmp_path / "made")
    results = read_results(tmp_path / "made")
    assert study_view(results, 1)["chance"] == {}
