"""What share of the variance between runs each source of chance makes up: bars with intervals."""

from labbook.params.redraws import EVERYTHING
from labbook.report.chance_names import NAMES, STREAMS
from labbook.report.figures.figure import Figure
from labbook.report.figures.shares import Share, by_size, height, share_panel
from labbook.report.study_results import StudyResults
from labbook.wording import metric_name


def chance_figure(results: StudyResults) -> Figure | None:
    """A bar per source, the largest first: split and training, then, paler, parts of training.

    None where the study does not ask where chance comes from.
    """
    rows = results.frame("chance", "share", "low", "high")
    rows = rows[(rows["metric"] == results.metric) & (rows["source"] != EVERYTHING)]
    wholes: list[Share] = []
    parts: list[Share] = []
    for row in rows.itertuples():
        name, part = NAMES.get(row.source, row.source), row.source in STREAMS
        one = Share(name, row.share, row.low, row.high, "dots" if part else "main")
        (parts if part else wholes).append(one)
    shares = [*by_size(wholes), *by_size(parts)]
    if not shares:
        return None
    first = rows.iloc[0]
    scale = " of its logarithm" if first["scale"] == "ratio" else ""
    return Figure(
        f"Where chance in the {metric_name(results.metric)} comes from",
        f"Bars are shares of the variance{scale} over {first['n']} seeds, lines 95 % "
        "intervals. Split and training make up all of it; the pale bars are parts of training, "
        "which act together and need not add up.",
        "Shares of the variance between seeds. " + "; ".join(one.words for one in shares),
        [share_panel(shares, "share of the variance between seeds")],
        height=height(shares),
    )
