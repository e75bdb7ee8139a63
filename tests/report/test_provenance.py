"""The page's part on data and on what all was made from: pictures, names, bytes."""

import base64
import io
import re
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labbook.data.summaries import summary_of_levels, summary_of_numbers
from labbook.data.thumbnails import thumbnails
from labbook.report.grey_png import compressed, grey_png
from labbook.report.page.histogram import HEIGHT, WIDTH, histogram_graphic
from labbook.report.page.page import page_of
from labbook.report.page.provenance import MAKES, MOST_COLUMNS
from labbook.report.page.rule_graph import rule_graph
from labbook.report.page.strip import strip_graphic
from labbook.report.study_results import StudyResults, read_results
from labbook.running.jobs import JOBS
from tests import made_results
from tests.made_results import HOSTILE
from tests.report.test_page import Reader

DRAW = np.random.default_rng(4)


def made(**more: Any) -> dict[str, Any]:
    """What description.json might say of a data set."""
    target = {"name": HOSTILE, **summary_of_numbers(DRAW.normal(size=50))}
    return {
        "name": "made", "kind": "table", "task": "regression", "edition": "stand-in",
        "note": HOSTILE, "files": [{"name": "a.csv", "bytes": 1234, "sha256": "ab" * 32}],
        "rows": 80, "row_shape": [1], "unlabelled": 3, "left_out": [HOSTILE], "seed": 7,
        "split": {"how": ["By chance."], "seeds": [7, 11],
                  "parts": {"train": 50, "valid": 20, "test": 10}},
        "remarks": [HOSTILE], "target": target, "classes": [], "columns": [], "images": None,
    } | more  # fmt: skip


