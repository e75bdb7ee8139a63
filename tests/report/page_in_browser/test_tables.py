"""Tables that are worked with: sort, filter, hide, point out, compare, take along."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from labbook.report.page.page import write_report
from labbook.report.study_results import read_results
from labbook.report.tables import FORMATS, as_csv, tables_of
from tests.report.page_in_browser.conftest import PageOf
from tests.report.test_provenance import IMAGES, TABLE

STUDY = "covid-width"  # six combinations of one setting
LARGE = "hostile"  # twelve
ROOM = f"#study-{STUDY}&part=combinations"
ENDINGS = {"CSV": "csv", "LaTeX": "latex", "Markdown": "md"}


@pytest.fixture
def page(report: Path, page_of: PageOf) -> Page:
    page = page_of(report, ROOM)
    page.locator("table[data-table=combinations] thead button").first.wait_for()
    return page


def table_of(page: Page) -> Locator:
    return page.locator("table[data-table=combinations]")


def means(page: Page) -> list[float]:
    cells = table_of(page).locator("tbody tr:visible td:nth-child(2)")
    return [float(text) for text in cells.all_inner_texts()]


def test_rows_are_sorted_by_a_column_and_come_back(page: Page) -> None:
    before = means(page)
    button = table_of(page).get_by_role("button", name="Geometric mean")
    button.click()
    assert means(page) == sorted(before)
    assert "sort.combinations=1:up" in page.url
    button.click()
    assert means(page) == sorted(before, reverse=True)
    page.reload()
    assert means(page) == sorted(before, reverse=True)
    table_of(page).get_by_role("button", name="Geometric mean").click()
    assert means(page) == before


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("64-32", lambda mean, name: "64-32" in name),
        ("mean<1", lambda mean, name: mean < 1),
        ("geometric mean < 1", lambda mean, name: mean < 1),
        ("n > 1 mean >= 1", lambda mean, name: mean >= 1),
        ("64-32 n > 1", lambda mean, name: "64-32" in name),
        ("64-32 n >", lambda mean, name: "64-32" in name),
    ],
)
def test_rows_are_chosen_by_words_and_conditions(page: Page, typed: str, passes) -> None:  # type: ignore[no-untyped-def]
    names = table_of(page).locator("tbody th").all_inner_texts()
    expected = [mean for mean, name in zip(means(page), names, strict=True) if passes(mean, name)]
    page.locator("section[data-part=combinations] input[type=search]").first.fill(typed)
    assert means(page) == expected
    assert 0 < len(expected) < len(names)


def test_a_row_stands_out_and_is_compared(page: Page) -> None:
    rows = table_of(page).locator("tbody tr")
    rows.nth(1).click()
    rows.nth(1).press("ArrowDown")
    page.keyboard.press("Enter")
    assert "on=1,2" in page.url
    assert table_of(page).locator("tr.on").count() == 2
    page.locator(".compare summary").click()
    heads = page.locator(".compare tr").first.locator("th").all_inner_texts()
    assert heads[1:] == [rows.nth(place).locator("th").inner_text() for place in (1, 2)]
    assert page.locator(".compare tr.differs").count() > 1
    page.locator(".compare button").click()
    assert table_of(page).locator("tr.on").count() == 0
    assert table_of(page).locator("tr[aria-selected=true]").count() == 0


def test_a_comparison_says_what_it_leaves_out(report: Path, page_of: PageOf) -> None:
    page = page_of(report, f"#study-{LARGE}&on=0,1,2,3,4,5,6")
    bar = page.locator(".compare summary")
    expect(bar).to_have_text("Compare the first 6 of 7 combinations that stand out")
    bar.click()
    assert page.locator(".compare tr").first.locator("th").count() == 7
    assert page.locator("table[data-table=combinations] tr[aria-selected=true]").count() == 7


def test_every_table_of_a_room_can_be_taken_along(report: Path, page_of: PageOf) -> None:
    page = page_of(report, ROOM)
    page.locator(".tools").first.wait_for()
    unnamed = page.locator("#stage table:not([data-table]):not(.compare table)")
    assert unnamed.count() == 0
    assert page.locator("#stage .tools .take").count() == page.locator("[data-table]").count()


def test_hidden_columns_stay_behind(page: Page) -> None:
    page.locator("section[data-part=combinations] .menu summary", has_text="Columns").first.click()
    page.get_by_label("n", exact=True).first.uncheck()
    heads = table_of(page).locator("thead th:visible").all_inner_texts()
    assert "n" not in heads
    assert "hide.combinations=3" in page.url


def test_tables_of_the_data_can_be_taken_along(
    page_of: PageOf, book: dict[str, Path], tmp_path: Path
) -> None:
    write_report(
        "t", [book[STUDY]], tmp_path / "r.html", tmp_path / "m.json",
        provenance={"datasets": [TABLE, IMAGES]},
    )  # fmt: skip
    page = page_of(tmp_path / "r.html", "#data")
    page.locator(".tools").first.wait_for()
    names = ("columns-made", "files-made", "classes-shapes", "files-shapes")
    assert page.locator("#stage .tools .take").count() == len(names)
    named = page.locator("#stage table[data-table]")
    assert [one.get_attribute("data-table") for one in named.all()] == list(names)
    assert page.locator("#stage .scroll table").count() == len(names)
    page.locator(".take summary").first.click()
    with page.expect_download() as download:
        page.locator(".take button", has_text="CSV").first.click()
    assert download.value.suggested_filename == "report-columns-made.csv"
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert {len(row) for row in rows} == {11}  # all but the histogram
    assert "Histogram" not in rows[0]


def test_all_tables_in_another_language_as_the_command_writes_them(
    page_of: PageOf, book: dict[str, Path], tmp_path: Path
) -> None:
    write_report("t", [book[STUDY]], tmp_path / "r.html", tmp_path / "m.json", language="zh")
    page = page_of(tmp_path / "r.html", ROOM)
    page.locator(".tools").first.wait_for()
    tables = tables_of(read_results(book[STUDY]), "zh")
    names = page.locator("#stage table[data-table]").evaluate_all(
        "all => all.map(one => one.dataset.table)"
    )
    assert names == list(tables)
    for tools in page.locator(".tools .take").all():
        tools.evaluate("menu => menu.open = true")
    buttons = page.locator(".tools .take button", has_text="CSV")
    for place, name in enumerate(names):
        with page.expect_download() as download:
            buttons.nth(place).evaluate("button => button.click()")
        written = Path(download.value.path()).read_text(encoding="utf-8")
        assert written == as_csv(tables[name])


@pytest.mark.parametrize("name", ENDINGS)
def test_what_is_taken_along_is_what_the_command_writes(
    page: Page, book: dict[str, Path], name: str
) -> None:
    tools = page.locator("section[data-part=combinations] .tools").first
    tools.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        tools.get_by_role("button", name=name).click()
    written = FORMATS[ENDINGS[name]](tables_of(read_results(book[STUDY]))["combinations"])
    assert Path(download.value.path()).read_text(encoding="utf-8") == written
