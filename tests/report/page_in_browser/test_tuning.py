"""Figures of tunings on narrow screens."""

from pathlib import Path

from labbook.report.tuning.page import write_page
from tests.report.page_in_browser.conftest import PageOf

ROW = {"seed": 0, "loss": 1.1, "theory": 1.0, "outputs": 0.1, "target": None}
STEP = {"step": "initial-loss", "said": "", "stopped": "No.", "rows": [ROW], "asked": []}


def test_an_edge_beyond_which_a_figure_goes_on_has_a_shadow(
    page_of: PageOf, tmp_path: Path
) -> None:
    write_page("made", [STEP | {"decided": {"low": 0.5, "high": 1.5}}], tmp_path / "report.html")
    page = page_of(tmp_path / "report.html")
    page.set_viewport_size({"width": 390, "height": 800})
    picture = page.locator(".picture")
    box = picture.bounding_box()
    assert box is not None
    assert picture.evaluate("one => one.scrollWidth > one.clientWidth")

    def edges() -> list[bytes]:
        """What is to be seen beside the legend: at the left edge, within, at the right edge."""
        ends = (box["x"], box["x"] + box["width"] / 2, box["x"] + box["width"] - 4)
        clips = ({"x": x, "y": box["y"] + 2, "width": 4, "height": 4} for x in ends)
        return [page.screenshot(clip=clip) for clip in clips]

    left, within, right = edges()
    assert left == within != right
    picture.evaluate("one => one.scrollLeft = one.scrollWidth")
    left, within, right = edges()
    assert left != within == right
