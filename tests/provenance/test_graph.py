"""Keys and marks: what an edit makes stale, and what it must not. No training: files are made up."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labbook.cli import main
from labbook.errors import LabbookError
from labbook.files import write_json, write_text
from labbook.identity import code as identity
from labbook.identity.code import code_digest, digest, file_digest
from labbook.models import LAYERS
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, combinations, picked
from labbook.params.datasets import Table
from labbook.params.document import Params
from labbook.params.engines import ENGINES, UNSUPPORTED, engine_of, why_torch
from labbook.params.file_checks import task
from labbook.params.load import load_params
from labbook.params.study_checks import default_metric
from labbook.provenance import snakemake_times as marks
from labbook.provenance.attic import move_aside, unasked
from labbook.provenance.graph import Graph
from labbook.provenance.ingredients import LIBRARIES
from labbook.provenance.keyfile import is_fresh
from labbook.provenance.snakemake_times import job, mark
from labbook.provenance.sums import Sums
from labbook.running.jobs import run_job
from tests.conftest import TINY
from tests.made_project import MADE_UP, edit, finish, stale

RATE = "vary: {optimizer.rate: [0.05, 1e+5]}"
# What an edit of params.yaml makes stale; a kind of node stands for all nodes of it.
EDITS: dict[str, tuple[tuple[str, str], set[str]]] = {
    "a title": (('title: "A tiny', 'title: "Another tiny'), {"report"}),
    "a rate: 18 runs, 16 to a pack": (
        (RATE, RATE.replace("1e", "0.06, 1e")),
        {"train/boston-rate-000", "train/boston-rate-001", "evaluate/boston-rate", "claims",
         "figures/boston-rate", "report"},
    ),
    "a question trains nothing": (
        ("question: Do a few columns do?", "question: Do few columns do?"),
        {"evaluate/covid-features", "figures/covid-features", "claims", "report"},
    ),
    "an address": (("127.0.0.1:9/covid_train", "127.0.0.1:8/covid_train"), set()),
    "stand-ins are forbidden": (
        ("packs: {size: 16}", "packs: {size: 16}\nstand_ins: forbid"), {"download/covid"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_makes_stale_what_follows_from_it_until_it_is_undone(
    finished: Path, what: str
) -> None:
    (old, new), expected = EDITS[what]
    assert not stale()
    edit((old, new))
    assert stale() == expected
    edit((new, old))
    assert not stale()


def test_another_split_makes_stale_what_is_made_from_it(finished: Path) -> None:
    edit(("split: {valid: 84, test: 84}", "split: {valid: 85, test: 84}"))
    names = stale()
    assert {"prepare/boston", "select/boston/all"} <= names
    assert not any(name.startswith("download") for name in names)
    assert not any("covid" in name or "digits" in name for name in names)
    assert {"train/boston-rate-000", "evaluate/boston-optimizer"} <= names


def test_one_seed_more_trains_only_new_runs(project: Path) -> None:
    before = set(Graph.load().run_ids.values())
    edit(("seeds: 6", "seeds: 7"))
    assert before < set(Graph.load().run_ids.values())


def test_fresh_says_what_snakemake_and_prune_would_find(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fresh(*folder: str) -> tuple[int, str]:
        try:
            code = main(["fresh", *folder])
        except SystemExit as end:
            code = int(str(end.code))
        return code, capsys.readouterr().out.strip()

    assert fresh() == fresh("data") == fresh("data/raw") == (0, "Nothing to do.")
    write_text(Path("data/raw/old/a.csv"), "old")
    assert fresh() == (0, "Nothing to do.")  # a user's own: no key file names it
    total = file_digest(Path("data/raw/old/a.csv"))
    write_text(Path("data/raw/old/key"), f"{'0' * 16}\n{total}  data/raw/old/a.csv\n")
    assert fresh() == fresh("data") == fresh("data/raw") == (1, "2 files to tidy.")
    assert fresh("results") == (0, "Nothing to do.")
    shutil.rmtree("data/raw/old")
    edit(("points: 60", "points: 61"))
    assert fresh("data/raw") == (1, "Jobs to run: download 1.")
    assert fresh("data")[1] == "Jobs to run: download 1, prepare 1, select 1."
    edit(("points: 61", "points: 60"))
    Graph.load().nodes["train/digits-kernel-000"].extras[0].unlink()
    assert fresh("data")[0] == 0
    assert fresh() == (1, "Jobs to run: train 1, evaluate 1, figures 1, claims 1, report 1.")


def plan(capsys: pytest.CaptureFixture[str]) -> str:
    """What `labbook plan` says."""
    capsys.readouterr()
    assert main(["plan"]) == 0
    return capsys.readouterr().out


def test_plan_sees_an_edit_of_one_s_own_table(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Jobs to run: none" in plan(capsys)
    table = Path("tests/tables/leaves.csv")
    table.write_text(table.read_text().rstrip().rpartition("\n")[0] + "\n")
    said = plan(capsys)
    assert re.search(r"leaves-features +leaves +4 +6 +24 +0 ", said)
    assert "118 different runs, 94 done" in said
    assert "Jobs to run: download 1, prepare 1, select 4, train 2, evaluate 1" in said


def test_plan_counts_what_follows_on_a_training(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a run that is missing it told the training alone, and Snakemake makes all after it."""
    Graph.load().nodes["train/digits-kernel-000"].extras[0].unlink()
    assert "Jobs to run: train 1, evaluate 1, figures 1, claims 1, report 1\n" in plan(capsys)
    Path("data/prepared/covid.key").unlink()
    said = plan(capsys)
    made = r"Jobs to run: prepare 1, select \d, train \d, evaluate \d, figures \d, claims 1, report 1\n"
    assert re.search(made, said)


