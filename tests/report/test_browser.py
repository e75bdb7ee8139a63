"""The page in a real browser: no sideways scrolling on a phone; the filters of the findings."""

import shutil
import subprocess
from pathlib import Path

import pytest

from labbook.report.figures.study import draw_study
from labbook.report.page.page import write_report
from tests import made_claims, made_results

pytestmark = pytest.mark.thorough

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


# Chooses verdicts and groups as a reader does, and writes down which claims are then in sight.
FILTERED = """<!DOCTYPE html><html><head><title>waiting</title></head><body>
<iframe src="report.html" style="width:1200px;height:800px"></iframe><script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument;
  const rows = [...page.querySelectorAll(".findings tbody tr")];
  const pick = (name, value) =>
    page.querySelector(`.filters input[name=${name}][value="${value}"]`).click();
  const said = [];
  const note = () => said.push(
    rows.filter(row => row.offsetHeight).map(row => row.querySelector("a").textContent).join(",")
    + ":" + page.querySelector("[role=status]").textContent);
  note(); pick("verdict", "refuted"); note(); pick("group", "B"); note();
  pick("verdict", "not judged"); note(); pick("verdict", ""); pick("group", ""); note();
  document.title = "seen " + said.join("|");
});
</script></body></html>"""


def title_of(page: Path, folder: Path) -> str:
    """The title that the scripts of a page give it."""
    command = [
        str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu",
        "--disable-background-networking", "--allow-file-access-from-files",
        f"--user-data-dir={folder / 'profile'}", "--dump-dom", f"file://{page}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    title = done.stdout.partition("<title>")[2].partition("</title>")[0]
    assert title != "waiting", done.stderr
    return title


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
    title = title_of(tmp_path / "outer.html", tmp_path)
    for text, width in zip(title.split()[1:], WIDTHS, strict=True):
        room, needed = map(int, text.split(":"))
        assert width - 20 <= room <= width  # less the scroll bar
        assert needed == room


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_filters_show_what_is_asked_for(tmp_path: Path) -> None:
    made = made_results.boston(verdicts=(), claims=tuple(made_claims.every_form()))
    folder = made_results.write(made, tmp_path / "results")
    write_report("Filters", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    (tmp_path / "outer.html").write_text(FILTERED)
    said = title_of(tmp_path / "outer.html", tmp_path).removeprefix("seen ").split("|")
    seen = [set(one.partition(":")[0].split(",")) for one in said]
    claims = made_claims.every_form()
    refuted = {one["id"] for one in claims if one["verdict"] == "refuted"}
    everything = {one["id"] for one in claims}
    assert seen == [everything, refuted, {"B1-two", "B1-eight"}, {""}, everything]
    n = len(claims)
    counts = [n, len(refuted), 2, 0, n]
    assert [one.partition(":")[2] for one in said] == [f"{k} of {n} claims shown." for k in counts]
