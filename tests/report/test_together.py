"""What the page says of all claims together: which stand, and what data sets show in common."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from labbook.errors import LabbookError
from labbook.evaluate.all_claims import write_claims
from labbook.evaluate.datasets_table import COLUMNS
from labbook.evaluate.writing import write_table
from labbook.report.dvc_metrics import STAND, all_metrics
from labbook.report.page.page import page_of, write_report
from labbook.report.study_results import read_results
from labbook.report.summary import summary_lines
from labbook.report.together import Together, read_together
from tests import made_claims, made_results
from tests.report.test_page import Reader

HOSTILE = "<script>alert(1)</script>"


def stands(**claims: str) -> Together:
    rows = {name: {"id": name, "stands": one, "q": "0.08"} for name, one in claims.items()}
    return Together(rows, ())


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({}, ""),
        ({"A": "", "B": ""}, ""),
        ({"A": "yes"}, "The only verdict by a test stands at a false discovery rate of 5"),
        ({"A": "yes", "B": "yes", "C": ""}, "All 2 verdicts by a test stand at a false"),
        ({"A": "yes", "B": "no"}, "Of 2 verdicts by a test, 1 stands at a false"),
        ({"A": "no", "B": "no"}, "Of 2 verdicts by a test, none stand at a false"),
    ],
)
def test_what_stands_in_words(claims: dict[str, str], said: str) -> None:
    words = stands(**claims).standing_in_words()
    assert words.replace("\N{NO-BREAK SPACE}", " ").startswith(said) == bool(said or not words)
    named = [name for name, one in claims.items() if one == "no"]
    assert words.endswith(f"not {', '.join(named)}." if named else words)


def row(**columns: Any) -> dict[str, Any]:
    made = {
        "id": "X", "question": "many", "asked": f"Is it so {HOSTILE}?", "sentence": "a beats b.",
        "form": "better", "metric": "valid_mse", "scale": "ratio", "datasets": "u; v; w",
        "left_out": "", "found": "", "supported": 3, "refuted": 0, "undecided": 0,
        "here": "supported", "p_here": 0.01, "effect": 1.4, "low": 1.1, "high": 1.8,
        "further_low": 0.8, "further_high": 2.5, "i2": 0.62, "n": 3, "test": "t", "p": 0.01,
        "p_holm": 0.01, "margin": 1.05, "verdict": "supported", "kind": "", "why": "",
    }  # fmt: skip
    return made | columns


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Three studies of one question with a claim each, and a fourth whose claim does not stand."""
    for name, p in {"many-on-u": 0.001, "many-on-v": 0.002, "many-on-w": 0.001, "one": 0.2}.items():
        id_ = name.replace("many", "X")
        made = made_claims.claim(id_, "So.", "supported", p_holm=p, effect=1.4, low=1.2, high=1.7)
        write = made_results.boston(name=name, verdicts=(), claims=(made,))
        made_results.write(write, tmp_path / "results")
    studies = sorted((tmp_path / "results").iterdir())
    write_claims(studies, tmp_path / "results/claims.csv")
    return tmp_path / "results"


def told(results: Path, *rows: dict[str, Any]) -> tuple[str, Together]:
    write_table(results / "datasets.csv", pd.DataFrame(rows, columns=COLUMNS, dtype=object))
    together = read_together(results / "claims.csv", results / "datasets.csv")
    studies = [read_results(folder) for folder in sorted(results.iterdir()) if folder.is_dir()]
    return page_of("x", studies, together), together


def test_the_page_says_what_data_sets_show_together(results: Path) -> None:
    page, _ = told(results, row())
    read = Reader(page)
    assert {name[1:] for name in read.references if name.startswith("#")} <= set(read.ids)
    for text in (
        "Supported on each of these 3 data sets.",
        "On data sets like these it holds, on average ×1.40 (×1.10 to ×1.80).",
        "Measured on one further data set of this kind, the effect would lie anywhere from ×0.80 to "
        "×2.50 (95 % prediction interval).",
        "Of the spread between these data sets 62",
        "3 data sets are few to say something about others like these.",
        "3 data sets",
    ):
        assert text in read.words, text
    assert HOSTILE not in page


def test_what_cannot_be_said_is_not(results: Path) -> None:
    why = "2 data sets are too few"
    none = {"verdict": "", "test": "none", "p": "", "p_holm": "", "here": "", "why": why}
    words = Reader(told(results, row(datasets="u; v", n=2, **none))[0]).words
    assert "Two data sets say nothing about others." in words
    assert "It says nothing about other data sets: 2 data sets are too few." in words
    assert "Supported on u and v." in words
    assert "like these it" not in words
    open_ = Reader(told(results, row(verdict="undecided", i2=0.0))[0]).words
    assert "On data sets like these it stays open" in open_
    assert "no sign that the effect differs between these data sets" in open_
    small = row(effect=1.08, low=1.01, high=1.15, kind="size unclear")
    assert (
        "On data sets like these it holds, on average ×1.080 (×1.010 to ×1.150), which may be too "
        "small to matter." in Reader(told(results, small)[0]).words
    )
    assert "too small to matter." not in Reader(told(results, row(kind="as claimed"))[0]).words
    wide = Reader(told(results, row(low=0.0013, high=41965.0, further_low=2e-7))[0]).words
    assert "on average ×1.4 (×0.0013 to ×42,000)." in wide
    assert "anywhere from ×2.0×10⁻⁷ to ×2.5 (95 % prediction interval)." in wide
    refuted = row(verdict="refuted", kind="no relevant difference", why="w left out")
    assert "does not hold: no relevant difference, on" in Reader(told(results, refuted)[0]).words


def test_what_does_not_stand_is_marked(results: Path) -> None:
    page, together = told(results)
    assert together.standing == (["X-on-u", "X-on-v", "X-on-w"], ["one"])
    assert page.count("may be chance: q = 0.20 over the page") >= 1
    words = Reader(page).words
    assert "3 stand at a false discovery rate of 5 % over the whole page; not one." in words
    assert "several data sets" not in page
    studies = sorted(folder for folder in results.iterdir() if folder.is_dir())
    lines = summary_lines(studies, together)
    assert any("not one." in line for line in lines)
    assert max(map(len, lines)) <= 100
    read = {folder.name: read_results(folder) for folder in studies}
    assert all_metrics(read, together)[STAND] == "3 of 4"


def test_the_report_reads_what_lies_beside_it(results: Path) -> None:
    told(results, row())
    studies = sorted(folder for folder in results.iterdir() if folder.is_dir())
    write_report("x", studies, results / "report.html", results / "metrics.json")
    first = (results / "report.html").read_bytes()
    assert b"One question, several data sets" in first
    tables = (results / "claims.csv", results / "datasets.csv")
    write_report("x", studies, results / "report.html", results / "metrics.json", *tables)
    assert (results / "report.html").read_bytes() == first


def test_a_table_of_before_says_nothing_of_what_stands(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("id,verdict\nA,supported\n")
    together = read_together(tmp_path / "claims.csv", tmp_path / "datasets.csv")
    assert together.standing_in_words() == ""


def test_an_unfit_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("verdict\nsupported\n")
    with pytest.raises(LabbookError, match=r"claims\.csv: no column id"):
        read_together(tmp_path / "claims.csv", tmp_path / "datasets.csv")
    (tmp_path / "claims.csv").write_bytes(b"id\n\xff\n")
    with pytest.raises(LabbookError, match=r"claims\.csv: cannot be read"):
        read_together(tmp_path / "claims.csv", tmp_path / "datasets.csv")
