"""One browser for all tests of the page, and one report of the whole book that they only read."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from labbook.report.page.page import write_report
from tests.conftest import lacks

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
WITHIN_PAGE = ("file:", "data:", "blob:")
PageOf = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if BROWSER is None:
        lacks("no chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def report(book: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of all studies of the book."""
    folder = tmp_path_factory.mktemp("page")
    write_report("The <b>book</b>", list(book.values()), folder / "report.html", folder / "m.json")
    return folder / "report.html"


@pytest.fixture
def page_of(browser: Browser) -> Iterator[PageOf]:
    """Opens a report's file at a place: `page_of(file, "#study-a", color_scheme="dark")`.

    The test fails if the page writes an error or a warning, or asks for anything else than itself.
    """
    contexts, troubles = [], []

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(WITHIN_PAGE):
            troubles.append(request.url)

    def open_page(file: Path, place: str = "", **settings: Any) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, **settings)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", said)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", asked)
        page.goto(file.as_uri() + place)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
