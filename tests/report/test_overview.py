"""The first screen: counts, the picture of verdicts, what matters most, what to try; topics."""

from pathlib import Path
from typing import Any

import pytest

from labbook.report.page.claims import Claim, claim_views
from labbook.report.page.findings import findings
from labbook.report.page.overview import most_telling, overview
from labbook.report.page.topics import topics, topics_of
from labbook.report.result_tables import NEEDED
from labbook.report.study_results import StudyResults, read_results
from tests import made_claims, made_results


def claims_of(*rows: dict[str, Any]) -> list[Claim]:
    """Views of claims, each of a study of its own unless `study` says otherwise."""
    return [claim | {"study": f"study-{claim['id']}"} for claim in _views(rows)]


def _views(rows: tuple[dict[str, Any], ...]) -> list[Claim]:
    class One:
        name, verdicts = "s", [{k: str(v) for k, v in row.items()} for row in rows]

    return claim_views(One())  # type: ignore[arg-type]


def ratio(name: str, low: float, high: float, verdict: str = "supported", **more: Any) -> Any:
    middle = (low * high) ** 0.5
    return made_claims.claim(name, "So.", verdict, effect=middle, low=low, high=high, **more)


def test_what_matters_most_is_the_farthest_for_sure() -> None:
    claims = claims_of(
        ratio("A1", 1.2, 9.0),  # large, but it may be 1.2
        ratio("A2", 1.5, 1.6),
        ratio("A3", 0.3, 0.4, "refuted"),  # clear the other way: its nearer end is 1 / 0.4
        ratio("A4", 0.9, 1.4, "undecided"),
        ratio("A5", 3.0, 4.0, kind="same by construction"),
        made_claims.claim("A6", "So.", "supported", scale="difference", margin=0.005,
                          effect=0.2, low=0.19, high=0.21),  # 38 margins
        ratio("mine", 8.0, 9.0),  # of no report
    )  # fmt: skip
    assert [claim["id"] for claim in most_telling(claims)] == ["A6", "A3", "A2", "A1"]
    claims[1]["falls"] = "may be chance"
    claims[2]["study"] = claims[5]["study"]
    assert [claim["id"] for claim in most_telling(claims)] == ["A6", "A1"]
    assert [claim["id"] for claim in most_telling(claims[-1:])] == ["mine"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    made = made_results.boston(
        verdicts=(), claims=tuple(made_claims.every_form()),
        suggestions=({"reason": "r", "yaml": "studies:\n  boston-rate:\n    set:\n      training.epochs: 400\n"},),
    )  # fmt: skip
    return read_results(made_results.write(made, tmp_path_factory.mktemp("overview")))


def test_the_picture_has_every_claim_on_the_side_where_its_effect_is(results: StudyResults) -> None:
    claims = claim_views(results)
    found = findings([results], claims)
    shown = overview([results], found["claims"], found["groups"])
    marks = {mark["id"]: mark for group in shown["strip"] for mark in group["marks"]}
    assert set(marks) == {claim["id"] for claim in claims}
    for claim in claims:
        at, neutral = float(marks[claim["id"]]["at"]), {"ratio": 1.0, "difference": 0.0}
        assert -1 <= at <= 1
        if claim["scale"] in neutral and claim["number"] == claim["number"]:
            assert (at > 0) == (claim["number"] > neutral[claim["scale"]])
        assert claim["sentence"] in marks[claim["id"]]["said"]
    assert shown["next"] == [{"words": shown["next"][0]["words"], "studies": ["boston-rate"]}]
    assert ("4", "combinations") in shown["facts"]


def test_an_effect_with_one_end_stands_on_that_ends_side(tmp_path: Path) -> None:
    """A side that did not reach its goal: above x2.4, and no number of its own."""
    nan = float("nan")
    made = [
        made_claims.claim("up", "So.", "supported", effect=nan, low=2.4, high=nan),
        made_claims.claim("down", "So.", "refuted", effect=nan, low=nan, high=0.4),
    ]
    results = read_results(
        made_results.write(made_results.boston(verdicts=(), claims=made), tmp_path)
    )
    found = findings([results], claim_views(results))
    strip = overview([results], found["claims"], found["groups"])["strip"]
    marks = {mark["id"]: float(mark["at"]) for group in strip for mark in group["marks"]}
    assert marks["up"] > 0 > marks["down"]


def test_a_topic_gathers_claims_of_all_data_sets(tmp_path: Path) -> None:
    norm = "Batch norm helps."
    studies = [
        made_results.covid(verdicts=(), claims=(made_claims.claim("C9", norm, "supported"),
                                                made_claims.claim("C8", "Both do.", "refuted"))),
        made_results.boston(verdicts=(), claims=(made_claims.claim("B9", norm, "undecided"),)),
    ]  # fmt: skip
    results = [read_results(made_results.write(one, tmp_path)) for one in studies]
    dict(results[0].about)["varies"][:] = ["model.batch_norm", "model.dropout"]
    dict(results[1].about)["varies"][:] = ["model.batch_norm"]
    found = topics(results, [claim for one in results for claim in claim_views(one)])
    ids = {topic["name"]: [claim["id"] for _, claim in topic["claims"]] for topic in found}
    assert ids == {"Batch norm": ["C9", "C8", "B9"], "Dropout": ["C8"]}
    assert found[0]["data"] == ["covid", "boston"]


def test_a_claim_is_of_what_its_sides_differ_in(tmp_path: Path) -> None:
    """That 32-16-8-1 has 1,345 parameters stood under batch norm, which its study varies."""
    claims = [
        made_claims.claim("C8", "20 inputs and 32-16-8-1 have 1,345 parameters.", "supported",
                          form="exact"),
        made_claims.claim("C3", "Adam at 1e-5 has twice the error of Adam at 1e-3.", "supported"),
        made_claims.claim("C1", "RMSProp is best.", "supported"),
        made_claims.claim("C2", "The rate matters most.", "supported", form="matters"),
    ]  # fmt: skip
    made = made_results.covid(verdicts=(), claims=tuple(claims), more={"pairs": [
        {"id": "C3", "first_side": "a", "second_side": "b"},
        {"id": "C1", "first_side": "2 combinations", "second_side": "b"},
    ], "combinations": [
        {"combination": "a", "optimizer.kind": "adam", "optimizer.rate": "0.001"},
        {"combination": "b", "optimizer.kind": "adam", "optimizer.rate": "1e-05"},
    ]})  # fmt: skip
    for table, row in (("pairs", NEEDED["pairs"]), ("combinations", NEEDED["combinations"])):
        made.more[table] = [dict.fromkeys(row, "") | one for one in made.more[table]]
    study = read_results(made_results.write(made, tmp_path))
    dict(study.about)["varies"][:] = ["optimizer.kind", "optimizer.rate"]
    found = topics([study], claim_views(study))
    ids = {topic["name"]: [claim["id"] for _, claim in topic["claims"]] for topic in found}
    assert ids == {
        "Depth and width": ["C8"], "Learning rates": ["C3", "C2"], "Optimisers": ["C1", "C2"],
    }  # fmt: skip


def test_a_setting_has_one_topic() -> None:
    names = {
        "optimizer.rate": "Learning rates", "optimizer": "Optimisers", "optimizer.kind": "Optimisers",
        "model.hidden": "Depth and width", "model": "Other parts of models",
        "training.augment.shift": "Augmentation", "features.k": "Features",
    }  # fmt: skip
    assert {name: [topic.name for topic in topics_of([name])] for name in names} == {
        name: [topic] for name, topic in names.items()
    }