def test_plan_says_where_runs_are_that_need_no_training(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(("nesterov, adagrad,", "nesterov,"))
    finish(Graph.load())
    move_aside(unasked(Graph.load()))
    edit(("nesterov,", "nesterov, adagrad,"))
    said = plan(capsys)
    assert "118 done" in said
    assert "nothing to train" in said
    assert "6 runs will come back from .labbook/attic." in said
    assert re.search(r"Of the train jobs \d only take stock: all their runs are there\.", said)


def test_a_job_that_is_not_asked_for_any_more_does_not_speak_for_the_others(
    finished: Path,
) -> None:
    with pytest.raises(LabbookError, match=r"it was not begun\. What other jobs have made stays"):
        run_job("report", "0000")


def test_one_s_own_table_is_watched_by_content(finished: Path) -> None:
    table = Path("tests/tables/leaves.csv")
    table.touch()
    assert not stale()
    table.write_text(table.read_text() + "91;6;5;0.6;lobed;oak\n")
    assert "download/leaves" in stale()
    table.unlink()  # what was read of it is still there
    assert not stale()


def test_a_lost_run_is_noticed(finished: Path) -> None:
    graph = Graph.load()
    lost = graph.nodes["train/digits-kernel-000"].extras[0]
    lost.unlink()
    assert stale() == {"train/digits-kernel-000"}


def test_another_edition_makes_everything_after_it_stale_and_is_not_asked_for(
    finished: Path,
) -> None:
    path, asked = Path("data/raw/covid/edition.json"), Graph.load().asked
    write_json(path, {"edition": "real", "note": "", "files": {}})
    names = stale()
    assert {"download/covid", "prepare/covid", "evaluate/covid-features", "report"} <= names
    assert not any("boston" in name for name in names)
    assert Graph.load().asked == asked


def test_the_id_of_a_run_is_the_digest_of_its_identity(finished: Path) -> None:
    graph = Graph.load()
    for key, settings in graph.identities.items():
        seed = settings.pop("seed")
        assert graph.run_ids[key] == digest(digest(settings), seed)


def test_a_job_s_node_is_renewed_as_a_new_graph_has_it(finished: Path) -> None:
    graph = Graph.load()
    before = graph.nodes["download/covid"]
    write_json(Path("results/digits-kernel/figures/index.json"), [{"svg": "a.svg", "png": "a.png"}])
    champion = Path("results/digits-kernel/champion/champion.json")
    write_json(champion, {"sums": {"model.onnx": "0"}})
    write_json(Path("data/raw/covid/edition.json"), {"edition": "real", "note": "", "files": {}})
    after = Graph(graph.plan)
    for name in ("figures/digits-kernel", "evaluate/digits-kernel", "download/covid", "report"):
        renewed = graph.renewed(name)
        assert renewed.extras == after.nodes[name].extras
        if name == "download/covid":
            assert renewed == after.nodes[name] != before == graph.nodes[name]


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("report", {"report"}),
        ("figures", {"figures", "report"}),
        ("evaluate", {"evaluate", "claims", "figures", "report"}),
        ("claims", {"claims", "report"}),
        ("train/compiled", {"train", "evaluate", "claims", "figures", "report"}),
        ("train/torch", set()),  # tests/tiny.yaml leaves the engine to labbook
        ("train/cuda", set()),
    ],
)
def test_changed_code_makes_stale_what_it_makes(
    finished: Path, monkeypatch: pytest.MonkeyPatch, kind: str, after: set[str]
) -> None:
    """Or a newer library: `code_of` gives both."""
    from labbook.provenance import graph, nodes

    def code_of(of: str, *model: str) -> tuple[str, dict[str, str]]:
        return ("changed", {}) if of == kind else original(of, *model)

    original = nodes.code_of
    for module in (graph, nodes):
        monkeypatch.setattr(module, "code_of", code_of)
    assert {name.partition("/")[0] for name in stale()} == after


