"""Made-up verdicts of every form, verdict and kind, in the columns of results/<study>/verdicts.csv.

Verdicts are not computed here.
"""

import math
from typing import Any

import numpy as np
from scipy import stats

from labbook.evaluate.claims.judge import COLUMNS


def claim(id_: str, sentence: str, verdict: str, **columns: Any) -> dict[str, Any]:
    """One row: a comparison by ratio as far as `columns` do not say otherwise."""
    row = {
        "id": id_, "study": "", "sentence": sentence, "verdict": verdict, "kind": "",
        "form": "better", "metric": "valid_mse", "scale": "ratio", "effect": 1.0, "low": 0.9,
        "high": 1.1, "n": 8, "p": 0.001, "p_holm": 0.002, "margin": 1.05, "reported": "",
        "ours": "0.842 (0.80 to 0.88) against 0.911 (0.87 to 0.95)",
        "middle": "geometric mean", "data": "real", "fresh_seeds": "", "new_data": "", "why": f"This is why {id_} is {verdict}.",
        "test": "t", "group": "own",
    }  # fmt: skip
    group = id_[:1] if id_[:1].isupper() else "own"
    kind = {"supported": "as claimed", "refuted": "opposite"}.get(verdict, "")
    assert set(columns) <= set(COLUMNS)
    return row | {"group": group, "kind": kind} | columns


def every_form() -> list[dict[str, Any]]:
    """Claims of all forms and scales, with all verdicts and kinds; effects of all sizes."""
    return [
        claim("B2-best", "A rate of 0.01 has a lower error than 0.001.", "supported",
              effect=1.31, low=1.12, high=1.53, new_data="yes", reported="MSE 6.55 against 9.52"),
        claim("B2-slow", "A rate of 0.0001 is far too slow.", "supported", effect=31.2, low=24.0,
              high=40.5, new_data="yes", reported="MSE 19.97, in a second set 417"),
        claim("B1-two", "Two hidden layers are better than one.", "refuted",
              kind="no relevant difference", effect=1.012, low=0.991, high=1.034,
              reported="8.01 against 11.10"),
        claim("B1-eight", "Eight are better than two.", "refuted", kind="opposite", effect=0.71,
              low=0.62, high=0.82, new_data="no"),
        claim("B3", "ReLU, then tanh, then sigmoid.", "supported", form="order",
              scale="correlation", effect=0.94, low=0.81, high=1.0, margin="", test="Page",
              ours="13.1, 14.8, 16.2"),
        claim("C9-order", "Plain, then dropout, then batch norm.", "undecided", form="order",
              scale="correlation", effect=0.25, low=-0.4, high=0.9, margin="", test="Page",
              p_holm=0.4, fresh_seeds=31, why="31 more seeds would tell the order."),
        claim("C4", "Longer patience gains more with Adam.", "undecided", form="more_than",
              effect=1.08, low=0.94, high=1.24, p_holm=0.23, fresh_seeds=12,
              why="12 more seeds would tell the gain."),
        claim("F3-lost", "At least half of the runs of width 128 diverge.", "supported",
              form="share", metric="valid_mse", scale="share", effect=0.875, low=0.474, high=0.997,
              margin=0.5, test="binomial", ours="7 of 8 runs diverged"),
        claim("F3-few", "Fewer than a fifth of the runs of width 32 fail.", "refuted",
              kind="opposite", form="share", scale="share", effect=0.5, low=0.157, high=0.843,
              margin=0.2, test="binomial", ours="4 of 8 runs used up"),
        claim("F7", "Converged runs have a test MSE below 4e-4.", "supported", form="level",
              metric="test_mse", scale="value", effect=2.1e-4, low=1.6e-4, high=2.6e-4,
              margin=4e-4, ours="0.00021 (0.00016 to 0.00026)"),
        claim("C8", "The network has 1,345 parameters.", "supported", form="exact",
              scale="value", effect=1345.0, low=1345.0, high=1345.0, n=1, p="", p_holm="",
              margin=1345.0, test="exact", ours="1,345 = 672 + 528 + 136 + 9"),
        claim("M3", "Dropout makes little difference.", "supported", form="alike",
              metric="test_accuracy", scale="difference", effect=0.0012, low=-0.0021, high=0.0045,
              margin=0.005, reported="0.980, 0.980, 0.982", ours="0.979 against 0.980"),
        claim("M2-nine", "Kernels of 9 are slightly better than kernels of 5.", "refuted",
              kind="opposite", metric="test_accuracy", scale="difference", effect=-0.021,
              low=-0.033, high=-0.009, margin=0.005, reported="0.980 against 0.974", new_data="yes"),
        claim("M5", "Augmentation makes it worse.", "undecided", metric="test_accuracy",
              scale="difference", effect=0.31, low=-0.12, high=0.74, margin=0.005, fresh_seeds=200,
              p_holm=0.6),
        claim("F1-few", "Four further layers need fewer epochs than one.", "supported",
              metric="epochs", effect="", low=3.2, high="", test="log-rank",
              ours="median 2,700 epochs (1,400 to 4,400) against above 20,000"),
        claim("C1-best", "32-16-8 beats the others.", "not judged", data="stand-in", p="", p_holm=""),
        claim("mine", "My own idea <b>helps</b>.", "undecided", effect=1.2, low=0.8, high=1.7,
              reported="", fresh_seeds=9, p_holm=0.3),
    ]  # fmt: skip


def by_seed(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of pairs.csv with the mean and the interval of a claim's row, where it has them."""
    n, ends = row["n"], [row[name] for name in ("effect", "low", "high")]
    numbers = n > 1 and all(isinstance(end, float) and math.isfinite(end) for end in ends)
    if row["form"] not in ("better", "more_than", "alike", "level") or not numbers:
        return []
    by_ratio = row["scale"] == "ratio" or row["form"] == "level"
    mean, low, high = np.log(ends) if by_ratio else ends
    shape = stats.norm.ppf((np.arange(n) + 0.5) / n)
    gains = mean + shape / shape.std(ddof=1) * (high - low) / 2 * n**0.5 / stats.t.ppf(0.975, n - 1)
    first, second = np.exp(-gains) if by_ratio else gains, np.ones(n) if by_ratio else np.zeros(n)
    sides = ["one", "the other"]
    if row["form"] == "level":
        first, second, sides = np.exp(gains), np.full(n, row["margin"]), ["one", "below"]
        gains = np.log(second / first)
    return [
        {
            "id": row["id"], "pair": 1, "first_side": sides[0], "second_side": sides[1],
            "seed": seed, "first": float(a), "second": float(b), "gain": float(gain), "failed": "",
            "test": "t", "margin": row["margin"], "rows": "", "first_budget": "",
            "second_budget": "",
        }
        for seed, (a, b, gain) in enumerate(zip(first, second, gains, strict=True))
    ]  # fmt: skip
