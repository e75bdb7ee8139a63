"""What share of the variance between runs each source of chance makes up: bars with intervals."""

import math

from labbook.params.redraws import EVERYTHING
from labbook.report.chance_names import NAMES, STREAMS
from labbook.report.figures.axes import LABEL, name_rows
from labbook.report.figures.style import DOTS, INK, MAIN, Drawing, finish, new_figure
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, short

ROW = 0.34  # inches per source


def draw_chance(results: StudyResults) -> Drawing | None:
    """Draw one bar per source; None where the study does not ask where chance comes from."""
    rows = results.frame("chance", "share", "low", "high")
    shown = (rows["metric"] == results.metric) & (rows["source"] != EVERYTHING)
    rows = rows[shown & rows["share"].notna()]
    if rows.empty:
        return None
    figure = new_figure(0.75 + ROW * len(rows))
    axes = figure.subplots()
    names, words = [], []
    for place, row in enumerate(rows.itertuples()):
        share, low, high = 100 * row.share, 100 * row.low, 100 * row.high
        name = NAMES.get(row.source, row.source)
        color = DOTS if row.source in STREAMS else MAIN
        axes.barh(place, share, height=0.6, color=color, zorder=2)
        if math.isfinite(low) and math.isfinite(high):
            axes.plot([low, high], [place, place], color=INK, lw=1.4, zorder=3)
        names.append(short(name, LABEL))
        words.append(f"{name}: {share:.0f} % ({low:.0f} to {high:.0f})")
    name_rows(axes, names, 0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the variance between seeds, %")
    scale = " of its logarithm" if rows.iloc[0]["scale"] == "ratio" else ""
    return finish(
        figure, f"Where chance in the {metric_name(results.metric)} comes from",
        f"Bars are shares of the variance{scale} over {rows.iloc[0]['n']} seeds, lines 95 % "
        "intervals. Split and training make up all of it; the pale bars are parts of training, "
        "which act together and need not add up.",
        "Shares of the variance between seeds. " + "; ".join(words),
    )  # fmt: skip
