"""History, comparison, models: read from git and DVC's cache of a repository with made-up results."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from labbook.certificate.check import compare_with_lock
from labbook.history import git as commits
from labbook.history import outcome
from labbook.history.champions import champions, fetch
from labbook.history.changes import edits, shortened
from labbook.history.settings import flat_settings
from labbook.history.state import State, _parsed, state_of
from tests.conftest import ROOT
from tests.made_history import LOCK, MadeProject, here

pytestmark = pytest.mark.thorough

__all__ = ["here"]
RUNS = tuple(f"{i:016x}" for i in range(8))
HOSTILE = "a <script>alert(1)</script> & \x1b[31m subject"
MODEL = "results/covid-width/champion/model.safetensors"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Five commits on main, one on a side branch that was merged, and an experiment."""
    project = MadeProject(tmp_path_factory.mktemp("history") / "project")
    project.dvc("remote", "add", "-q", "-d", "store", str(project.folder.parent / "store"))
    project.results(RUNS[:2], edition="stand-in")
    first = project.commit("the beginning", "01")

    project.edition("real", "b" * 64)
    project.results(RUNS[:2])
    real = project.commit("real data", "02")
    project.git("tag", "v1")

    project.git("checkout", "-q", "-b", "side")
    project.results((*RUNS[:2], RUNS[7]), champion="of the side", n=6)
    side = project.commit("on the side", "03")
    project.git("checkout", "-q", "main")
    project.dvc("checkout", "-q", "--force")

    project.params(seeds=16, margin=1.1)
    project.write("requirements.lock", LOCK.format(numpy="2.4.0"))
    project.write("src/labbook/report/page/page.py", "2\n")
    project.write("src/labbook/engines/compiled/engine.py", "2\n")
    better = {"hidden 64-16": 0.7, "hidden 32-16-8": 0.97}
    verdicts = ("refuted", "supported", "supported")
    project.results(RUNS[:5], champion="two", n=16, means=better, verdicts=verdicts)
    more = project.commit(HOSTILE, "04")
    project.git("merge", "-q", "-s", "ours", "--no-edit", "side")
    merge = project.git("rev-parse", "HEAD").strip()
    project.git("branch", "-q", "-D", "side")

    project.write("README.md", "no result changes\n")
    project.git("add", "-A")
    project.git("commit", "-qm", "words")

    project.git("checkout", "-q", "--detach")
    project.params(seeds=4)
    project.results((RUNS[0], RUNS[6]), champion="fast", n=4)
    experiment = project.commit("dvc: commit experiment", "05")
    project.git("update-ref", "refs/exps/aa/bbbb/fast", experiment)
    project.git("update-ref", "refs/exps/celery/stash", experiment)
    project.git("checkout", "-q", "main")
    project.dvc("checkout", "-q", "--force")
    hashes = {"first": first, "real": real, "side": side, "more": more, "merge": merge}
    return SimpleNamespace(project=project, experiment=experiment, **hashes)


def history(here: SimpleNamespace) -> dict[str, Any]:
    """The entries of `labbook history --json`, by commit."""
    return {entry["commit"]: entry for entry in json.loads(here.run("history", "--json"))}


def models(here: SimpleNamespace) -> list[dict[str, Any]]:
    return list(json.loads(here.run("models", "--json"))["models"])


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_merge_hides_no_results(here: SimpleNamespace) -> None:
    """The merge took main's dvc.lock: plain `git log -- dvc.lock` does not show the side."""
    assert here.side not in here.project.git("log", "--format=%H", "--", "dvc.lock").split()
    listed = {commit.hash: commit for commit in commits.recorded()}
    assert set(listed) >= {here.first, here.real, here.side, here.more}
    assert list(listed)[-1] == here.first
    assert listed[here.more].parents == listed[here.side].parents == (here.real,)


