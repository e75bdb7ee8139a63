"""The page that is written is lighter than the one that was rendered, and the same to a reader."""

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect

from labbook.report.figures.draw import draw_study
from labbook.report.page.page import page_of as rendered
from labbook.report.page.weight import lighter
from labbook.report.study_results import read_results
from tests import made_results
from tests.report.page_in_browser.conftest import PageOf

# All elements with their attributes, of which a look may be a class or its parts.
ELEMENTS = """() => [...document.body.querySelectorAll("*")].filter(one => !one.closest("script"))
  .map(one => one.tagName + [...one.attributes].map(({name, value}) => name + value)
    .filter(() => !one.closest(".picture")).join())"""
LOOKS = """() => [...document.querySelectorAll(".picture path, .picture g")].map(one => {
  const {fill, stroke, strokeWidth, strokeDasharray, fillOpacity, textAnchor, fontSize} = getComputedStyle(one);
  return [fill, stroke, strokeWidth, strokeDasharray, fillOpacity, textAnchor, fontSize].join(); })"""


def test_elements_texts_and_looks_are_the_same(
    book: dict[str, Path], report: Path, page_of: PageOf, tmp_path: Path
) -> None:
    heavy = tmp_path / "report.html"
    page = rendered("The <b>book</b>", [read_results(folder) for folder in book.values()])
    # What the lighter page leaves out: each picture's background, which the page has, too.
    heavy.write_text(page.replace('<path fill="var(--paper)" d="M0 ', '<path class="out" d="M0 '))
    assert report.stat().st_size < 0.95 * heavy.stat().st_size
    pages = [page_of(file, java_script_enabled=False) for file in (heavy, report)]
    pages[0].evaluate("() => document.querySelectorAll('path.out').forEach(one => one.remove())")
    for told in (ELEMENTS, LOOKS, "() => document.body.innerText"):
        first, second = (one.evaluate(told) for one in pages)
        assert first == second
        assert len(first) > 100


def test_forty_studies_of_a_hundred_combinations(page_of: PageOf, tmp_path: Path) -> None:
    """At most 8 MB, in a few MB of memory, and a room of it opens with its figures alive."""
    means = {f"rate {place}": 12 + place / 10 for place in range(100)}
    folder = made_results.write(made_results.boston(means=means, verdicts=()), tmp_path)
    draw_study(folder)
    one = read_results(folder)
    studies = [replace(one, about={**one.about, "name": f"study-{n:02}"}) for n in range(40)]
    file = tmp_path / "report.html"
    file.write_text(lighter(rendered("Forty", studies)))
    assert file.stat().st_size < 8_000_000
    page = page_of(file)
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    assert page.evaluate("performance.memory.usedJSHeapSize") < 40e6
    page.goto(f"{file.as_uri()}#study-study-39&part=combinations")
    expect(page.locator("table[data-table=combinations] tbody tr")).to_have_count(100)
    expect(page.locator(".figure.metric .live > svg")).to_be_visible()
