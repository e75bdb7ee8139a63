"""The confusion matrix of the chosen combination, as shares of each true class."""

from collections import Counter

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from labbook.report.figures.style import (
    GRID,
    INK,
    MAIN,
    PAPER,
    WARNING,
    Drawing,
    finish,
    new_figure,
)
from labbook.report.study_results import StudyResults
from labbook.wording import PART_WORDS, count, number, short

MOST_NUMBERS = 20  # classes; with more the numbers in the cells could not be read

Counts = Counter[tuple[str, str]]  # by true and predicted class


def draw_confusion(results: StudyResults) -> Drawing | None:
    """Draw the test counts of the chosen combination, else its validation counts."""
    table = results.frame("confusion", "count")
    for part in ("test", "valid"):
        rows = table[(table["combination"] == results.chosen) & (table["part"] == part)]
        sums = rows.groupby(["true", "predicted"], sort=False)["count"].sum().astype(int)
        if sums.sum():
            return _draw_counts(part, Counter(sums.to_dict()))
    return None


def _draw_counts(part: str, counts: Counts) -> Drawing:
    # In the table's order: the rest of very many classes are gathered at the end.
    true, predicted = ([*dict.fromkeys(pair[side] for pair in counts)] for side in (0, 1))
    size = max(2.6, min(6.4, 0.9 + 0.36 * len(true)))
    figure = new_figure(size, width=size + 0.5)
    axes = figure.subplots()
    _draw_cells(axes, true, predicted, counts)
    axes.set(xlim=(-0.5, len(predicted) - 0.5), ylim=(len(true) - 0.5, -0.5), aspect="equal")
    names = [short(name, 12) for name in predicted]
    axes.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 3 else 0)
    axes.set_yticks(range(len(true)), [short(name, 12) for name in true])
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    # Where the rest are gathered, a last column has those of them taken for another of them.
    gathered = {*true[-1:], *predicted[-2:]} if len(predicted) > len(true) else set()
    caption = _caption(counts, part, gathered)
    return finish(figure, "Confusion matrix of the best combination", caption, caption)


def _draw_cells(axes: Axes, true: list[str], predicted: list[str], counts: Counts) -> None:
    """Right ones in blue, wrong ones in red, the deeper the more of their true class."""
    rows = {name: sum(counts[name, other] for other in predicted) or 1 for name in true}
    wrong = (counts[t, p] / rows[t] for t in true for p in predicted if t != p)
    most = max(wrong, default=1) or 1
    for y, actual in enumerate(true):
        for x, name in enumerate(predicted):
            cases, right = counts[actual, name], actual == name
            share = cases / rows[actual] / (1 if right else most)
            alpha = round((0.85 if right else 0.4) * share, 2)
            shades = [(GRID, 0.45), (MAIN if right else WARNING, alpha)]
            for color, strength in shades if cases else shades[:1]:
                corner = (x - 0.47, y - 0.47)
                cell = Rectangle(corner, 0.94, 0.94, color=color, alpha=strength, linewidth=0)
                axes.add_patch(cell)
            if cases and len(true) <= MOST_NUMBERS:
                ink = PAPER if right and alpha > 0.5 else INK
                axes.text(x, y, f"{cases:,}", ha="center", va="center", fontsize=6.5, color=ink)


def _caption(counts: Counts, part: str, gathered: set[str]) -> str:
    total = counts.total()
    mistakes = {pair: cases for pair, cases in counts.items() if pair[0] != pair[1] and cases}
    wrong = sum(mistakes.values())
    text = (
        f"{count(total, 'prediction')} of {PART_WORDS[part]} rows, summed over seeds; "
        f"{wrong:,} of them wrong ({number(100 * wrong / total, 2)} %)."
    )
    if gathered:
        shown = len({name for name, _ in counts} - gathered)
        text += f" Shown are the {shown} classes that are confused most on validation rows."
    of_shown = [(-cases, pair) for pair, cases in mistakes.items() if not gathered & {*pair}]
    if of_shown:
        # Of equally frequent mistakes the first in alphabetical order.
        cases, (true, predicted) = min(of_shown)
        text += (
            f" The most frequent mistake: {short(true, 30)} taken for {short(predicted, 30)}, "
            f"{count(-cases, 'time')}."
        )
    return text
