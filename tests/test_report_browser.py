"""The page in a real browser: no sideways scrolling on a phone, nothing asked of the network."""

import shutil
import subprocess
from pathlib import Path

import pytest

from labbook.figures.study import draw_study
from labbook.report.page import write_report
from tests import made_results

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
WIDTHS = (360, 390, 768, 1280)

# The outer page loads the report in frames of these widths and writes down how wide each became.
OUTER = """<!DOCTYPE html><html><head><title>waiting</title></head><body>%s<script>
addEventListener("load", () => {
  const frames = [...document.querySelectorAll("iframe")];
  document.title = "widths " + frames.map(f => {
    const page = f.contentDocument.documentElement;
    return page.clientWidth + ":" + Math.max(page.scrollWidth, f.contentDocument.body.scrollWidth);
  }).join(" ");
});
</script></body></html>"""


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_no_sideways_scrolling(tmp_path: Path) -> None:
    folders = made_results.everything(tmp_path / "results")
    for folder in folders:
        draw_study(folder)
    write_report("Wide?", folders, tmp_path / "report.html", tmp_path / "metrics.json")
    frames = "".join(
        f'<iframe src="report.html" style="border:0;width:{width}px;height:800px"></iframe>'
        for width in WIDTHS
    )
    (tmp_path / "outer.html").write_text(OUTER % frames)
    command = [
        str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu",
        "--disable-background-networking", "--allow-file-access-from-files",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{tmp_path}/outer.html",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    title = done.stdout.partition("<title>")[2].partition("</title>")[0]
    assert title.startswith("widths "), done.stderr
    for text, width in zip(title.split()[1:], WIDTHS, strict=True):
        room, needed = map(int, text.split(":"))
        assert width - 20 <= room <= width  # less the scroll bar
        assert needed == room
