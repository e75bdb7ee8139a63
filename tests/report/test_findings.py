"""The page's first part: every claim once, pictures on common axes, what became of the reports."""

import math
import re
from collections import Counter
from pathlib import Path

import pytest

from labbook.report.page.claims import ClaimView, claim_views, effect_text
from labbook.report.page.findings import Findings, findings
from labbook.report.page.graphic import EDGE, WIDTH, effect_graphic
from labbook.report.page.page import write_report
from labbook.report.summary import summary_lines
from labbook.report.study_results import read_results
from tests import made_claims, made_results

NAN = math.nan
NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = made_results.boston(verdicts=(), claims=tuple(made_claims.every_form()))
    return made_results.write(made, tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def views(folder: Path) -> dict[str, ClaimView]:
    return {one.id: one for one in claim_views(read_results(folder))}


@pytest.fixture(scope="module")
def found(folder: Path, views: dict[str, ClaimView]) -> Findings:
    return findings([read_results(folder)], list(views.values()))


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    write_report("Found", [folder], folder / "report.html", folder / "metrics.json")
    return (folder / "report.html").read_text(encoding="utf-8")


def place(svg: str, what: str) -> float:
    """The x of the circle, or of the first point of a path of this class."""
    pattern = r'<circle cx="([\d.]+)"' if what == "dot" else rf'class="{what}" d="M([\d.]+) '
    match = re.search(pattern, svg)
    assert match, f"no {what} in {svg}"
    return float(match[1])


def test_pictures_of_a_scale_share_their_axis() -> None:
    """Positions by hand: the axis goes from 1/4 to 4 over the width less the edges."""
    length = WIDTH - 2 * EDGE
    for effect in (0.3, 0.71, 1.0, 1.31, 3.9):
        svg = effect_graphic("ratio", effect, effect * 0.95, effect * 1.02, 1.05, "supported")
        expected = EDGE + length * (0.5 + math.log2(effect) / 4)
        assert place(svg, "dot") == pytest.approx(expected, abs=0.06)
        assert place(svg, "zero") == pytest.approx(WIDTH / 2)
    difference = effect_graphic("difference", 0.05, 0.04, 0.06, 0.005, "supported")
    assert place(difference, "dot") == pytest.approx(EDGE + length * 0.75)
    assert place(difference, "margin") == pytest.approx(EDGE + length * 0.475, abs=0.06)
    share = effect_graphic("share", 0.875, 0.474, 0.997, 0.2, "refuted")
    assert place(share, "dot") == pytest.approx(EDGE + length * 0.875, abs=0.06)
    assert place(share, "zero") == pytest.approx(EDGE + length * 0.2, abs=0.06)
    order = effect_graphic("correlation", -1.0, NAN, NAN, NAN, "refuted")
    assert place(order, "dot") == EDGE
    assert "margin" not in order


def test_the_margin_of_a_ratio_is_as_wide_on_both_sides() -> None:
    svg = effect_graphic("ratio", 1.0, 0.9, 1.1, 1.5, "undecided")
    match = re.search(r'class="margin" d="M([\d.]+) 0H([\d.]+)', svg)
    assert match
    left, right = map(float, match.groups())
    assert WIDTH / 2 - left == pytest.approx(right - WIDTH / 2, abs=0.11)
    assert right - left == pytest.approx((WIDTH - 2 * EDGE) * math.log2(1.5) / 2, abs=0.11)


@pytest.mark.parametrize(
    ("effect", "low", "high", "arrows", "dot"),
    [
        (1.2, 1.1, 1.3, 0, True),
        (31.0, 24.0, 40.0, 2, False),  # of the bar, and of the effect itself
        (1.2, 0.1, 9.0, 2, True),
        (NAN, 3.2, NAN, 1, False),
        (NAN, NAN, 0.5, 1, False),
        (0.0, 0.0, 0.0, 2, False),  # a ratio of nothing lies beyond any axis
    ],
)
def test_what_lies_beyond_the_axis_ends_in_an_arrow(
    effect: float, low: float, high: float, arrows: int, dot: bool
) -> None:
    svg = effect_graphic("ratio", effect, low, high, 1.05, "supported")
    assert svg.count("arrow") == arrows
    assert ("circle" in svg) == dot
    numbers = [float(n) for n in re.findall(r"[MHL]([-\d.]+)", svg)]
    assert all(0 <= n <= WIDTH for n in numbers)


def test_nothing_known_nothing_drawn() -> None:
    assert effect_graphic("ratio", NAN, NAN, NAN, 1.05, "undecided") == ""


def test_a_value_has_an_axis_around_what_was_claimed() -> None:
    svg = effect_graphic("value", 2e-4, 1e-4, 3e-4, 4e-4, "supported")
    assert place(svg, "zero") == pytest.approx(WIDTH / 2)
    assert EDGE < place(svg, "bar") < place(svg, "dot") < WIDTH / 2
    exact = effect_graphic("value", 1345, 1345, 1345, 1345, "supported")
    assert place(exact, "dot") == pytest.approx(WIDTH / 2)


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
def test_effects_read_by_their_scale(
    scale: str, numbers: tuple[float, float, float], text: str, interval: str
) -> None:
    found = effect_text(scale, *numbers)
    assert (found.mean, found.interval) == (text, interval)


def test_every_claim_is_there_once_with_reported_and_ours(page: str) -> None:
    table = page[page.index('<table class="claims') : page.index("</table>")]
    rows = re.findall(r'<tr data-group="(\w+)" data-verdict="([\w ]+)">.*?#claim-([\w-]+)"', table)
    claims = made_claims.every_form()
    assert Counter(rows) == Counter((c["group"], c["verdict"], c["id"]) for c in claims)
    for claim in claims:
        assert claim["reported"] in table
        assert claim["ours"] in table
        assert f'id="claim-{claim["id"]}"' in page
    assert table.count("⚠ stand-in") == 1
    assert '<div class="filters" hidden>' in page  # for the script to show


def test_groups_stand_together_and_count_their_ids(found: Findings) -> None:
    ids = [one.id for one in found.claims]
    assert ids == [
        "B1-eight", "B1-two", "B2-best", "B2-slow", "B3", "C1-best", "C4", "C8", "C9-order",
        "F1-few", "F3-few", "F3-lost", "F7", "M2-nine", "M3", "M5", "mine",
    ]  # fmt: skip
    assert [(g.name, g.number) for g in found.groups] == [
        ("B", 5), ("C", 4), ("F", 4), ("M", 3), ("own", 1),
    ]  # fmt: skip


def test_c10_comes_after_c9(tmp_path: Path) -> None:
    claims = tuple(made_claims.claim(i, "So.", "supported") for i in ("C10", "C9", "C2-b", "C2"))
    folder = made_results.write(made_results.covid(verdicts=(), claims=claims), tmp_path)
    results = read_results(folder)
    ordered = findings([results], claim_views(results)).claims
    assert [one.id for one in ordered] == ["C2", "C2-b", "C9", "C10"]


def test_what_became_of_the_reports_in_words(found: Findings, page: str) -> None:
    assert found.stated == [
        "Of 16 claims from reports the runs support 8, refute 4 (3 with the opposite effect and "
        "1 with no difference that matters) and leave 3 undecided; 1 cannot be judged on stand-in data.",
        "The only further claim that no report made is undecided.",
        "Of 4 differences that the runs show, 3 would also be clear on new data from the same "
        "source, where intervals are wider. The other one is clear on splits of these data alone; a "
        "new sample need not show as much.",
    ]  # fmt: skip
    part = page[page.index('id="right-or-wrong"') : page.index('id="glance"')]
    wrong, rest = part.split("<h3>Could not know</h3>")
    unknown, right = rest.split("<h3>Right</h3>")
    for claim in made_claims.every_form():
        place = {"refuted": wrong, "undecided": unknown, "supported": right}.get(claim["verdict"])
        for text in (wrong, unknown, right):
            assert (f'"#claim-{claim["id"]}"' in text) == (text is place)
        if claim["verdict"] in ("refuted", "undecided"):
            assert place is not None
            assert claim["why"] in place


def test_one_s_own_claims_are_no_reports(tmp_path: Path) -> None:
    claims = (made_claims.claim("mine", "So.", "supported"),)
    folder = made_results.write(made_results.covid(verdicts=(), claims=claims), tmp_path)
    write_report("Own", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    assert "What holds, what does not, and what stays open" in page
    assert "the reports were right" not in page


def test_a_report_without_claims_has_no_findings_and_no_script(tmp_path: Path) -> None:
    folder = made_results.write(made_results.covid(verdicts=()), tmp_path)
    write_report("None", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    assert 'id="claims"' not in page
    assert "<script" not in page
    assert summary_lines([folder])[-2] == "no claims"


def test_only_the_axes_in_use_are_explained(found: Findings, tmp_path: Path) -> None:
    assert len(found.axes) == 4
    assert found.value_words
    claims = (made_claims.claim("C1", "So.", "supported"),)
    results = read_results(
        made_results.write(made_results.covid(verdicts=(), claims=claims), tmp_path)
    )
    few = findings([results], claim_views(results))
    assert [axis.ticks[0] for axis in few.axes] == ["×¼"]
    assert few.value_words == ""


def test_a_count_is_no_single_seed(views: dict[str, ClaimView]) -> None:
    assert not views["C8"].single
    assert views["C8"].metric == ""
    assert views["C8"].margin == "claimed 1,345"
    assert views["B2-best"].margin == "margin ×1.05"
    assert views["B1-two"].kind == "no relevant difference"
    assert views["B2-best"].kind == ""


def test_the_console_counts_all_claims(folder: Path) -> None:
    assert "17 claims: 8 supported, 4 refuted, 4 undecided, 1 not judged" in summary_lines([folder])


def test_what_was_not_tried_as_claimed_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    kinds = {
        "A1": ("refuted", "weaker than claimed"),
        "A2": ("undecided", "trend only"),
        "A3": ("supported", "size unclear"),
        "A4": ("undecided", "same by construction"),
        "A5": ("refuted", "not the source's conditions"),
    }
    claims = tuple(
        made_claims.claim(name, f"Sentence {name}.", verdict) | {"kind": kind}
        for name, (verdict, kind) in kinds.items()
    )
    folder = made_results.write(made_results.covid(verdicts=(), claims=claims), tmp_path)
    write_report("x", [folder], tmp_path / "report.html", tmp_path / "metrics.json")
    page = (tmp_path / "report.html").read_text()
    part = page[page.index('id="right-or-wrong"') : page.index('id="glance"')]
    places = {name: part.rindex("<h3>", 0, part.index(f"Sentence {name}.")) for name in kinds}
    heads = {name: part[at + 4 : part.index("</h3>", at)] for name, at in places.items()}
    assert heads == {
        "A1": "Wrong", "A2": "Could not know", "A3": "Right",
        "A4": "Not tried as claimed", "A5": "Not tried as claimed",
    }  # fmt: skip
    assert (
        "the runs support 1 (1 with an effect of unclear size), refute 2 (1 with less than claimed "
        "and 1 under other conditions than the source’s) and leave 2 undecided (1 with a trend only "
        "and 1 with sides that are the same by construction)."
    ) in part
