"""One study's section of the page: everything computed here, the template only places it."""

from typing import Any, NamedTuple

from labbook.report.page.answer import answer, cautions, direction_words, middle, more_on_answer
from labbook.report.page.best_set import best_set_view
from labbook.report.page.champion import champion_view, features_view
from labbook.report.page.chance import chance_view
from labbook.report.page.claims import claim_views
from labbook.report.page.combinations import combinations_view
from labbook.report.page.controls import controls_view
from labbook.report.page.diagnosis import diagnosis_rows, importance_sentences
from labbook.report.page.inline_figures import inline_figures
from labbook.report.page.methods import methods
from labbook.report.page.tuned import tuned_view
from labbook.report.page.worth import worth_view
from labbook.report.result_tables import interval
from labbook.report.study_results import StudyResults
from labbook.verdicts import STAND_IN
from labbook.wording import NOTHING, PART_WORDS, count, digits, metric_name, number, sentence


class Edition(NamedTuple):
    """What an edition of a data set is called, and what that means."""

    badge: str
    words: str


EDITIONS = {
    "real": Edition("real data", "the real data, checked by their sums"),
    "package": Edition("real data", "real data that come inside an installed package"),
    "generated": Edition("generated", "generated from a formula"),
    "own": Edition("own data", "files of your own"),
    STAND_IN: Edition(
        "stand-in",
        "a stand-in, not the data that the question is about. Nothing here is a finding about the "
        "real data, and no claim is judged",
    ),
}


def study_view(results: StudyResults, place: int) -> dict[str, Any]:
    """All that the page says about a study, the one at `place` in the page: for study.html.j2."""
    about, data = results.about, results.about["data"]
    chosen = about.get("chosen")
    best = chosen["validation"] if chosen else {}
    edition = str(data.get("edition", ""))
    return {
        "name": results.name,
        "question": str(about.get("question") or ""),
        "note": about.get("note"),
        "edition": EDITIONS.get(edition, Edition(edition, edition)),
        "stand_in": results.stand_in,
        "facts": _facts(results),
        "best": str(results.chosen) if chosen else "none",
        "data": str(data["name"]),
        "value": digits(*interval(best)),
        "n": str(best.get("n", NOTHING)),
        "measure": f"{metric_name(results.choice_metric)}, {middle(results.choice_metric)}",
        "middle": sentence(middle(results.metric)),
        "compared": sentence(metric_name(results.metric)),
        "single": bool(about.get("single_seed")),
        "answer": answer(results),
        "more": more_on_answer(results),
        "methods": methods(results),
        "cautions": cautions(results),
        "claims": claim_views(results),
        **combinations_view(results),
        **worth_view(results),
        **best_set_view(results),
        **tuned_view(results),
        **chance_view(results),
        **controls_view(results),
        "figures": inline_figures(results, place),
        "champion": champion_view(results),
        "features": features_view(chosen),
        # Boston housing, by its target's name: its column B is a dubious one.
        "dubious": data.get("target") == "MEDV" and data.get("columns") == 13,
        "diagnoses": diagnosis_rows(results),
        "importance": importance_sentences(results),
        "suggestions": about.get("suggestions") or (),
        "reference": results.reference,
    }


def _facts(results: StudyResults) -> list[tuple[str, str]]:
    """What was done, as names and texts."""
    about, data = results.about, results.about["data"]
    edition = str(data.get("edition", ""))
    words = EDITIONS[edition].words if edition in EDITIONS else edition
    facts = [("Data", f"{data['name']}, {words}")]
    shape = count(data["columns"], "input column")
    if data.get("kind") == "images":
        shape = "images of " + " × ".join(str(size) for size in data["shape"]) + " pixels"
    target = str(data.get("target") or "the class")
    if classes := data.get("classes"):
        target += f" ({len(classes)} classes)"
    facts.append(("Size", f"{count(data['rows'], 'row')}, {shape}; predicted: {target}"))
    if data.get("unlabelled"):
        facts.append(("Unlabelled", f"{data['unlabelled']:,} rows, predicted by the champion"))
    sizes = about.get("sizes") or {}
    parts = [f"{sizes[part]:,} {name}" for part, name in PART_WORDS.items() if part in sizes]
    seeds = count(len(about.get("seeds") or ()), "seed")
    unit = (about.get("unit") or {}).get(results.metric)
    better = f"{unit}; " if unit else ""
    facts += [
        ("Split per seed", " · ".join(parts) + " rows"),
        ("Varied", ", ".join(about.get("varies") or ()) or NOTHING),
        ("Runs", f"{count(len(results.labels), 'combination')} × {seeds}"),
        (
            "Compared by",
            f"{metric_name(results.metric)} ({better}{direction_words(results.metric)})",
        ),
    ]
    if constant := about.get("constant_accuracy"):
        shares = ", ".join(f"{number(constant[part])} {name}" for part, name in PART_WORDS.items())
        facts.append(("Accuracy of the most frequent class", f"{shares} rows"))
    return facts + [("Remark", remark) for remark in data.get("remarks") or ()]
