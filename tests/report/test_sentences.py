"""The sentences of the page against the tables that they speak of, for results of many shapes."""

import csv
import json
import math
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from labbook.evaluate.study import evaluate
from labbook.report.page.answer import answer, cautions, more_on_answer
from labbook.report.page.combinations import comparison_row
from labbook.report.page.diagnosis import importance_sentences
from labbook.report.page.page import page_of
from labbook.report.page.study import study_view
from labbook.report.study_results import StudyResults, read_results
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, STOPPED
from labbook.wording import number
from tests import made_claims, made_results
from tests.made_study import ROWS, FakePrepared, claim, make_study

LABELS = ("alpha", "beta", "gamma", "delta")
NO_BREAK = "\N{NO-BREAK SPACE}"
METRICS = (
    ("regression", "valid_mse"), ("regression", "test_mse"), ("regression", "epochs"),
    ("regression", "last_valid_loss"), ("classification", "valid_accuracy"),
    ("classification", "test_accuracy"),
)  # fmt: skip


@st.composite
def shapes(draw):
    """A study: its task and metric, and runs by combination, of which some failed."""
    task, metric = draw(st.sampled_from(METRICS))
    seeds, many = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    low, high = (0.2, 0.9) if task == "classification" else (0.5, 50)
    run = st.one_of(st.none(), *[st.floats(low, high)] * 3)
    values = {label: draw(st.lists(run, min_size=seeds, max_size=seeds)) for label in LABELS[:many]}
    lengths = st.lists(st.integers(3, 40), min_size=seeds, max_size=seeds)
    epochs = {label: draw(lengths) for label in values}
    sides = [(label,) for label in LABELS[:2]]
    claims = [claim(sides=sides, metric=metric)] if many > 1 else []
    return {"values": values, "task": task, "metric": metric, "epochs": epochs, "claims": claims}


def evaluated(folder, values, **options) -> StudyResults:
    evaluate(make_study(folder / "runs", values, **options), folder / "made")
    return read_results(folder / "made")


def everything_said(results):
    """The answer, and what is folded under it."""
    return " ".join([*answer(results), *more_on_answer(results)])


