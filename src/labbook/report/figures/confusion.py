"""The confusion matrix of the chosen combination, as shares of each true class."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from labbook.report.figures.figure import Axis, Cells, Figure, Panel
from labbook.report.study_results import StudyResults
from labbook.wording import PART_WORDS, count, percent, short

MOST_TEXTS = 20  # classes; with more the numbers in the cells could not be read
FEW, ALMOST = 0.05, 99.9  # percent: less is called less than 0.1; what is not all is not 100

Pair = tuple[str, str]  # a true and a predicted class


@dataclass(frozen=True)
class Counts:
    """Predictions of one part of the rows, by true and predicted class, over all splits."""

    part: str
    cases: Counter[Pair]

    @cached_property
    def true(self) -> list[str]:
        """The true classes, in the table's order: gathered ones at the end."""
        return [*dict.fromkeys(true for true, _ in self.cases)]

    @cached_property
    def predicted(self) -> list[str]:
        """The predicted classes, in the table's order."""
        return [*dict.fromkeys(predicted for _, predicted in self.cases)]

    @property
    def gathered(self) -> set[str]:
        """Names that stand for several classes; a last column has those taken for another."""
        if len(self.predicted) == len(self.true):
            return set()
        return {*self.true[-1:], *self.predicted[-2:]}

    @cached_property
    def sums(self) -> Mapping[str, int]:
        """How many predictions there are of each true class."""
        return {t: sum(self.cases[t, p] for p in self.predicted) for t in self.true}

    def share(self, pair: Pair) -> float:
        """The share of the true class's predictions."""
        return self.cases[pair] / (self.sums[pair[0]] or 1)


def confusion_figure(results: StudyResults) -> Figure | None:
    """Shares of test rows of the chosen combination, else of its validation rows.

    None where it has no classes.
    """
    table = results.frame("confusion", "count")
    for part in ("test", "valid"):
        rows = table[(table["combination"] == results.chosen) & (table["part"] == part)]
        sums = rows.groupby(["true", "predicted"], sort=False)["count"].sum().astype(int)
        if sums.sum():
            chosen = results.chosen or ""
            splits = len(results.runs_of(chosen)) - results.diverged(chosen)
            return _figure(Counts(part, Counter(sums.to_dict())), splits)
    return None


def _figure(counts: Counts, splits: int) -> Figure:
    caption = _caption(counts, splits)
    size = max(2.6, min(6.4, 0.9 + 0.36 * len(counts.true)))
    names = [[short(name, 12) for name in side] for side in (counts.predicted, counts.true)]
    x, y = (
        Axis(label, names=side)
        for label, side in zip(("predicted class", "true class"), names, strict=True)
    )
    panel = Panel([_cells(counts)], x=x, y=y, square=True)
    title = "Confusion matrix of the best combination"
    return Figure(title, caption, caption, [panel], height=size, width=size + 0.5)


def _cells(counts: Counts) -> Cells:
    """Right ones in one colour, wrong ones in another, the deeper the more of their true class."""
    pairs = [[(true, name) for name in counts.predicted] for true in counts.true]
    flat = [pair for row in pairs for pair in row]
    most = max((counts.share(pair) for pair in flat if _wrong(pair)), default=1) or 1
    texts = [[_text(counts.share(pair)) for pair in row] for row in pairs]
    return Cells(
        values=[[counts.share(pair) for pair in row] for row in pairs],
        texts=texts if len(counts.true) <= MOST_TEXTS else (),
        readouts=[[_readout(counts, pair) for pair in row] for row in pairs],
        shades=[
            [counts.share(pair) / (most if _wrong(pair) else 1) for pair in row] for row in pairs
        ],
        wrong=[[_wrong(pair) for pair in row] for row in pairs],
    )


def _wrong(pair: Pair) -> bool:
    return pair[0] != pair[1]


def _text(share: float) -> str:
    """A share in percent, short enough for a cell: 96.7, 1.0, <0.1; nothing for none."""
    percents = 100 * share
    if share in (0, 1):
        return "100" if share else ""
    return "<0.1" if percents < FEW else f"{min(percents, ALMOST):.1f}"


def _readout(counts: Counts, pair: Pair) -> str:
    true, predicted = (short(name, 30) for name in pair)
    taken = f"{true} taken for {predicted}" if _wrong(pair) else f"{true} taken for what it is"
    rows = count(counts.sums[pair[0]], "prediction")
    return f"{taken}: {percent(counts.share(pair))}, {counts.cases[pair]:,} of {rows}"


def _caption(counts: Counts, splits: int) -> str:
    total = counts.cases.total()
    mistakes = {pair: cases for pair, cases in counts.cases.items() if _wrong(pair) and cases}
    text = (
        "A row says what the networks took the cases of one true class for, in percent of them. "
        f"Of {count(total, 'prediction')} of {PART_WORDS[counts.part]} rows in "
        f"{count(splits, 'split')}, {percent(sum(mistakes.values()) / total)} are wrong."
    )
    if counts.gathered:
        shown = len({name for name, _ in counts.cases} - counts.gathered)
        text += f" Shown are the {shown} classes that are confused most on validation rows."
    of_shown = [(-counts.share(pair), pair) for pair in mistakes if not counts.gathered & {*pair}]
    if of_shown:
        # Of equally frequent mistakes the first in alphabetical order.
        share, (true, predicted) = min(of_shown)
        text += (
            f" The most frequent mistake: {short(true, 30)} taken for {short(predicted, 30)}, in "
            f"{percent(-share)} of that class."
        )
    return text
