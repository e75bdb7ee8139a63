"""How much a tuning asks for at most, as `labbook plan` says it before anything is trained."""

import pytest

from labbook.params.load import load_params
from labbook.plan.tunings import tuning_plans
from labbook.tuning.bound import at_most
from tests.conftest import TINY

SEARCH = (
    "search: {budget: 300, epochs: 2, of: {optimizer.rate: {low: 0.001, high: 0.1, log: true}}}"
)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        # 2 seeds x 4 rates, 9 rates, 4 rates x 4 weight decays, 10 settings x 4 seeds; 3 x 8, 2 x 6.
        ("seeds: 6, remedies: false", "109 runs, all but 36 of them short"),
        # Five variants, of which two go on: 5 x 8, 5 x 9, 2 x 16, 13 settings x 4; 5 x 8, 2 x 6.
        ("seeds: 6", "221 runs, all but 52 of them short"),
        (f"seeds: 7, {SEARCH}", "300 epochs, and 14 runs in the last step"),
    ],
)
def test_at_most(tmp_path, block: str, words: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(f"{TINY.read_text()}tune:\n  good: {{recipe: boston, {block}}}\n")
    assert at_most(tuning_plans(load_params(path))["good"]) == words
