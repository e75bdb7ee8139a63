"""The settings that a study varies, as places and numbers on an axis."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from labbook.report.figures.axes import spans_widely
from labbook.report.figures.figure import Axis
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults
from labbook.wording import NOTHING, digits, plain, short

VALUE = 16  # characters of a value under its tick


@dataclass(frozen=True)
class Setting:
    """A varied setting and its value in each combination, as tables write it."""

    name: str
    texts: tuple[str, ...]  # by combination, in the study's order
    scale: str = ""  # `log` or `linear` where it was drawn from a range

    @cached_property
    def values(self) -> list[str]:
        """The different values: numbers from small to large, then others in their order."""
        return sorted(dict.fromkeys(self.texts), key=lambda text: _order(as_number(text)))

    @cached_property
    def places(self) -> list[int]:
        """The place of each combination's value among `values`."""
        return [self.values.index(text) for text in self.texts]

    @cached_property
    def numbers(self) -> list[float]:
        """Each combination's value as a number; NaN for what is none."""
        return [as_number(text) for text in self.texts]

    @property
    def numeric(self) -> bool:
        """Whether all values are numbers."""
        return all(map(math.isfinite, self.numbers))

    @property
    def log(self) -> bool:
        """Whether a logarithmic axis shows it: as it was drawn, else where it spans widely."""
        return self.scale == "log" if self.scale else spans_widely(self.numbers)

    @property
    def names(self) -> list[str]:
        """The values as they stand under ticks."""
        return [short(text, VALUE) if text else NOTHING for text in self.values]

    @property
    def axis(self) -> Axis:
        """The axis of its values by name."""
        return Axis(plain(self.name), names=self.names)

    @property
    def shades(self) -> list[float]:
        """Each combination's value from 0, the first, to 1, the last: by rank."""
        return [place / max(len(self.values) - 1, 1) for place in self.places]


def varied_settings(results: StudyResults) -> list[Setting]:
    """The settings with two values or more, in the study's order; none where tables lack them."""
    rows = [results.means.get(label, {}) for label in results.labels]
    drawn: Mapping[str, str] = results.about.get("drawn") or {}
    settings = [
        Setting(name, tuple(row[name] for row in rows), drawn.get(name, ""))
        for name in results.about.get("varies", ())
        if all(name in row for row in rows)
    ]
    return [setting for setting in settings if len(setting.values) > 1]


def by_importance(results: StudyResults, settings: list[Setting]) -> list[Setting]:
    """The settings, those first that explain most of the spread between runs."""
    rows = results.frame("importance", "share")
    shares = dict(zip(rows["setting"], rows["share"], strict=True))
    return sorted(settings, key=lambda setting: -shares.get(setting.name, 0.0))


def with_interval(mean: tuple[float, float, float]) -> str:
    """`0.973 (0.932 to 1.014)`: what is read out of a mean."""
    return digits(*mean).whole


def interval_alone(mean: tuple[float, float, float]) -> str:
    """`95 % interval 0.932 to 1.014`: what is read out beside a mean; nothing where it has none."""
    text = digits(*mean).interval
    return "" if text == NOTHING else f"95 % interval {text}"


def _order(value: float) -> tuple[bool, float]:
    return (True, 0.0) if math.isnan(value) else (False, value)
