"""Live figures in a real browser: what is drawn, read out, pointed out and taken along."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

import labbook.report.page
from labbook import wording
from labbook.report.figures.figure import as_data
from tests.report import made_figures

BROWSER = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
]
PAGE = Path(labbook.report.page.__file__).parent
HTML = """<!DOCTYPE html><html lang="en"><title>figures</title><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';
script-src 'unsafe-inline'; img-src data: blob:"><style>%s</style>
<main><article class="study" id="study-made"><table><tr data-c="1"><td>one</td></tr></table>%s</article></main>
<script type="module">%s
enlivenFigures(document.querySelector("article"), {figures: %s});
Object.assign(window, {number, digits, pdfOf});</script>"""
SLOT = '<figure data-figure="%s"><div class="picture"><svg id="old"></svg></div></figure>'


def joined() -> str:
    """The modules of the figures in one script, those that are imported first."""
    done: dict[str, str] = {}

    def add(name: str) -> None:
        if name in done:
            return
        text = (PAGE / "scripts" / name).read_text()
        done[name] = ""
        for other in re.findall(r'^import [^;]*"\./([a-z]+\.js)";', text, re.M):
            add(other)
        del done[name]
        done[name] = re.sub(
            r"^export ", "", re.sub(r"^import [^;]*;", "", text, flags=re.M), flags=re.M
        )

    add("figures.js")
    return "\n".join(done.values())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page with a figure of every kind; a script's error fails the tests."""
    figures = {name: as_data(made()) for name, made in made_figures.EVERY.items()}
    styles = "".join((PAGE / name).read_text() for name in ("style/base.css", "style/figures.css"))
    block = json.dumps(figures).replace("<", "\\u003c")
    file = tmp_path_factory.mktemp("live") / "figures.html"
    file.write_text(HTML % (styles, "".join(SLOT % name for name in figures), joined(), block))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.set_default_timeout(15000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        page.goto(file.as_uri())
        page.wait_for_selector("[data-figure=parallel] .panel")
        yield page
        browser.close()
    assert errors == []


@pytest.fixture
def page(opened: Page) -> Page:
    """The page as it is opened."""
    opened.evaluate("history.replaceState(null, '', location.pathname)")
    opened.reload()
    opened.wait_for_selector("[data-figure=parallel] .panel")
    return opened


def figure(page: Page, name: str) -> Any:
    return page.locator(f"[data-figure={name}]")


def taken(page: Page, name: str, kind: str) -> bytes:
    """The file that a figure's menu gives."""
    figure(page, name).locator("summary", has_text="Export").click()
    with page.expect_download() as waiting:
        figure(page, name).get_by_role("button", name=kind, exact=True).click()
    assert waiting.value.suggested_filename == f"made-{name}.{kind.lower()}"
    return Path(waiting.value.path()).read_bytes()


def test_numbers_are_written_as_python_writes_them(page: Page) -> None:
    values = [0.0, 0.5, 2.5, 0.125, 12.345, -0.98765, 1234.5, 9.9951, 999.6, 1e7, 12345678.0]
    values += [-2.5e-5, 0.00099999, 0.0010004, 65536.0, -12.0, 1e-12, 0.0625, 25.0]
    assert page.evaluate("v => v.map(x => number(x))", values) == [*map(wording.number, values)]
    means = [
        (0.97312, 0.93199, 1.01425),
        (1234.0, 1200.0, 1268.0),
        (2e-5, 1e-5, 3e-5),
        (5.0, 5.0, 5.0),
    ]
    means += [
        (0.0, -0.5, 0.5),
        (-3.25, -40.0, 33.5),
        (1.5e8, 1.4e8, 1.6e8),
        (0.0999, 0.0899, 0.1099),
    ]
    assert page.evaluate("v => v.map(x => digits(x))", means) == [
        [*wording.digits(*m)[:3]] for m in means
    ]


def test_a_pointer_reads_the_nearest_value(page: Page) -> None:
    name = figure(page, "metric").locator("text", has_text="best")
    name.hover()
    assert figure(page, "metric").locator(".readout").is_hidden()
    dots = figure(page, "metric").locator("path.dot[data-c='1']:not(.faint)").last.bounding_box()
    page.mouse.move(dots["x"] + dots["width"] / 2, dots["y"] + dots["height"] / 2)
    said = figure(page, "metric").locator(".readout").inner_text().splitlines()
    assert said == ["mean · hidden = [32, 16, 8] · best", "validation MSE: 0.60 (0.50 to 0.70)"]
    assert page.locator("tr[data-c='1']").get_attribute("class") == "pointed"
    page.mouse.move(5, 5)
    assert page.locator("tr[data-c='1']").get_attribute("class") == ""


def test_keys_go_from_point_to_point_and_line_to_line(page: Page) -> None:
    curves = figure(page, "curves")
    curves.locator(".panel").first.focus()
    page.keyboard.press("Home")
    said = curves.locator("[aria-live]")
    assert said.inner_text() == "training, epoch: 0, loss: 80.8"
    page.keyboard.press("ArrowUp")
    assert said.inner_text() == "validation, epoch: 0, loss: 101 (91 to 111)"
    page.keyboard.press("ArrowRight")
    assert said.inner_text().startswith("validation, epoch: 5, ")
    page.keyboard.press("Enter")
    assert "on=0" in page.url
    assert "on" in curves.locator("text[data-c='0']").first.get_attribute("class")
    assert curves.locator("path.line.on").count() == 2
    page.keyboard.press("Escape")
    assert curves.locator(".readout").is_hidden()
    figure(page, "cells").locator(".panel").first.focus()
    for key, expected in [
        ("ArrowRight", "predicted: 1 · true: 0, 1 of 40"),
        ("ArrowDown", "predicted: 1 · true: 1, 36 of 40"),
    ]:
        page.keyboard.press(key)
        assert figure(page, "cells").locator("[aria-live]").inner_text() == expected


def test_a_name_and_the_address_highlight(page: Page) -> None:
    figure(page, "metric").locator("text", has_text="best").click()
    row = page.locator("tr[data-c='1']")
    assert row.get_attribute("class") == "on"
    assert figure(page, "parallel").locator("path.line.on").count() == 1
    page.reload()
    page.wait_for_selector("[data-figure=parallel] path.line.on")
    assert row.get_attribute("class") == "on"


def test_choices_of_a_figure(page: Page) -> None:
    curves = figure(page, "curves")

    def ticks() -> list[str]:
        return curves.locator(".panel").first.locator("text.end").all_text_contents()

    assert ticks() == ["1", "10", "100"]
    curves.get_by_role("button", name="log y").click()
    assert ticks() == ["0", "50", "100"]
    assert "log.curves=-" in page.url
    lines = curves.locator("path.line").count()
    curves.get_by_role("button", name="single runs").click()
    assert curves.locator("path.line").count() == lines + 12
    curves.get_by_label("Smoothing").select_option("9")
    assert curves.locator("path.raw").count() == 8
    curves.get_by_role("button", name="training").click()
    assert curves.locator("path.raw").count() == 4
    curves.get_by_role("button", name="zoom to the ends").click()
    assert float(ticks()[-1]) <= 10
    page.reload()
    page.wait_for_selector("[data-figure=curves] path.raw")
    assert float(ticks()[-1]) <= 10


def test_ranges_choose_lines(page: Page) -> None:
    parallel = figure(page, "parallel")
    parallel.locator("summary", has_text="ranges").click()
    parallel.get_by_label("validation MSE: at most").fill("20")
    assert parallel.locator("path.line.on").count() == 3
    assert parallel.locator(".passing").inner_text() == "3 of 40 lines pass."


def test_csv_has_the_numbers_of_the_figure(page: Page) -> None:
    rows = list(csv.DictReader(io.StringIO(taken(page, "metric", "CSV").decode())))
    means = [row for row in rows if row["name"] == "mean"]
    assert [(row["y"], row["x"], row["x_low"], row["x_high"]) for row in means] == [
        (made_figures.LABELS[0], "1", "0.8", "1.2"),
        (made_figures.LABELS[1], "0.6", "0.5", "0.7"),
        (made_figures.LABELS[2], "1.6078", "1.4", "1.8"),
    ]
    assert sum(row["mark"] == "Dots" for row in rows) == 12
    rows = list(csv.DictReader(io.StringIO(taken(page, "parallel", "CSV").decode())))
    assert len(rows) == 160
    assert (rows[1]["x"], rows[1]["y"], rows[1]["combination"]) == ("model.hidden", "[8]", "0")


def test_a_pdf_is_whole(page: Page) -> None:
    pdf = taken(page, "curves", "PDF")
    assert pdf.startswith(b"%PDF-1.4")
    table = int(pdf.split(b"startxref\n")[1].split()[0])
    assert pdf[table:].startswith(b"xref\n0 5\n")
    for i, line in enumerate(pdf[table:].splitlines()[3:7], start=1):
        assert pdf[int(line[:10]) :].startswith(b"%d 0 obj" % i)
    stream = re.search(rb"/Length (\d+)>>stream\n(.*)\nendstream", pdf, re.S)
    assert stream
    assert len(stream[2]) == int(stream[1])
    assert b"(validation) Tj" in stream[2]
    assert b"NaN" not in pdf
    figure(page, "curves").locator("text").first.evaluate("text => text.textContent = '10⁻³ 中文'")
    figure(page, "curves").get_by_role("button", name="PDF").click()
    assert "characters 中文:" in figure(page, "curves").get_by_role("status").inner_text()


def test_an_svg_stands_alone(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    svg = taken(page, "metric", "SVG").decode()
    page.emulate_media(color_scheme="light")
    assert "(a &lt;b&gt;long&lt;/b&gt; name" in svg
    assert "var(" not in svg
    assert 'fill="rgb(255, 255, 255)"' in svg
    assert taken(page, "cells", "PNG").startswith(b"\x89PNG")


def test_every_kind_is_drawn_within_the_page(page: Page) -> None:
    for kind, least in {"bar": 7, "cell": 81, "rule": 6, "interval": 6}.items():
        assert page.locator(f".live path.{kind}").count() >= least, kind
    assert "NaN" not in page.locator("article").inner_html()
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    lefts = {
        panel["x"]
        for panel in (
            p.bounding_box()
            for p in figure(page, "curves").locator(".panel > .aid:first-child").all()
        )
    }
    assert len(lefts) == 1
    page.set_viewport_size({"width": 1000, "height": 800})
