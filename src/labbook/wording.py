"""Numbers and names as people read them, the same in figures, report and console."""

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

PART_WORDS = {"train": "training", "valid": "validation", "test": "test"}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS, NOTHING = "−", "–"
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode's categories


class Digits(NamedTuple):
    """A mean, the ends of its interval and what stands beside them, rounded alike."""

    mean: str
    low: str
    high: str
    others: tuple[str, ...] = ()

    @property
    def interval(self) -> str:
        """`0.93 to 1.01`; `from 0.93 up` or `up to 1.01` where an end is beyond any number.

        A dash where there is no interval.
        """
        if self.low == self.high == NOTHING:
            return NOTHING
        if NOTHING not in (self.low, self.high):
            return f"{self.low} to {self.high}"
        return f"up to {self.high}" if self.low == NOTHING else f"from {self.low} up"

    @property
    def whole(self) -> str:
        """The mean and its interval, `0.97 (0.93 to 1.01)`, or what there is of the two."""
        if NOTHING in (self.mean, self.interval):
            return self.interval if self.mean == NOTHING else self.mean
        return f"{self.mean} ({self.interval})"


def _fixed(value: float, decimals: int) -> str:
    """`value` with `decimals` places; negative ones round to tens, hundreds and so on."""
    text = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    if text.startswith("-"):
        text = MINUS + text[1:] if any(c in "123456789" for c in text) else text[1:]
    return text


def _decimals(value: float, significant: int) -> int:
    """Places after the point that leave `significant` digits of `value` (not 0)."""
    rounded = float(f"{abs(value):.{significant - 1}e}")  # 0.0999 counts as 0.10
    return significant - 1 - math.floor(math.log10(rounded))


def raised(exponent: int) -> str:
    """An exponent in small raised digits."""
    return str(exponent).translate(SUPERSCRIPTS)


def _power(exponent: int) -> str:
    return "×10" + raised(exponent)


def _awkward(size: float) -> bool:
    """Whether a number of this size reads better with a power of ten."""
    return size != 0 and not 1e-3 <= size < 1e7


