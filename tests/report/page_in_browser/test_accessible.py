"""axe-core finds nothing, in light and dark, at the front, in chapters and in every part of a study."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.report.page_in_browser.conftest import PageOf

AXE = ROOT / "tests/page/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core complains of: a rule, and the first element that breaks it."""
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS
    )
    return [(one["id"], one["nodes"][0]["html"][:300]) for one in found["violations"]]


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core: make lint installs it, where npm is")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(report: Path, page_of: PageOf, scheme: str) -> None:
    page = page_of(report, color_scheme=scheme, bypass_csp=True)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert violations(page) == []
    for name in ("claims", "glance", "reading"):
        page.evaluate(f"location.hash = '{name}'")
        expect(page.locator(f"#{name}")).to_be_visible()
        assert violations(page) == [], name
    for name in ("every-form", "mnist-kernel", "hostile"):
        page.evaluate(f"location.hash = 'study-{name}'")
        expect(page.locator(f"#study-{name}")).to_be_visible()
        for tab in page.get_by_role("tab").all():
            tab.click()
            assert violations(page) == [], (name, tab.text_content())
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_visible()
    assert violations(page) == []
