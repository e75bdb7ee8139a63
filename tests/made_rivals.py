"""Made-up tables of rivals, measures and what networks make of columns, as evaluate writes them."""

from typing import Any

import numpy as np

Table = dict[str, list[Any]]
VERDICTS = ("supported", "supported", "undecided", "refuted", "not judged")


def rivals(names: tuple[str, ...], metric: str) -> list[Table]:
    """A row per rival, each with another verdict; the last is the best."""
    higher = metric.endswith("accuracy")
    rows = []
    for number, (name, verdict) in enumerate(zip(names, VERDICTS, strict=True)):
        effect = 0.02 * (2 - number) if higher else 1.3 - 0.1 * number
        rows.append({
            "rival": name, "best": "best" if number == 4 else "", "metric": metric, "n": 8,
            "mean": 0.9, "mean_low": 0.8, "mean_high": 1.0, "effect": effect,
            "scale": "difference" if higher else "ratio", "low": effect - 0.05,
            "high": effect + 0.05, "p_holm": 0.01 * number, "verdict": verdict,
            "kind": "no relevant difference" if verdict == "refuted" else "", "why": "So it is.",
        })  # fmt: skip
    return rows


def measures(who: tuple[str, ...], names: tuple[str, ...]) -> list[Table]:
    """A row per model, part and measure; the last measure is not defined in some seeds."""
    note = "not defined in 2 of 8: one class or value alone in these rows"
    return [
        {
            "who": one, "part": part, "metric": name, "mean": 0.5, "low": 0.4, "high": 0.6,
            "n": 6 if name == names[-1] else 8, "note": note if name == names[-1] else "",
        }
        for one in who for part in ("valid", "test") for name in names
    ]  # fmt: skip


def permutation(columns: tuple[str, ...]) -> list[Table]:
    """A row per column, the first the most important, the last of no importance."""
    return [
        {"column": name, "metric": "valid_mse", "scale": "ratio", "effect": 1 + 1 / (place + 1),
         "low": 1 + 0.5 / (place + 1) - (0.5 if name == columns[-1] else 0), "high": 2.2, "n": 8}
        for place, name in enumerate(columns)
    ]  # fmt: skip


def dependence(columns: tuple[str, ...], levels: tuple[str, ...]) -> list[Table]:
    """Numbers for all columns but the last, which has `levels`."""
    rows = []
    for name in columns:
        last = name == columns[-1]
        for place, level in enumerate(levels if last else [""] * 5):
            row = {"column": name, "of": "y", "x": None if last else place / 4, "level": level}
            rows.append(
                row | {"mean": 1.0 + place, "low": 0.5 + place, "high": 1.5 + place, "n": 8}
            )
    return rows


def rates(classes: tuple[str, ...]) -> list[Table]:
    """Curves of each class, and the calibration of all."""
    rows = []
    for name in classes:
        for curve in ("roc", "precision"):
            for x in np.linspace(0, 1, 9):
                mean = x**0.3 if curve == "roc" else 1 - 0.4 * x**2
                rows.append({"curve": curve, "class": name, "x": x, "mean": mean, "share": 0.3,
                             "low": mean - 0.05, "high": min(mean + 0.05, 1), "n": 8})  # fmt: skip
    for x in (0.55, 0.75, 0.95):
        rows.append({"curve": "calibration", "class": "", "x": x, "mean": x - 0.05, "share": x / 3,
                     "low": x - 0.1, "high": x, "n": 8})  # fmt: skip
    return rows


def classes(combination: str, names: tuple[str, ...]) -> list[Table]:
    """Precision and recall by class; the last class was never predicted."""
    rows = []
    for part in ("valid", "test"):
        for name in names:
            row = {"combination": combination, "part": part, "class": name, "rows": 12.5, "n": 8}
            for kind in ("precision", "recall"):
                known = name != names[-1]
                row |= {kind: 0.9 if known else None, f"{kind}_low": 0.8 if known else None}
                row |= {f"{kind}_high": 1.0 if known else None}
            rows.append(row)
    return rows
