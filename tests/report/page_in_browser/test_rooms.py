"""Studies are rooms: one at a time, by contents, address and keys; all for print and no scripts."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from labbook.history.page import with_history
from tests.made_results import HOSTILE
from tests.report.page_in_browser.conftest import PageOf

NAMES = [
    "covid-width", "function-depth", "boston-rate", "mnist-kernel", "single-seed", "hostile",
    "every-form",
]  # fmt: skip


CHAPTERS = ["claims", "glance", "reading"]


def rooms(page: Page) -> list[str | None]:
    """The studies that are in the page as elements."""
    return [one.get_attribute("id") for one in page.locator("article.study").all()]


def address(page: Page) -> str:
    return page.evaluate("location.hash")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_one_room_at_a_time_and_back(report: Path, page_of: PageOf) -> None:
    page = page_of(report)
    front, heading = page.locator("#front"), page.locator("article.study h2")
    expect(front).to_be_visible()
    assert rooms(page) == []
    page.locator("#contents").get_by_text("boston-rate").click()
    expect(heading).to_be_focused()
    expect(front).to_be_hidden()
    assert rooms(page) == ["study-boston-rate"]
    assert page.title().startswith("Which learning rate suits Boston housing?")
    page.get_by_role("link", name="Next study").click()
    expect(page.locator("#study-mnist-kernel")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("#study-single-seed")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator("#study-mnist-kernel")).to_be_visible()
    for _ in range(4):
        page.go_back()
    expect(front).to_be_visible()
    assert rooms(page) == []


def test_an_address_opens_what_it_names(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#claim-B2-best")
    expect(page.locator("#claim-B2-best")).to_be_in_viewport()
    assert rooms(page) == ["study-every-form"]
    page.goto(report.as_uri() + "#study-covid-width&part=champion")
    expect(page.get_by_role("tab", name="Champion")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-part=champion]")).to_be_visible()
    expect(page.locator("#panel-claims")).to_have_attribute("hidden", "until-found")
    page.goto(report.as_uri() + "#study-unknown")
    expect(page.locator("#front")).to_be_visible()


def test_tabs_by_keys_and_in_the_address(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#study-covid-width")
    page.get_by_role("tab", selected=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Combinations")).to_be_focused()
    assert address(page) == "#study-covid-width&part=combinations"
    page.reload()
    expect(page.locator("[data-table=combinations]")).to_be_visible()
    page.keyboard.press("n")
    assert address(page) == "#study-function-depth"


def test_back_comes_to_where_the_reader_was(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#claims")
    link = page.locator(".claims a[href='#claim-M5']")
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 0
    link.click()
    expect(page.locator("#claim-M5")).to_be_focused()
    page.go_back()
    expect(link).to_be_in_viewport()
    assert page.evaluate("scrollY") == before


def test_search_finds_studies_claims_settings_and_combinations(
    report: Path, page_of: PageOf
) -> None:
    page = page_of(report)
    found = page.locator("#found li")
    page.keyboard.press("/")
    expect(found).to_have_count(len(NAMES))  # before a word all studies
    page.keyboard.type("digits")
    expect(page.locator("#search [role=status]")).to_have_text("Nothing found for “digits”.")
    for words, place in {
        "suit mnist": "#study-mnist-kernel",
        "B2-slow": "#claim-B2-slow",
        "model.kernel": "#study-mnist-kernel&part=combinations",
        "kernel 7": "#study-mnist-kernel&part=combinations&on=2",
    }.items():
        page.locator("#search input").fill(words)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator("#search")).to_be_hidden()
        assert address(page) == place
        page.keyboard.press("/")
        expect(page.locator("#search input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_hidden()


def test_letters_can_be_switched_off(report: Path, page_of: PageOf) -> None:
    page = page_of(report)
    page.keyboard.press("?")
    page.get_by_label("Letters are keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_hidden()
    assert rooms(page) == []


def test_filters_show_what_is_asked_for(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#claims")
    rows = page.locator(".findings tbody tr")
    every = rows.count()
    status = page.locator(".filters [role=status]")
    expect(status).to_have_text(f"{every} of {every} claims shown.")
    page.get_by_role("radio", name=re.compile("refuted")).check(force=True)
    page.get_by_role("radio", name=re.compile(r"^B ")).check(force=True)
    shown = [row.get_attribute("data-claim") for row in rows.all() if row.is_visible()]
    assert shown == ["B1-eight", "B1-two"]
    expect(status).to_have_text(f"2 of {every} claims shown.")
    assert address(page) == "#claims&verdict=refuted&group=B"
    page.reload()
    expect(status).to_have_text(f"2 of {every} claims shown.")
    page.locator("a[href='#right-or-wrong']").first.click()
    expect(page.locator("#right-or-wrong")).to_be_focused()
    assert address(page) == "#right-or-wrong&verdict=refuted&group=B"
    expect(status).to_have_text(f"2 of {every} claims shown.")


def test_claims_are_chosen_by_words_and_verdict_at_once(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#claims&verdict=refuted")
    rows = page.locator(".findings tbody tr:visible")
    refuted = rows.count()
    typed = page.locator(".findings input[type=search]")
    typed.fill("B1-two")
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("radio", name=re.compile("supported")).check(force=True)
    expect(rows).to_have_count(0)
    page.get_by_role("radio", name=re.compile("refuted")).check(force=True)
    expect(rows).to_have_count(1)
    typed.fill("")
    expect(rows).to_have_count(refuted)


def test_chapters_are_rooms(report: Path, page_of: PageOf) -> None:
    page = page_of(report)
    expect(page.locator("main table")).to_have_count(0)
    for name in CHAPTERS:
        page.locator(f".chapters a[href='#{name}']").click()
        expect(page.locator(f"#stage #{name}")).to_be_focused()
        expect(page.locator("#front")).to_be_hidden()
        expect(page.locator("#contents [aria-current]")).to_have_attribute("href", f"#{name}")
        expect(page.locator(".pager, [role=tablist]")).to_have_count(0)
        page.go_back()
        expect(page.locator("#front")).to_be_visible()
    page.goto(report.as_uri() + "#glance")
    page.get_by_role("button", name="Study").click()
    assert address(page) == "#glance&sort.studies=0:up"
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#glance")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(f"#study-{NAMES[0]}")).to_be_visible()


def test_a_history_is_a_chapter(report: Path, page_of: PageOf, tmp_path: Path) -> None:
    copy = tmp_path / "log.html"
    copy.write_text(with_history(report, []), encoding="utf-8")
    page = page_of(copy)
    page.locator("#contents a[href='#history']").click()
    expect(page.locator("#stage #history")).to_be_focused()
    expect(page.locator("#front")).to_be_hidden()


def test_an_address_within_the_open_room_is_followed(report: Path, page_of: PageOf) -> None:
    study = "#study-covid-width"
    page = page_of(report, f"{study}&part=combinations&on=1&sort.combinations=1:up")
    on = page.locator("table[data-table=combinations] tr.on")
    head = page.locator("table[data-table=combinations] th[aria-sort]")
    expect(on).to_have_attribute("data-c", "1")
    expect(head).to_have_attribute("aria-sort", "ascending")
    asked = f"{study}&part=combinations&on=5&sort.combinations=1:down&filter.combinations=64"
    page.evaluate("asked => { location.hash = asked }", asked)
    expect(on).to_have_attribute("data-c", "5")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator("[data-part=combinations] input[type=search]").first).to_have_value("64")
    page.go_back()
    expect(on).to_have_attribute("data-c", "1")
    expect(head).to_have_attribute("aria-sort", "ascending")


def test_search_finds_a_combination_of_the_open_room(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#study-mnist-kernel&part=combinations&on=1")
    page.keyboard.press("/")
    page.locator("#search input").fill("kernel 7")
    page.keyboard.press("Enter")
    expect(page.locator("table[data-table=combinations] tr.on")).to_have_attribute("data-c", "2")


def test_a_claim_of_the_open_room_leaves_all_else(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#study-covid-width&part=combinations&on=1&sort.combinations=1:up")
    on = page.locator("table[data-table=combinations] tr.on")
    expect(on).to_have_attribute("data-c", "1")
    page.evaluate("location.hash = 'claim-C3'")
    expect(page.locator("#claim-C3")).to_be_focused()
    assert address(page) == "#claim-C3&on=1&sort.combinations=1:up"
    expect(on).to_have_attribute("data-c", "1")


def test_light_and_dark_by_a_switch(report: Path, page_of: PageOf) -> None:
    page = page_of(report, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(paper) == "rgb(255, 255, 255)" != dark
    page.reload()
    assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_by_keyboard_alone(report: Path, page_of: PageOf) -> None:
    page = page_of(report)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    stops = []
    for _ in range(20):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.className"))
        if stops[-1].startswith("claim"):
            break
    said = page.locator(".strip-said")
    first = said.text_content()
    page.keyboard.press("ArrowRight")
    second = said.text_content()
    assert first != second
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.className").startswith("claim")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("article.study li:focus")).to_be_visible()
    assert address(page).removeprefix("#claim-") in str(second)


def test_no_sideways_scrolling(report: Path, page_of: PageOf) -> None:
    page = page_of(report)
    for width in (1280, 768, 390, 360):
        page.set_viewport_size({"width": width, "height": 844})
        assert overflow(page) <= 0
    for name in CHAPTERS:
        page.evaluate(f"location.hash = '{name}'")
        expect(page.locator(f"#{name}")).to_be_visible()
        assert overflow(page) <= 0, name
    for name in NAMES:
        page.evaluate(f"location.hash = 'study-{name}'")
        expect(page.locator(f"#study-{name}")).to_be_visible()
        for part in page.locator(".part").all():
            page.evaluate(
                "part => document.getElementById(part).click()",
                f"tab-{part.get_attribute('data-part')}",
            )
            assert overflow(page) <= 0, (name, part.get_attribute("data-part"))


def test_contents_are_a_drawer_on_a_phone(report: Path, page_of: PageOf) -> None:
    page = page_of(report)
    page.set_viewport_size({"width": 390, "height": 844})
    contents, button = page.locator("#contents"), page.locator("#open-contents")
    expect(contents).to_be_hidden()
    button.click()
    contents.get_by_text("every-form").click()
    expect(page.locator("#study-every-form")).to_be_visible()
    expect(contents).to_be_hidden()
    button.click()
    page.keyboard.press("Escape")
    expect(contents).to_be_hidden()
    expect(button).to_be_focused()


def test_without_scripts_all_is_there(report: Path, page_of: PageOf) -> None:
    page = page_of(report, java_script_enabled=False)
    for name in [*CHAPTERS, *(f"study-{name}" for name in NAMES)]:
        expect(page.locator(f"#{name}")).to_be_visible()
    expect(page.locator("#open-search")).to_be_hidden()
    assert all(picture.is_visible() for picture in page.locator(".picture svg").all())
    assert all(part.is_visible() for part in page.locator(".part").all())


def test_print_has_all_studies(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#study-boston-rate&part=champion")
    expect(page.locator("[data-part=champion]")).to_be_visible()
    page.evaluate(
        "addEventListener('beforeprint', () => { window.printed = ["
        "...document.querySelectorAll('article.study, .chapter')].map(one => one.id);"
        "window.undrawn = [...document.querySelectorAll('.study .picture')]"
        ".filter(one => !one.querySelector('svg path')).length; })"
    )
    pdf = page.pdf()
    expected = [f"chapter-{name}" for name in CHAPTERS] + [f"study-{name}" for name in NAMES]
    assert page.evaluate("window.printed") == expected
    assert page.evaluate("window.undrawn") == 0
    assert pdf.count(b"/Type /Page\n") > len(NAMES)
    assert rooms(page) == ["study-boston-rate"]  # as it was before
    expect(page.locator("[data-part=champion]")).to_be_visible()


def test_hostile_text_is_text(report: Path, page_of: PageOf) -> None:
    page = page_of(report, "#study-hostile")
    said = page.locator("article.study h2").text_content()
    assert said is not None
    assert said.startswith(HOSTILE[:40])
    assert page.locator("script").count() == 2  # the numbers and ours
    assert page.locator("h1 b, #stage b").count() == 0
    assert page.locator("h1").text_content() == "The <b>book</b>"
