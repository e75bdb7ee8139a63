"""What share of the spread between runs each setting explains: bars with intervals."""

import math

from labbook.report.figures.style import DOTS, INK, MAIN, Drawing, finish, new_figure
from labbook.report.study_results import Row, StudyResults, value
from labbook.wording import metric_name, plain, short

ROW = 0.34  # inches per setting
LABEL = 34  # characters
# Rows that are no settings, in words.
OTHERS = {"together": "settings acting together", "chance": "chance"}


def draw_importance(results: StudyResults) -> Drawing | None:
    """Draw one bar per setting; None where the study has no such decomposition."""
    rows = results.table("importance")
    if not rows:
        return None
    figure = new_figure(0.75 + ROW * len(rows))
    axes = figure.subplots()
    for place, row in enumerate(rows):
        share, low, high = (100 * value(row, key) for key in ("share", "low", "high"))
        color = MAIN if row["kind"] == "setting" else DOTS
        axes.barh(place, share, height=0.6, color=color, zorder=2)
        if math.isfinite(low) and math.isfinite(high):
            axes.plot([low, high], [place, place], color=INK, lw=1.4, zorder=3)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_yticks(range(len(rows)), [short(setting_words(row), LABEL) for row in rows])
    for text in axes.get_yticklabels():
        text.set_color(INK)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("share of the variance between runs, %")
    title = f"What the {metric_name(results.metric)} depends on"
    return finish(figure, "importance", title, _caption(rows), _alt(rows))


def setting_words(row: Row) -> str:
    """The setting's name, or what a row is that is no setting."""
    return plain(OTHERS.get(row["kind"], row["setting"]))


def _caption(rows: list[dict[str, str]]) -> str:
    known = math.isfinite(value(rows[0], "low"))
    spread = "lines are 95 % intervals" if known else "there are too few seeds for intervals"
    scale = " of its logarithm" if rows[0].get("scale") == "log" else ""
    return (
        f"Bars are shares of the variance{scale}, by {rows[0]['method']}; {spread}. Chance is what "
        "no setting explains."
    )


def _alt(rows: list[dict[str, str]]) -> str:
    parts = []
    for row in rows:
        share, low, high = (100 * value(row, key) for key in ("share", "low", "high"))
        interval = f" ({low:.0f} to {high:.0f})" if math.isfinite(low) else ""
        parts.append(f"{short(setting_words(row), 60)}: {share:.0f} %{interval}")
    return "Shares of the variance between runs. " + "; ".join(parts)
