"""Counts without end are refused before anything is built; the largest allowed one is allowed."""

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
from tests.conftest import clean_environment
from tests.params.test_params import COUNTS

MEMORY = 2**31  # bytes: a billion of anything takes more
PROGRAM = """
import os, sys
from labbook.cli import main
for path in sys.argv[1:]:
    os.environ["LABBOOK_PARAMS"] = path
    assert main(["check"]) == main(["plan"]) == 1
"""


def test_commands_refuse_in_little_memory(edited: Callable[..., Path], tmp_path: Path) -> None:
    names = ("seeds", "a product", "width in a study", "a sample", "points")
    cases = [count[1:] for count in COUNTS if count[0] in names]
    paths = [edited(case[:2]).rename(tmp_path / f"{n}.yaml") for n, case in enumerate(cases)]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, paths)],
        env=clean_environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert all(ran.stderr.count(said) >= 2 for _, _, said in cases)


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
def test_the_count_without_data_refuses_nothing_that_the_count_with_data_allows(
    hidden: list[int], columns: int, outputs: int
) -> None:
    network = models.build(Mlp(hidden=hidden), (columns,), outputs)
    weights = [a * b for a, b in (s for s in network.weights().values() if len(s) == 2)]
    assert Mlp(hidden=hidden).least_weights(1) <= sum(weights)
