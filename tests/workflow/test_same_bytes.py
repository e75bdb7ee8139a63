"""Equal input, equal bytes: whatever the cores, packs, threads, hashes, zone, language, a kill."""

import signal
from collections.abc import Callable

from tests.workflow.finished import assert_equal
from tests.workflow.project import Project, Started

PACKS_OF_SEVEN = ("packs: {size: 16}", "packs: {size: 7}")


def test_packs_of_seven_another_zone_and_language_a_kill_and_one_core(
    tiny_done: Project, new: Callable[..., Project]
) -> None:
    """Another user and packs of one: tests/workflow/test_places.py."""
    other = new(PACKS_OF_SEVEN, TZ="Asia/Kathmandu", LC_ALL="C", LANG="C", OMP_NUM_THREADS="2")
    started = Started(other, "snakemake", "--cores", "2")
    assert started.wait_for(lambda: len(other.trained()) >= 5), started.output
    started.end(signal.SIGKILL)
    before = set(other.trained())
    other.environment |= {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    other.run("snakemake", "--cores", "1")
    again = [run for run in other.trained() if other.trained().count(run) > 1]
    assert before
    assert not again, "a run that was there has been trained again"
    assert_equal(tiny_done, other, packs=False)


def test_other_hashes_and_threads(tiny_done: Project, new: Callable[..., Project]) -> None:
    """In one process, where sets have another order than elsewhere."""
    other = new(PACKS_OF_SEVEN, OMP_NUM_THREADS="2", PYTHONHASHSEED="7")
    other.make()
    assert_equal(tiny_done, other, packs=False)
