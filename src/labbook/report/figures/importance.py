"""What share of the spread between runs each setting explains: bars with intervals."""

import math

from labbook.report.figures.figure import Figure
from labbook.report.figures.shares import Share, by_size, height, share_panel
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name, plain

OTHERS = {"together": "settings acting together", "chance": "chance"}  # rows that are no settings


def importance_figure(results: StudyResults) -> Figure | None:
    """A bar per setting, the most important first, then what no single one explains.

    None where the study has no such decomposition: fewer than two settings vary, or not all with
    all, or there is one seed.
    """
    rows = results.frame("importance", "share", "low", "high")
    settings, others = [], []
    for row in rows.itertuples():
        one = Share(plain(row.setting), row.share, row.low, row.high)
        if row.kind == "setting":
            settings.append(one)
        else:
            name = OTHERS.get(row.kind, row.kind)
            others.append(Share(name, row.share, row.low, row.high, "dots"))
    shares = [*by_size(settings), *(one for one in others if math.isfinite(one.share))]
    if not shares:
        return None
    first = rows.iloc[0]
    few = not math.isfinite(first["low"])
    spread = "there are too few seeds for intervals" if few else "lines are 95 % intervals"
    scale = " of its logarithm" if first.get("scale") == "log" else ""
    return Figure(
        f"What the {metric_name(results.metric)} depends on",
        f"Bars are shares of the variance{scale}, by {first['method']}; {spread}. Chance is what "
        "no setting explains.",
        "Shares of the variance between runs. " + "; ".join(one.words for one in shares),
        [share_panel(shares, "share of the variance between runs")],
        height=height(shares),
    )
