"""File times say nothing: shuffled, of the future, of 1980, coarse, or of a clock that jumps."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.conftest import Project
from tests.workflow.finished import (
    Finished,
    assert_edit_is_exact,
    assert_idle,
    assert_title_is_exact,
    work_files,
)

pytestmark = pytest.mark.slow

DAY = 86_400
NEW_YEAR_1980 = 315_532_800


def shuffled(seed: int) -> Callable[[float], float]:
    draw = random.Random(seed)
    return lambda was: draw.uniform(1_400_000_000, time.time() - DAY)


def future(was: float) -> float:
    """As on a machine whose clock is ten days behind that of the machine that made the files."""
    return was + 10 * DAY


def long_ago(was: float) -> float:
    return NEW_YEAR_1980


def zero(was: float) -> float:
    return 0


def even(was: float) -> float:
    """As on file systems that keep whole two seconds."""
    return was // 2 * 2


def set_times(project: Project, to: Callable[[float], float]) -> None:
    for path in work_files(project):
        wanted = to(path.stat().st_mtime)
        os.utime(path, (wanted, wanted))


def test_whatever_the_times_both_are_idle(finished: Finished, tmp_path: Path) -> None:
    place = finished.origin.copy(tmp_path / "place")
    for times in (shuffled(1), future, long_ago, even):
        set_times(place, times)
        assert_idle(place)
    assert_title_is_exact(place, "dvc")


@pytest.mark.parametrize("seed", [2, 3])
def test_an_edit_before_anything_has_put_the_times_in_order(
    finished: Finished, tmp_path: Path, seed: int
) -> None:
    """Also where a part of the files is of the future, as after the clock was put right."""
    place = finished.origin.copy(tmp_path / "place")
    draw = random.Random(seed)
    set_times(place, lambda was: draw.choice([zero, long_ago, future, even, shuffled(seed)])(was))
    assert_edit_is_exact(finished, place, ["snakemake", "dvc"][seed % 2])


def test_a_clock_that_is_put_back_between_two_edits(finished: Finished, tmp_path: Path) -> None:
    """All that the first edit made is of the future when the second comes."""
    place = finished.origin.copy(tmp_path / "place")
    assert_edit_is_exact(finished, place, "snakemake")
    set_times(place, future)
    assert_title_is_exact(place, "dvc")
    assert not place.jobs()