def test_what_git_keeps_results_by_has_names_that_are_resolved(here: SimpleNamespace) -> None:
    assert commits.kept() == ["refs/heads/main", "refs/tags/v1", "refs/exps/aa/bbbb/fast", "HEAD"]
    assert here.experiment in [commit.hash for commit in commits.recorded(*commits.kept())]
    names = {"v1": here.real, "fast": here.experiment, here.side[:8]: here.side}
    assert {name: commits.resolve(name).hash for name in names} == names
    for name in ("nobody", "--all"):
        with pytest.raises(commits.LabbookError, match="no such commit, branch, tag or experiment"):
            commits.resolve(name)


def test_what_git_refuses_is_understood_in_every_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name in ("recorded", "branches"):
        with pytest.raises(commits.NoRepositoryError, match="git init && dvc init"):
            getattr(commits, name)()
    git = tmp_path / "git"
    git.write_text(
        '#!/bin/sh\nif [ "$LC_ALL" = C ]; then text="not a git repository"\n'
        'else text="kein Git-Repository"; fi\necho "fatal: $text" >&2; exit 128\n'
    )
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    with pytest.raises(commits.NoRepositoryError):
        commits.branches()


def test_a_state_is_that_of_a_checkout(here: SimpleNamespace) -> None:
    """Against DVC itself, which checks the commit out."""
    state = state_of(here.side[:10])
    listed = dict(state.files)
    contents = {path: state.read(path) for path in [*listed, "params.yaml"]}
    here.project.git("checkout", "-q", here.side)
    here.project.dvc("checkout", "-q", "--force")
    files = [p for top in ("data", "results") for p in Path(top).rglob("*") if p.is_file()]
    assert {path.as_posix() for path in files} == set(listed)
    for path, content in contents.items():
        assert Path(path).read_bytes() == content
        if path in listed:
            assert hashlib.md5(Path(path).read_bytes()).hexdigest() == listed[path]
    workspace = state_of("workspace")
    assert outcome.verdicts(workspace) == outcome.verdicts(state)
    assert outcome.bests(workspace) == outcome.bests(state)
    assert outcome.runs(workspace) == outcome.runs(state) == {*RUNS[:2], RUNS[7]}
    settings = outcome.settings(state)
    assert settings["studies.covid-width.vary.model.hidden"] == "[[64, 16], [32, 16, 8]]"
    assert settings["studies.covid-width.claims[C1].margin"] == "1.05"


SHAPES = [
    "",
    "a: 1\n",
    "# only words\n",
    "a:\nb: 2\n",
    "a: {}\nb: []\n",
    "a:\n  b: 1\n  # words\n  c: {d: [1, 2]}\ne: text\n",
    "a:\n  - {id: x, v: 1}\n  - {v: 2}\n",
    "a: &one {b: 1}\nc: *one\nd:\n  e: {<<: *one, f: 2}\n",
    "a: 'begins\n\nends: here'\nb:\n  c: [1,\n  2]\n",
    "a:\n  b: |\n    c: no key\n   \n  d: >\n    e: no key\n",
    "a: |\n  b: no key\nc: 1\n",
    "a:\n    b: 1\n    c:\n        d: 2\n",
    "a:\n- 1\n- 2\nb: 1e-3\n",
]
SHIPPED = [(ROOT / name).read_text() for name in ("params.yaml", "full.yaml", "tests/tiny.yaml")]


@pytest.mark.parametrize("text", SHAPES + SHIPPED, ids=range(len(SHAPES + SHIPPED)))
def test_blocks_read_one_by_one_give_what_the_whole_gives(text: str) -> None:
    def flat(given: Any, path: str = "") -> Any:
        if isinstance(given, dict) and given:
            for key, inner in given.items():
                yield from flat(inner, f"{path}.{key}".strip("."))
        elif isinstance(given, list) and given and all(isinstance(item, dict) for item in given):
            for place, inner in enumerate(given):
                yield from flat(inner, f"{path}[{inner.get('id', place)}]")
        else:
            yield path, given if isinstance(given, str) else json.dumps(given)

    whole = YAML(typ="safe").load(text)
    assert flat_settings(text) == (dict(flat(whole)) if whole else {})


