"""When which job was at work, as pictures: a bar for each, side by side where they ran together."""

import bisect
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from labbook.provenance.nodes import KINDS
from labbook.running.job_logs import BEGUN, DONE, OVERTAKEN, Entry, logged_nodes, read_entries
from labbook.running.progress import human_time

ORDER = tuple(KINDS)
REST = 600.0  # seconds without a job, after which another piece of work begins
LEFT, WIDE, ROW, BAR, FOOT = 76, 1000, 17, 13, 26  # of a picture, in its own units
NARROWEST = 1.5
STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)
MOST_TICKS = 9


@dataclass(frozen=True)
class Work:
    """One time that a job was at work, and how that ended."""

    node: str
    begun: float
    seconds: float
    text: str

    @property
    def kind(self) -> str:
        """Which rule's it is."""
        return self.node.partition("/")[0]

    @property
    def end(self) -> float:
        """When it ended, in seconds of the clock."""
        return self.begun + self.seconds

    @property
    def words(self) -> str:
        """What a pointer on its bar reads."""
        ended = "" if self.text == DONE else f", {_ending(self)}"
        return f"{self.node}: {human_time(self.seconds)}{ended}"


def _ending(work: Work) -> str:
    entry = Entry(work.begun, work.seconds, work.text)
    return "failed" if entry.failed else OVERTAKEN if entry.overtaken else work.text


def all_work() -> list[Work]:
    """Every time that a job was at work and ended, by the logs, in order of the beginnings."""
    found = [
        Work(node, entry.begun, entry.seconds, entry.text)
        for node in logged_nodes()
        for entry in read_entries(node)
        if entry.text != BEGUN
    ]
    return sorted(found, key=lambda work: (work.begun, work.node))


def sessions(works: Iterable[Work]) -> list[list[Work]]:
    """Pieces of work with a rest between them, the oldest first."""
    found: list[list[Work]] = []
    end = -math.inf
    for work in works:
        if work.begun > end + REST:
            found.append([])
        found[-1].append(work)
        end = max(end, work.end)
    return found


def picture(works: Sequence[Work]) -> Markup:
    """An SVG of one piece of work: a row of bars for each kind, more where jobs ran together."""
    begin = min(work.begun for work in works)
    whole = max(max(work.end for work in works) - begin, 1.0)
    scale = (WIDE - LEFT - 8) / whole
    marks: list[Markup] = []
    top = 4
    for kind in sorted({work.kind for work in works}, key=_place):
        rows = list(_rows([work for work in works if work.kind == kind]))
        marks.append(_text(LEFT - 8, top + BAR - 2, kind, "end"))
        for row in rows:
            marks += [_bar(work, LEFT + (work.begun - begin) * scale, top, scale) for work in row]
            top += ROW
        top += 5
    marks = [*_axis(whole, scale, top), *marks]  # bars above its lines
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDE, top + FOOT, f"{len(works)} jobs in {human_time(whole)}", Markup("").join(marks)
    )


def _place(kind: str) -> tuple[int, str]:
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), kind)


def _rows(works: Sequence[Work]) -> Iterator[list[Work]]:
    """As few rows as it takes for no two bars to overlap; works are in order of beginnings."""
    rows: list[list[Work]] = []
    for work in works:
        free = next((row for row in rows if row[-1].end <= work.begun + 0.5), None)
        if free is None:
            rows.append([work])
        else:
            free.append(work)
    yield from rows


def _bar(work: Work, left: float, top: float, scale: float) -> Markup:
    css = work.kind if work.kind in KINDS else "other"
    return Markup(
        '<rect class="{}{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="1.5">'
        "<title>{}</title></rect>"
    ).format(
        css, "" if work.text == DONE else " bad", left, top,
        max(work.seconds * scale - 0.5, NARROWEST), BAR, escape(work.words),
    )  # fmt: skip


def _axis(whole: float, scale: float, top: float) -> list[Markup]:
    step = STEPS[min(bisect.bisect_left(STEPS, whole / MOST_TICKS), len(STEPS) - 1)]
    step = max(step, math.ceil(whole / MOST_TICKS / step) * step)
    marks = []
    for place in range(int(whole / step) + 1):
        x = LEFT + place * step * scale
        line = '<line x1="{:.1f}" y1="0" x2="{:.1f}" y2="{}"/>'
        marks.append(Markup(line).format(x, x, top + 4))
        words = human_time(place * step) if place else "0"
        marks.append(_text(x, top + 18, words, "middle" if place else "start"))
    return marks


def _text(x: float, y: float, words: str, anchor: str) -> Markup:
    text = '<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>'
    return Markup(text).format(x, y, anchor, words)
