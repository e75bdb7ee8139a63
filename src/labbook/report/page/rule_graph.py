"""Which rule is made from which, drawn: a box for each, from left to right."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

BOX_WIDTH, BOX_HEIGHT = 92, 38
ACROSS, DOWN = 124, 52  # from one box to the next
EDGE = 2  # around all, for the lines of the boxes

Above = Mapping[str, Sequence[str]]  # by rule those that it is made from; upstream first


def rule_graph(above: Above, words: Mapping[str, str]) -> Markup:
    """All rules as boxes, these `words` below their names, with lines from what they are made from.

    A rule stands right of all that it is made from; in a column those whose lines are longest stand
    below, so that no line crosses a box.
    """
    lines = {rule: _direct(above, rule) for rule in above}
    columns: dict[str, int] = {}
    for rule in above:
        columns[rule] = 1 + max((columns[name] for name in lines[rule]), default=-1)
    places = _places(lines, columns)
    size = [EDGE * 2 + step * most + box for step, most, box in (
        (ACROSS, max(x for x, _ in places.values()), BOX_WIDTH),
        (DOWN, max(y for _, y in places.values()), BOX_HEIGHT),
    )]  # fmt: skip
    paths = (_line(places[name], places[rule]) for rule in above for name in lines[rule])
    boxes = (_box(rule, words[rule], *places[rule]) for rule in above)
    head = '<svg class="rules" aria-hidden="true" viewBox="0 0 {} {}" width="{}" height="{}">'
    parts = (Markup(head).format(*size, *size), *paths, *boxes)
    return Markup("").join((*parts, Markup("</svg>")))


def _direct(above: Above, rule: str) -> list[str]:
    """What a rule is made from, but for what that is made from in turn."""
    further = {name for upstream in above[rule] for name in _all(above, upstream)}
    return [name for name in above[rule] if name not in further]


def _all(above: Above, rule: str) -> set[str]:
    """All that a rule is made from, and what that is made from."""
    return {one for name in above[rule] for one in (name, *_all(above, name))}


def _places(lines: Above, columns: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Column and row of each rule."""
    reach = {
        name: max((columns[rule] for rule in lines if name in lines[rule]), default=0)
        for name in lines
    }
    places: dict[str, tuple[int, int]] = {}
    for column in sorted(set(columns.values())):
        mine = sorted((n for n in lines if columns[n] == column), key=lambda name: reach[name])
        places |= {name: (column, row) for row, name in enumerate(mine)}
    return places


def _line(begin: tuple[int, int], end: tuple[int, int]) -> Markup:
    """A line that stays in its row until the gap before the column where it ends."""
    x, y = EDGE + begin[0] * ACROSS + BOX_WIDTH, EDGE + begin[1] * DOWN + BOX_HEIGHT // 2
    to_x, to_y = EDGE + end[0] * ACROSS, EDGE + end[1] * DOWN + BOX_HEIGHT // 2
    turn, middle = to_x - (ACROSS - BOX_WIDTH), to_x - (ACROSS - BOX_WIDTH) // 2
    return Markup(f'<path d="M{x} {y}H{turn}C{middle} {y} {middle} {to_y} {to_x} {to_y}"/>')


def _box(name: str, words: str, column: int, row: int) -> Markup:
    x, y = EDGE + column * ACROSS, EDGE + row * DOWN
    middle = x + BOX_WIDTH // 2
    return Markup(
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5"/>'
        f'<text x="{middle}" y="{y + 16}">{escape(name)}</text>'
        f'<text class="below" x="{middle}" y="{y + 30}">{escape(words)}</text>'
    )
