"""Live figures in the page: what is drawn, read out, pointed out and taken along."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from labbook.report.figures.figure import as_data
from labbook.report.page.page import write_report
from tests import made_results
from tests.report import made_figures
from tests.report.page_in_browser.conftest import PageOf

PLACE = "#study-boston-rate&part=matters"
EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 4"></svg>'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a study whose figures have marks of every kind."""
    folder = tmp_path_factory.mktemp("live")
    study = made_results.write(made_results.boston(), folder)
    (study / "figures").mkdir()
    index = []
    for name, make in made_figures.EVERY.items():
        drawn = make()
        (study / f"figures/{name}.json").write_text(json.dumps(as_data(drawn)))
        (study / f"figures/{name}.svg").write_text(EMPTY)
        said = {"title": drawn.title, "caption": drawn.caption, "alt": drawn.alt}
        index.append({"name": name, **said, "svg": f"{name}.svg", "json": f"{name}.json"})
    (study / "figures/index.json").write_text(json.dumps(index))
    write_report("Live", [study], folder / "report.html", folder / "metrics.json")
    return folder / "report.html"


@pytest.fixture
def page(made: Path, page_of: PageOf) -> Page:
    opened = page_of(made, PLACE)
    opened.set_default_timeout(20_000)
    expect(figure(opened, "coordinates").locator(".panel")).to_be_visible()
    return opened


def figure(page: Page, name: str) -> Locator:
    return page.locator(f"[data-figure={name}]")


def taken(page: Page, name: str, kind: str) -> bytes:
    """The file that a figure's menu gives."""
    figure(page, name).locator("summary", has_text="Export").click()
    with page.expect_download() as waiting:
        figure(page, name).get_by_role("button", name=kind, exact=True).click()
    assert waiting.value.suggested_filename == f"boston-rate-{name}.{kind.lower()}"
    return Path(waiting.value.path()).read_bytes()


def test_small_images_are_as_high_as_their_rows(page: Page) -> None:
    drawing = figure(page, "pictures").locator("svg:has(> g.panel)").bounding_box()
    lowest = figure(page, "pictures").locator("svg text.little").last.bounding_box()
    assert drawing
    assert lowest
    assert drawing["y"] + drawing["height"] - lowest["y"] - lowest["height"] < 60


def test_a_pointer_reads_the_nearest_value(page: Page) -> None:
    name = figure(page, "rows").locator("text", has_text="best")
    name.hover()
    assert figure(page, "rows").locator(".readout").is_hidden()
    dot = figure(page, "rows").locator("path.dot[data-c='1']:not(.faint)").last.bounding_box()
    assert dot
    page.mouse.move(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    said = figure(page, "rows").locator(".readout").inner_text().splitlines()
    assert said == ["mean · hidden = [32, 16, 8] · best", "validation MSE: 0.60 (0.50 to 0.70)"]
    assert page.locator("tr.pointed").get_attribute("data-c") == "1"
    page.mouse.move(5, 5)
    assert page.locator("tr.pointed").count() == 0


def test_keys_go_from_point_to_point_and_line_to_line(page: Page) -> None:
    curves = figure(page, "losses")
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
    said = figure(page, "cells").locator("[aria-live]")
    page.keyboard.press("ArrowRight")
    assert said.inner_text() == "predicted: 1 · true: 0, 1 of 40"
    page.keyboard.press("ArrowDown")
    assert said.inner_text() == "predicted: 1 · true: 1, 36 of 40"


def test_a_name_and_the_address_highlight(page: Page) -> None:
    figure(page, "rows").locator("text", has_text="best").click()
    row = page.locator("tr.on")
    assert row.get_attribute("data-c") == "1"
    assert figure(page, "coordinates").locator("path.line.on").count() == 1
    page.reload()
    page.wait_for_selector("[data-figure=coordinates] path.line.on")
    assert row.get_attribute("data-c") == "1"


def test_choices_of_a_figure(page: Page) -> None:
    curves = figure(page, "losses")

    def ticks() -> list[str]:
        return curves.locator(".panel").first.locator("text.end").all_text_contents()

    assert ticks() == ["1", "10", "100"]
    curves.get_by_role("button", name="log y").click()
    assert ticks() == ["0", "50", "100"]
    assert "log.losses=-" in page.url
    lines = curves.locator("path.line").count()
    curves.get_by_role("button", name="single runs").click()
    assert curves.locator("path.line").count() == lines + 12
    curves.get_by_label("Smoothing").select_option("9")
    assert curves.locator("path.raw").count() == 8
    curves.get_by_role("button", name="training").click()
    assert curves.locator("path.raw").count() == 4
    curves.get_by_role("button", name="training").press("Space")
    assert curves.locator("path.raw").count() == 8
    curves.get_by_role("button", name="training").press("Enter")
    curves.get_by_role("button", name="zoom to the ends").click()
    assert float(ticks()[-1]) <= 10
    page.reload()
    page.wait_for_selector("[data-figure=losses] path.raw")
    assert float(ticks()[-1]) <= 10


def test_ranges_choose_lines(page: Page) -> None:
    parallel = figure(page, "coordinates")
    parallel.locator("summary", has_text="ranges").click()
    parallel.get_by_label("validation MSE: at most").fill("20")
    assert parallel.locator("path.line.on").count() == 3
    assert parallel.locator(".passing").inner_text() == "3 of 40 lines pass."


def test_csv_has_the_numbers_of_the_figure(page: Page) -> None:
    rows = list(csv.DictReader(io.StringIO(taken(page, "rows", "CSV").decode())))
    means = [row for row in rows if row["name"] == "mean"]
    assert [(row["y"], row["x"], row["x_low"], row["x_high"]) for row in means] == [
        (made_figures.LABELS[0], "1", "0.8", "1.2"),
        (made_figures.LABELS[1], "0.6", "0.5", "0.7"),
        (made_figures.LABELS[2], "1.6078", "1.4", "1.8"),
    ]
    assert sum(row["mark"] == "Dots" for row in rows) == 12
    rows = list(csv.DictReader(io.StringIO(taken(page, "coordinates", "CSV").decode())))
    assert len(rows) == 160
    assert (rows[1]["x"], rows[1]["y"], rows[1]["combination"]) == ("model.hidden", "[8]", "0")


def test_a_pdf_is_whole(page: Page) -> None:
    pdf = taken(page, "losses", "PDF")
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
    figure(page, "losses").locator("text").first.evaluate(
        "text => text.textContent = '10⁻³ 中文中文 一二三四五六七八九十'"
    )
    figure(page, "losses").get_by_role("button", name="PDF").click()
    assert (
        "characters 中文一二三四五六七八:"
        in figure(page, "losses").get_by_role("status").inner_text()
    )


def test_an_svg_stands_alone(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    svg = taken(page, "rows", "SVG").decode()
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
    panels = figure(page, "losses").locator(".panel > .aid:first-child")
    lefts = panels.evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert len(lefts) == 4
    assert len(set(lefts)) == 1
