"""Which columns the selection of features chose, how often and with which score."""

from collections.abc import Mapping
from typing import Any

from labbook.report.figures.axes import LABEL
from labbook.report.figures.figure import Axis, Bars, Figure, Panel
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults
from labbook.wording import count, number, plain, short

ROW = 0.2  # inches per column


def features_figure(results: StudyResults) -> Figure | None:
    """How often each column was chosen, and its mean score; None where none were selected."""
    selection = (results.about.get("chosen") or {}).get("features")
    if not selection or not selection["best"]:
        return None
    best, splits = selection["best"], int(selection["splits"])
    names = Axis(names=[short(one["feature"], LABEL) for one in best])
    often = [int(one["chosen"]) for one in best]
    scores = [as_number(one["score"]) for one in best]
    places = range(len(best))
    said = [f"chosen in {n} of {splits}" for n in often]
    panels = [
        Panel(
            [Bars(often, places, texts=said)],
            x=Axis("splits that chose it", low=0, high=splits, whole=True), y=names,
        ),
        Panel(
            [Bars(scores, places, texts=list(map(number, scores)), color="dots")],
            x=Axis(f"mean score by {plain(selection['method'])}"), y=names,
        ),
    ]  # fmt: skip
    return Figure(
        "Columns that were selected",
        _caption(selection, splits),
        "; ".join(map(_in_words, best, said)) + ".",
        panels,
        columns=2,
        height=0.75 + ROW * len(best),
        share_y=True,
    )


def _caption(selection: Mapping[str, Any], splits: int) -> str:
    text = (
        f"{plain(selection['method'])} chose {selection['k']} columns anew in the training rows of "
        f"each of {count(splits, 'split')}. Those chosen most often come first; a column that not "
        "all splits chose is as good as another that took its place."
    )
    if len(selection["best"]) < int(selection["k"]):
        text += f" Shown are the first {len(selection['best'])}."
    return text


def _in_words(one: Mapping[str, Any], said: str) -> str:
    return f"{short(one['feature'], 60)} {said}, score {number(as_number(one['score']))}"