class Told:
    """A study's sentences, and its tables read by other means."""

    def __init__(self, folder, shape):
        self.shape, self.folder = shape, folder / "made"
        self.results = evaluated(folder, **shape)
        self.sentences = [*answer(self.results), *more_on_answer(self.results)]
        self.cautions = cautions(self.results)
        self.text = " ".join(self.sentences).replace(NO_BREAK, " ")
        self.about = json.loads((self.folder / "study.json").read_text())
        self.choice = "valid_mse" if shape["task"] == "regression" else "valid_accuracy"
        ended = [(row["combination"], row["ended"]) for row in self.table("runs")]
        self.failed = {
            label: sum(of == label and how.startswith("diverged") for of, how in ended)
            for label in shape["values"]
        }

    def table(self, name):
        with (self.folder / f"{name}.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def means(self, metric):
        """Mean and number of values by combination, of those that have any."""
        rows = [row for row in self.table("combinations") if row["metric"] == metric]
        return {r["combination"]: (float(r["mean"]), int(r["n"])) for r in rows if r["mean"]}


def eligible(told):
    """By the rule of docs/evidence.md, written down once more."""
    n = len(told.about["seeds"])
    failed = {label: told.failed[label] for label in told.means(told.choice)}
    fewest = min(failed.values())

    def often(k):
        p = stats.fisher_exact([[k, n - k], [fewest, n - fewest]], alternative="greater").pvalue
        return p < 0.05 or k > n / 2

    rare = [label for label, k in failed.items() if not often(k)]
    return rare or [label for label, k in failed.items() if k == fewest]


def check_best(told):
    """The best one is the best of those that may be chosen, and its figure is the table's."""
    means, sign = told.means(told.choice), 1 if told.choice.endswith("accuracy") else -1
    said = next(text for text in told.sentences if ", which the study compares" not in text)
    head = r"(?:By validation \w+ )?(?:[uU]se |.* may be the best; )|Of \d combinations |"
    label = re.match(rf"(?:{head})(\w+)", said)[1]
    assert sign * means[label][0] >= max(sign * means[one][0] for one in eligible(told)) - 1e-12
    assert label in eligible(told)
    assert ("the only combination" in said) == (len(told.shape["values"]) == 1)
    lost = re.search(r"; (\d+) of its (\d+) runs? failed", said)
    assert (int(lost[1]) if lost else 0) == told.failed[label]
    aside = re.findall(r"(\w+) \(([^;()]+); \d+ of \d+ failed\)", told.text)
    assert bool(aside) == ("of too few runs" in told.text)
    for other, mean in aside:
        assert other not in eligible(told)
        assert mean == number(means[other][0])
        assert sign * means[other][0] > sign * means[label][0]
    text = f"{means[label][0]:.3g}" if means[label][1] == 1 else f"n = {means[label][1]})"
    assert text in told.text


def check_metric(told):
    """Which one leads by the study's metric."""
    first = re.search(r"\((lower|higher) is better\), (\w+)( also)? comes first: ", told.text)
    if first:
        means, extreme = told.means(told.shape["metric"]), min if first[1] == "lower" else max
        best = extreme(means[label][0] for label in eligible(told) if label in means)
        assert means[first[2]][0] == best
        second = told.shape["metric"].startswith("test_")  # the chosen one was named before
        assert bool(first[3]) == (second and first[2] == told.about["chosen"]["label"])


def check_comparisons(told):
    """What is said of directions stands in comparisons.csv; a reference has a value or none."""
    rows = {row["combination"]: row for row in told.table("comparisons")}
    chosen = told.about["chosen"]["label"]
    if "differs from the reference" in told.text:
        assert math.isfinite(float(rows[chosen]["effect"]))
        clear = float(rows[chosen]["p_holm"] or "nan") < 0.05
        assert ("may be chance" in told.text or "may still be chance" in told.text) != clear
    for label, direction in re.findall(r"(\w+) (?:is|are) clearly (better|worse)", told.text):
        assert rows[label]["direction"] == direction
    for count in re.findall(r"(\d) others? do(?:es)? not clearly differ", told.text):
        others = [row["direction"] for label, row in rows.items() if label != chosen]
        assert int(count) == others.count("unclear")
    for label, count in re.findall(r"(\w+) failed alone in (\d) seed", told.text):
        column = "failed" if label == chosen else "failed_reference"
        assert int(rows[chosen][column]) == int(count)


def check_words(told):
    ungrammatical = r"\bOf 1 |\b1 (runs|combinations|seeds|others)\b|\bnan\b|\binf\b"
    assert not re.search(ungrammatical, told.text)
    if len(told.about["seeds"]) == 1:
        assert "95 % interval" not in told.text
        assert told.cautions[0].startswith("One seed only")
    is_ratio = told.choice == "valid_mse"
    assert ("geometric mean validation" in " ".join(told.sentences[:2])) == is_ratio
    asked = told.shape["metric"].startswith("test_")
    if "On test rows" in told.text:
        assert ("on which this study compares" in told.text) == asked
    said = re.findall(r"(\w+) \((\d+) of \d+\)", " ".join(told.cautions))
    assert {label: int(n) for label, n in said} == {k: n for k, n in told.failed.items() if n}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shape=shapes())
def test_no_sentence_contradicts_the_tables(tmp_path_factory, shape):
    told = Told(tmp_path_factory.mktemp("told"), shape)
    assert "</html>" in page_of("x", [told.results])
    if told.about["chosen"] is None:
        assert not told.means(told.choice)
        assert told.sentences == [
            "No run came to an end with a number: there is no best combination."
        ]
        return
    check_best(told)
    check_metric(told)
    check_comparisons(told)
    check_words(told)
    assert len(answer(told.results)) <= 3


