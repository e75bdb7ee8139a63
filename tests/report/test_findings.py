"""The page's first part: every claim once, pictures on common axes, what became of the reports."""

import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from labbook.report.page.claims import claim_views, effect_text
from labbook.report.page.findings import findings
from labbook.report.page.graphic import DOT, EDGE, MIDDLE, WIDTH, effect_graphic
from labbook.report.page.page import page_of
from labbook.report.study_results import StudyResults, read_results
from labbook.report.summary import summary_lines
from tests import made_claims, made_results

NAN = math.nan
NO_BREAK = "\N{NO-BREAK SPACE}"
LENGTH = WIDTH - 2 * EDGE  # of a picture's axis


def study_with(folder: Path, *claims: dict[str, Any]) -> StudyResults:
    made = made_results.boston(verdicts=(), claims=claims)
    return read_results(made_results.write(made, folder))


def found(results: StudyResults) -> dict[str, Any]:
    return findings([results], claim_views(results))


def outcomes(page: str) -> str:
    """The part of the page that says what became of the claims."""
    return page[page.index('<h2 id="right-or-wrong"') : page.index('<h2 id="glance"')]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    return study_with(tmp_path_factory.mktemp("results"), *made_claims.every_form())


@pytest.fixture(scope="module")
def page(results: StudyResults) -> str:
    return page_of("Found", [results])


def place(svg: str, what: str) -> float:
    """The x of the circle, or of a path of this class: its first point, or where it goes to."""
    name, _, end = what.partition(" ")
    path = rf'class="{name}" d="M[\d.]+ \d+H([\d.]+)' if end else rf'class="{name}" d="M([\d.]+) '
    match = re.search(r'<circle class="dot" cx="([\d.]+)"' if what == "dot" else path, svg)
    assert match, f"no {what} in {svg}"
    return float(match[1])


@pytest.mark.parametrize(
    ("scale", "numbers", "margin", "places"),
    [  # by hand: shares of the axis, from 1/10 to 10 for ratios, the middle stretched
        *(("ratio", (effect, effect * 0.95, effect * 1.02), 1.05,
           {"dot": 0.5 + math.asinh(math.log(effect, 1.05)) / 9.09674, "zero": 0.5})
          for effect in (0.15, 0.71, 1.0, 1.01, 9.0)),
        ("ratio", (1.0, 0.9, 1.1), 1.05, {"margin": 0.40311, "margin end": 0.59689}),
        ("difference", (0.1, 0.04, 0.16), 0.005, {"dot": 0.88526, "zero": 0.5, "margin": 0.40794}),
        ("share", (0.875, 0.474, 0.997), 0.2, {"dot": 0.875, "zero": 0.2}),
        ("correlation", (-1.0, NAN, NAN), NAN, {"dot": 0, "margin": None, "bar": None}),
        ("value", (1345, 1345, 1345), 1345, {"dot": 0.5, "zero": 0.5}),  # around what was claimed
        ("value", (2e-4, 1e-4, 3e-4), 4e-4, {"bar": 0.1, "dot": 0.5 - 1 / 3.75, "zero": 0.5}),
    ],
)  # fmt: skip
def test_pictures_of_a_scale_share_their_axis(scale, numbers, margin, places) -> None:
    svg = effect_graphic(scale, *numbers, margin, "supported")
    for what, share in places.items():
        if share is None:
            assert what not in svg
        else:
            assert place(svg, what) == pytest.approx(EDGE + LENGTH * share, abs=0.06)