def reversed_sides(claim: Claim, found: list[Combination]) -> dict[str, list[str]]:
    return {place: labels[::-1] for place, labels in picked(claim, found).items()}


# As if the code of params/ or of the plan had been edited: what then comes out differently.
RESOLVED: dict[str, tuple[str, Callable[..., Any], str]] = {
    "the default metric": ("default_metric", lambda dataset: "valid_mae", ""),
    "the wording of a label": (
        "combinations",
        lambda *given: ([replace(c, label=f"{c.label}!") for c in combinations(*given)[0]], []),
        "",
    ),
    "a setting's value": (
        "combinations",
        lambda *given: (
            [replace(c, settings={**c.settings, "more": 1}) for c in combinations(*given)[0]], []
        ),
        "",
    ),
    "the sides of a claim": ("picked", reversed_sides, ""),
    "the task": ("task", lambda dataset: "ranking", ""),
    "what figures of a source are of": (
        "labels_of", lambda made, selector: [c.label for c in made], "boston"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", RESOLVED)
def test_another_way_to_resolve_a_study_evaluates_it_anew_and_trains_nothing(
    finished: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    name, changed, of = RESOLVED[what]
    with monkeypatch.context() as patched:
        patched.setattr(f"labbook.plan.studies.{name}", changed)
        names = stale()
    assert {one.partition("/")[0] for one in names} == {"evaluate", "claims", "figures", "report"}
    evaluated = {one for one in names if one.startswith("evaluate/")}
    assert evaluated
    assert all(of in one for one in evaluated)
    assert not stale()


def test_other_code_that_resolves_the_same_makes_nothing_stale(
    finished: Path, monkeypatch: pytest.MonkeyPatch, edited_code: Callable[[str], None]
) -> None:
    for name, original in (("default_metric", default_metric), ("picked", picked), ("task", task)):
        monkeypatch.setattr(f"labbook.plan.studies.{name}", lambda *given, do=original: do(*given))
    edited_code("params")
    assert not stale()


@pytest.fixture
def edited_code(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """As if the files under a folder of labbook had been edited, for real code digests."""

    def pretend(folder: str) -> None:
        def text_digest(path: Path) -> str:
            return "edited" if path.is_relative_to(identity.ROOT / folder) else original(path)

        monkeypatch.setattr(identity, "_text_digest", text_digest)
        code_digest.cache_clear()

    original = identity._text_digest
    yield pretend
    code_digest.cache_clear()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_edit_of_one_engine_changes_only_the_ids_of_its_runs(
    finished: Path, edited_code: Callable[[str], None], engine: str
) -> None:
    edit(("packs: {size: 16}", f"packs: {{size: 16}}\nengine: {engine}"))
    before = Graph.load().run_ids
    for folder in ENGINES:
        edited_code(f"engines/{folder}")
        after = Graph.load().run_ids
        changed = {key for key in before if before[key] != after[key]}
        assert changed == (set(before) if folder == engine else set()), folder
    edited_code("evaluate")
    assert Graph.load().run_ids == before
    edited_code("training")
    assert not set(Graph.load().run_ids.values()) & set(before.values())


def test_an_edit_of_a_model_changes_only_the_ids_of_its_runs(
    finished: Path, edited_code: Callable[[str], None]
) -> None:
    graph = Graph.load()
    before, plan = graph.run_ids, graph.plan
    kinds = {key: run.recipe.model.kind for key, run in plan.runs.items()}
    assert set(kinds.values()) == set(LAYERS)
    for kind in LAYERS:
        edited_code(f"models/{kind}.py")
        after = Graph(plan).run_ids
        assert {kinds[key] for key in before if before[key] != after[key]} == {kind}
    edited_code("models/layers.py")
    assert not set(Graph(plan).run_ids.values()) & set(before.values())


@pytest.mark.parametrize(
    ("file", "old", "new", "stays"),
    [
        ("training/interrupts.py", "run the same command again", "run it again", True),
        ("training/interrupts.py", "received.append(number)", "received.insert(0, number)", True),
        ("training/watch.py", "CHECKPOINT_SECONDS = 20.0", "CHECKPOINT_SECONDS = 30.0", True),
        ("data/remarks.py", "MANY_CLASSES = 30", "MANY_CLASSES = 31", True),
        ("provenance/dvc_records.py", "import ", "import math, ", True),
        ("models/layers.py", "class Powers", "class  Powers", True),
        ("data/splits.py", "raise LabbookError(", "raise  LabbookError(", True),
        ("training/checkpoint.py", "it is of another run", "it belongs to another run", True),
        ("training/checkpoint.py", "it is ignored", "it is passed over", True),
        ("training/checkpoint.py", '"sum"', '"total"', False),
        ("training/stopping.py", "LAST_SHARE = 0.1", "LAST_SHARE = 0.2", False),
        ("models/initialisation.py", "import", "import  ", True),
    ],
)
def test_messages_are_no_part_of_a_run_s_identity(
    finished: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, stays: bool
) -> None:
    """In a copy of the code, really edited."""
    monkeypatch.setattr(identity, "ROOT", finished / "src/labbook")
    identity.forget_code()
    before = Graph.load().run_ids
    path = finished / "src/labbook" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    identity.forget_code()
    assert (Graph.load().run_ids == before) == stays
    monkeypatch.undo()
    identity.forget_code()


@pytest.mark.parametrize("command", ["check", "plan"])
def test_runs_left_to_torch_are_told_of_once_with_the_reason(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command]) == 0
    assert "left to the engine torch" not in capsys.readouterr().out
    monkeypatch.setitem(UNSUPPORTED, "it is a cnn", lambda one: one.model.kind == "cnn")
    graph = Graph.load()
    of_torch = [one for one in graph.identities.values() if one["engine"] == "torch"]
    assert {one["recipe"]["model"]["kind"] for one in of_torch} == {"cnn"}
    assert main([command]) == 0
    said = f"{len(of_torch)} runs are left to the engine torch: it is a cnn"
    assert capsys.readouterr().out.count(said) == 1


@pytest.mark.parametrize("engine", ["torch", "cuda"])
def test_another_engine_makes_other_runs(finished: Path, engine: str) -> None:
    before = set(Graph.load().run_ids.values())
    edit(("packs: {size: 16}", f"packs: {{size: 16}}\nengine: {engine}"))
    graph = Graph.load()
    assert not before & set(graph.run_ids.values())
    assert {identity["engine"] for identity in graph.identities.values()} == {engine}


def test_the_engine_follows_from_the_parameters_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = load_params(TINY).recipes["covid"]
    assert engine_of("auto", "auto", recipe) == engine_of("auto", "cpu", recipe) == "compiled"
    assert engine_of("auto", "cuda", recipe) == "cuda"
    assert engine_of("torch", "cuda", recipe) == "torch"
    monkeypatch.setitem(UNSUPPORTED, "mlp, for a test", lambda one: one.model.kind == "mlp")
    assert engine_of("auto", "auto", recipe) == engine_of("compiled", "cpu", recipe) == "torch"
    assert why_torch("auto", "auto", recipe) == "mlp, for a test"
    assert why_torch("torch", "auto", recipe) is why_torch("auto", "cuda", recipe) is None
    digits = load_params(TINY).recipes["digits"]
    assert engine_of("auto", "auto", digits) == "compiled"


@pytest.mark.parametrize(
    ("asked", "device", "kind"),
    [
        ("auto", "auto", "cpu"), ("torch", "auto", "cpu"), ("compiled", "auto", "cpu"),
        ("cuda", "auto", "cuda"), ("cuda", "cpu", "cpu"), ("torch", "cuda", "cuda"),
        ("auto", "cuda", "cuda"), ("auto", "cpu", "cpu"), ("torch", "cpu", "cpu"),
    ],
)  # fmt: skip
def test_the_kind_of_device_follows_from_the_parameters_and_is_in_the_identity(
    project: Path, asked: str, device: str, kind: str
) -> None:
    """A GPU's bits are not a CPU's: one id must not stand for both."""
    size = "packs: {size: 16}"
    edit((size, f"{size}\nengine: {asked}\ndevice: {device}"))
    graph = Graph.load()
    assert graph.device == kind
    assert {identity["device"] for identity in graph.identities.values()} == {kind}
    edit((f"device: {device}", f"device: {'cpu' if kind == 'cuda' else 'cuda'}"))
    if asked != "compiled":
        assert not set(graph.run_ids.values()) & set(Graph.load().run_ids.values())


def test_a_template_engine_trains_nothing() -> None:
    kinds = {kind for kind, libraries in LIBRARIES.items() if "jinja2" in libraries}
    assert kinds == {"report"}
    assert "snakemake" not in {name for libraries in LIBRARIES.values() for name in libraries}


def newer(one: Path, other: Path) -> bool:
    return one.stat().st_mtime > other.stat().st_mtime


@pytest.mark.parametrize(("clock", "spread"), [(0.0, 1000), (0.0, 1), (1e9, 1000), (4e9, 1000)])
def test_marks_say_in_times_what_keys_say(finished: Path, clock: float, spread: int) -> None:
    """Whatever the clock was when files were written."""
    for path in [p for top in ("data", "results") for p in Path(top).rglob("*") if p.is_file()]:
        os.utime(path, (clock + hash(path.name) % spread, clock + hash(path.name) % spread))
    edit(("epochs: 4}", "epochs: 5}"))  # digits
    graph = Graph.load()
    for node in graph.nodes.values():  # Snakemake takes it for an output
        write_text(node.benchmark, "made up\n")
        os.utime(node.benchmark, (1, 1))
    mark(graph)
    now = time.time() + 1
    for node in graph.nodes.values():
        fresh = "digits" not in node.name and node.name not in ("claims", "report")
        if node.name.startswith(("download", "prepare", "select")):
            fresh = True
        assert fresh == (not any(newer(node.marker, path) for path in node.outputs)), node.name
        assert all(path.stat().st_mtime > 0 for path in (*node.outputs, node.benchmark))
        if fresh:
            for path in node.outputs:
                assert 0 < path.stat().st_mtime < now
                for up in node.upstream:
                    assert not newer(graph.nodes[up].outputs[0], path)
                    assert not newer(graph.nodes[up].outputs[0], node.benchmark)


def test_a_hard_link_to_another_users_file_becomes_an_own_file(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a shared cache: only its owner may set a file's times."""
    path = Path("results/claims.csv")
    os.utime(path, (time.time() + 9999,) * 2)
    Path("theirs.csv").hardlink_to(path)
    theirs, content, utime = path.stat().st_ino, path.read_bytes(), os.utime

    def refuse(place: Path, *args: object, **kwargs: object) -> None:
        if Path(place).stat().st_ino == theirs:
            raise PermissionError(1, "Operation not permitted", str(place))
        utime(place, *args, **kwargs)

    monkeypatch.setattr(marks.os, "utime", refuse)
    assert mark(Graph.load()) == []
    assert path.stat().st_ino != theirs
    assert path.read_bytes() == content
    assert path.stat().st_mtime <= time.time()


def test_times_are_in_order_to_the_nanosecond(finished: Path) -> None:
    """A time as a float is up to 120 ns off: then what was put in order was older than its input."""
    second = time.time_ns() // 1_000_000_000 * 1_000_000_000 - 1_000_000_000
    table, report = Path("results/boston-rate/runs.csv"), Path("results/report.html")
    graph = Graph.load()
    for at in (second + 50, second + 100, second + 150):
        for path in (p for top in ("data", "results") for p in Path(top).rglob("*")):
            os.utime(path, ns=(at - 9, at - 9))
        os.utime(table, ns=(at, at))
        mark(graph)
        assert report.stat().st_mtime_ns >= table.stat().st_mtime_ns == at


def test_what_the_key_files_do_not_vouch_for_is_stale_and_told(finished: Path) -> None:
    table = Path("results/boston-rate/runs.csv")
    table.write_text("half")
    assert stale() == {"evaluate/boston-rate"}
    (told,) = mark(Graph.load())
    assert told.startswith("1 file is missing or not what the key files say")
    assert str(table) in told
    table.unlink()
    assert stale() == {"evaluate/boston-rate"}
    table.write_text(MADE_UP)
    assert not stale()
    key = Path("results/boston-rate/study.key")  # itself cut off behind its first line
    key.write_text(key.read_text()[:30])
    assert stale() == {"evaluate/boston-rate"}
    edit(("vary: {optimizer.rate: [0.05, 1e+5]}", "vary: {optimizer.rate: [0.05, 0.06, 1e+5]}"))
    assert mark(Graph.load()) == []  # it would be made anew in any case


def test_marks_touch_no_content_and_are_idempotent(finished: Path) -> None:
    files = [p for top in ("data", "results") for p in Path(top).rglob("*") if p.is_file()]
    before = {path: path.read_bytes() for path in files}
    mark(Graph.load())
    times = {path: path.stat().st_mtime_ns for path in files}
    mark(Graph.load())
    assert {path: path.read_bytes() for path in files} == before
    assert {path: path.stat().st_mtime_ns for path in files} == times


def test_a_job_refuses_what_is_no_longer_asked(finished: Path) -> None:
    asked = Graph.load().asked["train/digits-kernel-000"]
    edit(("epochs: 4}", "epochs: 5}"))
    with (
        pytest.raises(LabbookError, match="has changed since this job was planned"),
        job("train/digits-kernel-000", asked),
    ):
        pytest.fail("the job began")


def test_a_job_that_fails_writes_no_key(finished: Path) -> None:
    edit(("epochs: 4}", "epochs: 5}"))
    node = Graph.load().nodes["train/digits-kernel-000"]
    with pytest.raises(LabbookError, match="broken"), job(node.name, node.asked):
        raise LabbookError("broken")
    assert not is_fresh(node, Sums())


def test_an_unknown_job_is_refused(finished: Path) -> None:
    with pytest.raises(LabbookError, match="asks for no such thing"), job("train/nothing", None):
        pytest.fail("the job began")


def test_files_that_cannot_be_changed_are_named(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(marks.os, "utime", refuse)
    with pytest.raises(LabbookError, match="make them yours"):
        mark(Graph.load())


def test_the_plan_of_a_thousand_runs(project: Path, edited: Callable[..., Path]) -> None:
    edit(("seeds: 6", "seeds: 50"), ("    seeds: [7, 11]\n", "    seeds: 50\n"))
    graph = Graph.load()
    assert len(set(graph.run_ids.values())) == 1050


def test_a_job_refuses_what_was_made_for_another_edition(finished: Path) -> None:
    """As when the edition is changed between two jobs: what was asked for leaves it open."""
    asked = Graph.load().asked["train/covid-features-000"]
    write_json(Path("data/raw/covid/edition.json"), {"edition": "real", "note": "", "files": {}})
    with (
        pytest.raises(LabbookError, match="prepare/covid, which it is made from"),
        job("train/covid-features-000", asked),
    ):
        pytest.fail("the job began")


def test_a_mistyped_path_is_seen(finished: Path) -> None:
    edit(("path: tests/tables/leaves.csv", "path: tests/tables/leafs.csv"))
    assert "download/leaves" in stale()


def test_the_table_among_several_files_is_part_of_identity(tiny: Params) -> None:
    covid = tiny.datasets["covid"]
    assert isinstance(covid, Table)
    assert covid.files is not None
    turned = covid.model_copy(update={"files": dict(reversed(covid.files.items()))})
    assert turned.identity() != covid.identity()


def test_the_rules_write_their_benchmark_where_marks_look_for_it(project: Path) -> None:
    for path in Path("workflow/rules").glob("*.smk"):
        for rule in path.read_text().split("\nrule ")[1:]:
            if "benchmark:" in rule:
                (name,) = re.findall(r"labbook job ([\w/{}.]+)", rule)
                assert f'"results/log/{name.replace("wildcards.", "")}.tsv"' in rule


@pytest.mark.parametrize("change", ["edition", "code"])
def test_a_job_whose_data_or_code_change_under_it_leaves_no_key(
    finished: Path, edited_code: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    key = Graph.load().nodes["prepare/covid"].key_file

    def meddle() -> None:
        key.unlink()
        if change == "edition":
            path = Path("data/raw/covid/edition.json")
            path.write_text(path.read_text().replace("stand-in", "real"))
        else:
            edited_code("data/prepare.py")
            monkeypatch.setattr(marks, "forget_changed_code", lambda: True)

    with (
        pytest.raises(LabbookError, match="while this job was at work"),
        job("prepare/covid", None),
    ):
        meddle()
    assert not key.exists()


def test_a_damaged_run_is_refused_before_any_job(finished: Path) -> None:
    """Also in a pack that is stale: Snakemake removes its key file, and with it the sums."""
    edit(("epochs: 4}", "epochs: 5}"))
    node = Graph.load().nodes["train/boston-rate-000"]
    run = node.extras[0]
    text = run.read_text()
    run.write_text("damaged")
    with pytest.raises(LabbookError, match=f"{run}: not what training wrote"):
        mark(Graph.load())
    run.unlink()  # what is gone is no error: it is trained again
    mark(Graph.load())
    write_text(run, text)
    mark(Graph.load())