def test_many_edits_are_shortened_with_a_count() -> None:
    changes = edits({"a": "1", "b": "2"}, {str(i): "x" for i in range(9)})
    assert [str(edit) for edit in changes[:2]] == ["0: none -> x", "1: none -> x"]
    assert str(changes[-1]) == "b: 2 -> none"
    assert shortened(changes, most=4)[4:] == ["and 7 more"]
    assert len(shortened(changes[:5], most=4)) == 5  # no line is saved by "and 1 more"


def test_history_says_what_changed(here: SimpleNamespace) -> None:
    entries = history(here)
    # By date, and no merge that brought nothing new.
    assert list(entries) == [hash_[:7] for hash_ in (here.more, here.side, here.real, here.first)]
    more, side, real, first = entries.values()
    margin = "studies.covid-width.claims[C1].margin"
    assert more["params"] == [
        {"name": "seeds", "old": "8", "new": "16", "note": ""},
        {"name": margin, "old": "1.05", "new": "1.1", "note": ""},
    ]
    assert more["code"] == ["engines/compiled", "report"]
    assert more["libraries"] == [{"name": "numpy", "old": "2.3.0", "new": "2.4.0", "note": ""}]
    assert more["data"] == []
    assert real["data"] == [{"name": "covid", "old": "stand-in", "new": "real", "note": ""}]
    results = more["results"]
    assert (results["runs"], results["new_runs"], results["gone_runs"]) == (5, 3, 0)
    changed = {"name": "covid-width/C2", "old": "undecided", "new": "supported"}
    assert results["verdicts"] == [changed | {"note": "+0.120 (+0.070 to +0.170)"}]
    (best,) = results["bests"]
    assert (best["name"], best["new"].split(",")[0]) == ("covid-width", "hidden 64-16")
    assert (side["results"]["new_runs"], side["results"]["verdicts"]) == (1, [])
    assert {verdict["new"] for verdict in first["results"]["verdicts"]} == {"not judged"}


def test_history_is_for_people_too(here: SimpleNamespace) -> None:
    text = here.run("history")
    assert f"{here.more[:7]} 2026-01-04 a <script>alert(1)</script> & [31m subject" in text
    assert "\x1b" not in text
    assert "  params    seeds: 8 -> 16\n" in text
    assert "  verdicts  covid-width/C2: undecided -> supported, +0.120 (+0.070 to +0.170)\n" in text
    assert "  best      covid-width: hidden 32-16-8, validation MSE" in text
    assert "  runs      5, 3 new\n" in text
    assert here.experiment[:7] not in text
    assert here.experiment[:7] in here.run("history", "fast")
    assert f"{here.experiment[:7]} 2026-01-05 experiment fast\n" in here.run("history", "--all")


def test_runs_that_come_back_are_counted(here: SimpleNamespace) -> None:
    """Neither new nor gone, and yet there are more than before."""
    here.project.results((*RUNS[:5], RUNS[7]), champion="two", n=16)
    name = here.project.commit("with that of the side", "06")[:7]
    results = history(here)[name]["results"]
    assert (results["runs"], results["new_runs"], results["gone_runs"]) == (6, 0, 0)
    assert results["back_runs"] == 1
    assert "  runs      6, 0 new, 1 back\n" in here.run("history")


def test_a_renamed_study_is_the_same_and_one_of_other_settings_another(
    here: SimpleNamespace,
) -> None:
    before = here.project.git("rev-parse", "--short=7", "HEAD").strip()
    params = Path("params.yaml").read_text().replace("covid-width", "how-wide")
    here.project.write("params.yaml", params.replace("[64, 16]", "[64, 8]"))
    assert "renamed" not in here.run("history")
    here.project.write("params.yaml", params)
    claims = Path("results/claims.csv").read_text()
    here.project.write("results/claims.csv", claims.replace("covid-width", "how-wide"))
    Path("results/covid-width").rename("results/how-wide")
    name = here.project.commit("a better name", "06")[:7]
    entry = history(here)[name]
    renamed = {"name": "studies", "old": "covid-width", "new": "how-wide", "note": "renamed"}
    assert entry["params"] == [renamed]
    assert entry["results"]["verdicts"] == entry["results"]["bests"] == []
    text = here.run("compare", before, name)
    assert "params    studies: covid-width -> how-wide, renamed\n" in text
    assert " none" not in text
    assert "*" not in text


