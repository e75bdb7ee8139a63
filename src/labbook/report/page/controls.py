"""What controls say: of a study, and of all studies of the page together."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from labbook.evaluate.statistics.intervals import holm
from labbook.plan.controls import ITSELF, SHUFFLED
from labbook.report.result_tables import Row, value
from labbook.report.study_results import StudyResults
from labbook.verdicts import ALPHA, FAILED, FALSE_ALARMS, LEFT_OUT, NOT_JUDGED, PASSED
from labbook.wording import (
    change,
    count,
    digits,
    listing,
    metric_name,
    number,
    p_value,
    plain,
    times,
)

NO_BREAK = "\N{NO-BREAK SPACE}"
UNSEEN = "Controls would not show a column that gives the answer away, nor rows that occur twice."
CALLED = {ITSELF: "a setting against itself", SHUFFLED: "a shuffled target"}


def controls_view(results: StudyResults) -> dict[str, Any]:
    """What controls.html.j2 calls `controls`; its `warnings` are of controls that failed."""
    rows = results.table("controls")
    judged = [(row, SENTENCES[row["control"]](results, row)) for row in rows]
    return {
        "controls": {
            "sentences": [text for row, text in judged if row["outcome"] != FAILED],
            "warnings": [text for row, text in judged if row["outcome"] == FAILED],
        }
    }


def controls_of_page(results: Sequence[StudyResults]) -> dict[str, Any]:
    """What became of all controls, in a `sentence`; `alarming` has the studies to be warned of.

    What studies share counts once. One in a hundred fails by chance, so a page of many warns on top
    only of those whose p is below 0.05 after Holm's correction over all of them.
    """
    rows = [(study.name, row) for study in results for row in study.table("controls") if row["run"]]
    judged = {_shared(row): row for _, row in rows if row["outcome"] in (PASSED, FAILED)}
    p = holm(np.array([value(row, "p") for row in judged.values()]))
    corrected = dict(zip(judged, p.tolist(), strict=True))
    failed = [(name, row) for name, row in rows if row["outcome"] == FAILED]
    alarming = [name for name, row in failed if corrected[_shared(row)] < ALPHA]
    names = list(dict.fromkeys(name for name, _ in failed))
    many = len({_shared(row) for _, row in failed})
    text = _tally(len(judged), many, names) if judged else ""
    return {"sentence": text, "alarming": list(dict.fromkeys(alarming))}


def _shared(row: Row) -> tuple[str, str, str]:
    """Equal for controls that are one, which studies share."""
    return row["control"], row["metric"], row["run"]


def _tally(judged: int, failed: int, names: Sequence[str]) -> str:
    """How many failed of how many, and how many would by chance."""
    kinds = " or ".join(CALLED.values())
    if judged == 1:
        return f"The only control ({kinds}) {'failed' if failed else 'passed'}. {UNSEEN}"
    expected = number(judged * FALSE_ALARMS, 2)
    chance = f"by chance alone at most one in a hundred fails, of so many about {expected}"
    if not failed:
        return f"All {count(judged, 'control')} ({kinds}) passed; {chance}. {UNSEEN}"
    return (
        f"Of {count(judged, 'control')} ({kinds}) {judged - failed} passed and {failed} failed, in "
        f"{listing(names)}; {chance}. Those of one data set share its rows and splits, so several "
        f"may fail together. {UNSEEN}"
    )


def _itself(results: StudyResults, row: Row) -> str:
    """A setting against itself."""
    label = plain(row["combination"])
    if row["outcome"] == LEFT_OUT:
        return f"A setting against itself: {label} has {row['why']}."
    again = f"{label}, trained again on the same splits with all else drawn anew,"
    if row["outcome"] == FAILED:
        return (
            f"A setting is told from itself: {again} differs, {_figure(row)}. One control in a "
            "hundred fails so by chance. If it is no chance, differences between settings mean as "
            "little here: believe none of this study before it is clear."
        )
    text = f"{again} cannot be told from itself: {_figure(row)}."
    if value(row, "p") < ALPHA:
        text += f" A control has failed where p is below {FALSE_ALARMS}."
    if row["outcome"] == NOT_JUDGED:
        text = f"A setting against itself: not judged ({row['why']})."
    elif row["why"]:
        text += f" But {row['why']}."
    return f"{text} {_usual(row)}".strip()


def _usual(row: Row) -> str:
    """How far two trainings of one setting are apart, and what follows for a single run."""
    size, low, high = (value(row, name) for name in ("usual", "usual_low", "usual_high"))
    nothing = 1.0 if row["scale"] == "ratio" else 0.0
    if not math.isfinite(size):
        return ""
    if size == nothing:
        return "Both trainings gave the very same numbers."
    if row["scale"] == "ratio" and high > 2:  # 340 % says little
        text = times(digits(size, low, high))
    else:
        text = change(row["scale"], size, low, high)
    mean, ends = (part.replace("+", "") for part in (text.mean, text.interval))
    return (
        f"In 19 of 20 cases two such trainings differ by less than {mean} (95_% interval {ends}, "
        f"n_=_{row['n']}): a single run that is better by less than that shows nothing."
    ).replace("_", NO_BREAK)


def _shuffled(results: StudyResults, row: Row) -> str:
    """A target of which nothing can be learnt."""
    if row["outcome"] == NOT_JUDGED:
        return f"A shuffled target: not judged ({row['why']})."
    lost = f" {row['why']}." if row["why"] else ""
    if row["n"] == "0":
        return f"With its target shuffled nothing was learnt:{lost}"
    answer = "mean" if row["scale"] == "ratio" else "most frequent class"
    p = p_value(value(row, "p"))
    figure = _figure(row, with_p=False)
    figure = f" Against always answering the training rows’ {answer}: {figure}.{lost}"
    if row["outcome"] == FAILED:
        return (
            "With its target shuffled there is nothing to learn, and yet the network’s predictions "
            f"go with the answers of test rows more than chance would let them (p {p}).{figure} "
            "One control in a hundred fails so by chance. If it is no chance, answers of test rows "
            "get into training: believe no figure of this study before it is clear how."
        )
    return (
        "With its target shuffled there is nothing to learn, and the network’s predictions go with "
        f"the answers of test rows no more than by chance (p {p}): no sign that these get into "
        f"training.{figure}"
    )


def _figure(row: Row, with_p: bool = True) -> str:
    """`test MSE +2.1 % (95 % interval −1.0 % to +5.3 %, n = 6, p = 0.16)`."""
    text = change(row["scale"], *(value(row, name) for name in ("effect", "low", "high")))
    words = f"{text.mean} (95_% interval {text.interval}, n_=_{row['n']}"
    words += f", p_{p_value(value(row, 'p'))})" if with_p else ")"
    words = words.replace("= ", "=_").replace("_", NO_BREAK)
    return f"{metric_name(row['metric'])} {words}"


SENTENCES = {ITSELF: _itself, SHUFFLED: _shuffled}