@pytest.mark.parametrize(
    ("effect", "low", "high", "arrows", "dot"),
    [
        (1.2, 1.1, 1.3, 0, True),
        (31.0, 24.0, 40.0, 2, False),  # of the bar, and of the effect itself
        (1.2, 0.05, 19.0, 2, True),
        (NAN, 3.2, NAN, 1, False),
        (NAN, NAN, 0.5, 1, False),
        (0.0, 0.0, 0.0, 2, False),  # a ratio of nothing lies beyond any axis
    ],
)
def test_what_lies_beyond_the_axis_ends_in_an_arrow(effect, low, high, arrows, dot) -> None:
    svg = effect_graphic("ratio", effect, low, high, 1.05, "supported")
    assert svg.count('class="arrow"') == arrows
    assert ("circle" in svg) == dot
    numbers = [float(n) for n in re.findall(r"[MHL]([-\d.]+)", svg)]
    assert all(0 <= n <= WIDTH for n in numbers)


def test_a_narrow_interval_stands_out_of_its_dot_and_verdicts_differ_in_shape() -> None:
    svgs = {
        verdict: effect_graphic("ratio", 3.0, 2.98, 3.02, 1.05, verdict)
        for verdict in ("supported", "refuted", "undecided")
    }
    caps = re.search(r'class="cap" d="M[\d.]+ ([\d.]+)v([\d.]+)', svgs["supported"])
    assert caps
    assert float(caps[1]) < MIDDLE - DOT
    assert float(caps[1]) + float(caps[2]) > MIDDLE + DOT
    shapes = {re.sub(r"[\d.]+", "", svg.split('class="dot')[1]) for svg in svgs.values()}
    assert len(shapes) == 3
    one_percent = place(effect_graphic("ratio", 1.01, 1.0, 1.02, 1.05, "supported"), "bar end")
    assert one_percent - place(svgs["supported"], "zero") > DOT  # 2 % are more than half a dot


@pytest.mark.parametrize(
    ("scale", "numbers", "text", "interval"),
    [
        ("ratio", (1.31, 1.12, 1.53), "×1.31", "×1.12 to ×1.53"),
        ("ratio", (NAN, 3.2, NAN), "above ×3.20", "–"),
        ("difference", (0.021, 0.009, 0.033), "+0.021", "+0.009 to +0.033"),
        ("share", (0.875, 0.474, 0.997), f"88{NO_BREAK}%", f"47{NO_BREAK}% to 100{NO_BREAK}%"),
        ("value", (1345.0, 1345.0, 1345.0), "1,345", "1,345 to 1,345"),
        ("correlation", (0.94, 0.81, 1.0), "+0.940", "+0.810 to +1.000"),
    ],
)
def test_effects_read_by_their_scale(scale, numbers, text, interval) -> None:
    words = effect_text(scale, *numbers)
    assert (words.mean, words.interval) == (text, interval)
    assert effect_graphic(scale, NAN, NAN, NAN, 1.05, "undecided") == ""  # nothing is known


def test_every_claim_is_there_once_with_reported_and_ours(page: str) -> None:
    table = page[page.index('<table class="claims') : page.index("</table>")]
    rows = re.findall(r'<tr data-group="(\w+)" data-verdict="([\w ]+)" .*?#claim-([\w-]+)"', table)
    claims = made_claims.every_form()
    assert Counter(rows) == Counter((c["group"], c["verdict"], c["id"]) for c in claims)
    for claim in claims:
        assert claim["reported"] in table
        assert claim["ours"] in table
        assert f'id="claim-{claim["id"]}"' in page
    assert table.count("⚠ stand-in") == 1
    assert '<div class="filters" hidden>' in page  # for the script to show


def test_groups_stand_together_and_count_their_ids(results: StudyResults, tmp_path: Path) -> None:
    everything = found(results)
    assert [claim["id"] for claim in everything["claims"]] == [
        "B1-eight", "B1-two", "B2-best", "B2-slow", "B3", "C1-best", "C4", "C8", "C9-order",
        "F1-few", "F3-few", "F3-lost", "F7", "M2-nine", "M3", "M5", "mine",
    ]  # fmt: skip
    groups = [(group["name"], group["number"]) for group in everything["groups"]]
    assert groups == [("B", 5), ("C", 4), ("F", 4), ("M", 3), ("own", 1)]
    ids = ["C10", "C9", "C2-b", "C2"]
    few = study_with(tmp_path, *(made_claims.claim(name, "So.", "supported") for name in ids))
    assert [claim["id"] for claim in found(few)["claims"]] == ["C2", "C2-b", "C9", "C10"]


