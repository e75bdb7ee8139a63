"""Other ways to run the rules: without the profile, forced, by a cluster's submission."""

from pathlib import Path

import pytest

from tests.workflow.finished import (
    ENGINES,
    ITS_JOBS,
    JOBS_OF_ALL,
    ONE_RATE_MORE,
    Finished,
    assert_equal,
    assert_idle,
    kinds,
    lock,
    ran,
)

pytestmark = pytest.mark.slow

BARE = ("--workflow-profile", "none")
CLUSTER = ("--executor", "cluster-generic", "--cluster-generic-submit-cmd", "bash", "--jobs", "2")


def test_without_the_profile_snakemake_s_own_records_do_no_harm(
    finished: Finished, tmp_path: Path
) -> None:
    """It then keeps metadata, which are newer than what a checkout puts under them."""
    place = finished.origin.copy(tmp_path / "place")
    assert ran(place, lambda: place.snakemake(*BARE)) == set()
    place.edit(*ONE_RATE_MORE)
    assert ran(place, lambda: place.snakemake(*BARE)) == ITS_JOBS
    assert_equal(finished.edited, place)
    place.run("dvc", "checkout", "-q", "--force")
    place.edit(ONE_RATE_MORE[1], ONE_RATE_MORE[0])
    trained = place.trained()
    assert ran(place, lambda: place.snakemake(*BARE)) <= ITS_JOBS  # by records of what was undone
    assert place.trained() == trained
    assert_equal(finished.origin, place)
    place.edit(*ONE_RATE_MORE)
    assert ran(place, lambda: place.snakemake(*BARE)) == ITS_JOBS
    assert_equal(finished.edited, place)
    assert ran(place, place.snakemake) == set()


def test_a_cluster_s_submission(finished: Finished, tmp_path: Path) -> None:
    """Each job is a Snakemake of its own, which reads the Snakefile again."""
    place = finished.origin.copy(tmp_path / "place")
    place.edit(*ONE_RATE_MORE)
    assert ran(place, lambda: place.run("snakemake", *CLUSTER)) == ITS_JOBS
    assert_equal(finished.edited, place)
    assert ran(place, lambda: place.run("dvc", "repro")) == set()
    assert not place.jobs()


def test_forced_jobs_train_nothing_that_is_there(finished: Finished, tmp_path: Path) -> None:
    place = finished.origin.copy(tmp_path / "place")
    trained = place.trained()
    jobs = ran(place, lambda: place.snakemake("--forceall"))
    assert len(jobs) == JOBS_OF_ALL
    assert place.trained() == trained
    assert_equal(finished.origin, place)
    assert_idle(place)


def test_dvc_commit_after_a_plain_snakemake_records_what_dvc_repro_does(
    finished: Finished, tmp_path: Path
) -> None:
    place = finished.origin.copy(tmp_path / "place")
    place.edit(*ONE_RATE_MORE)
    place.snakemake()
    place.run("dvc", "commit", "--force", "-q")
    assert place.run("dvc", "status").stdout.strip() == "Data and pipelines are up to date."
    assert lock(place) == lock(finished.edited)


# engine, file, text, what it becomes, and the rules that it asks for
PACKAGE = "src/labbook"
OF_TRAINING = {"train", "evaluate", "claims", "figures", "report"}
CODE = {
    "a comment": ("dvc", f"{PACKAGE}/training/record.py", "\n\n", "\n\n# a comment\n", set()),
    "the template": ("dvc", f"{PACKAGE}/report/page.html.j2", "</body>", "<hr></body>", {"report"}),
    "training": (
        "snakemake",
        f"{PACKAGE}/training/record.py",
        "\n\n",
        "\n\nNEW = 1\n",
        OF_TRAINING,
    ),
}


@pytest.mark.parametrize("edit", CODE)
def test_code_runs_again_what_it_makes(finished: Finished, tmp_path: Path, edit: str) -> None:
    engine, file, old, new, rules = CODE[edit]
    place = finished.origin.copy(tmp_path / "place")
    runs = len(place.trained())
    place.edit(old, new, file)
    assert kinds(ran(place, lambda: ENGINES[engine](place))) == rules
    assert len(place.trained()) == runs * (2 if "train" in rules else 1)
    other = {"snakemake": "dvc", "dvc": "snakemake"}[engine]
    assert ran(place, lambda: ENGINES[other](place)) == set()
