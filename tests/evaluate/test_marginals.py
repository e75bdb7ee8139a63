"""Means by value of a setting: over which combinations, and with the interval of what."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from labbook.evaluate.marginals import write_marginals
from tests.made_study import made_results

RATES, BATCHES = (0.1, 0.01), (16, 64, 256)
SETTINGS = {
    f"{rate} {batch}": {"optimizer.rate": rate, "training.batch": batch}
    for rate in RATES
    for batch in BATCHES
}
PRODUCT = {"optimizer.rate": list(RATES), "training.batch": list(BATCHES)}
DRAWN = {"sample": 6, "of": {name: list(values) for name, values in PRODUCT.items()}}


@pytest.fixture
def values() -> dict[str, list[float | None]]:
    """By label, four seeds."""
    draws = np.random.default_rng(3).lognormal(0, 0.3, (6, 4))
    return {label: list(row) for label, row in zip(SETTINGS, draws.tolist(), strict=True)}


def table(folder: Path, values, vary, settings=None) -> pd.DataFrame:
    study = made_results(values, settings=settings or SETTINGS, vary=vary)
    write_marginals(study, folder / "marginals.csv")
    return pd.read_csv(folder / "marginals.csv", dtype={"value": str}).set_index(
        ["setting", "value"]
    )


def test_of_a_product_seeds_are_averaged_over_all_combinations(tmp_path: Path, values) -> None:
    rows = table(tmp_path, values, PRODUCT)
    assert [*rows.index] == [
        ("optimizer.rate", "0.1"), ("optimizer.rate", "0.01"),
        ("training.batch", "16"), ("training.batch", "64"), ("training.batch", "256"),
    ]  # fmt: skip
    own = rows.loc["optimizer.rate", "0.1"]
    by_seed = np.log([values[label] for label in SETTINGS if label.startswith("0.1 ")]).mean(0)
    half = stats.t.ppf(0.975, 3) * by_seed.std(ddof=1) / 2
    expected = np.exp([by_seed.mean(), by_seed.mean() - half, by_seed.mean() + half])
    assert [own["mean"], own["low"], own["high"]] == pytest.approx(expected)
    assert (own["n"], own["over"], own["combinations"]) == (4, "seeds", 3)


def test_of_a_sample_combinations_are_what_varies(tmp_path: Path, values) -> None:
    own = table(tmp_path, values, DRAWN).loc["training.batch", "64"]
    means = np.log([values["0.1 64"], values["0.01 64"]]).mean(axis=1)
    half = stats.t.ppf(0.975, 1) * means.std(ddof=1) / math.sqrt(2)
    assert own["mean"] == pytest.approx(math.exp(means.mean()))
    assert own["high"] == pytest.approx(math.exp(means.mean() + half))
    assert (own["n"], own["over"]) == (2, "combinations")


def test_a_seed_with_a_failed_run_and_a_combination_without_a_value_have_no_part(
    tmp_path: Path, values
) -> None:
    values["0.1 16"] = [None] * 4
    values["0.1 64"][0] = None
    own = table(tmp_path, values, PRODUCT).loc["optimizer.rate", "0.1"]
    by_seed = np.log([values["0.1 64"][1:], values["0.1 256"][1:]]).mean(axis=0)
    assert own["mean"] == pytest.approx(math.exp(by_seed.mean()))
    assert (own["n"], own["combinations"]) == (3, 2)  # seeds, combinations in the mean
    assert table(tmp_path, values, DRAWN)["combinations"].tolist() == [2, 3, 1, 2, 2]


@pytest.mark.parametrize(
    ("vary", "setting"),
    [([*SETTINGS.values()], None), ({"optimizer.rate": [*range(1, 7)]}, "optimizer.rate")],
)
def test_single_settings_and_lists_have_no_such_means(
    tmp_path: Path, values, vary, setting
) -> None:
    one = {label: {"optimizer.rate": 1 + i} for i, label in enumerate(SETTINGS)}
    assert table(tmp_path, values, vary, one if setting else None).empty
