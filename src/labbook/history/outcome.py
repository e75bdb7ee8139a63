"""What a state holds: claims with their verdicts, bests, settings, editions, libraries, runs."""

import csv
import io
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from labbook.history.settings import flat_settings
from labbook.history.state import State
from labbook.paths import EDITION as EDITION_NAME
from labbook.paths import RAW, RUNS
from labbook.report.page.claims import effect_text
from labbook.report.result_tables import Row, value
from labbook.wording import digits, metric_name, plain

LOCKS = ("requirements.lock", "requirements-torch.lock")
RUN = re.compile(rf"{RUNS}/(\w+)\.safetensors")
ABOUT = re.compile(r"results/[^/]+/study\.json")
EDITION = re.compile(rf"{RAW}/([^/]+)/{re.escape(EDITION_NAME)}")
# Up to a build's mark, such as +cpu: what a machine has, and not what a commit changed.
PINNED = re.compile(r"(?m)^[ \t]*([A-Za-z0-9][\w.-]*)(?:\[[^\]\n]*\])?[ \t]*==[ \t]*([^\s;#\\+]+)")


@dataclass(frozen=True)
class Best:
    """The combination that a study chose, with its metric's mean over `n` seeds and interval."""

    combination: str
    metric: str
    n: int
    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, combination: str, metric: str, interval: Mapping[str, Any]) -> "Best":
        """From an entry of labbook's JSON files, in which None is NaN."""
        numbers = (interval.get(name) for name in ("mean", "low", "high"))
        mean, low, high = (math.nan if number is None else float(number) for number in numbers)
        return cls(combination, metric, int(interval.get("n") or 0), mean, low, high)

    @property
    def figure(self) -> str:
        """`validation MSE 0.973 (0.932 to 1.014), n 8`."""
        text = digits(self.mean, self.low, self.high)
        interval = f" ({text.interval})" if self.n > 1 else ""
        return f"{metric_name(self.metric)} {text.mean}{interval}, n {self.n}"

    def __str__(self) -> str:
        return f"{plain(self.combination)}, {self.figure}"

    def plain(self) -> dict[str, Any]:
        """As an entry of a JSON file."""
        fields = asdict(self).items()
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in fields}


def verdicts(state: State) -> Mapping[str, Row]:
    """The rows of results/claims.csv, by `<study>/<claim>`. Raises `NotInCacheError`."""
    rows: Mapping[str, Row] = state.parsed("results/claims.csv", _claims)
    return rows


def effect(row: Row) -> str:
    """A claim's effect with its interval: `×1.30 (×1.12 to ×1.53)`."""
    text = effect_text(row["scale"], *(value(row, name) for name in ("effect", "low", "high")))
    return text.mean if text.low == text.high else f"{text.mean} ({text.interval})"


@cache
def bests(state: State) -> dict[str, Best]:
    """The best combination of each study that has one. Raises `NotInCacheError`."""
    paths = sorted(path for path in state.files if ABOUT.fullmatch(path))
    chosen = {path.split("/")[1]: state.parsed(path, _best) for path in paths}
    return {study: best for study, best in chosen.items() if best is not None}


@cache
def runs(state: State) -> frozenset[str]:
    """The ids of the runs that the state holds. Raises `NotInCacheError`."""
    return frozenset(match[1] for match in map(RUN.fullmatch, state.files) if match)


def editions(state: State) -> dict[str, Mapping[str, Any]]:
    """What each download wrote of its data set, by name. Raises `NotInCacheError`."""
    names = {path: match[1] for path in state.files if (match := EDITION.fullmatch(path))}
    return {name: state.json(path) for path, name in sorted(names.items())}


def libraries(state: State) -> Mapping[str, str]:
    """The versions of the lock files, by library."""
    return {name: pin for lock in LOCKS for name, pin in state.parsed(lock, pins).items()}


def pins(lock: bytes) -> dict[str, str]:
    """The version that a lock file pins for each library, without the build's mark."""
    return {name.lower(): version for name, version in PINNED.findall(lock.decode())}


def settings(state: State) -> Mapping[str, str]:
    """The values of params.yaml by dotted path, as texts."""
    values: Mapping[str, str] = state.parsed("params.yaml", _settings)
    return values


def _claims(content: bytes) -> dict[str, Row]:
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""), restval="")
    return {f"{row['study']}/{row['id']}": row for row in rows}


def _best(content: bytes) -> Best | None:
    about = json.loads(content)
    chosen = about.get("chosen")
    if not chosen:
        return None
    metric = str(about.get("choice_metric") or about["metric"])
    return Best.of(str(chosen["label"]), metric, chosen["validation"])


def _settings(content: bytes) -> dict[str, str]:
    return flat_settings(content.decode())
