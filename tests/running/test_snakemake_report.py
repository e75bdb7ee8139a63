"""What Snakemake's own report shows: what there is, each with its caption, whatever that says."""

from pathlib import Path

import pytest
from docutils.core import publish_parts
from jinja2 import Environment

from labbook.files import write_json, write_text
from labbook.running.snakemake_report import shown

WORDS = "95 % of *runs*, |x|_ `y`: {{ 7 * 7 }} {% raw %} <b>a_b_</b> \\ http://x.org"


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One study with a figure, and an index that lists another, which is not there."""
    monkeypatch.chdir(tmp_path)
    entry = {"name": "metric", "title": "MSE", "caption": WORDS, "svg": "metric.svg"}
    write_json(Path("results/rate/figures/index.json"), [entry, {**entry, "svg": "gone.svg"}])
    for name in ("figures/metric.svg", "combinations.csv", "runs.csv"):
        write_text(Path("results/rate", name), "x")
    return tmp_path


def test_only_a_report_is_shown_anything(results: Path) -> None:
    assert list(shown(["--cores", "2", "results/report.html"], ["rate"])) == []
    assert not Path(".labbook").exists()


def test_figures_and_tables_that_are_there_by_study(results: Path) -> None:
    found = list(shown(["--report", "r.zip"], ["rate", "not-made"]))
    assert [(one.path, one.category, one.subcategory, one.title) for one in found] == [
        ("results/rate/figures/metric.svg", "rate", "Figures", "MSE"),
        ("results/rate/combinations.csv", "rate", "Tables", "combinations"),
        ("results/rate/runs.csv", "rate", "Tables", "runs"),
    ]


def test_a_caption_says_what_it_says(results: Path) -> None:
    figure, *_ = shown(["--report=r.html"], ["rate"])
    text = Environment().from_string(Path(figure.caption).read_text()).render()
    body = publish_parts(text, writer="html")["body"]
    assert "{{ 7 * 7 }} {% raw %} &lt;b&gt;a_b_&lt;/b&gt; \\ http" in body.replace("<p>", "")
    assert "95 % of *runs*, |x|_ `y`" in body
