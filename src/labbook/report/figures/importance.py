"""What share of the spread between runs each setting explains: bars with intervals."""

import math

from labbook.report.figures.axes import LABEL, name_rows
from labbook.report.figures.style import DOTS, INK, MAIN, Drawing, finish, new_figure
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, plain, short

ROW = 0.34  # inches per setting
OTHERS = {"together": "settings acting together", "chance": "chance"}  # rows that are no settings


def draw_importance(results: StudyResults) -> Drawing | None:
    """Draw one bar per setting; None where the study has no such decomposition."""
    rows = results.frame("importance", "share", "low", "high")
    if rows.empty:
        return None
    figure = new_figure(0.75 + ROW * len(rows))
    axes = figure.subplots()
    names, words = [], []
    for place, row in enumerate(rows.itertuples()):
        share, low, high = 100 * row.share, 100 * row.low, 100 * row.high
        color = MAIN if row.kind == "setting" else DOTS
        axes.barh(place, share, height=0.6, color=color, zorder=2)
        name = plain(OTHERS.get(row.kind, row.setting))
        text = f"{short(name, 60)}: {share:.0f} %"
        if math.isfinite(low) and math.isfinite(high):
            axes.plot([low, high], [place, place], color=INK, lw=1.4, zorder=3)
            text += f" ({low:.0f} to {high:.0f})"
        names.append(short(name, LABEL))
        words.append(text)
    name_rows(axes, names, 0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the variance between runs, %")
    first = rows.iloc[0]
    few = not math.isfinite(first["low"])
    spread = "there are too few seeds for intervals" if few else "lines are 95 % intervals"
    scale = " of its logarithm" if first.get("scale") == "log" else ""
    return finish(
        figure, f"What the {metric_name(results.metric)} depends on",
        f"Bars are shares of the variance{scale}, by {first['method']}; {spread}. Chance is what "
        "no setting explains.",
        "Shares of the variance between runs. " + "; ".join(words),
    )  # fmt: skip