def number(value: float | None, significant: int = 3) -> str:
    """One number by itself: three significant digits, whole ones in full, a dash for NaN.

    >>> number(0.98765), number(-12), number(2.5e-5)
    ('0.988', '−12', '2.50×10⁻⁵')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == int(value) and abs(value) < 1e7:
        return _fixed(value, 0)
    if _awkward(abs(value)):
        exponent = math.floor(math.log10(abs(value)))
        return _fixed(value / 10.0**exponent, significant - 1) + _power(exponent)
    return _fixed(value, max(_decimals(value, significant), 0))


def digits(mean: float, low: float, high: float, others: Iterable[float] = ()) -> Digits:
    """A mean and its interval with as many digits as the interval's half-width allows: two of it.

    Without an interval (a single seed, or no spread) every number has three digits of its own.

    >>> digits(0.97312, 0.93199, 1.01425)[:3]
    ('0.973', '0.932', '1.014')
    """
    values = (mean, low, high, *others)
    largest = max((abs(v) for v in values[:3] if math.isfinite(v)), default=0.0)
    half = (high - low) / 2
    if not (math.isfinite(mean) and math.isfinite(half) and half > 1e-9 * largest):
        texts = [number(v) for v in values]
    else:
        size = abs(mean) if abs(mean) > half else largest
        exponent = math.floor(math.log10(size)) if _awkward(size) else 0
        scale, tail = 10.0**exponent, _power(exponent) if exponent else ""
        places = _decimals(half / scale, 2)
        texts = [_fixed(v / scale, places) + tail if math.isfinite(v) else NOTHING for v in values]
    return Digits(texts[0], texts[1], texts[2], tuple(texts[3:]))


def p_value(p: float) -> str:
    """A p-value with its sign, `= 0.012` or `< 0.001`; a dash where there is none."""
    if not math.isfinite(p):
        return NOTHING
    if p < 0.001:
        return "< 0.001"
    return f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def metric_name(metric: str) -> str:
    """`valid_mse` as `validation MSE`."""
    from labbook.measures import ALL  # brings NumPy, for which no command's start waits

    part, _, measure = metric.partition("_")
    if part not in PART_WORDS or measure not in ALL:
        return " ".join(PART_WORDS.get(word, word) for word in plain(metric).split("_"))
    return f"{PART_WORDS[part]} {ALL[measure].label or plain(measure).replace('_', ' ')}"


MEDIAN = "median"  # said in place of a mean where runs missed the goal


def mean_name(ratio: bool) -> str:
    """What a mean over runs is called; of what is compared by ratio it is a geometric one."""
    return "geometric mean" if ratio else "mean"


def printable(text: str) -> str:
    """`text` without the characters that control terminals or turn the direction of writing."""
    return "".join(c if c == "\n" or unicodedata.category(c) not in UNSEEN else " " for c in text)


def plain(text: Any) -> str:
    """`printable` text in one line, for labels in figures and consoles."""
    return " ".join(printable(str(text)).split())


def short(text: Any, width: int) -> str:
    """`plain` text, its middle left out where it is longer than `width`: ends tell labels apart."""
    line = plain(text)
    if len(line) <= width:
        return line
    tail = (width - 1) // 2
    return line[: width - 1 - tail].rstrip() + "…" + line[len(line) - tail :].lstrip()


def count(number_of: int, one: str, many: str | None = None) -> str:
    """`1 run`, `8 runs`, `1,200 runs`."""
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"


def listing(names: Iterable[str], last: str = "and") -> str:
    """`a, b and c`; names that hold commas themselves stand between semicolons."""
    items = list(names)
    if len(items) < 2:
        return "".join(items)
    comma, before = ("; ", ";") if any(", " in item for item in items) else (", ", "")
    return f"{comma.join(items[:-1])}{before} {last} {items[-1]}"


def few(names: Sequence[object], most: int = 5) -> str:
    """The first names of many: `a, b, ...`."""
    return ", ".join(map(str, names[:most])) + (", ..." if len(names) > most else "")


def sentence(text: str) -> str:
    """`text` with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def change(scale: str, effect: float, low: float, high: float) -> Digits:
    """An effect with its sign: `+0.012` of a difference, `−8.1 %` or `×7.3` of a ratio.

    >>> change("ratio", 0.92, 0.88, 0.96)[:3]
    ('−8.0\xa0%', '−12.0\xa0%', '−4.0\xa0%')
    """
    if scale != "ratio":
        return _each(digits(effect, low, high), _plus)
    if not max(effect, 1 / effect if effect > 0 else math.inf) <= 2:
        return times(digits(effect, low, high))
    text = digits(100 * effect - 100, 100 * low - 100, 100 * high - 100)
    return _each(text, lambda number: f"{_plus(number)}\N{NO-BREAK SPACE}%")


def times(text: Digits) -> Digits:
    """A ratio's digits with the sign of a factor: `×1.30`."""
    return _each(text, lambda number: f"×{number}")


def _each(text: Digits, written: Callable[[str], str]) -> Digits:
    mean, low, high = (part if part == NOTHING else written(part) for part in text[:3])
    return Digits(mean, low, high)


def _plus(text: str) -> str:
    """The text of a number with its sign, `0.0` without one."""
    bare = text.startswith((MINUS, NOTHING)) or not text.strip("0.")
    return text if bare else "+" + text


def percent(share: float) -> str:
    """A share as a percentage of two significant digits: `4.8 %`, `−12 %`, `0 %`.

    >>> percent(0.0481), percent(-0.1234), percent(0)
    ('4.8\\xa0%', '−12\\xa0%', '0\\xa0%')
    """
    text = number(100 * share, 2) if share else "0"
    return f"{text}\N{NO-BREAK SPACE}%"