def test_what_became_of_the_reports_in_words(results: StudyResults, page: str) -> None:
    assert found(results)["sentences"] == [
        "Of 16 claims from reports the runs support 8, refute 4 (3 with the opposite effect and "
        "1 with no difference that matters) and leave 3 undecided; 1 cannot be judged on stand-in data.",
        "The only further claim that no report made is undecided.",
        "Of 4 differences that the runs show, 3 would also be clear on new data from the same "
        "source, where intervals are wider. The other one is clear on splits of these data alone; a "
        "new sample need not show as much.",
    ]  # fmt: skip
    wrong, rest = outcomes(page).split("<h3>Could not know</h3>")
    unknown, right = rest.split("<h3>Right</h3>")
    for claim in made_claims.every_form():
        part = {"refuted": wrong, "undecided": unknown, "supported": right}.get(claim["verdict"])
        for text in (wrong, unknown, right):
            assert (f'"#claim-{claim["id"]}"' in text) == (text is part)
        if claim["verdict"] in ("refuted", "undecided"):
            assert part is not None
            assert claim["why"] in part


def test_what_was_not_tried_as_claimed_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    cases = {
        "A1": ("refuted", "weaker than claimed", "Wrong"),
        "A2": ("undecided", "trend only", "Could not know"),
        "A3": ("supported", "size unclear", "Right"),
        "A4": ("undecided", "same by construction", "Not tried as claimed"),
        "A5": ("refuted", "not the source's conditions", "Not tried as claimed"),
    }
    claims = [
        made_claims.claim(name, f"Sentence {name}.", verdict, kind=kind)
        for name, (verdict, kind, _) in cases.items()
    ]
    part = outcomes(page_of("x", [study_with(tmp_path, *claims)]))
    for name, (_, _, heading) in cases.items():
        before = part[: part.index(f"Sentence {name}.")]
        assert re.findall(r"<h3>([^<]*)</h3>", before)[-1] == heading
    assert (
        "the runs support 1 (1 with an effect of unclear size), refute 2 (1 with less than claimed "
        "and 1 under other conditions than the source’s) and leave 2 undecided (1 with a trend only "
        "and 1 with sides that are the same by construction)."
    ) in part


def test_one_s_own_claims_are_no_reports_and_need_few_axes(tmp_path: Path) -> None:
    own = study_with(tmp_path, made_claims.claim("mine", "So.", "supported"))
    page = page_of("Own", [own])
    assert "What holds, what does not, and what stays open" in page
    assert "the reports were right" not in page
    assert [axis.ticks[0.5] for axis in found(own)["axes"]] == ["×½"]
    assert found(own)["value_words"] == ""


def test_a_report_without_claims_has_no_findings(tmp_path: Path) -> None:
    none = study_with(tmp_path)
    page = page_of("None", [none])
    assert 'id="claims"' not in page
    assert 'href="#claims"' not in page
    assert summary_lines([none.folder])[-2] == "no claims"


def test_all_axes_and_the_console_count_every_form(results: StudyResults) -> None:
    assert len(found(results)["axes"]) == 4
    assert found(results)["value_words"]
    words = "17 claims: 8 supported, 4 refuted, 4 undecided, 1 not judged"
    assert words in summary_lines([results.folder])
    views = {claim["id"]: claim for claim in claim_views(results)}
    assert not views["C8"]["single"]  # a count is no single seed
    assert views["C8"]["metric"] == ""
    assert views["C8"]["margin"] == "claimed 1,345"
    assert views["B2-best"]["margin"] == "margin ×1.05"
    assert views["B1-two"]["kind"] == "no relevant difference"
    assert views["B2-best"]["kind"] == ""
