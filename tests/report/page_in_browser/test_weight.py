"""The page that is written is lighter than the one that was rendered, and the same to a reader."""

from pathlib import Path

from labbook.report.page.page import page_of as rendered
from labbook.report.study_results import read_results
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