def test_what_is_not_committed_comes_first(here: SimpleNamespace) -> None:
    assert "workspace" not in here.run("history")
    here.project.params(seeds=17, margin=1.1)
    here.project.write("src/labbook/report/new.py", "1\n")
    text = here.run("history")
    assert text.startswith("workspace not committed yet\n  params    seeds: 16 -> 17\n")
    assert "  code      report\n" in text


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [(None, "is not in DVC's cache on this machine"), ("[{", "is damaged in DVC's cache")],
)
def test_a_commit_that_the_cache_does_not_hold_says_so_and_the_others_go_on(
    here: SimpleNamespace, spoilt: str | None, reason: str
) -> None:
    path = here.project.cached(here.real)
    path.unlink()
    if spoilt is not None:
        path.write_text(spoilt)
    entries = history(here)
    real, more = entries[here.real[:7]], entries[here.more[:7]]
    assert real["results"] is None
    assert reason in real["missing"]
    assert more["since"] == here.first[:7]  # the nearest that is known
    assert more["results"]["new_runs"] == 3
    assert "not judged" in [verdict["old"] for verdict in more["results"]["verdicts"]]
    assert len(json.loads(here.run("models", "--json"))["not_known"]) == 1


def test_a_dvc_lock_with_conflicts_is_told_of(here: SimpleNamespace) -> None:
    path = Path("dvc.lock")
    path.write_text(f"<<<<<<< HEAD\n{path.read_text()}=======\n>>>>>>> side\n")
    assert "dvc.lock cannot be read" in str(compare_with_lock([]).why_not)
    here.project.git("commit", "-qam", "conflicts")
    name = here.project.git("rev-parse", "HEAD")[:7]
    entries = history(here)
    assert f"{name}: dvc.lock cannot be read" in entries[name]["missing"]
    assert entries[here.more[:7]]["results"]


