"""Topics: what all data sets together say about batch norm, rates, depth and the like."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from labbook.report.page.claims import Claim, verdict_counts
from labbook.report.study_results import StudyResults


@dataclass(frozen=True)
class Topic:
    """What claims are about: settings that their study varies, and words that name them."""

    name: str
    settings: tuple[str, ...]  # with all that lies below them
    words: str = ""  # of a claim of a study that varies several topics, as a regular expression


OPTIMISERS = r"adam|adagrad|rmsprop|sgd|momentum|optimi[sz]er|gradient descent"
WIDTHS = r"layer|wide|deep|depth|width|\d-\d"  # also of a network by its layers, as 64-16
TOPICS = (
    Topic("Batch norm", ("model.batch_norm",), r"batch.?norm|normali[sz]"),
    Topic("Dropout", ("model.dropout",), r"dropout"),
    Topic("Depth and width", ("model.hidden", "model.channels"), WIDTHS),
    Topic("Kernels and pooling", ("model.kernel", "model.pooling"), r"kernel|pool"),
    Topic("Activations", ("model.activation",), r"relu|tanh|sigmoid|silu|activation"),
    Topic("Initialisation", ("model.initialisation",), r"initiali[sz]|first weights"),
    Topic("Degree of polynomials", ("model.degree",), r"degree"),
    Topic("Other parts of models", ("model",)),
    Topic("Learning rates", ("optimizer.rate",), r"\brate"),
    Topic("Weight decay", ("optimizer.weight_decay",), r"decay"),
    Topic("Optimisers", ("optimizer",), OPTIMISERS),
    Topic("Schedules", ("schedule",), r"schedule|restart|anneal|plateau|constant rate"),
    Topic("Batch size", ("training.batch",), r"batch(?!.?norm)"),
    Topic(
        "Budget and stopping",
        ("training.epochs", "training.patience", "training.tolerance"),
        r"epoch|patience|toleran|budget",
    ),
    Topic("Losses", ("training.loss",), r"\bloss"),
    Topic("Chance", ("training.redraw",), r"chance|seed"),
    Topic("Augmentation", ("training.augment",), r"augment|shift|rotat"),
    Topic("Other parts of training", ("training",)),
    Topic("Features", ("features",), r"feature|column"),
)
COUNTED = "Depth and width"  # of which a number of parameters follows
REST = "Whole recipes"


def topics(results: Sequence[StudyResults], claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """The topics that occur, each with its claims from all data sets, its studies and counts."""
    studies = {study.name: study for study in results}
    data = {study.name: str(study.about["data"]["name"]) for study in results}
    gathered: dict[str, list[Claim]] = {name: [] for name in (*(t.name for t in TOPICS), REST)}
    for claim in claims:
        for name in _of_claim(claim, studies[claim["study"]]):
            gathered[name].append(claim)
    return [
        {
            "name": name,
            "slug": re.sub(r"\W+", "-", name.lower()),
            "claims": [(data[claim["study"]], claim) for claim in found],
            "data": list(dict.fromkeys(data[claim["study"]] for claim in found)),
            "counts": {k: n for k, n in verdict_counts(c["verdict"] for c in found).items() if n},
        }
        for name, found in gathered.items()
        if found
    ]


def topics_of(varies: Iterable[str]) -> list[Topic]:
    """The topics of these settings: of each the first that covers it."""
    found = []
    for setting in varies:
        covers = (t for t in TOPICS if any(_covers(path, setting) for path in t.settings))
        topic = next(covers, None)
        if topic is not None and topic not in found:
            found.append(topic)
    return found


def _covers(path: str, setting: str) -> bool:
    return setting == path or setting.startswith(f"{path}.")


def _of_claim(claim: Claim, study: StudyResults) -> list[str]:
    """Of several topics of its study those that tell the claim's sides apart, or that it names.

    A claim that counts has no sides, and what its study varies may have no part in it.
    """
    if claim["form"] == "exact":
        return [topic.name for topic in _named(claim, TOPICS)] or [COUNTED]
    of_study = topics_of(study.about.get("varies") or ())
    if len(of_study) > 1 and claim["form"] != "matters":
        of_study = topics_of(_between(claim, study)) or _named(claim, of_study) or of_study
    return [topic.name for topic in of_study] or [REST]


def _named(claim: Claim, among: Iterable[Topic]) -> list[Topic]:
    return [t for t in among if t.words and re.search(t.words, claim["sentence"], re.I)]


def _between(claim: Claim, study: StudyResults) -> list[str]:
    """The settings that differ between the two sides of a claim that has one combination each."""
    settings = {row["combination"]: row for row in study.combinations}
    pairs = {
        (row["first_side"], row["second_side"]) for row in study.pairs if row["id"] == claim["id"]
    }
    return [
        name
        for name in study.about.get("varies") or ()
        if any(
            {one, other} <= set(settings) and settings[one].get(name) != settings[other].get(name)
            for one, other in pairs
        )
    ]
