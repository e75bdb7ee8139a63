"""Made-up results of studies, in the form in which evaluate writes them."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labbook.evaluate.claims.by_seed import COLUMNS as PAIRED
from labbook.evaluate.claims.judge import COLUMNS
from labbook.evaluate.writing import write_table
from labbook.files import write_text
from tests import made_claims

HOSTILE = "<script>alert('x')</script> & \"quotes\" $x^2$ 東京 ‮ é " + "very-long-label-" * 8
CLASSES = tuple("0123456789")


@dataclass
class Made:
    """One study to make; `means` are validation means by label, None where all runs diverge."""

    name: str
    question: str
    setting: str
    means: dict[str, float | None]
    data: dict[str, Any]
    metric: str = "valid_mse"
    n: int = 8
    spread: float = 0.05
    epochs: int = 300
    diverged: dict[str, int] = field(default_factory=dict)
    unfinished: dict[str, int] = field(default_factory=dict)
    verdicts: tuple[str, ...] = ("supported", "undecided")
    claims: tuple[dict[str, Any], ...] = ()  # besides those of `verdicts`
    published: tuple[tuple[str, str, tuple[float, ...]], ...] = ()  # label, metric, values
    note: str | None = None
    importance: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    suggestions: tuple[dict[str, str], ...] = ()
    worth: tuple[str, ...] = ()
    more: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # tables
    seed: int = 1

    @property
    def stand_in(self) -> bool:
        return self.data["edition"] == "stand-in"

    @property
    def higher(self) -> bool:
        return self.metric.endswith(("accuracy", "r2"))


def table_data(name: str, edition: str, target: str, rows: int, columns: int) -> dict[str, Any]:
    return {
        "name": name, "edition": edition, "kind": "table", "task": "regression", "rows": rows,
        "columns": columns, "shape": [columns], "unlabelled": 0, "target": target, "classes": [],
    }  # fmt: skip


def covid(edition: str = "real", **changes: Any) -> Made:
    labels = ["64-16", "32-16-8", "128-64-16", "128-32", "64-32-8", "64-32-16-8"]
    values = [1.02, 0.97, 1.10, 1.08, 1.01, 0.99]
    data = table_data("covid", edition, "tested_positive.2", 3009, 88) | {"unlabelled": 997}
    made = Made(
        "covid-width", "Which hidden layers suit the COVID data?", "model.hidden",
        {f"hidden {k}": v for k, v in zip(labels, values, strict=True)}, data,
        unfinished={"hidden 128-64-16": 3}, verdicts=("refuted", "undecided", "supported"),
        epochs=1900,
    )  # fmt: skip
    return replace(made, **changes)


def boston(**changes: Any) -> Made:
    means = {"0.1": None, "0.01": 13.4, "0.001": 16.2, "0.0001": 417.0}
    made = Made(
        "boston-rate", "Which learning rate suits Boston housing?", "optimizer.rate",
        {f"rate {k}": v for k, v in means.items()},
        table_data("boston", "package", "MEDV", 506, 13), spread=0.2,
        diverged={"rate 0.1": 8, "rate 0.01": 2},
    )  # fmt: skip
    return replace(made, **changes)


def function(**changes: Any) -> Made:
    data = table_data("function", "generated", "y", 2000, 1)
    made = Made(
        "function-depth", "Does depth help to approximate a function?", "model.hidden",
        {"hidden 64-64": 2.1e-4, "hidden 64-64-64-64-64": 8.7e-5}, data, spread=0.4,
        epochs=5000, unfinished={"hidden 64-64": 8},
    )  # fmt: skip
    return replace(made, **changes)


def images(**changes: Any) -> Made:
    data = {
        "name": "mnist-5k", "edition": "package", "kind": "images", "task": "classification",
        "rows": 5000, "columns": 784, "shape": [28, 28], "unlabelled": 0, "target": "digit",
        "classes": list(CLASSES),
    }  # fmt: skip
    means: dict[str, float | None] = {
        f"kernel {k}": v for k, v in zip((3, 5, 7, 9), (0.962, 0.974, 0.976, 0.972), strict=True)
    }
    made = Made(
        "mnist-kernel", "Which kernel size suits MNIST?", "model.kernel", means, data,
        metric="valid_accuracy", spread=0.004, epochs=15,
    )  # fmt: skip
    return replace(made, **changes)


def interval(values: Sequence[float]) -> dict[str, Any]:
    x = np.array([v for v in values if math.isfinite(v)])
    if len(x) < 2:
        mean = float(x[0]) if len(x) else None
        return {"n": len(x), "mean": mean, "low": None, "high": None, "deviation": None}
    half = 2.36 * float(x.std(ddof=1)) / math.sqrt(len(x))
    mean = float(x.mean())
    spread = float(x.std(ddof=1))
    return {"n": len(x), "mean": mean, "low": mean - half, "high": mean + half, "deviation": spread}


def write(made: Made, results: Path) -> Path:
    """Write the results of `made` under `results`; returns the study's folder."""
    folder = results / made.name
    random = np.random.default_rng(made.seed)
    runs = _runs(made, random)
    tables = {
        "runs": (runs,), "combinations": (_combinations(made, runs),),
        "comparisons": (_comparisons(made, runs), _COMPARED),
        "verdicts": (_verdicts(made), COLUMNS), "curves": (_curves(made),),
        "pairs": (_pairs(made), PAIRED),
        "predictions": (_predictions(made, random), _PREDICTED),
        "published": (_published(made), _REPORTED),
        "fits": (_fits(made), _FITS),
        "confusion": (_confusion(made, random), _CONFUSED), "diagnosis": (_diagnoses(made),),
        "importance": (_importance(made), _EXPLAINED),
        **{name: (rows,) for name, rows in made.more.items()},
    }  # fmt: skip
    for name, (rows, *columns) in tables.items():
        write_table(
            folder / f"{name}.csv",
            pd.DataFrame(rows, columns=columns[0] if columns else None, dtype=object),
        )
    about = json.dumps(_study(made, runs), indent=1, sort_keys=True, ensure_ascii=False)
    (folder / "study.json").write_text(about, encoding="utf-8")
    write_text(folder / "champion/champion.json", "{}")
    write_text(folder / "champion/model.safetensors", "")
    return folder