@pytest.mark.parametrize(
    ("metric", "begin"),
    [
        ("epochs", ["By epochs, which the study compares", "By validation MSE use alpha: of 2"]),
        ("test_mse", ["Use alpha: of 2", "By test MSE, which the study compares"]),
        ("valid_mse", ["Use alpha: of 2", "On test rows, which had no part"]),
    ],
)
def test_the_answer_begins_with_what_is_asked(tmp_path, metric, begin):
    """Test rows may not choose, so the choice by validation rows stays before them."""
    values = {"alpha": [1.0 + i / 10 for i in range(8)], "beta": [9.0 + i / 10 for i in range(8)]}
    epochs = {"alpha": [30 + i for i in range(8)], "beta": [10 + i for i in range(8)]}
    said = answer(evaluated(tmp_path, values, metric=metric, epochs=epochs))
    assert [text[: len(start)] for text, start in zip(said, begin, strict=False)] == begin
    if metric == "epochs":
        assert "beta comes first" in said[0]


def test_what_matters_comes_first_where_that_is_asked(tmp_path):
    asked = made_claims.claim("B1", "The rate matters most.", "supported", form="matters")
    importance = {"optimizer.rate": (0.6, 0.4, 0.8), "chance": (0.4, 0.2, 0.6)}
    made = made_results.boston(verdicts=(), claims=(asked,), importance=importance)
    results = read_results(made_results.write(made, tmp_path))
    first, second, *_ = answer(results)
    assert first == importance_sentences(results)[0]
    assert second.startswith("Of 4 combinations rate 0.01 does best by validation rows")


def test_both_counts_of_diverged_runs_are_named(tmp_path):
    """The claim counted 3 of 8, the caution 1 of 8: those that diverged later have a value."""
    ended = {"alpha": [DIVERGED, *[DIVERGED_LATER] * 2, *[STOPPED] * 5], "beta": STOPPED}
    values = {"alpha": [None, *[2.0] * 7], "beta": [3.0] * 8}
    said = " ".join(cautions(evaluated(tmp_path, values, ended=ended)))
    assert "Diverged runs: alpha (1 of 8; 2 more later)." in said
    assert "alpha (2 runs) diverged later" in said


def test_a_better_mean_of_too_few_runs_is_said(tmp_path):
    values = {"alpha": [None] * 6 + [1.0, 1.0], "beta": [3.0] * 8}
    said = everything_said(evaluated(tmp_path, values))
    assert "alpha (1; 6 of 8 failed) has a better geometric mean, but of too few runs" in said


def test_an_interval_with_an_open_end_is_shown():
    """Too many runs failed for an end; the table had a dash where the claims said how far."""
    row = {"combination": "a", "scale": "ratio", "effect": "3", "low": "2", "high": "", "n": "8"}
    assert comparison_row(row)["interval"] == "from ×2 up"
    assert comparison_row(row | {"low": ""})["interval"] == "–"


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [(0.9, "there, no less than the best combination."), (0.97, "there.")],
)
def test_accuracies_stand_beside_that_of_the_most_frequent_class(tmp_path, accuracy, words):
    """An accuracy of 0.9 says nothing where nine of ten rows are of one class."""
    prepared = FakePrepared("classification")
    prepared.target = np.where(np.arange(ROWS) < 27, 0, 1)
    values = {"alpha": [accuracy + 0.001 * (i - 4) for i in range(9)]}
    results = evaluated(tmp_path, values, task="classification", prepared=prepared)
    shares = [np.mean(prepared.target[prepared.split(seed).valid] == 0) for seed in range(9)]
    said = f"Always saying the most frequent class has an accuracy of {number(np.mean(shares))} "
    assert said + words in everything_said(results)
    facts = dict(study_view(results, 1)["facts"])
    assert f"{number(np.mean(shares))} validation" in facts["Accuracy of the most frequent class"]


def test_a_comparison_on_a_target_that_does_not_vary_says_so(tmp_path):
    prepared = FakePrepared()
    prepared.target = np.full(ROWS, 14.62)
    values = {"alpha": [3.0 + i / 10 for i in range(8)], "beta": [1.0 + i / 9 for i in range(8)]}
    said = everything_said(evaluated(tmp_path, values, prepared=prepared))
    assert "beta differs from the reference alpha by" in said
    assert "no test: the target does not vary" in said
    assert "fewer than" not in said
