"""A claim is moved in a browser by keys alone, and one key brings the page's numbers back."""

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.report.test_rules import SCRIPTS, TWO_SIDES, _errors, _make, _numbers

MODULES = (
    "words", "state", "wording", "drawing", "chances", "tests_of_seeds", "rules", "explore_words",
    "explore_picture", "explore",
)  # fmt: skip
START = 'enlivenClaims(document.body, JSON.parse(document.getElementById("study").textContent));'


def _page(folder: Path) -> Path:
    numbers = _numbers(_make(_errors()[0], [TWO_SIDES[0][0]]), folder)
    texts = [(SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in MODULES]
    script = re.sub(
        r'^import\b[^;]*?";\n|^export (?=function|const)', "", "\n".join(texts), flags=re.M
    )
    study = json.dumps({"claims": numbers | {"other": {"id": "other", "whyNot": "<b>No</b>"}}})
    items = "".join(
        f'<div data-claim="{k}"><div class="explore"></div></div>' for k in ("better", "other")
    )
    page = folder / "page.html"
    page.write_text(
        f'<!doctype html><html lang="en"><title>t</title>{items}'
        f'<script type="application/json" id="study">{study.replace("<", chr(92) + "u003c")}</script>'
        f'<script type="module">{script}\n{START}</script></html>',
        encoding="utf-8",
    )
    return page


def test_a_claim_is_moved_by_keys_and_comes_back_by_one(browser: Browser, tmp_path: Path) -> None:
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    address = _page(tmp_path).as_uri()
    page.goto(address)
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    verdict, outputs = page.locator(".would"), page.locator("output")
    expect(verdict).to_have_text("✓ supported, as in the report")
    expect(outputs).to_have_text(["×1.2", "12"])
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    expect(verdict).to_have_text("✕ refuted; in the report: ✓ supported")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    expect(verdict).to_have_text("? undecided; in the report: ✓ supported")
    expect(outputs.nth(1)).to_have_text("1")
    assert "seeds.better=1" in page.url
    moved = page.url
    page.keyboard.press("Escape")
    expect(verdict).to_have_text("✓ supported, as in the report")
    expect(outputs).to_have_text(["×1.2", "12"])
    assert "better" not in page.url
    page.goto("about:blank")
    page.goto(moved.replace("seeds.better=1", "seeds.better=1e9"))  # whoever wrote this
    expect(outputs.nth(1)).to_have_text("36")
    for asked, shown in {"0.2": "×1.00", "1e400": "×1.2", "1e9": "×9.18", "-1": "×1.00"}.items():
        page.goto("about:blank")
        page.goto(f"{address}#&margin.better={asked}&seeds.better=11")
        expect(outputs.first).to_have_text(re.compile(f"^{re.escape(shown)}"))
    assert page.locator(".explore").last.inner_text() == "<b>No</b>"
    assert errors == []
    page.close()
