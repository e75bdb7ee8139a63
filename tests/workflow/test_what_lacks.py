"""Where a study cannot be made the others are, and the page says which one lacks, why, what to do."""

import signal
import zipfile
from pathlib import Path

import pytest

from labbook.looking.state import State
from labbook.looking.watch import Watcher
from tests.workflow.finished import Finished, assert_equal, assert_idle, ran
from tests.workflow.project import Project, Started
from tests.workflow.small import small

TOO_MANY = ("features.k: [2, 3]", "features.k: [2, 30]")
REPORT, KEY = "results/report.html", "results/report.key"


@pytest.fixture(scope="module")
def failed(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """The finished project after an edit with which one of its studies cannot be made, and what
    Snakemake said: shared, so `test_once_mended` must be the last.
    """
    place = finished.origin.copy(tmp_path_factory.mktemp("lacks") / "place")
    place.edit(*TOO_MANY)
    ended = place.run("snakemake", "--cores", "2", ok=False)
    assert ended.returncode == 1
    return place, ended.stdout


def test_the_page_is_of_the_others_and_names_the_one(failed: tuple[Project, str]) -> None:
    place, said = failed
    page = (place.folder / REPORT).read_text()
    top = page[: page.index('class="counted"')]
    assert "1 of 2 studies" in top
    assert "features.k: 30 columns asked for" in top
    assert "results/log/select/leaves/f_classif-30.log" in top
    assert 'id="study-rate"' in page
    assert 'id="study-columns"' not in page
    assert "results/report.html: a page of 1 study, not the whole report. Missing:" in said
    assert "f_classif-30" in (place.folder / "results/log.html").read_text()


def test_it_counts_as_no_report(failed: tuple[Project, str]) -> None:
    place, _ = failed
    assert not (place.folder / KEY).exists()
    assert "report" in place.jobs()
    assert place.run("labbook", "verify", ok=False).returncode == 3  # missing, not damaged
    assert place.run("labbook", "fresh", ok=False).returncode == 1


def test_the_terminal_tells_the_same_in_a_pipe(failed: tuple[Project, str]) -> None:
    place, _ = failed
    said = place.run("labbook", "show").stdout
    assert "1 of 2 studies finished" in said
    assert "features.k: 30 columns" in said
    assert "\x1b" not in said
    assert max(len(line) for line in said.splitlines()) <= 100
    one = place.run("labbook", "show", "rate").stdout
    assert "95 % interval" in one
    assert "●" in one
    assert "failed" in place.run("labbook", "show", "columns").stdout + said
    summary = place.run("labbook", "summary").stdout
    assert "features.k: 30 columns" in summary
    assert "Of older settings or code, and not made anew yet: columns." in summary
    unknown = place.run("labbook", "show", "depth", ok=False)
    assert "Allowed: rate, columns." in unknown.stdout


def test_snakemake_s_own_report_has_what_there_is(failed: tuple[Project, str]) -> None:
    place, _ = failed
    before = place.results()
    said = place.run("snakemake", "--report", "report.zip").stdout
    assert "Missing metadata" not in said
    with zipfile.ZipFile(place.folder / "report.zip") as made:
        (page,) = [name for name in made.namelist() if name.endswith("report.html")]
        text = made.read(page).decode()
    assert "results/rate/figures/metric.svg" in text
    assert "Small dots are single runs" in text
    assert "results/claims.csv" in text
    assert place.results() == before


def test_what_is_served_follows_the_files(
    failed: tuple[Project, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = failed
    monkeypatch.chdir(place.folder)
    before = place.results()
    watcher = Watcher()
    watcher.look()
    first = watcher.seen
    assert b"Not the whole report" in first.page
    assert "1 of 2 studies finished" in first.line
    watcher.look()
    assert watcher.seen == first
    (place.folder / "params.yaml").write_text("studies: [")
    watcher.look()
    assert watcher.seen.page == first.page  # while somebody is editing
    assert "params.yaml" in watcher.seen.line
    assert place.results() == before


def test_once_mended_only_what_lacks_is_made_and_all_is_as_without_the_failure(
    failed: tuple[Project, str], finished: Finished
) -> None:
    place, _ = failed
    (place.folder / "params.yaml").write_bytes(
        (finished.origin.folder / "params.yaml").read_bytes()
    )
    assert ran(place, place.snakemake) == {"report"}
    assert_equal(finished.origin, place)
    assert_idle(place)


def test_after_kill_9_the_killed_job_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = small(tmp_path / "killed")
    started = Started(project, "snakemake", "--cores", "2")
    monkeypatch.chdir(project.folder)
    assert started.wait_for(lambda: any(node.startswith("train/") for node in State().in_work))
    started.end(signal.SIGKILL)
    (study,) = State().studies.values()
    assert {failure.killed for failure in study.failures} == {True}
    none = project.run("labbook", "report", ok=False)
    assert none.returncode == 1
    assert "No study is finished yet" in none.stdout
    assert "killed before it could say why" in project.run("labbook", "show").stdout
    project.snakemake()
    assert State().whole