_COMPARED = ["combination", "reference", "metric", "scale", "n", "effect", "low", "high", "p", "p_holm",
             "direction"]  # fmt: skip
_PREDICTED = ["combination", "seed", "part", "row", "x", "true", "predicted"]
_REPORTED = ["combination", "metric", "set", "value", "source"]
_FITS = ["combination", "seed", "kind", "x", "y"]
_EXPLAINED = ["setting", "kind", "metric", "scale", "method", "share", "low", "high", "n"]
_CONFUSED = ["combination", "part", "true", "predicted", "count"]


def _runs(made: Made, random: np.random.Generator) -> list[dict[str, Any]]:
    rows = []
    for label, mean in made.means.items():
        for seed in range(made.n):
            ended, value = "stopped early", math.nan
            if mean is None or seed < made.diverged.get(label, 0):
                ended = "diverged"
            else:
                value = mean * (1 + made.spread * float(random.normal()))
                value = min(value, 0.999) if made.higher else value
                if made.n - seed <= made.unfinished.get(label, 0):
                    ended = "budget used up, still improving"
            row = {"run": f"r{len(rows)}", "combination": label, "seed": seed}
            row |= {made.setting: label.partition(" ")[2], "ended": ended, "epochs": made.epochs}
            row |= {"best_epoch": made.epochs - 3, "parameters": 1345, made.metric: value}
            rows.append(row | {_test(made): value * 1.02 if not made.higher else value - 0.003})
    return rows


def _test(made: Made) -> str:
    return made.metric.replace("valid", "test")


def _values(runs: list[dict[str, Any]], label: str, metric: str) -> list[float]:
    return [row[metric] for row in runs if row["combination"] == label]


