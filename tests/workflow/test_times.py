"""File times say nothing: shuffled, of the future, of 1980, coarse, or of a clock that jumps."""

import os
import random
import time
from collections.abc import Callable

from tests.workflow.finished import (
    Finished,
    assert_edit_is_exact,
    assert_idle,
    assert_title_is_exact,
    work_files,
)
from tests.workflow.project import Project

DAY = 86_400
NEW_YEAR_1980 = 315_532_800
DRAW = random.Random(2)
TIMES: dict[str, Callable[[float], float]] = {
    "shuffled": lambda was: DRAW.uniform(1_400_000_000, time.time() - DAY),
    # As on a machine whose clock is ten days behind that of the machine that made the files.
    "of the future": lambda was: was + 10 * DAY,
    "of 1980": lambda was: NEW_YEAR_1980,
    "of whole two seconds, as some file systems keep them": lambda was: was // 2 * 2,
    "zero": lambda was: 0,
}


def mixed(was: float) -> float:
    """Also where a part of the files is of the future, as after the clock was put right."""
    return DRAW.choice(list(TIMES.values()))(was)


def set_times(project: Project, to: Callable[[float], float]) -> None:
    for path in work_files(project):
        wanted = to(path.stat().st_mtime)
        os.utime(path, (wanted, wanted))


def test_whatever_the_times_both_are_idle_and_edits_are_exact(
    finished: Finished, place: Project
) -> None:
    """The edits come before anything has put the times in order."""
    for times in TIMES.values():
        set_times(place, times)
        assert_idle(place)
    set_times(place, mixed)
    assert_edit_is_exact(finished, place, "snakemake")
    set_times(place, TIMES["of the future"])  # the clock was put back after the first edit
    assert_title_is_exact(place, "dvc")
    set_times(place, mixed)
    assert not place.jobs()
