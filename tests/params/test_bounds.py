"""Counts without end are refused by `labbook check`, with the limit, before anything is built."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook import models
from labbook.errors import LabbookError
from labbook.params import limits
from labbook.params.combinations import combinations
from labbook.params.document import Params
from labbook.params.load import load_params
from labbook.params.models import Mlp
from labbook.params.reference_page import reference_page
from tests.conftest import clean_environment

RATES = ", ".join(f"{number}e-4" for number in range(1, 1001))
BATCHES = ", ".join(map(str, range(1, 1001)))
VARY = "vary: {optimizer.rate: [0.05, 1e+5]}"
KERNELS = "vary: {model.kernel: [3, 5]}\n    seeds: [7, 11]"
WIDE = "vary: {model: [{kind: mlp, hidden: [1000000000, 64]}]}"
COUNTS = [
    ("seeds", "seeds: [7, 11]", "seeds: 1000000000", "at most 10,000"),
    ("seeds of the file", "seeds: 6 ", "seeds: 1000000000 ", "at most 10,000"),
    ("a list of seeds", "seeds: [7, 11]", f"seeds: {list(range(10_001))}", "10,001 in a list; expected at most 10,000"),
    ("runs", KERNELS, f"vary: {{optimizer.rate: [{RATES}]}}\n    seeds: 10000", "10,000,0"),
    ("points", "points: 60", "points: 1000000000", "at most 10,000,000"),
    ("a product", VARY, f"vary: {{optimizer.rate: [{RATES}], training.batch: [{BATCHES}]}}", "1,000,000 combinations here"),
    ("a sample", VARY, "vary: {sample: 1000000000, of: {optimizer.rate: {low: 0, high: 1}}}", "at most 20,000"),
    ("a range", VARY, "vary: {sample: 2, of: {optimizer.rate: {low: -1.7e+308, high: 1.7e+308}}}", "at most 1e+100"),
    ("epochs", "epochs: 12", "epochs: 1000000000", "at most 1,000,000"),
    ("batch", "batch: 64, epochs: 12", "batch: 100000000000, epochs: 12", "at most 1,000,000,000"),
    ("columns", "k: 8}", "k: 1000000000}", "at most 1,000,000"),
    ("kernel", "model.kernel: [3, 5]", "model.kernel: [3, 1000000001]", "at most 31"),
    ("degree", "degree: 2}", "degree: 1000000000}", "at most 30"),
    ("width", "hidden: [8], activation: leaky_relu", "hidden: [1000000000, 64]", "at most 100,000"),
    ("width in a study", VARY, WIDE, "at most 100,000"),
    ("weights", "hidden: [8], activation: leaky_relu", "hidden: [100000, 100000]", "10,000,900,000 weights"),
    ("channels", "channels: [4]", "channels: [100000, 100000]", "at most 100,000,000"),
    ("layers", "hidden: [8], activation: leaky_relu", f"hidden: {[8] * 101}", "101 in a list; expected at most 100"),
    ("blocks", "channels: [4]", f"channels: {[4] * 101}", "101 in a list; expected at most 100"),
    ("pack", "packs: {size: 16}", "packs: {size: 100000000000}", "at most 1,000,000,000"),
    ("pixels", "training: {batch: 16, epochs: 4}", "training: {batch: 16, epochs: 4, augment: {crop: 1000000000}}", "at most 1,000"),
    ("copies", "training: {batch: 16, epochs: 4}", "training: {batch: 16, epochs: 4, augment: {flip: vertical, test_copies: 1000000000}}", "at most 1,000"),
    ("period", "multiply: 2", "multiply: 1000000000", "at most 1,000,000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"), [c[1:] for c in COUNTS], ids=[c[0] for c in COUNTS]
)
def test_a_count_without_end(edited: Callable[..., Path], old: str, new: str, said: str) -> None:
    with pytest.raises(LabbookError) as caught:
        load_params(edited((old, new)))
    assert said in str(caught.value)
    assert "line " in str(caught.value)


MEMORY = 2**31  # bytes: a billion of anything takes more


@pytest.mark.parametrize("command", ["check", "plan"])
@pytest.mark.parametrize("count", ["seeds", "a product", "width in a study", "a sample", "points"])
def test_commands_refuse_in_little_memory(
    edited: Callable[..., Path], command: str, count: str
) -> None:
    old, new, said = next(c[1:] for c in COUNTS if c[0] == count)
    ran = subprocess.run(
        [sys.executable, "-m", "labbook", command],
        env=clean_environment(LABBOOK_PARAMS=str(edited((old, new)))),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_largest_that_is_allowed_is_allowed(edited: Callable[..., Path]) -> None:
    texts = [
        ("seeds: [7, 11]", f"seeds: {limits.SEEDS}"),
        ("points: 60", f"points: {limits.POINTS}"),
        ("epochs: 12", f"epochs: {limits.EPOCHS}"),
        ("hidden: [8], activation: leaky_relu", f"hidden: {[1000] * limits.LAYERS}"),
    ]
    assert load_params(edited(*texts)).datasets["function"].points == limits.POINTS


def test_a_network_is_counted_with_its_data_before_it_is_made() -> None:
    with pytest.raises(LabbookError, match=r"100,100,001 weights .* at most 100,000,000"):
        models.build(Mlp(hidden=[100_000]), (999,), 1)
    assert models.build(Mlp(hidden=[100_000]), (990,), 1).outputs == 1


def test_combinations_are_counted_as_they_are_made(tiny: Params) -> None:
    for name, study in tiny.studies.items():
        assert study.combination_count == len(combinations(tiny, name)[0])


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 50), st.integers(1, 50))
def test_the_count_without_data_is_never_too_large(
    hidden: list[int], columns: int, outputs: int
) -> None:
    """It refuses nothing that the count with data would allow."""
    network = models.build(Mlp(hidden=hidden), (columns,), outputs)
    weights = sum(
        a * b for shape in network.weights().values() if len(shape) == 2 for a, b in [shape]
    )
    assert Mlp(hidden=hidden).least_weights(1) <= weights


def test_the_reference_page_tells_the_limits() -> None:
    page = reference_page()
    for text, most in limits.TEXTS.items():
        assert f"| {text} | {most:,} |" in page
