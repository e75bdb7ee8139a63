"""The edition of the data, real or a stand-in: decided by the download, kept until asked for.

The "real" files are made here and pinned by their sums; the mirror that has them comes and goes.
"""

import shutil
from pathlib import Path

import pytest

from tests.conftest import copy_project
from tests.workflow.finished import assert_equal, assert_idle, clone, commit, ran
from tests.workflow.project import Project
from tests.workflow.small import mirrored

PARAMS = """\
seeds: 2
controls: false
datasets:
COVID  function: {kind: function, expression: "x ** 2 - 1", low: -1, high: 1, points: 40, split: {valid: 0.2, test: 0.2}}
recipes:
  covid:
    dataset: covid
    features: {method: f_regression, k: 8}
    model: {kind: linear}
    optimizer: {kind: adam, rate: 1e-2}
    training: {batch: 64, epochs: 3}
  function:
    dataset: function
    model: {kind: polynomial, degree: 2}
    optimizer: {kind: adam, rate: 0.1}
    training: {batch: all, epochs: 20}
studies:
  rate: {question: Which rate fits a parabola?, recipe: function, vary: {optimizer.rate: [0.05, 0.1]}}
  covid: {question: Do a few columns do?, recipe: covid, vary: {features.k: [4, 8]}}
"""
OF_COVID = {"evaluate/covid", "figures/covid", "train/covid-000", "claims", "report"}
FROM_PREPARATION = OF_COVID | {
    "prepare/covid",
    "rivals/covid",
    "describe/covid",
    "select/covid/f_regression-4",
    "select/covid/f_regression-8",
}
EVERYTHING_OF_COVID = FROM_PREPARATION | {"download/covid"}
RUNS = 4  # of the study of covid, for either edition


@pytest.fixture
def mirror(standing_in: Project, tmp_path: Path) -> Path:
    """A mirror that has the real files."""
    return shutil.copytree(standing_in.folder.parent / "mirror", tmp_path / "mirror")


@pytest.fixture(scope="module")
def standing_in(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A study of covid beside the one of a function: one `snakemake`, where no origin can be reached,
    goes from nothing to a report on a stand-in; committed and pushed. Do not change.
    """
    folder = tmp_path_factory.mktemp("editions")
    text = PARAMS.replace("COVID", mirrored(folder / "mirror"))
    project = Project(copy_project(folder / "project"))
    (project.folder / "params.yaml").write_text(text)
    project.under_version_control(folder / "store")
    project.snakemake()
    assert says_stand_in(project)
    commit(project, "stand-in")
    project.run("git", "tag", "stand-in")
    project.run("dvc", "push", "-q")
    return project


@pytest.fixture
def project(standing_in: Project, tmp_path: Path) -> Project:
    return standing_in.copy(tmp_path / "project")


def says_stand_in(project: Project) -> bool:
    return "so a stand-in was used there" in (project.folder / "results/report.html").read_text()


def runs_of_the_plan(project: Project) -> int:
    return len(list((project.folder / "results/runs").iterdir()))


def test_the_edition_stays_until_another_is_asked_for(
    standing_in: Project, project: Project, mirror: Path, tmp_path: Path
) -> None:
    """Checks 10a to 10r of docs/agreement.md, one after the other."""
    assert_idle(project)

    # The mirror is there: the edition stays, in a clone too.
    project.environment["LABBOOK_MIRROR"] = str(mirror)
    assert_idle(project)
    cloned = clone(project, tmp_path / "clone")
    cloned.environment["LABBOOK_MIRROR"] = str(mirror)
    assert_idle(cloned)
    assert_equal(standing_in, cloned)

    # Asked for: everything that is made from it anew, in one run, and nothing else.
    assert "real" in project.run("labbook", "data", "covid", "real").stdout
    assert ran(project, project.snakemake) == FROM_PREPARATION
    assert not says_stand_in(project)
    commit(project, "real")
    assert runs_of_the_plan(project) == 2 * RUNS
    assert_idle(project)

    # An older commit has the stand-in's results, mirror or not; and back.
    project.checkout("stand-in")
    assert_equal(standing_in, project)
    assert_idle(project)
    project.checkout("main")
    assert not says_stand_in(project)
    assert_idle(project)


def test_removing_the_download_asks_for_the_best_that_can_be_had(
    standing_in: Project, project: Project, mirror: Path
) -> None:
    """Through `dvc repro`, to the real data and back to the stand-in, whose runs are still there."""
    project.environment["LABBOOK_MIRROR"] = str(mirror)
    shutil.rmtree(project.folder / "data/raw/covid")
    assert ran(project, lambda: project.run("dvc", "repro")) == EVERYTHING_OF_COVID
    assert not says_stand_in(project)
    assert_idle(project)
    assert runs_of_the_plan(project) == 2 * RUNS

    del project.environment["LABBOOK_MIRROR"]
    assert_idle(project)  # the real data are there, whether an origin is or not
    shutil.rmtree(project.folder / "data/raw/covid")
    trained = project.trained()
    assert ran(project, lambda: project.run("dvc", "repro")) == EVERYTHING_OF_COVID
    assert project.trained() == trained  # the attic had them
    assert_equal(standing_in, project)
    assert project.run("git", "status", "--porcelain").stdout == ""

    # A wrong sum is an error, never a stand-in; through DVC too.
    for path in (mirror / "covid").iterdir():
        path.write_bytes(path.read_bytes() + b"\n")
    project.environment["LABBOOK_MIRROR"] = str(mirror)
    shutil.rmtree(project.folder / "data/raw/covid")
    refused = project.run("dvc", "repro", ok=False)
    assert refused.returncode != 0
    assert "has other content than params.yaml says" in refused.stdout
    assert not list((project.folder / "data/raw/covid").glob("*.csv"))
