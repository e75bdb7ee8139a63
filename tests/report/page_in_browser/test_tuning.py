"""Figures of tunings on narrow screens."""

from pathlib import Path

from playwright.sync_api import Locator

from labbook.report.tuning.page import write_page
from tests.report.page_in_browser.conftest import PageOf

ROW = {"seed": 0, "loss": 1.1, "theory": 1.0, "outputs": 0.1, "target": None}
STEP = {"step": "initial-loss", "said": "", "stopped": "No.", "rows": [ROW], "asked": []}

OPAQUE = 0.4  # share of the paper's strip
CLEAR = "rgba(0, 0, 0, 0)"


def style(of: Locator, name: str) -> str:
    return str(of.evaluate("(one, name) => getComputedStyle(one)[name]", name))


def test_an_edge_beyond_which_a_figure_goes_on_has_a_shadow(
    page_of: PageOf, tmp_path: Path
) -> None:
    write_page("made", [STEP | {"decided": {"low": 0.5, "high": 1.5}}], tmp_path / "report.html")
    page = page_of(tmp_path / "report.html")
    page.set_viewport_size({"width": 390, "height": 800})
    picture = page.locator(".picture")
    assert picture.evaluate("one => one.scrollWidth > one.clientWidth")
    # Shadows stay at the edges, below paper that scrolls along and covers one at the figure's end.
    assert style(picture, "backgroundAttachment") == "local, local, scroll, scroll"
    sizes = style(picture, "backgroundSize").split(", ")
    paper, shadow = (float(one.split("px")[0]) for one in sizes[::2])
    assert paper * OPAQUE > shadow
    # Nothing of the figure's own covers them.
    assert style(picture.locator("svg"), "backgroundColor") == CLEAR
    assert style(picture.locator("svg path").first, "fill") == "none"
    picture.evaluate("one => one.scrollLeft = one.scrollWidth")
    assert picture.evaluate("one => one.scrollLeft + one.clientWidth >= one.scrollWidth - 1")
