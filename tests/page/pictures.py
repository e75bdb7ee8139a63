"""`make pictures`: the README's pictures, taken of a report in a browser."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import ROOT

SIZE = {"width": 1280, "height": 860}
PICTURES = {"report.png": "", "study.png": "#study-covid-width&part=curves&on=1,8"}
SECONDS_TO_DRAW = 2


def main(report: Path) -> None:
    """Write docs/report.png, its first screen, and docs/study.png, a study of it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, place in PICTURES.items():
            page = browser.new_page(viewport=SIZE)
            page.goto(f"{report.resolve().as_uri()}{place}")
            page.wait_for_timeout(1000 * SECONDS_TO_DRAW)
            page.screenshot(path=ROOT / "docs" / name)
        browser.close()


if __name__ == "__main__":
    main(Path(*sys.argv[1:]) if sys.argv[1:] else Path("results/report.html"))