def test_a_table_is_parsed_once_however_many_commits_have_it(
    here: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Path("dvc.lock").read_text()
    for place in range(10):
        here.project.params(seeds=100 + place)
        Path("dvc.lock").write_text(f"{lock}# {place}\n")
        here.project.git("commit", "-qam", f"number {place}")
    calls, claims = [], outcome._claims
    monkeypatch.setattr(outcome, "_claims", lambda content: calls.append(1) or claims(content))
    assert here.run("history").count("number ") == 10
    assert len(calls) <= 5  # of four commits, and of the workspace


def test_compare_says_what_differs(here: SimpleNamespace) -> None:
    lines = here.run("compare", "v1", "main").splitlines()
    assert lines[0].split() == ["claim", "v1", "main"]
    assert lines[1].startswith("*  covid-width/C2  undecided, +0.030 (−0.060 to +0.120)  supported")
    assert "runs: 2 shared, 0 only in v1, 3 only in main" in lines
    assert "params    seeds: 8 -> 16" in lines
    assert "code      engines/compiled, report" in lines
    assert "libraries numpy: 2.3.0 -> 2.4.0" in lines
    assert not any(line.startswith("data") for line in lines)
    same = here.run("compare", "main")
    assert "params, data, code and libraries are the same" in same
    assert "runs: 5 shared, 0 only in main, 0 only in workspace" in same
    compared = json.loads(here.run("compare", "main", "fast", "--json"))
    assert compared["runs"] == {"shared": 1, "only_a": 4, "only_b": 1}
    assert compared["claims"]["covid-width/C2"]["a"]["verdict"] == "supported"
    assert compared["claims"]["covid-width/C2"]["b"]["effect"] == 0.03
    assert compared["bests"]["covid-width"]["b"]["n"] == 4
    back = json.loads(here.run("compare", "workspace", "v1", "--json"))
    assert back["code"] == ["engines/compiled", "report"]
    assert back["params"][0] == {"name": "seeds", "old": "16", "new": "8", "note": ""}


def test_champions_of_all_commits(here: SimpleNamespace) -> None:
    listed = models(here)
    by_sum = {model["sums"]["model.safetensors"]: model for model in listed}
    named = {text: by_sum[sha256(text)] for text in ("one", "two", "of the side", "fast")}
    assert len(by_sum) == len({model["id"] for model in listed}) == 4
    assert named["one"]["commit"] == here.real[:7]  # the newest of the two that have it
    assert named["two"]["commit"] == here.merge[:7]
    assert named["fast"]["commit"] == here.experiment[:7]
    assert named["two"]["bytes"] == 3
    text = here.run("models")
    line = next(line for line in text.splitlines() if line.startswith(named["fast"]["id"]))
    assert line.split()[1:3] == ["covid-width", "hidden"]
    assert line.split()[-7:] == ["n", "4", "0", "kB", here.experiment[:7], "experiment", "fast"]
    assert "validation MSE 0.6" in text or "validation MSE 0.7" in text
    assert ", n 16" in text
    here.project.results(RUNS[:2], champion="new")
    assert [model["commit"] for model in models(here)].count("workspace") == 1


def get(here: SimpleNamespace, model: str, folder: Path) -> tuple[str, ...]:
    """The command that fetches a champion."""
    total = sha256(model)
    ids = [m["id"] for m in models(here) if m["sums"]["model.safetensors"] == total]
    return ("models", "get", ids[0], "-o", str(folder))


def test_a_champion_is_fetched(here: SimpleNamespace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    text = here.run(*get(here, "of the side", out))
    assert (out / "model.safetensors").read_text() == "of the side"
    assert json.loads((out / "champion.json").read_text())["run"] == RUNS[0]
    assert "champion.json says" in text
    (out / "model.safetensors").write_text("mine")
    assert "is there already" in here.run(*get(here, "two", out), ok=False)
    assert (out / "model.safetensors").read_text() == "mine"
    assert "no such champion" in here.run("models", "get", "zzz", "-o", str(out), ok=False)


def test_a_champion_that_goes_meanwhile_is_told_of(here: SimpleNamespace, tmp_path: Path) -> None:
    here.project.results(RUNS[:2], champion="new")
    champion = champions([state_of("workspace")])[0][0]
    assert champion.state.files
    Path(MODEL).unlink()
    with pytest.raises(commits.LabbookError, match="has gone meanwhile"):
        fetch(champion, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_champion_that_is_damaged_or_gone_in_the_cache_is_fetched_by_the_command_that_is_named(
    here: SimpleNamespace, tmp_path: Path
) -> None:
    here.project.dvc("push", "-q", "--all-commits")
    total = State(commits.resolve(here.side)).files[MODEL]
    path, out = Path(".dvc/cache/files/md5", total[:2], total[2:]), tmp_path / "out"
    command = get(here, "of the side", out)
    path.chmod(0o600)
    path.write_text("damaged")
    message = here.run(*command, ok=False)
    assert "damaged" in message
    assert sha256("of the side") in message
    assert not out.exists()
    path.unlink()
    advice = here.run(*command, ok=False).partition("`dvc get ")[2].partition("`")[0]
    assert here.side in advice
    here.project.dvc("get", *advice.split())
    assert (out / "model.safetensors").read_text() == "of the side"
    here.project.cached(here.side).unlink()  # then not even its id is known
    _parsed.cache_clear()
    message = here.run(*command, ok=False)
    assert f"results of {here.side[:7]} is not in DVC's cache" in message
    assert "`dvc push --all-commits`" in message
    assert "no such champion" not in message
