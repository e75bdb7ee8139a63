"""The page: whole, escaped, without requests, byte-equal, fit for a phone; the numbers beside it."""

import csv
import html.parser
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.params.load import load_params
from labbook.report.dvc_metrics import plot_table
from labbook.report.page.inline_figures import BY_SCRIPTS
from labbook.report.page.page import page_of, write_report
from labbook.report.page.script import page_script
from labbook.report.study_results import read_results
from labbook.report.summary import summary_lines
from labbook.verdicts import VERDICTS
from tests import made_results
from tests.conftest import ROOT, TINY

TITLE = "What <b>was</b> claimed"
NUMBERS = '<script type="application/octet-stream" id="numbers">'
VOID = {"meta", "br", "link", "img", "hr", "input"}
MAY_STAY_OPEN = {"td", "th", "tr"}  # where the page is lighter


class Reader(html.parser.HTMLParser):
    """Checks that every element is closed, and collects texts, ids and references."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []
        self.words = " ".join("".join(self.texts).split())

    def handle_starttag(self, tag, attributes) -> None:
        self.handle_startendtag(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attributes)
        self.ids += [value for name, value in attributes if name == "id"]
        names = ("src", "href", "xlink:href", "action", "data", "srcset")
        self.references += [value or "" for name, value in attributes if name in names]

    def handle_endtag(self, tag) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in MAY_STAY_OPEN:
            self.open.pop()
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def written(book, tmp_path_factory) -> Path:
    """A folder with report.html, metrics.json and plots.csv of the whole book."""
    folder = tmp_path_factory.mktemp("written")
    write_report(TITLE, list(book.values()), folder / "report.html", folder / "metrics.json")
    return folder


@pytest.fixture(scope="module")
def text(book: dict[str, Path]) -> str:
    """The page, before it is made lighter."""
    return page_of(TITLE, [read_results(folder) for folder in book.values()])


def page_with(made: made_results.Made, folder: Path) -> str:
    return page_of("x", [read_results(made_results.write(made, folder))])


def test_well_formed_and_whole(text: str, book) -> None:
    read = Reader(text)
    assert len(read.ids) == len(set(read.ids)), "ids are unique"
    assert {name[1:] for name in read.references if name.startswith("#")} <= set(read.ids)
    assert read.tags.count("h1") == 1
    assert '<html lang="en">' in text
    entries = [
        entry
        for folder in book.values()
        for entry in json.loads((folder / "figures/index.json").read_text())
    ]
    assert read.tags.count("figure") == len(entries)
    static = [entry for entry in entries if entry["name"] not in BY_SCRIPTS]
    assert text.count('<svg role="img"') == len(static) < len(entries)
    captions = [" ".join(entry["caption"].split()) for entry in entries]
    assert all(caption in read.words for caption in captions if "<" not in caption)


def test_no_request_to_anywhere(text: str) -> None:
    read = Reader(text)
    outside = [name for name in read.references if not name.startswith(("#", "data:image/png"))]
    assert outside == []
    assert re.findall(r"<script[^>]*>", text) == [NUMBERS, '<script type="module">']
    assert not {"link", "iframe", "img", "object", "base"} & set(read.tags)
    assert re.findall(r"url\((?!#)", text) == []
    assert "@import" not in text
    assert set(re.findall(r"https?:[^\s\"'`]*", text)) == {"http://www.w3.org/2000/svg"}


def test_hostile_text_is_only_text(text: str) -> None:
    body, rest = text.split(NUMBERS)
    script = rest.partition('<script type="module">')[2].partition("</script>")[0]
    assert script == page_script()
    assert "<script" not in body
    assert "<b>" not in text
    assert "\u202e" not in text
    words = Reader(text).words
    assert "<script>alert('x')</script> & \"quotes\" $x^2$ 東京" in words
    assert "<b>nohh</b>" in words


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ("Stand-in data.", 2),  # on top and in its study
        ("a stand-in, not the data that the question is about", 2),
        ("More epochs: still improving when the budget was used up: hidden 128-64-16 (3", 1),
        ("Diverged runs: rate 0.1 (8 of 8) and rate 0.01 (2 of 8).", 2),
        ("share of Black residents", 2),  # of two studies of Boston housing
        ("One seed only", 1),
        ("results/covid-width/champion/", 1),
        ("Total1,345", 7),
        ("2.308 (private), 2.405 (public)", None),
        ("Paired by seed", None),
        ("real data that come inside an installed package", None),
        *((f"{sign} {verdict}", None) for sign, verdict in zip("✓✕?–", VERDICTS, strict=True)),
        ("−0.080", None),
        ("+0.120", None),
    ],
)
def test_what_must_be_said(text: str, words: str, times: int | None) -> None:
    said = Reader(text).words
    assert words in said
    assert times is None or said.count(words) == times


def test_single_seed_figures_are_marked(text: str) -> None:
    section = text[text.index('id="study-single-seed"') : text.index('id="study-hostile"')]
    assert section.count("single seed") >= 6


def test_advice_stands_once_beside_its_combinations(tmp_path: Path) -> None:
    made = made_results.boston(
        importance={"optimizer.rate": (0.7, 0.6, 0.8), "model.hidden": (0.01, 0.0, 0.05),
                    "together": (0.1, 0.0, 0.2), "chance": (0.19, 0.1, 0.3)},
        suggestions=({"reason": "Go on.", "yaml": "studies:\n  a: {seeds: 9}\n"},),
    )  # fmt: skip
    page = page_with(made, tmp_path)
    words = Reader(page).words
    table = words.split("What the curves say", 1)[1]
    assert table.index("rate 0.01; rate 0.001; rate 0.0001") < table.index("Diverging the loss")
    assert table.count("Try <i>1</i>.") == 1
    assert (
        "Of the spread in validation MSE, 70 % (60 to 80) is explained by optimizer.rate; 10 % (0 "
        "to 20) by settings acting together, 19 % (10 to 30) is left to chance." in words
    )
    assert "explained by model.hidden" not in words
    assert '<pre class="scroll" tabindex="0"><code>studies:\n  a: {seeds: 9}\n</code>' in page


def test_what_is_not_clear_or_odd_is_said(tmp_path: Path) -> None:
    made = made_results.covid(importance={"a": (0.02, 0.0, 0.2), "chance": (0.98, 0.8, 1.0)})
    made.data |= {"remarks": ["1 class with fewer than 3 rows: <b>rare</b>.", "y is 14.62."]}
    words = Reader(page_with(made, tmp_path)).words
    assert "No setting's share of the spread in validation MSE can be told from" in words
    assert "Remark1 class with fewer than 3 rows: <b>rare</b>. Remarky is 14.62." in words


def test_a_study_where_everything_diverged(tmp_path: Path) -> None:
    means = {"rate 1": None, "rate 2": None}
    made = made_results.boston(means=means, diverged={"rate 1": 8, "rate 2": 8}, verdicts=())
    folder = made_results.write(made, tmp_path)
    write_report("None", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    page = Reader(page_of("None", [read_results(folder)]))
    assert "No run came to an end with a number" in page.words
    assert "every run diverged" in summary_lines([folder])[2]
    assert "boston-rate" not in json.loads((tmp_path / "metrics.json").read_text())


def test_metrics_for_dvc(written: Path, book) -> None:
    metrics = json.loads((written / "metrics.json").read_text())
    assert set(metrics) == {"all claims", *book}
    for name, folder in book.items():
        mean = json.loads((folder / "study.json").read_text())["chosen"]["validation"]
        metric, within = metrics[name]  # two columns of DVC's tables
        assert metric.startswith("valid_")
        assert metrics[name][metric] == float(f"{mean['mean']:.4g}")
        assert metrics[name][within].endswith(f"n {mean['n']}")
    width = metrics["covid-width"]
    low, high = (float(end) for end in width["within"].removesuffix(", n 8").split(" to "))
    assert 0.9 < low < width["valid_mse"] < high < 1.1
    assert metrics["single-seed"]["within"] == "n 1"
    tables = "".join((folder / "verdicts.csv").read_text() for folder in book.values())
    counts = (f"{tables.count(f',{verdict},')} {verdict}" for verdict in VERDICTS)
    assert metrics["all claims"] == ", ".join(counts)


def test_every_run_that_ended_has_a_row_in_plots(written: Path, book) -> None:
    rows = list(csv.DictReader(io.StringIO((written / "plots.csv").read_text())))
    for results in map(read_results, book.values()):
        seeds = [run["seed"] for run in results.runs if run["ended"] != "diverged"]
        of_study = [row for row in rows if row["study"] == results.name]
        assert [row["seed"] for row in of_study] == seeds
        assert all(row["value"] for row in of_study)
        assert {row["metric"] for row in of_study} == {results.metric}


@pytest.mark.parametrize("metric", ["best_epoch", "epochs"])
def test_epochs_of_a_run_that_diverged_are_not_plotted(tmp_path: Path, metric: str) -> None:
    results = read_results(made_results.write(made_results.boston(metric=metric), tmp_path))
    for run in results.runs:
        run[metric] = "2" if run["ended"] == "diverged" else "7"
    rows = csv.DictReader(io.StringIO(plot_table([results])))
    assert {row["value"] for row in rows} == {"7"}


def test_summary_fits_the_console(book) -> None:
    lines = summary_lines(list(book.values()))
    assert all(len(line) <= 100 and line.isprintable() for line in lines)
    assert any("covid-width" in line and "hidden 32-16-8" in line for line in lines)
    assert any(line.startswith("hostile*") for line in lines)
    assert "stand-in" in lines[-1]
    assert "values of errors (MSE) are geometric means over the seeds, others means" in lines
    assert not any("geometric" in line for line in summary_lines([book["mnist-kernel"]]))


def test_summary_of_a_book_that_is_made_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After quick.yaml one of the default's studies is there, by its name."""
    names = load_params(TINY).studies
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABBOOK_PARAMS", str(TINY))
    assert main(["summary"]) == 1
    assert "No results yet: run make report" in capsys.readouterr().err
    made_results.write(made_results.boston(), tmp_path / "results")
    assert "boston-rate" in names
    assert main(["summary"]) == 0
    assert f"No results yet of {len(names) - 1} studies" in capsys.readouterr().out


CODE = """
import sys
from pathlib import Path
from labbook.report.page.page import write_report
title, *folders, out, metrics = sys.argv[1:]
write_report(title, list(map(Path, folders)), Path(out), Path(metrics))
"""


def test_equal_bytes_elsewhere(written: Path, book, tmp_path: Path) -> None:
    settings = {"TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    settings["PYTHONPATH"] = str(ROOT / "src")
    out = tmp_path / "report.html"
    arguments = map(str, [TITLE, *book.values(), out, tmp_path / "metrics.json"])
    command = [sys.executable, "-c", CODE, *arguments]
    subprocess.run(command, env=os.environ | settings, cwd=tmp_path, check=True)
    assert out.read_bytes() == (written / "report.html").read_bytes()
    assert out.stat().st_size < 2_000_000
    assert str(book["hostile"].parents[1]) not in out.read_text(encoding="utf-8")