TABLE = made(
    columns=[
        {"name": HOSTILE, "kind": "number", **summary_of_numbers(np.array([1.0, np.nan, 3.0]))},
        {"name": "empty", "kind": "number", **summary_of_numbers(np.full(3, np.nan))},
        {"name": "town", "kind": "category",
         **summary_of_levels([f"{HOSTILE} {n}" for n in range(12)], np.arange(12), 2, ordered=False)},
    ]
)  # fmt: skip
LABELS = np.arange(60) % 3
IMAGES = made(
    name="shapes", kind="images", row_shape=[1, 9, 8], target={"name": "label"},
    classes=[["a", 20], [HOSTILE, 20], ["none of it", 0]],
    images=thumbnails(DRAW.integers(0, 256, (60, 9, 8)).astype(np.uint8), LABELS, ["a", HOSTILE]),
)  # fmt: skip
WIDE = made(
    name="wide",
    columns=[
        {"name": f"a column with a long name {n}", "kind": "number",
         **summary_of_numbers(DRAW.normal(size=400))}
        for n in range(MOST_COLUMNS + 9)
    ],
)  # fmt: skip
JOBS_TOLD = [
    {"kind": "download", "engine": None, "count": 2, "from": [], "code": "", "libraries": {}},
    {"kind": "prepare", "engine": None, "count": 2, "from": ["download"], "code": "data 2",
     "libraries": {"numpy": "2.0.0"}},
    {"kind": "train", "engine": "compiled", "count": 8, "from": ["prepare"], "code": "data 2",
     "libraries": {}},
    {"kind": "describe", "engine": None, "count": 2, "from": ["prepare"], "code": "0a" * 8,
     "libraries": {}},
    {"kind": "report", "engine": None, "count": 1, "from": ["train", "describe", "prepare"],
     "code": "0b" * 8, "libraries": {}},
]  # fmt: skip
PROVENANCE = {
    "labbook": "9.9", "jobs": JOBS_TOLD, "datasets": [TABLE, IMAGES, WIDE],
    "keys": {"report": "c" * 16, "prepare/made": "d" * 16},
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[StudyResults]:
    """A study."""
    return [
        read_results(made_results.write(made_results.boston(), tmp_path_factory.mktemp("study")))
    ]


@pytest.fixture(scope="module")
def pages(results: list[StudyResults]) -> tuple[str, str]:
    """A page without and one with its provenance."""
    return page_of("x", results), page_of("x", results, provenance=PROVENANCE)


def test_all_of_it_is_there_as_text(pages: tuple[str, str], results: list[StudyResults]) -> None:
    without, text = pages
    read = Reader(text)
    assert len(read.ids) == len(set(read.ids))
    assert {"data", "data-made", "data-shapes", "made-from"} <= set(read.ids)
    outside = [name for name in read.references if not name.startswith(("#", "data:image/png"))]
    assert outside == []
    assert text.count("<script>") == without.count("<script>")
    words = read.words
    for said in (
        "50 training · 20 validation · 10 test rows. By chance.", "2 splits: 7 and 11",
        "80 rows; 3 columns used, which become 1 number", "1,234", "ab" * 32, "d" * 16, "c" * 16,
        "numpy 2.0.0", "8 runs", "train (compiled)", "And 9 more columns", "others 6",
        "<script>alert('x')</script> & \"quotes\" $x^2$ 東京",
    ):  # fmt: skip
        assert said in words, said
    assert "\u202e" not in text
    assert page_of("x", results, provenance=PROVENANCE) == text
    assert "What this was made from" not in without


def test_a_data_set_has_few_bytes(pages: tuple[str, str]) -> None:
    sections = re.findall(r'<article class="dataset".*?</article>', pages[1], flags=re.DOTALL)
    assert len(sections) == 3
    assert max(len(section.encode()) for section in sections) < 60_000


def test_a_picture_of_a_class_has_its_pixels_in_sixteen_shades() -> None:
    for rows, columns in ((28, 28), (9, 7), (1, 1)):
        pixels = DRAW.integers(0, 256, (3, rows, columns)).astype(np.uint8)
        pixels[0] = 0
        texts = [base64.b64encode(one.tobytes()).decode() for one in pixels]
        svg = str(strip_graphic(texts, rows, columns, HOSTILE))
        assert "<script" not in svg
        png = re.search(r"base64,([^\"]*)", svg)
        assert png is not None
        seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(png[1]))).convert("L"))
        assert np.array_equal(seen // 17, np.concatenate(list(pixels // 16), axis=1))
    noise = DRAW.integers(0, 256, (28, 280)).astype(np.uint8)
    assert 10 * len(base64.b64encode(grey_png(noise))) < 60_000  # whatever the images are
    assert strip_graphic([], 28, 28, "") == ""


@given(st.binary(max_size=60) | st.lists(st.sampled_from([0, 0, 0, 200]), max_size=90).map(bytes))
def test_what_is_compressed_comes_back(data: bytes) -> None:
    assert zlib.decompress(compressed(data)) == data


def test_bars_are_as_high_as_counts_and_lie_where_values_do() -> None:
    bins = str(histogram_graphic({"low": 0.0, "high": 3.0, "counts": [4, 0, 1]}))
    assert f'd="M0 {HEIGHT}v-{HEIGHT}h32v{HEIGHT}h32v-{HEIGHT // 4}h32V{HEIGHT}z"' in bins
    single = str(histogram_graphic({"values": [0.0, 1.0, 4.0], "counts": [1, 2, 1000]}))
    places = [int(x) for x in re.findall(r"M(\d+) ", single)]
    assert places == [0, round((WIDTH - 11) / 4), WIDTH - 11]
    assert re.findall(r"v-(\d+)", single) == ["1", "1", str(HEIGHT)]  # few are seen, too
    assert histogram_graphic(None) == ""
    assert f"M{round((WIDTH - 11) / 2)} " in histogram_graphic({"values": [5.0], "counts": [3]})


def test_rules_stand_right_of_what_they_are_made_from() -> None:
    above = {job["kind"]: job["from"] for job in JOBS_TOLD}
    svg = str(rule_graph(above, dict.fromkeys(above, "<b>")))
    at = {name: int(x) for x, name in re.findall(r'<text x="(\d+)" y="\d+">(\w+)<', svg)}
    assert list(at) == list(above)
    assert all(at[name] < at[rule] for rule in above for name in above[rule])
    lines = 1 + 1 + 1 + 2  # prepare is in the report by way of the others
    assert svg.count("<path") == lines
    assert "<b>" not in svg


def test_each_kind_of_job_is_said_in_words() -> None:
    assert set(MAKES) == set(JOBS)
