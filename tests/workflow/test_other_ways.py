"""Edits of data, parameters and code through either engine, with and without the profile, forced,
by a cluster's submission: exactly what depends on them runs, and results are equal.
"""

from tests.workflow.finished import (
    ENGINES,
    ITS_JOBS,
    ITS_RUNS,
    JOBS_OF_ALL,
    ONE_RATE_MORE,
    Finished,
    assert_equal,
    assert_idle,
    assert_recorded,
    dvc,
    kinds,
    lock,
    ran,
)
from tests.workflow.project import Project

BARE = ("--workflow-profile", "none")
CLUSTER = ("--executor", "cluster-generic", "--cluster-generic-submit-cmd", "bash", "--jobs", "2")
POINT_MORE = ("points: 40", "points: 41")
JOBS_OF_THE_POINT = ITS_JOBS | {
    "download/function",
    "prepare/function",
    "select/function/all",
    "describe/function",
}


def test_an_edit_runs_exactly_what_depends_on_it_and_undone_trains_nothing(
    finished: Finished, place: Project
) -> None:
    before, trained = place.results(), len(place.trained())
    place.edit(*POINT_MORE)
    assert ran(place, lambda: dvc(place)) == JOBS_OF_THE_POINT
    assert len(place.trained()) == trained + 4
    assert len(list((place.folder / "results/runs").iterdir())) == 8  # the others are in the attic
    assert_recorded(place)
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


def test_without_the_profile_snakemake_s_own_records_do_no_harm(
    finished: Finished, place: Project
) -> None:
    """It then keeps metadata, which are newer than what a checkout puts under them."""

    def bare() -> set[str]:
        return ran(place, lambda: place.snakemake(*BARE))

    assert bare() == set()
    place.edit(*ONE_RATE_MORE)
    assert bare() == ITS_JOBS
    assert_equal(finished.edited, place)
    place.run("dvc", "checkout", "-q", "--force")
    place.edit(*ONE_RATE_MORE[::-1])
    trained = place.trained()
    assert bare() <= ITS_JOBS  # by records of what was undone
    assert place.trained() == trained
    assert_equal(finished.origin, place)
    place.edit(*ONE_RATE_MORE)
    assert bare() == ITS_JOBS
    assert_equal(finished.edited, place)
    assert ran(place, place.snakemake) == set()


def test_a_cluster_s_submission_and_dvc_commit(finished: Finished, place: Project) -> None:
    """Each job is a Snakemake of its own, which reads the Snakefile again.

    Afterwards `dvc commit` records what `dvc repro` does.
    """
    place.edit(*ONE_RATE_MORE)
    assert ran(place, lambda: place.run("snakemake", *CLUSTER)) == ITS_JOBS
    assert_equal(finished.edited, place)
    place.run("dvc", "commit", "--force", "-q")
    assert_recorded(place)
    assert lock(place) == lock(finished.edited)
    assert not place.jobs()


def test_forced_jobs_train_only_what_is_not_there(finished: Finished, place: Project) -> None:
    """Half of the runs are there; all files are made anew, and are the same."""
    trained = place.trained()
    gone = sorted((place.folder / "results/runs").iterdir())[::2]
    for path in gone:
        path.unlink()
    jobs = ran(place, lambda: place.snakemake("--forceall"))
    assert len(jobs) == JOBS_OF_ALL
    assert sorted(place.trained()[len(trained) :]) == [path.stem for path in gone]
    assert_equal(finished.origin, place)
    assert_idle(place)


def test_code_runs_again_what_it_makes(place: Project) -> None:
    """Through either engine."""
    package, runs = "src/labbook", len(place.trained())
    place.edit('"""', '# a comment\n"""', f"{package}/report/figures/__init__.py")
    place.edit("\n\n", "\n\n# a comment\n", f"{package}/training/record.py")
    place.edit("\n\n", "\n\nNEW = 1\n", f"{package}/engines/torch/loop.py")
    # No run of this project is trained by torch.
    assert ran(place, lambda: ENGINES["dvc"](place)) == set()
    place.edit("</body>", "<hr></body>", f"{package}/report/page/page.html.j2")
    assert ran(place, lambda: ENGINES["dvc"](place)) == {"report"}
    place.edit("\n\n", "\n\nNEW = 1\n", f"{package}/engines/compiled/engine.py")
    jobs = ran(place, place.snakemake)
    assert kinds(jobs) == {"train", "evaluate", "claims", "figures", "report"}
    assert len(place.trained()) == 2 * runs
    assert ran(place, lambda: ENGINES["dvc"](place)) == set()
