"""The report in other languages: of all kinds of studies, nothing of ours stays English."""

import math
import re
from pathlib import Path

import pytest

from labbook.languages import ENGLISH, LANGUAGES
from labbook.languages.figure import translated_figure
from labbook.languages.html import translated_page
from labbook.languages.language import language_of
from labbook.report.page.numbers import study_numbers
from labbook.report.page.own_texts import own_texts
from labbook.report.page.page import page_of, write_report
from labbook.report.study_results import read_results
from labbook.report.tuning.page import write_page
from labbook.tuning.step import Trial, found_to_json
from tests.tuning import made_search, made_steps

SENTENCE = re.compile(r"[A-Za-z’']{2,} [a-z’']{2,} [a-z’']{2,}")
# What the made studies say, and nobody else.
MADE = re.compile("This is why|would tell the|very-long-|My own idea|<b>|&lt;")


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != ENGLISH])
def test_no_sentence_stays_english(book: dict[str, Path], name: str) -> None:
    results = [read_results(folder) for folder in book.values()]
    words = language_of(name)
    assert words is not None
    words = words.keeping(own_texts("The book", results))
    translated_page(page_of("The book", results), words)
    translated_figure([study_numbers(study) for study in results], words)
    left = [text for text in words.unknown if SENTENCE.search(text) and not MADE.search(text)]
    assert left == []


@pytest.mark.parametrize("n", ["16", "nan"])
@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != ENGLISH])
def test_claims_in_rounds_have_no_english(book: dict[str, Path], name: str, n: str) -> None:
    """The line below each: its p, test, margin and look."""
    results = next(study for at in book.values() if (study := read_results(at)).verdicts)
    for row in results.verdicts:
        row["look"], row["n"] = "3 of 3", n
    page, words = page_of("The book", [results]), language_of(name)
    assert words is not None
    below = re.compile(r'<p class="quiet small">(n = [^<]*)</p>')
    lines = below.findall(page)
    assert len(lines) == len(results.verdicts)
    assert all("ook 3 of 3" in line for line in lines)
    left = re.findall(r"[A-Za-z]{4,}", " ".join(below.findall(translated_page(page, words))))
    assert left == []


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != ENGLISH])
def test_pages_of_tunings_have_no_english(tmp_path: Path, name: str) -> None:
    """Six steps and a search, with their figures: only names of settings and values stay."""
    lab = made_steps.laboratory("boston", tmp_path / "data")
    start = made_steps.plan("boston", {"optimizer.rate": 1e-4})
    found = {
        "six": made_steps.go(lab, start, _loss),
        "search": made_search.go(made_search.plan(SEARCHED), _errors)[0],
    }
    left: set[str] = set()
    for tuning, steps in found.items():
        out = tmp_path / tuning / "report.html"
        write_page(tuning, [found_to_json(one) for one in steps.values()], out, name)
        page = re.sub("<style>.*?</style>", "", out.read_text(), flags=re.S)
        assert page.count("<svg") == len(steps) - (tuning == "search")  # drawing has none
        page = re.sub(r'<(\w+)\b[^>]* translate="no"[^>]*>[^<]*|<code>[^<]*', "", page)
        said = re.findall(r">([^<>]+)<|(?:title|aria-label)=\"([^\"]*)\"", page)
        left |= {word for pair in said for word in re.findall(r"[A-Za-z]{4,}", "".join(pair))}
    assert left - NAMES == set()


SEARCHED = {"optimizer.kind": ["adam", "sgd"], "model.activation": ["relu", "tanh"]}
NAMES = {"search", "params", "yaml", "labbook", "optimizer", "model", "activation", "kind", "rate"}
NAMES |= {"Adam", "adam", "relu", "silu", "tanh", "made"}


def _loss(trial: Trial) -> float | None:
    """The least at 0.01, and no number from 0.1 on."""
    rate = trial.recipe.optimizer.rate
    return None if rate >= 0.1 else 0.01 * 10 ** abs(math.log10(rate / 0.01))


def _errors(trial: Trial) -> dict[str, float]:
    return made_search.errors(abs(math.log10(trial.recipe.optimizer.rate / 0.05)), trial, 0.15)


def test_a_page_in_chinese(book: dict[str, Path], tmp_path: Path) -> None:
    """The same studies, numbers, ids and links; what users wrote stays as it was."""
    folders = list(book.values())
    english, chinese = tmp_path / "en.html", tmp_path / "zh.html"
    write_report("The book", folders, english, tmp_path / "m.json")
    write_report("The book", folders, chinese, tmp_path / "m.json", language="zh")
    ours, other = english.read_text(), chinese.read_text()
    assert '<html lang="zh">' in other
    assert "下一步" in other
    assert "What to try next" not in other
    other = re.sub('<script type="application/json" id="words">.*?</script>', "", other)
    for attribute in ("id", "href", "data-c", "data-value", "data-claim", "class"):
        found = [re.findall(rf' {attribute}="([^"]*)"', text) for text in (ours, other)]
        assert found[0] == found[1]
    results = [read_results(folder) for folder in folders]
    for study in results:
        assert f'data-room="study-{study.name}"' in other
    assert page_of("The book", results, language="zh") == page_of(
        "The book", results, language="zh"
    )
