"""A repository or a cache that somebody sends: nothing is written or read outside of its folder."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from labbook.certificate import copies
from labbook.certificate.check import compare_with_lock
from labbook.certificate.copies import Copy, copy_of
from labbook.data.own_files import copy_own
from labbook.data.table_file import read_table
from labbook.errors import LabbookError
from labbook.evaluate.all_claims import write_claims
from labbook.files import read_json
from labbook.history import git as commits
from labbook.history.champions import all_states, champions
from labbook.history.page import with_history
from labbook.history.state import Locked, State, Workspace, state_of
from labbook.identity.syntax import Memory
from labbook.params.tables import Form
from labbook.paths import ATTIC, RUNS
from labbook.provenance.attic import bring_back
from labbook.provenance.dvc_records import NotInCacheError, not_pulled, recorded_files
from labbook.report.study_results import StudyResults
from labbook.training.costlog import read_lines
from labbook.training.runfile import run_path
from tests.made_history import MadeProject, here

pytestmark = pytest.mark.thorough

__all__ = ["here"]
RUN = "0" * 16
ABOUT = "results/covid-width/champion/champion.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A repository with one commit."""
    project = MadeProject(tmp_path_factory.mktemp("outside") / "project")
    project.results((RUN,))
    return SimpleNamespace(project=project, commit=project.commit("one"))


