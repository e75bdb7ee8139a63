"""One study's section of the page: everything computed here, the template only places it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from labbook.report.page.answer import answer, cautions, direction_words, middle
from labbook.report.page.champion import champion_view, features_view
from labbook.report.page.claims import ClaimView, claim_views
from labbook.report.page.diagnosis import (
    DiagnosisView,
    SuggestionView,
    diagnosis_views,
    importance_sentences,
    suggestion_views,
)
from labbook.report.page.figures import Figure, figures
from labbook.report.page.tables import combination_row, comparison_row, other_measures
from labbook.report.study_results import StudyResults, interval
from labbook.verdicts import STAND_IN
from labbook.wording import NOTHING, Digits, count, digits, metric_name, number, sentence


class Edition(NamedTuple):
    """What an edition of a data set is called, and what that means."""

    badge: str
    words: str


EDITIONS = {
    "real": Edition("real data", "the real data, checked by their sums"),
    "package": Edition("real data", "real data that come inside an installed package"),
    "generated": Edition("generated", "generated from a formula"),
    "own": Edition("own data", "a table of your own"),
    STAND_IN: Edition(
        "stand-in",
        "a stand-in, not the data that the question is about. Nothing here is a finding about the "
        "real data, and no claim is judged",
    ),
}


@dataclass(frozen=True)
class StudyView:
    """What the template shows of a study."""

    name: str
    question: str
    note: str | None
    edition: Edition
    stand_in: bool
    facts: list[tuple[str, str]]
    data: str
    best: str
    value: Digits
    n: str
    measure: str
    middle: str
    compared: str
    single: bool
    runs: int
    answer: list[str]
    cautions: list[str]
    claims: list[ClaimView]
    combinations: list[dict[str, Any]]
    comparisons: list[dict[str, str]]
    measures: tuple[list[str], list[tuple[str, list[str]]]]
    figures: list[Figure]
    champion: dict[str, Any] | None
    features: dict[str, Any] | None
    dubious: bool
    diagnoses: list[DiagnosisView]
    importance: list[str]
    suggestions: list[SuggestionView]
    reference: str


def study_view(results: StudyResults, place: int) -> StudyView:
    """Gather all that the page says about a study, the one at `place` in the page."""
    about = results.about
    chosen = about.get("chosen")
    measure = results.choice_metric
    return StudyView(
        name=results.name,
        question=str(about.get("question") or ""),
        note=about.get("note"),
        edition=_edition(results),
        stand_in=results.stand_in,
        facts=_facts(results),
        best=str(results.chosen) if chosen else "none",
        data=str(about["data"]["name"]),
        value=digits(*interval(chosen["validation"] if chosen else {})),
        n=str((chosen or {}).get("validation", {}).get("n", NOTHING)),
        measure=f"{metric_name(measure)}, {middle(measure)}",
        middle=sentence(middle(results.metric)),
        compared=sentence(metric_name(results.metric)),
        single=bool(about.get("single_seed")),
        runs=len(results.runs),
        answer=answer(results),
        cautions=cautions(results),
        claims=claim_views(results),
        combinations=[combination_row(results, label) for label in results.labels],
        comparisons=[comparison_row(row) for row in results.table("comparisons")],
        measures=other_measures(results),
        figures=figures(results, place),
        champion=champion_view(results),
        features=features_view(chosen),
        dubious=is_boston(about["data"]),
        diagnoses=diagnosis_views(results),
        importance=importance_sentences(results),
        suggestions=suggestion_views(results),
        reference=results.reference,
    )


def _edition(results: StudyResults) -> Edition:
    """The edition of a study's data in words."""
    name = str(results.about["data"].get("edition", ""))
    return EDITIONS.get(name, Edition(name, name))


def is_boston(data: Mapping[str, Any]) -> bool:
    """Whether a data set is Boston housing, by its target's name."""
    return data.get("target") == "MEDV" and data.get("columns") == 13


def _facts(results: StudyResults) -> list[tuple[str, str]]:
    about, data = results.about, results.about["data"]
    sizes = about.get("sizes") or {}
    seeds = len(about.get("seeds") or ())
    rows = f"{data['name']}, {_edition(results).words}"
    parts = [f"{sizes[key]:,} {name}" for key, name in _PARTS.items() if key in sizes]
    facts = [
        ("Data", rows),
        ("Size", f"{count(data['rows'], 'row')}, {_shape(data)}; predicted: {_target(data)}"),
        ("Split per seed", " · ".join(parts) + " rows"),
        ("Varied", ", ".join(about.get("varies") or ()) or NOTHING),
        ("Runs", f"{count(len(results.labels), 'combination')} × {count(seeds, 'seed')}"),
        ("Compared by", _compared_by(results)),
    ]
    if constant := about.get("constant_accuracy"):
        shares = ", ".join(f"{number(constant[part])} {_PARTS[part]}" for part in _PARTS)
        facts.append(("Accuracy of the most frequent class", f"{shares} rows"))
    if data.get("unlabelled"):
        facts.insert(2, ("Unlabelled", f"{data['unlabelled']:,} rows, predicted by the champion"))
    facts += [("Remark", remark) for remark in data.get("remarks") or ()]
    return facts


_PARTS = {"train": "training", "valid": "validation", "test": "test"}


def _shape(data: Mapping[str, Any]) -> str:
    if data.get("kind") == "images":
        return "images of " + " × ".join(str(size) for size in data["shape"]) + " pixels"
    return count(data["columns"], "input column")


def _target(data: Mapping[str, Any]) -> str:
    classes = data.get("classes") or ()
    name = str(data.get("target") or "the class")
    return f"{name} ({len(classes)} classes)" if classes else name


def _compared_by(results: StudyResults) -> str:
    unit = (results.about.get("unit") or {}).get(results.metric)
    inside = (
        f"{unit}; {direction_words(results.metric)}" if unit else direction_words(results.metric)
    )
    return f"{metric_name(results.metric)} ({inside})"
