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

Counts = Counter[tuple[str, str]]


def draw_confusion(results: StudyResults) -> Drawing | None:
    """Draw the test counts of the chosen combination, else its validation counts."""
    part, counts = _counts(results)
    total = sum(counts.values())
    if not total:
        return None
    # In the table's order: the rest of very many classes are gathered at the end.
    true, predicted = ([*dict.fromkeys(pair[side] for pair in counts)] for side in (0, 1))
    size = max(2.6, min(6.4, 0.9 + 0.36 * len(true)))
    figure = new_figure(size, width=size + 0.5)
    _matrix(figure.subplots(), true, predicted, counts)
    wrong = total - sum(counts[name, name] for name in true)
    # Where the rest are gathered, a last column has those of them taken for another of them.
    gathered = {*true[-1:], *predicted[-2:]} if len(predicted) > len(true) else set()
    caption = _caption(counts, part, total, wrong, gathered)
    return finish(figure, "confusion", "Confusion matrix of the best combination", caption, caption)


def _counts(results: StudyResults) -> tuple[str, Counts]:
    table = results.frame("confusion", "count")
    for part in ("test", "valid"):
        rows = table[(table["combination"] == results.chosen) & (table["part"] == part)]
        sums = rows.groupby(["true", "predicted"], sort=False)["count"].sum().astype(int)
        if sums.sum():
            return part, Counter(sums.to_dict())
    return "test", Counter()


def _matrix(axes: Axes, true: list[str], predicted: list[str], counts: Counts) -> None:
    """Right ones in blue, wrong ones in red, the deeper the more of their true class."""
    rows = {name: sum(counts[name, other] for other in predicted) or 1 for name in true}
    wrong = (counts[t, p] / rows[t] for t in true for p in predicted if t != p)
    most = max(wrong, default=1) or 1
    for y, actual in enumerate(true):
        for x, name in enumerate(predicted):
            cases, right = counts[actual, name], actual == name
            share = cases / rows[actual] / (1 if right else most)
            _cell(axes, x, y, cases, share, MAIN if right else WARNING, len(true))
    axes.set(xlim=(-0.5, len(predicted) - 0.5), ylim=(len(true) - 0.5, -0.5), aspect="equal")
    names = [short(name, 12) for name in predicted]
    axes.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 3 else 0)
    axes.set_yticks(range(len(true)), [short(name, 12) for name in true])
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cell(axes: Axes, x: int, y: int, cases: int, share: float, color: str, size: int) -> None:
    alpha = round((0.85 if color == MAIN else 0.4) * share, 2)
    shades = [(GRID, 0.45), (color, alpha)] if cases else [(GRID, 0.45)]
    for shade, strength in shades:
        corner = (x - 0.47, y - 0.47)
        axes.add_patch(Rectangle(corner, 0.94, 0.94, color=shade, alpha=strength, linewidth=0))
    if cases and size <= MOST_NUMBERS:
        ink = PAPER if color == MAIN and alpha > 0.5 else INK
        axes.text(x, y, f"{cases:,}", ha="center", va="center", fontsize=6.5, color=ink)


def _caption(counts: Counts, part: str, total: int, wrong: int, gathered: set[str]) -> str:
    text = (
        f"{count(total, 'prediction')} of {PART_WORDS[part]} rows, summed over seeds; "
        f"{wrong:,} of them wrong ({number(100 * wrong / total, 2)} %)."
    )
    if gathered:
        shown = len({name for name, _ in counts} - gathered)
        text += f" Shown are the {shown} classes that are confused most on validation rows."
    pairs = {
        pair: cases
        for pair, cases in counts.items()
        if pair[0] != pair[1] and cases and not gathered & {*pair}
    }
    if pairs:
        # Of equally frequent mistakes the first in alphabetical order.
        (true, predicted), cases = min(pairs.items(), key=lambda one: (-one[1], one[0]))
        text += (
            f" The most frequent mistake: {short(true, 30)} taken for {short(predicted, 30)}, "
            f"{count(cases, 'time')}."
        )
    return text