def _combinations(made: Made, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for label in made.means:
        for metric in (made.metric, _test(made)):
            given = _values(runs, label, metric)
            values = sorted((v for v in given if math.isfinite(v)), reverse=made.higher)
            row = {"combination": label, made.setting: label, "metric": metric} | interval(values)
            row |= {"median": float(np.median(values)) if values else math.nan}
            row |= {"best": values[0] if values else math.nan}
            rows.append(row | {"worst": values[-1] if values else math.nan, "runs": made.n})
    return rows


def _comparisons(made: Made, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    reference, *others = made.means
    base = _values(runs, reference, made.metric)
    rows = []
    for label in others:
        pairs = zip(_values(runs, label, made.metric), base, strict=True)
        one = interval([a - b for a, b in pairs])
        row = {"combination": label, "reference": reference, "metric": made.metric, "n": one["n"]}
        row |= {"scale": "difference"}
        row |= {"effect": one["mean"], "low": one["low"], "high": one["high"]}
        clear = one["low"] is not None and one["low"] * one["high"] > 0
        p = 0.0004 if clear else (0.41 if one["n"] > 1 else math.nan)
        better = clear and (one["mean"] > 0) == made.higher
        direction = "better" if better else "worse" if clear else "unclear"
        rows.append(row | {"p": p, "p_holm": p * 2, "direction": direction})
    return rows


def _verdicts(made: Made) -> list[dict[str, Any]]:
    rows = []
    effects = {"supported": (0.12, 0.05), "refuted": (-0.08, 0.04), "undecided": (0.03, 0.09)}
    for i, verdict in enumerate(made.verdicts):
        given = "not judged" if made.stand_in else verdict
        effect, half = effects.get(verdict, (0.1, 0.2))
        p = math.nan if made.stand_in else (0.21 if verdict == "undecided" else 0.0031)
        rows.append(made_claims.claim(
            f"{made.name[0].upper()}{i + 1}",
            f"The network of {list(made.means)[-1]} does better than all others.", given,
            scale="difference", margin=0.01, metric=made.metric, effect=effect,
            low=effect - half if made.n > 1 else math.nan,
            high=effect + half if made.n > 1 else math.nan, n=made.n, p=p, p_holm=p,
            reported="2.308 (private), 2.405 (public)" if i == 0 else "",
            data=made.data["edition"], fresh_seeds=23 if given == "undecided" else "",
            why=f"Over {made.n} seeds the mean difference is {effect:.4g}.",
        ))  # fmt: skip
    return [row | {"study": made.name} for row in [*rows, *made.claims]]


def _pairs(made: Made) -> list[dict[str, Any]]:
    rows = [row for row in _verdicts(made) if row["verdict"] != "not judged"]
    return [pair for row in rows for pair in made_claims.by_seed(row)]


def _published(made: Made) -> list[dict[str, Any]]:
    return [
        {"combination": label, "metric": metric, "set": i, "value": value, "source": "a report"}
        for label, metric, values in made.published
        for i, value in enumerate(values, 1)
    ]


def _curves(made: Made) -> list[dict[str, Any]]:
    rows = []
    for i, (label, mean) in enumerate(made.means.items()):
        end = max(3, made.epochs - i * made.epochs // 20)
        if mean is None:
            end = 6
        for epoch in np.unique(np.rint(np.geomspace(1, end, 120)).astype(int)):
            t = epoch / made.epochs
            floor = 0.08 if made.higher else (mean or 1.0)
            loss = floor * (1 + 40 * math.exp(-9 * t) / (1 + 12 * t))
            loss = loss if mean is not None else 10.0 ** (epoch * 2)
            row: dict[str, Any] = {"combination": label, "epoch": int(epoch), "n": made.n}
            for part, factor in (("train", 0.85), ("valid", 1 + 0.1 * t)):
                middle, width = loss * factor, 1.1 if made.n > 1 else math.nan
                row |= {f"{part}_mean": middle, f"{part}_low": middle / width}
                row |= {f"{part}_high": middle * width}
            rows.append(row)
    return rows


def _predictions(made: Made, random: np.random.Generator) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if made.data["task"] != "regression":
        return rows
    for label, mean in made.means.items():
        for i in range(200 if mean is not None else 0):
            x = float(random.uniform(1, 16))
            true = math.log2(x) + math.cos(math.pi * x / 2)
            scale = math.sqrt(mean or 0.0)
            if made.data["columns"] > 1:
                true, x = 20 + 9 * true, math.nan
            predicted = true + scale * float(random.normal())
            rows.append({"combination": label, "seed": 3, "part": "valid", "row": i, "x": x,
                         "true": true, "predicted": predicted})  # fmt: skip
    return rows


def _fits(made: Made) -> list[dict[str, Any]]:
    """Of a single column: the function, and per combination its curve and training points."""
    if made.data["columns"] > 1:
        return []
    kinds = [("true", 100, 0.0), ("fit", 100, 0.05), ("training", 40, 0.02)]
    return [
        {"combination": label, "seed": 3 if label else "", "kind": kind, "x": x,
         "y": math.log2(x) + math.cos(math.pi * x / 2) + shift * math.sin(9 * x)}
        for label in ("", *made.means)
        for kind, many, shift in kinds
        if (kind == "true") == (not label)
        for x in np.linspace(1, 16, many).tolist()
    ]  # fmt: skip


def _confusion(made: Made, random: np.random.Generator) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    classes = made.data["classes"]
    for label in made.means if classes else ():
        for part in ("valid", "test") if label == _best(made) else ("valid",):
            for true in classes:
                for predicted in classes:
                    count = 780 if true == predicted else int(random.poisson(2))
                    rows.append({"combination": label, "part": part, "true": true,
                                 "predicted": predicted, "count": count})  # fmt: skip
    return rows


def _diagnoses(made: Made) -> list[dict[str, Any]]:
    names = {None: "diverging"}
    return [
        {"combination": label, "diagnosis": names.get(mean, "good"), "advice": f"Try <i>{i}</i>."}
        for i, (label, mean) in enumerate(made.means.items())
    ]


def _importance(made: Made) -> list[dict[str, Any]]:
    """As of a grid, where `importance` of the study says so; shares by setting."""
    others = {"together": "together", "chance": "chance"}
    rows = []
    for name, (share, low, high) in made.importance.items():
        rows.append({
            "setting": name, "kind": others.get(name, "setting"), "metric": made.metric,
            "scale": "log", "method": "analysis of variance", "share": share, "low": low,
            "high": high, "n": made.n,
        })  # fmt: skip
    return rows


def _best(made: Made) -> str | None:
    known = {label: mean for label, mean in made.means.items() if mean is not None}
    pick = max if made.higher else min
    return pick(known, key=lambda label: known[label]) if known else None


def _study(made: Made, runs: list[dict[str, Any]]) -> dict[str, Any]:
    ended = [row["ended"] for row in runs]
    best = _best(made)
    return {
        "name": made.name, "question": made.question, "note": made.note, "data": made.data,
        "sizes": {"train": 2000, "valid": 400, "test": 200}, "metric": made.metric,
        "choice_metric": made.metric, "metrics": [made.metric, _test(made)],
        "higher_is_better": {made.metric: made.higher}, "unit": {},
        "seeds": list(range(made.n)), "single_seed": made.n == 1, "runs": len(runs),
        "varies": [made.setting], "combinations": list(made.means),
        "reference": next(iter(made.means)),
        "endings": {name: ended.count(name) for name in sorted(set(ended))},
        "suggestions": list(made.suggestions), "worth": list(made.worth), "diverged": made.diverged, "unfinished": made.unfinished, "verdicts": {},
        "chosen": None if best is None else _chosen(made, runs, best),
    }  # fmt: skip


def _chosen(made: Made, runs: list[dict[str, Any]], best: str) -> dict[str, Any]:
    test = interval(_values(runs, best, _test(made)))
    layers = [["linear", [32], 672], ["linear", [16], 528], ["linear", [8], 136], ["out", [1], 9]]
    features = None
    if made.name.startswith("covid"):
        names = ("tested_positive.1", "hh_cmnty_cli.2", "cli", "<b>nohh</b>", "travel_outside")
        scores = [
            {"feature": f, "score": 900.0 / (i + 1), "chosen": 8 - i} for i, f in enumerate(names)
        ]
        features = {"method": "f_regression", "k": 20, "splits": made.n, "best": scores}
    return {
        "label": best, "settings": {made.setting: best.partition(" ")[2]}, "seed": 3,
        "run": "a1b2c3d4", "validation": interval(_values(runs, best, made.metric)), "test": test,
        "test_metrics": {_test(made): test}, "layers": layers, "parameters": 1345,
        "features": features,
    }  # fmt: skip


def everything(results: Path) -> list[Path]:
    """Studies of every kind, with one of a stand-in, one of a single seed and a hostile one."""
    single = covid(name="single-seed", n=1, verdicts=("undecided",), unfinished={})
    hostile = covid(
        "stand-in", name="hostile", question=HOSTILE, note=HOSTILE,
        means={HOSTILE + str(i): 1.0 + i / 10 for i in range(12)}, unfinished={HOSTILE + "2": 1},
        importance={HOSTILE: (0.6, 0.4, 0.8), "chance": (0.4, 0.2, 0.6)},
        suggestions=({"reason": HOSTILE, "yaml": f"studies:\n  a: '{HOSTILE}'\n"},),
    )  # fmt: skip
    reported = (
        ("rate 0.1", "test_mse", (math.nan, 8.25)), ("rate 0.01", "test_mse", (6.55, 12.9)),
        ("rate 0.001", "test_mse", (9.52,)), ("rate 0.0001", "test_mse", (19.97, 417.0)),
    )  # fmt: skip
    second = boston(
        name="every-form", verdicts=(), claims=tuple(made_claims.every_form()), published=reported
    )
    made = [covid(), function(), boston(), images(), single, hostile, second]
    return [write(one, results) for one in made]
