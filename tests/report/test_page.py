"""The page: whole, escaped, without requests, byte-equal; and the numbers beside it."""

import html
import html.parser
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.params.load import load_params
from labbook.report.figures.draw import draw_study
from labbook.report.page import page as page_module
from labbook.report.page.page import write_report
from labbook.report.page.study import study_view
from labbook.report.summary import summary_lines
from labbook.report.study_results import read_results
from tests import made_results
from tests.conftest import ROOT, TINY

SCRIPT = Path(page_module.__file__).with_name("page.js")
VOID = {"meta", "br", "link", "img", "hr", "input"}


class Reader(html.parser.HTMLParser):
    """Checks that every element is closed, and collects texts, ids and references."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes) -> None:
        self.note(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes) -> None:
        self.note(tag, attributes)

    def handle_endtag(self, tag) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data) -> None:
        self.words.append(data)

    def note(self, tag, attributes) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attributes)
        self.ids += [value for name, value in attributes if name == "id"]
        names = ("src", "href", "xlink:href", "action", "data", "srcset")
        self.references += [value or "" for name, value in attributes if name in names]


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[Path]:
    made = made_results.everything(tmp_path_factory.mktemp("project") / "results")
    for folder in made:
        draw_study(folder)
    return made


@pytest.fixture(scope="module")
def text(folders) -> str:
    results = folders[0].parent
    write_report(
        "What <b>was</b> claimed", folders, results / "report.html", results / "metrics.json"
    )
    return (results / "report.html").read_text(encoding="utf-8")


def test_well_formed_and_whole(text: str) -> None:
    read = Reader(text)
    assert read.open == []
    assert len(read.ids) == len(set(read.ids)), "ids are unique"
    inside = {one[1:] for one in read.references if one.startswith("#")}
    assert inside <= set(read.ids)
    assert read.tags.count("h1") == 1
    assert '<html lang="en">' in text


def test_no_request_to_anywhere(text: str) -> None:
    read = Reader(text)
    outside = [one for one in read.references if not one.startswith(("#", "data:image/png"))]
    assert outside == []
    assert read.tags.count("script") == 1
    assert re.findall(r"<script[^>]*>", text) == ["<script>"]
    assert not {"link", "iframe", "img", "object", "base"} & set(read.tags)
    assert re.findall(r"url\((?!#)", text) == []
    assert "@import" not in text
    assert "http" not in text


def test_hostile_text_is_only_text(text: str) -> None:
    body, script = text.split("<script>")
    assert script.partition("</script>")[0].strip() == (SCRIPT.read_text(encoding="utf-8").strip())
    assert "<script" not in body + script
    assert "<b>" not in text
    assert "\u202e" not in text
    words = "".join(Reader(text).words)
    assert "<script>alert('x')</script> & \"quotes\" $x^2$ 東京" in words
    assert "<b>nohh</b>" in words


def test_every_figure_is_there_with_its_caption(text: str, folders) -> None:
    read = Reader(text)
    figures = [one for f in folders for one in json.loads((f / "figures/index.json").read_text())]
    assert read.tags.count("figure") == len(figures)
    words = "".join(read.words)
    assert all(one["caption"] in words for one in figures if "<" not in one["caption"])
    assert text.count('role="img"') == len(figures)


def test_verdicts_are_words_and_signs(text: str) -> None:
    for sign, verdict in zip("✓✕?–", made_words(), strict=True):
        assert f'<span aria-hidden="true">{sign}</span> {verdict}</span>' in text
    assert text.count("+0.120") >= 4
    assert "−0.080" in text
    assert "2.308 (private), 2.405 (public)" in text


def made_words() -> list[str]:
    return ["supported", "refuted", "undecided", "not judged"]


def test_what_must_be_said(text: str) -> None:
    words = " ".join("".join(Reader(text).words).split())
    top, rest = words.split("Findings", 1)
    assert "Stand-in data." in top
    assert "a stand-in, not the data that the question is about" in rest
    assert "More epochs: still improving when the budget was used up: hidden 128-64-16 (3" in words
    assert "Diverged runs: rate 0.1 (8 of 8) and rate 0.01 (2 of 8)." in words
    assert "share of Black residents" in words
    assert words.count("share of Black residents") == 2  # of two studies of Boston housing
    assert "One seed only" in words
    assert "results/covid-width/champion/" in words
    assert "Total1,345" in words
    assert "Paired by seed" in words
    assert "real data that come inside an installed package" in words


def test_advice_stands_once_beside_its_combinations(tmp_path: Path) -> None:
    made = made_results.boston(
        importance={"optimizer.rate": (0.7, 0.6, 0.8), "model.hidden": (0.01, 0.0, 0.05),
                    "together": (0.1, 0.0, 0.2), "chance": (0.19, 0.1, 0.3)},
        suggestions=({"reason": "Go on.", "yaml": "studies:\n  a: {seeds: 9}\n"},),
    )  # fmt: skip
    folder = made_results.write(made, tmp_path)
    write_report("x", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    words = " ".join("".join(Reader(page).words).split())
    table = words.split("What the curves say", 1)[1]
    assert table.index("rate 0.01; rate 0.001; rate 0.0001") < table.index("Divergingthe loss")
    assert table.count("Try <i>1</i>.") == 1
    assert (
        "Of the spread in validation MSE, 70 % (60 to 80) is explained by optimizer.rate;" in words
    )
    assert "10 % (0 to 20) by settings acting together, 19 % (10 to 30) is left to chance." in words
    assert "explained by model.hidden" not in words
    assert '<pre class="scroll" tabindex="0"><code>studies:\n  a: {seeds: 9}\n</code>' in page


def test_nothing_clear_is_said_to_be_nothing(tmp_path: Path) -> None:
    made = made_results.covid(importance={"a": (0.02, 0.0, 0.2), "chance": (0.98, 0.8, 1.0)})
    folder = made_results.write(made, tmp_path)
    write_report("x", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    assert "No setting&#39;s share of the spread in validation MSE can be told from" in page


def test_what_is_odd_about_the_data_is_said(tmp_path: Path) -> None:
    made = made_results.covid()
    made.data |= {"remarks": ["1 class with fewer than 3 rows: <b>rare</b>.", "y is 14.62."]}
    view = study_view(read_results(made_results.write(made, tmp_path)), 0)
    assert [words for name, words in view.facts if name == "Remark"] == made.data["remarks"]
    folder = tmp_path / made.name
    write_report("t", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    assert "&lt;b&gt;rare&lt;/b&gt;" in (tmp_path / "report.html").read_text()


def test_single_seed_figures_are_marked(text: str) -> None:
    section = text[text.index('id="study-single-seed"') : text.index('id="study-hostile"')]
    assert section.count("single seed") >= 6


def test_metrics_for_dvc(text: str, folders) -> None:
    metrics = json.loads((folders[0].parent / "metrics.json").read_text())
    names = {folder.name for folder in folders}
    assert set(metrics) == {"all claims", *names}
    for folder in folders:
        found = json.loads((folder / "study.json").read_text())["chosen"]["validation"]
        metric, within = metrics[folder.name]  # two columns of DVC's tables
        assert metric.startswith("valid_")
        assert metrics[folder.name][metric] == float(f"{found['mean']:.4g}")
        assert metrics[folder.name][within].endswith(f"n {found['n']}")
    found = metrics["covid-width"]["within"]
    low, high = (float(part) for part in found.removesuffix(", n 8").split(" to "))
    assert 0.9 < low < metrics["covid-width"]["valid_mse"] < high < 1.1
    assert metrics["single-seed"]["within"] == "n 1"
    tables = [(folder / "verdicts.csv").read_text() for folder in folders]
    counted = {
        verdict: sum(table.count(f",{verdict},") for table in tables) for verdict in made_words()
    }
    assert metrics["all claims"] == ", ".join(f"{n} {verdict}" for verdict, n in counted.items())


def test_summary_fits_the_console(text: str, folders) -> None:
    lines = summary_lines(folders)
    assert all(len(line) <= 100 and line.isprintable() for line in lines)
    assert any("covid-width" in line and "hidden 32-16-8" in line for line in lines)
    assert any(line.startswith("hostile*") for line in lines)
    assert "stand-in" in lines[-1]
    assert "values of errors (MSE) are geometric means over the seeds, others means" in lines
    of_classes = [folder for folder in folders if folder.name.startswith("mnist")]
    assert not any("geometric" in line for line in summary_lines(of_classes))


def test_a_study_where_everything_diverged(tmp_path: Path) -> None:
    means = {"rate 1": None, "rate 2": None}
    made = made_results.boston(means=means, diverged={"rate 1": 8, "rate 2": 8}, verdicts=())
    folder = made_results.write(made, tmp_path)
    draw_study(folder)
    write_report("None", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    assert Reader(page).open == []
    assert "No run came to an end with a number" in page
    assert "every run diverged" in summary_lines([folder])[2]
    assert "boston-rate" not in json.loads((tmp_path / "metrics.json").read_text())


@pytest.mark.parametrize("most", [5_000_000, 500_000, 300_000, 1])
def test_a_page_that_is_too_large_leaves_figures_out_and_says_so(
    folders, tmp_path, monkeypatch, most: int
) -> None:
    write_report("x", folders, tmp_path / "whole.html", tmp_path / "metrics.json")
    whole = (tmp_path / "whole.html").read_text()
    monkeypatch.setattr(page_module, "MOST_BYTES", most)
    for name in ("report.html", "again.html"):
        write_report("x", folders, tmp_path / name, tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    assert page == (tmp_path / "again.html").read_text()
    assert Reader(page).open == []
    named = re.findall(r"the figure is in <code>(results/[^<]*)</code>", page)
    assert all((folders[0].parents[1] / html.unescape(path)).is_file() for path in named)
    drawn = whole.count('<svg role="img"')
    assert page.count('<svg role="img"') == drawn - len(named)
    assert page.count("<figure ") == whole.count("<figure ")  # each keeps its place and caption
    if len(whole.encode()) <= most:
        assert page == whole
        return
    assert f"{len(named)} largest figures are left out" in page
    if most > 1:  # else the page without any is still too large, and is written all the same
        assert len(page.encode()) <= most
        assert "results/hostile/figures/curves.svg" in named
    else:
        assert len(named) == whole.count("<figure ")


def test_one_figure_is_left_out_if_that_is_enough(folders, tmp_path, monkeypatch) -> None:
    write_report("x", folders, tmp_path / "whole.html", tmp_path / "metrics.json")
    size = (tmp_path / "whole.html").stat().st_size
    monkeypatch.setattr(page_module, "MOST_BYTES", size - 1)
    write_report("x", folders, tmp_path / "report.html", tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    assert page.count("the figure is in <code>") == 1
    assert "its largest figure is left out: in its place" in page


CODE = """
import sys
from pathlib import Path
from labbook.report.page.page import write_report
from labbook.report.page.study import study_view
*folders, out, metrics = map(Path, sys.argv[1:])
write_report("What <b>was</b> claimed", folders, out, metrics)
"""


def test_equal_bytes_elsewhere(text: str, folders, tmp_path: Path) -> None:
    settings = {"TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    settings["PYTHONPATH"] = str(ROOT / "src")
    out = tmp_path / "report.html"
    arguments = [*folders, out, tmp_path / "metrics.json"]
    command = [sys.executable, "-c", CODE, *map(str, arguments)]
    subprocess.run(command, env=os.environ | settings, cwd=tmp_path, check=True)
    assert out.read_text(encoding="utf-8") == text
    assert len(text.encode()) < 2_000_000
    assert str(folders[0].parent) not in text


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
    said = capsys.readouterr().out
    assert f"No results yet of {len(names) - 1} studies; see labbook plan." in said
