"""Snakemake and DVC know the same truth: an edit of the data, undone by DVC and by hand."""

from tests.workflow.finished import (
    ITS_JOBS,
    ITS_RUNS,
    ONE_RATE_MORE,
    Finished,
    assert_equal,
    assert_idle,
    dvc,
    lock,
    ran,
)
from tests.workflow.project import Project

POINT_MORE = ("points: 40", "points: 41")
JOBS_OF_THE_POINT = ITS_JOBS | {"download/function", "prepare/function", "select/function/all"}


def test_an_edit_runs_exactly_what_depends_on_it_and_undone_trains_nothing(
    finished: Finished, place: Project
) -> None:
    before, trained = place.results(), len(place.trained())
    place.edit(*POINT_MORE)
    assert ran(place, lambda: dvc(place)) == JOBS_OF_THE_POINT
    assert len(place.trained()) == trained + 4
    assert len(list((place.folder / "results/runs").iterdir())) == 8  # the others are in the attic
    assert place.run("dvc", "status").stdout.strip() == "Data and pipelines are up to date."
    place.edit(*POINT_MORE[::-1])
    dvc(place)
    assert len(place.trained()) == trained + 4
    assert_equal(finished.origin, place)
    assert lock(place) == lock(finished.origin)

    # Edited and undone by Snakemake alone, which tidies nothing; then by `dvc checkout`.
    place.edit(*ONE_RATE_MORE)
    assert ran(place, place.snakemake) == ITS_JOBS
    place.edit(*ONE_RATE_MORE[::-1])
    place.snakemake()
    assert len(place.trained()) == trained + 4 + ITS_RUNS
    after = place.results()
    assert {name: content for name, content in after.items() if name in before} == before
    place.run("dvc", "checkout", "-q", "--force")
    assert place.results() == before
    assert_idle(place)