def change_listing(here: SimpleNamespace, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Let the cache hold another listing of results, of the same name: DVC does not look."""
    path = here.project.cached(here.commit)
    entries = json.loads(path.read_text())
    change(entries)
    path.chmod(0o600)
    path.write_text(json.dumps(entries))


def put(here: SimpleNamespace, content: bytes) -> str:
    """Put a content into DVC's cache; its MD5."""
    total = hashlib.md5(content, usedforsecurity=False).hexdigest()
    path = here.project.folder / f".dvc/cache/files/md5/{total[:2]}/{total[2:]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return total


@pytest.mark.parametrize(
    "name", ["../../../../stolen", "/tmp/stolen-by-labbook", "a/../../../stolen"]
)
def test_a_listing_cannot_write_outside_of_the_folder(
    here: SimpleNamespace, tmp_path: Path, name: str
) -> None:
    """`labbook models get` writes what a listing names below a champion's folder."""
    entry = {"relpath": f"covid-width/champion/{name}", "md5": put(here, b"{}")}
    change_listing(here, lambda entries: entries.append(entry))
    id_ = next(iter(champions(all_states())[0])).id  # of the workspace, which is whole
    Path(ABOUT).unlink()
    before = sorted(tmp_path.rglob("*"))
    here.run("models", "get", id_, "-o", str(tmp_path / "a/b/out"), ok=False)
    assert "damaged in DVC's cache" in here.run("models")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_sum_cannot_read_outside_of_the_cache(here: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine")
    up = "../" * len((here.project.folder / ".dvc/cache/files/md5/aa").parts)
    total = f"aa{up}{tmp_path / 'secret'}"
    change_listing(here, lambda entries: entries.append({"relpath": "x", "md5": total}))
    with pytest.raises(LabbookError, match="is damaged in DVC's cache"):
        State(commits.resolve(here.commit)).read("results/x")


def test_a_champion_of_other_content_is_told_of(here: SimpleNamespace) -> None:
    about = json.loads(Path(ABOUT).read_text())
    changed: list[object] = [[], 5, {name: about[name] for name in about if name != "seed"}]
    changed += [about | {"sums": sums} for sums in ([], {"x": "y"}, {"x": "a" * 64})]
    changed += [about | {"validation": None}, about | {"metric": {}}]
    for text in (*map(json.dumps, changed), "{", "[" * 100_000, "\0"):
        here.project.write(ABOUT, text)
        assert f"{ABOUT} of workspace is damaged" in here.run("models"), text[:80]
    assert f"{ABOUT} of workspace is damaged" in here.run("models", "--json")


def test_a_file_without_a_sum_is_not_fetched(here: SimpleNamespace, tmp_path: Path) -> None:
    here.project.write("results/covid-width/champion/more.py", "import os")
    id_ = champions([state_of("workspace")])[0][0].id
    change_listing(here, lambda entries: entries.clear())
    message = here.run("models", "get", id_, "-o", str(tmp_path / "out"), ok=False)
    assert "more.py: SHA-256" in message
    assert not (tmp_path / "out").exists()


def with_links(here: SimpleNamespace, **links: str) -> str:
    """A commit with links in git; its hash."""
    for name, target in links.items():
        Path(name).unlink(missing_ok=True)
        Path(name).symlink_to(target)
        here.project.git("add", "-f", name)
    here.project.git("commit", "-qm", "links")
    return str(here.project.git("rev-parse", "HEAD").strip())


def test_a_copy_has_no_ways_out(
    here: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    links = {"inside": "tables/own.csv", "absolute": str(outside), "up": "../../../../.."}
    commit = with_links(here, **links)
    with copy_of(state_of(commit)) as copy:
        assert (copy.folder / "inside").read_text() == "a\n1\n"
        assert not (copy.folder / "absolute").is_symlink()
        assert not (copy.folder / "up").is_symlink()
        (copy.folder / "results").symlink_to(outside)  # after all
        with pytest.raises(LabbookError, match="leads out of the copy's folder"):
            Copy(copy.folder, state_of(here.commit), {}).put(ABOUT)
    assert list(outside.iterdir()) == []
    monkeypatch.delattr(copies.tarfile, "data_filter")  # before Python 3.11.4: no links at all
    with copy_of(state_of(commit)) as copy:
        assert (copy.folder / "tables/own.csv").read_text() == "a\n1\n"
        assert not (copy.folder / "up").is_symlink()


def test_a_path_in_an_archive_that_leads_out(here: SimpleNamespace, tmp_path: Path) -> None:
    """Git itself makes no such tree; whoever means harm does."""

    def git(*arguments: str, content: bytes = b"") -> str:
        ran = subprocess.run(["git", *arguments], input=content, capture_output=True, check=True)
        return ran.stdout.decode().strip()

    blob = git("hash-object", "-w", "--stdin", content=b"stolen")
    inner = git("mktree", content=f"100644 blob {blob}\tstolen\n".encode())
    entry = b"40000 ..\0" + bytes.fromhex(inner)
    outer = git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", content=entry)
    commit = git("commit-tree", outer, "-m", "up")
    with pytest.raises(LabbookError), copy_of(state_of(commit)):
        pass  # it has no params.yaml
    assert not list(tmp_path.rglob("stolen"))


def test_a_table_elsewhere_is_not_copied(here: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("mine")
    Path("tables/link.csv").symlink_to(tmp_path / "secret.csv")
    folder = tmp_path / "copy"
    copy = Copy(folder, state_of("workspace"), {})
    for path in (str(tmp_path / "secret.csv"), "../secret.csv", "tables/link.csv"):
        copy.put_own(path)
    copy.put_own("tables/own.csv")
    assert [path.name for path in folder.rglob("*.csv")] == ["own.csv"]


ENDLESS = "/dev/zero"


def link_to_a_device(name: str | Path) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).unlink(missing_ok=True)
    Path(name).symlink_to(ENDLESS)


def test_a_dvc_lock_that_never_ends_is_told_of(here: SimpleNamespace) -> None:
    link_to_a_device("dvc.lock")
    assert "dvc.lock cannot be read (not a plain file)" in str(not_pulled())
    assert "not a plain file" in str(compare_with_lock([]).why_not)
    assert recorded_files() == {}
    with pytest.raises(NotInCacheError, match="not a plain file"):
        dict(Locked().files)


def test_contents_that_never_end_are_not_read(here: SimpleNamespace) -> None:
    link_to_a_device(ABOUT)
    assert Workspace().read(ABOUT) is None
    state = State(commits.resolve(here.commit))
    total = state.files[ABOUT]
    link_to_a_device(f".dvc/cache/files/md5/{total[:2]}/{total[2:]}")
    with pytest.raises(NotInCacheError, match="not in DVC's cache"):
        state.read(ABOUT)
    link_to_a_device(here.project.cached(here.commit))
    assert not_pulled() is None  # without a remote there is nothing to pull
    assert not [name for name in recorded_files() if name.startswith("results/")]


def test_a_file_of_git_has_a_limit(here: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = commits.resolve(here.commit)
    whole = commits.read(commit, "dvc.lock")
    assert whole is not None
    monkeypatch.setattr(commits, "RECORD_BYTES", len(whole))
    assert commits.read(commit, "dvc.lock") == whole
    monkeypatch.setattr(commits, "RECORD_BYTES", len(whole) - 1)
    with pytest.raises(NotInCacheError, match="has more than"):
        commits.read(commit, "dvc.lock")
    assert commits.read(commit, "no-such-file") is None


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("results/a/verdicts.csv", lambda path: write_claims([path.parent], Path("out.csv"))),
        ("results/a/runs.csv", lambda path: StudyResults(path.parent, {}).runs),
        ("results/report.html", lambda path: with_history(path, [])),
        ("results/a.json", read_json),
        ("tables/a.csv", lambda path: read_table(path, Form())),
        ("tables/a.csv", lambda path: copy_own("a", path.as_posix(), Path(), Path("copy"))),
    ],
)  # fmt: skip
def test_what_labbook_reads_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, read: Callable[[Path], object]
) -> None:
    monkeypatch.chdir(tmp_path)
    link_to_a_device(name)
    with pytest.raises(LabbookError):
        read(Path(name))


def test_what_labbook_keeps_of_its_own_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("attic.sums", "code.json"):
        link_to_a_device(f".labbook/{name}")
    link_to_a_device("results/log/runs.jsonl")
    aside = ATTIC / run_path(RUNS, RUN)
    aside.parent.mkdir(parents=True)
    aside.write_text("weights")
    bring_back([RUN])  # no sum is known of it
    assert run_path(RUNS, RUN).read_text() == "weights"
    assert read_lines() == {}
    monkeypatch.setattr("labbook.identity.syntax.FOLDER", Path(".labbook"))
    assert Memory().read(b"a = 1").digest == Memory().read(b"a  =  1").digest
