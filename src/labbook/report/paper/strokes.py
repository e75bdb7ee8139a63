"""Paths of SVG in few letters: relative, in whole quarters of a point."""

import itertools
from collections.abc import Iterable

import numpy as np
from matplotlib.path import Path

FINEST = 4  # parts of a point that coordinates know
CURVES = {Path.CURVE3: ("q", 2), Path.CURVE4: ("c", 3)}


def path_text(path: Path, closed: bool = False) -> str:
    """The `d` of a path; empty where it has no point. `closed`: a stroke returns to its start."""
    points = np.rint(np.asarray(path.vertices) * FINEST).astype(int)
    codes = [Path.MOVETO, *[Path.LINETO] * (len(points) - 1)][: len(points)]
    if path.codes is not None:
        codes = np.asarray(path.codes).tolist()
    writer = _Writer()
    place = 0
    while place < len(codes):
        code = codes[place]
        if code == Path.STOP:
            break
        if code in CURVES:
            letter, many = CURVES[code]
            writer.curve(letter, points[place : place + many])
            place += many
            continue
        if code == Path.MOVETO:
            writer.move(points[place])
        elif code == Path.LINETO:
            last = closed or place + 1 == len(codes) or codes[place + 1] != Path.CLOSEPOLY
            if last or not writer.is_start(points[place]):  # a surface closes by itself
                writer.line(points[place])
        elif code == Path.CLOSEPOLY and closed:
            writer.close()
        place += 1
    return writer.text()


def straightened(path: Path, bend: float) -> Path:
    """Without the corners that lie within `bend` of a straight line between others.

    By Ramer's (1972) and Douglas' and Peucker's (1973) rule, for each stroke by itself.
    """
    points = np.asarray(path.vertices)
    if path.codes is None or len(points) < 3 or np.isin(path.codes, [*CURVES]).any():
        return path
    codes = np.asarray(path.codes)
    begins = [*np.flatnonzero(codes == Path.MOVETO).tolist(), len(codes)]
    kept: list[int] = []
    for first, after in itertools.pairwise(begins):
        stroke = [i for i in range(first, after) if codes[i] in (Path.MOVETO, Path.LINETO)]
        if stroke:
            kept += [stroke[i] for i in _corners(points[stroke], bend)]
        kept += [i for i in range(first, after) if codes[i] == Path.CLOSEPOLY]
    return Path(points[kept], codes[kept])


def _corners(points: np.ndarray, bend: float) -> list[int]:
    """The places of the points that must stay, with both ends."""
    found, waiting = {0, len(points) - 1}, [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        way, between = points[last] - points[first], points[first + 1 : last] - points[first]
        length = float(np.hypot(*way))
        far = np.hypot(*between.T)
        if length > 0:
            along = np.clip(between @ way / length**2, 0, 1)
            far = np.hypot(*(between - along[:, None] * way).T)
        most = int(far.argmax())
        if far[most] > bend:
            corner = first + 1 + most
            found.add(corner)
            waiting += [(first, corner), (corner, last)]
    return sorted(found)


def dots_text(points: np.ndarray) -> str:
    """The `d` of dots: round ends of lines of no length. Each place once, in order.

    Such a line is not closed: PDFium would print nothing.
    """
    writer = _Writer()
    for place in np.unique(np.rint(points * FINEST).astype(int), axis=0):
        writer.move(place)
        writer.dot()
    return writer.text()


class _Writer:
    """Collects commands from where the pen is; a letter that repeats is left out."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at = self._start = np.zeros(2, int)
        self._letter = ""
        self._moved: np.ndarray | None = None  # a move that nothing has followed yet

    def move(self, to: np.ndarray) -> None:
        self._moved = to

    def line(self, to: np.ndarray) -> None:
        self._begin()
        x, y = to - self._at
        if x and y:
            self._add("l", (x, y))
        elif x or y:
            self._add("h" if x else "v", (x or y,))
        self._at = to

    def curve(self, letter: str, points: np.ndarray) -> None:
        self._begin()
        self._add(letter, (points - self._at).ravel())
        self._at = points[-1]

    def is_start(self, place: np.ndarray) -> bool:
        """Whether the stroke began here."""
        return self._moved is None and bool((place == self._start).all())

    def dot(self) -> None:
        self._begin()
        self._add("h", (0,))

    def close(self) -> None:
        if self._moved is None:
            self._add("z", ())
            self._at = self._start

    def text(self) -> str:
        return "".join(self._parts)

    def _begin(self) -> None:
        """Write the move that waits: the first of a path where it is, others by how far."""
        if self._moved is None:
            return
        first = not self._parts
        self._letter = ""
        self._add("M" if first else "m", self._moved if first else self._moved - self._at)
        self._at = self._start = self._moved
        self._letter, self._moved = "", None

    def _add(self, letter: str, numbers: Iterable[int]) -> None:
        text = "" if letter == self._letter else letter
        for number in numbers:
            written = str(int(number))
            gap = text[-1:].isdigit() or (not text and self._letter)
            text += f" {written}" if gap and written[0] not in "-" else written
        self._parts.append(text)
        self._letter = letter
