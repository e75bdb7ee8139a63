"""Keys: what an edit makes stale, and what it must not. No training: files are made up."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labbook.cli import main
from labbook.errors import LabbookError, OvertakenError
from labbook.files import write_json, write_text
from labbook.identity import code as identity
from labbook.identity.code import code_digest, digest, file_digest
from labbook.models import LAYERS
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, combinations, picked
from labbook.params.datasets import Table
from labbook.params.document import Params
from labbook.params.engines import ENGINES, UNSUPPORTED, engine_of, why_torch
from labbook.params.load import load_params
from labbook.params.study_checks import default_metric
from labbook.provenance.attic import move_aside
from labbook.provenance.checksums import Sums, is_fresh
from labbook.provenance.graph import Foreseen, Graph
from labbook.provenance.job_code import LIBRARIES
from labbook.provenance.made_from import made_from
from labbook.provenance.ownership import unasked
from labbook.running.jobs import job, run_job
from tests.conftest import ROOT, TINY
from tests.made_project import edit, finish, stale

pytestmark = pytest.mark.thorough

RATE = "vary: {optimizer.rate: [0.05, 1e+5]}"
SIZE = "packs: {size: 16}"
RUN = "train/digits-kernel-000"
EDITION = Path("data/raw/covid/edition.json")
OWN_TABLE = Path("tests/tables/leaves.csv")
# What an edit of params.yaml makes stale; a kind of node stands for all nodes of it.
EDITS: dict[str, tuple[str, str, set[str]]] = {
    "a title": ('title: "A tiny', 'title: "Another tiny', {"report"}),
    "a rate: 18 runs, 16 to a pack": (
        RATE, RATE.replace("1e", "0.06, 1e"),
        {"train/boston-rate-000", "train/boston-rate-001", "evaluate/boston-rate", "claims",
         "figures/boston-rate", "report"},
    ),
    "a question trains nothing": (
        "question: Do a few columns do?", "question: Do few columns do?",
        {"evaluate/covid-features", "figures/covid-features", "claims", "report"},
    ),
    "an address": ("127.0.0.1:9/covid_train", "127.0.0.1:8/covid_train", set()),
    "stand-ins are forbidden": (SIZE, f"{SIZE}\nstand_ins: forbid", {"download/covid"}),
    "another split": (
        "split: {valid: 84, test: 84}", "split: {valid: 85, test: 84}",
        {"prepare/boston", "describe/boston", "select/boston/all", "train/boston-rate-000",
         "claims", "report",
         *(f"train/boston-optimizer-00{number}" for number in range(4)),
         *(f"{kind}/boston-{name}" for kind in ("evaluate", "figures")
           for name in ("rate", "optimizer"))},
    ),
    "tuned rivals": (
        "    rivals: true", "    rivals: tuned",
        {"rivals/leaves", "evaluate/leaves-features", "figures/leaves-features", "claims",
         "report"},
    ),
    "no threshold": ("    rivals: true", "    rivals: true\n    threshold: null", set()),
    "a mistyped path": ("tables/leaves.csv", "tables/leafs.csv", {"download/leaves"}),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_makes_stale_what_follows_from_it_until_it_is_undone(
    finished: Path, what: str
) -> None:
    old, new, expected = EDITS[what]
    edit((old, new))
    assert stale() == expected
    edit((new, old))
    assert not stale()


def test_seeds_more_train_only_new_runs(project: Path) -> None:
    before = set(Graph.load().run_ids.values())
    edit(("seeds: 6", "seeds: 50"), ("    seeds: [7, 11]\n", "    seeds: 50\n"))
    after = set(Graph.load().run_ids.values())
    assert before - after == set()
    assert len(after) == 1066  # two more seeds of both controls, which have eight at most


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
    assert fresh() == fresh("data/raw") == (1, "2 files to tidy.")
    assert fresh("results") == (0, "Nothing to do.")
    shutil.rmtree("data/raw/old")
    edit(("points: 60", "points: 61"))
    assert fresh("data/raw") == (1, "Jobs to run: download 1.")
    assert fresh("data")[1] == "Jobs to run: download 1, prepare 1, select 1."
    edit(("points: 61", "points: 60"))
    Graph.load().node(RUN).extras[0].unlink()
    assert stale() == {RUN}
    assert fresh("data")[0] == 0
    assert fresh() == (1, "Jobs to run: train 1, evaluate 1, figures 1, claims 1, report 1.")


def plan(capsys: pytest.CaptureFixture[str]) -> str:
    """What `labbook plan` says."""
    capsys.readouterr()
    assert main(["plan"]) == 0
    return capsys.readouterr().out


def test_plan_counts_what_follows_on_an_edit_and_on_a_training(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a run that is missing it told the training alone, and Snakemake makes all after it."""
    assert "Jobs to run: none" in plan(capsys)
    Graph.load().node(RUN).extras[0].unlink()
    assert "Jobs to run: train 1, evaluate 1, figures 1, claims 1, report 1\n" in plan(capsys)
    OWN_TABLE.write_text(OWN_TABLE.read_text().rstrip().rpartition("\n")[0] + "\n")
    text = plan(capsys)
    assert re.search(r"leaves-features +leaves +4 +6 +24 +0 ", text)
    assert "130 different runs, 105 done" in text
    assert "Jobs to run: download 1, prepare 1, select 4, rivals 1, train 3, evaluate 2" in text


def test_plan_says_where_runs_are_that_need_no_training(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(("nesterov, adagrad,", "nesterov,"))
    finish(Graph.load())
    move_aside(unasked(Graph.load()))
    edit(("nesterov,", "nesterov, adagrad,"))
    text = plan(capsys)
    assert "130 done" in text
    assert "nothing to train" in text
    assert "6 runs will come back from .labbook/attic." in text
    assert re.search(r"Of the train jobs \d only take stock: all their runs are there\.", text)


def test_one_s_own_table_is_watched_by_content(finished: Path, tmp_path: Path) -> None:
    OWN_TABLE.touch()
    before = Graph.load().edition("leaves")
    assert Foreseen.load().edition("leaves") == before
    assert not stale()
    OWN_TABLE.write_text(OWN_TABLE.read_text() + "91;6;5;0.6;lobed;oak\n")
    assert "download/leaves" in stale()
    assert Foreseen.load().edition("leaves")["files"] == {
        "table.csv": {"sha256": file_digest(OWN_TABLE)}
    }
    assert Graph.load().edition("leaves") == before
    OWN_TABLE.rename(tmp_path / "outside.csv")  # what was read of it is still there
    assert not stale()
    OWN_TABLE.symlink_to(tmp_path / "outside.csv")  # the download refuses it: nothing follows
    assert Foreseen.load().edition("leaves") == before


def to_run() -> set[str]:
    """The names of the nodes that are to be made, as far as can be foreseen."""
    return {node.name for node in Foreseen.load().to_run(Sums())}


PARTS = ("valid", "test", "unlabelled")


def add_own_parts() -> None:
    """Give the own table files of its own for validation, test and rows to predict."""
    edit(
        ("tests/tables/leaves.csv\n", "tests/tables/leaves.csv\n    valid: tests/tables/valid.csv\n"
         "    test: tests/tables/test.csv\n    unlabelled: tests/tables/unlabelled.csv\n"),
        ("split: {valid: 0.25, test: 0.25, stratify: true}", "split: {valid: fixed, test: fixed}"),
    )  # fmt: skip
    for number, part in enumerate(PARTS):
        OWN_TABLE.with_name(f"{part}.csv").write_text(f"{OWN_TABLE.read_text()}{number}")
    finish(Graph.load())


def test_each_file_of_ones_own_counts_alone(finished: Path) -> None:
    add_own_parts()
    assert not stale()
    names = {"table.csv", *(f"{part}.csv" for part in PARTS)}
    assert set(Graph.load().edition("leaves")["files"]) == names
    for part in PARTS:
        path = OWN_TABLE.with_name(f"{part}.csv")
        before = path.read_text()
        path.write_text(f"{before}9")
        assert {"download/leaves", "prepare/leaves", "train/leaves-features-000"} <= to_run()
        path.write_text(before)
        assert not stale()
    valid, test = (OWN_TABLE.with_name(f"{part}.csv") for part in PARTS[:2])
    kept = valid.read_text()
    valid.write_text(test.read_text())
    test.write_text(kept)  # the sums are the same, and not what they are of
    assert {"download/leaves", "prepare/leaves"} <= to_run()
    edit(("    unlabelled: tests/tables/unlabelled.csv\n", ""))
    assert set(Foreseen.load().edition("leaves")["files"]) == names - {"unlabelled.csv"}


def test_another_edition_makes_everything_after_it_stale_and_is_not_asked_for(
    finished: Path,
) -> None:
    graph = Graph.load()
    write_json(EDITION, {"edition": "real", "note": "", "files": {}})
    names = stale()
    assert {"download/covid", "prepare/covid", "evaluate/covid-features", "report"} <= names
    assert not any("boston" in name for name in names)
    assert Graph.load().asked == graph.asked


def test_the_id_of_a_run_is_the_digest_of_its_identity(finished: Path, tiny: Params) -> None:
    graph = Graph.load()
    for key, settings in graph.identities.items():
        seed = settings.pop("seed")
        assert graph.run_ids[key] == digest(digest(settings), seed)
    covid = tiny.datasets["covid"]
    assert isinstance(covid, Table)
    assert covid.files is not None  # which of several files is the table counts
    turned = covid.model_copy(update={"files": dict(reversed(covid.files.items()))})
    assert turned.identity() != covid.identity()


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("report", {"report"}),
        ("figures", {"figures", "report"}),
        ("describe", {"describe", "report"}),
        ("evaluate", {"evaluate", "claims", "figures", "report"}),
        ("claims", {"claims", "report"}),
        ("train/compiled", {"train", "evaluate", "claims", "figures", "report"}),
        ("rivals", {"rivals", "evaluate", "claims", "figures", "report"}),
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


def test_what_the_page_tells_of_its_making_is_in_its_key(finished: Path) -> None:
    """So equal keys give equal pages: how runs are shared out to jobs is in neither."""
    before, key = made_from(Graph.load()), Graph.load().node("report").key
    edit((SIZE, "packs: {size: 3}"))
    assert (made_from(Graph.load()), Graph.load().node("report").key) == (before, key)
    edit(("packs: {size: 3}", f"{SIZE}\nengine: torch"))
    assert made_from(Graph.load()) != before


def reversed_sides(claim: Claim, given: list[Combination]) -> dict[str, list[str]]:
    return {place: labels[::-1] for place, labels in picked(claim, given).items()}


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
     "what figures of a source are of": (
         "labels_of", lambda made, selector: [c.label for c in made], "boston"
     ),
}  # fmt: skip


@pytest.mark.parametrize("what", RESOLVED)
def test_another_way_to_resolve_a_study_evaluates_it_anew_and_trains_nothing(
    finished: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    name, changed, of = RESOLVED[what]
    monkeypatch.setattr(f"labbook.plan.studies.{name}", changed)
    names = stale()
    kinds = {name.partition("/")[0] for name in names}
    assert kinds == {"evaluate", "claims", "figures", "report"}
    evaluated = [name for name in names if name.startswith("evaluate/")]
    assert evaluated
    assert all(of in name for name in evaluated)


def test_other_code_that_resolves_the_same_makes_nothing_stale(
    finished: Path, monkeypatch: pytest.MonkeyPatch, edited_code: Callable[[str], None]
) -> None:
    for name, original in (("default_metric", default_metric), ("picked", picked)):
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


def test_an_edit_of_code_changes_only_the_ids_of_the_runs_that_it_trains(
    finished: Path, edited_code: Callable[[str], None]
) -> None:
    unedited = Graph.load().run_ids
    for engine in ENGINES:
        edit((SIZE, f"{SIZE}\nengine: {engine}"))
        plan = Graph.load().plan
        edited_code("evaluate")  # which trains nothing
        before = Graph(plan).run_ids
        for folder in ENGINES:
            edited_code(f"engines/{folder}")
            after = Graph(plan).run_ids
            changed = {key for key in before if before[key] != after[key]}
            assert changed == (set(before) if folder == engine else set()), folder
        edited_code("training")
        assert not set(Graph(plan).run_ids.values()) & set(before.values())
        edit((f"\nengine: {engine}", ""))
    plan = Graph.load().plan
    edited_code("evaluate")
    before = Graph(plan).run_ids
    assert before == unedited
    kinds = {key: run.recipe.model.kind for key, run in plan.runs.items()}
    assert set(kinds.values()) == set(LAYERS)
    for kind in LAYERS:
        edited_code(f"models/{kind}.py")
        after = Graph(plan).run_ids
        assert {kinds[key] for key in before if before[key] != after[key]} == {kind}
    edited_code("models/layers.py")
    assert not set(Graph(plan).run_ids.values()) & set(before.values())


def test_messages_are_no_part_of_a_run_s_identity(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a copy of the code, really edited, a file after the other."""
    package = shutil.copytree(ROOT / "src/labbook", finished / "src/labbook", dirs_exist_ok=True)
    monkeypatch.setattr(identity, "ROOT", package)
    identity.forget_code()
    plan = Graph.load().plan
    before = Graph(plan).run_ids
    for file, old, new, stays in (
        ("training/watch.py", "run the same command again", "run it again", True),
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
    ):
        text = (package / file).read_text()
        assert old in text
        (package / file).write_text(text.replace(old, new))
        identity.forget_code()
        assert (Graph(plan).run_ids == before) == stays, (file, new)
        (package / file).write_text(text)
    monkeypatch.undo()
    identity.forget_code()


def test_what_no_other_engine_can_is_left_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = load_params(TINY).recipes["covid"]
    monkeypatch.setitem(UNSUPPORTED, "mlp, for a test", lambda recipe: recipe.model.kind == "mlp")
    assert engine_of("auto", "auto", recipe) == engine_of("compiled", "cpu", recipe) == "torch"
    assert why_torch("auto", "auto", recipe) == "mlp, for a test"
    assert why_torch("torch", "auto", recipe) is why_torch("auto", "cuda", recipe) is None
    digits = load_params(TINY).recipes["digits"]
    assert engine_of("auto", "auto", digits) == "compiled"


def test_engine_and_kind_of_device_are_in_the_identity(
    project: Path,
) -> None:
    """A GPU's bits are not a CPU's, nor one engine's another's: one id must not stand for both."""
    seen: dict[tuple[str, str], set[str]] = {}
    for engine, device, kind, name in (
        ("auto", "auto", "cpu", "compiled"), ("torch", "auto", "cpu", "torch"),
        ("compiled", "auto", "cpu", "compiled"), ("cuda", "auto", "cuda", "cuda"),
        ("cuda", "cpu", "cpu", "cuda"), ("torch", "cuda", "cuda", "torch"),
        ("auto", "cuda", "cuda", "cuda"), ("auto", "cpu", "cpu", "compiled"),
        ("torch", "cpu", "cpu", "torch"),
    ):  # fmt: skip
        edit((SIZE, f"{SIZE}\nengine: {engine}\ndevice: {device}"))
        graph = Graph.load()
        assert graph.device == kind
        identities = {(run["engine"], run["device"]) for run in graph.identities.values()}
        assert identities == {(name, kind)}
        ids = set(graph.run_ids.values())
        assert seen.setdefault((name, kind), ids) == ids
        edit((f"\nengine: {engine}\ndevice: {device}", ""))
    assert len(set.union(*seen.values())) == sum(map(len, seen.values()))


def test_a_template_engine_trains_nothing() -> None:
    kinds = {kind for kind, libraries in LIBRARIES.items() if "jinja2" in libraries}
    assert kinds == {"report", "tuned"}
    assert "snakemake" not in {name for libraries in LIBRARIES.values() for name in libraries}


@pytest.mark.parametrize(
    ("name", "asked", "reason"),
    [("train/nothing", None, "asks for no such thing"),
     ("report", "0000", r"it was not begun\. What other jobs have made stays"),
     (RUN, "as planned", "has changed since this job was planned"),
     ("train/gone", "0000", "has changed since this job was planned"),
     ("train/covid-features-000", "as planned", "prepare/covid, which it is made from")],
)  # fmt: skip
def test_a_job_refuses_what_is_not_asked_or_was_made_for_another_edition(
    finished: Path, name: str, asked: str | None, reason: str
) -> None:
    """The edition is left open by what was asked for; it may change between two jobs."""
    asked = Graph.load().asked[name] if asked == "as planned" else asked
    edit(("epochs: 4}", "epochs: 5}"))  # of digits
    write_json(EDITION, {"edition": "real", "note": "", "files": {}})
    with pytest.raises(LabbookError, match=reason) as refused:
        run_job(name, asked)
    assert isinstance(refused.value, OvertakenError) == (asked is not None)  # by an edit


def test_a_job_that_fails_writes_no_key(finished: Path) -> None:
    edit(("epochs: 4}", "epochs: 5}"))
    node = Graph.load().node(RUN)
    with pytest.raises(LabbookError, match="broken"), job(node.name, node.asked):
        raise LabbookError("broken")
    assert not is_fresh(node, Sums())


@pytest.mark.parametrize("change", ["edition", "code"])
def test_a_job_whose_data_or_code_change_under_it_leaves_no_key(
    finished: Path, edited_code: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    key = Graph.load().node("prepare/covid").key_file

    def meddle() -> None:
        key.unlink()
        if change == "edition":
            EDITION.write_text(EDITION.read_text().replace("stand-in", "real"))
        else:
            edited_code("data/prepare.py")
            monkeypatch.setattr("labbook.running.jobs.forget_changed_code", lambda: True)

    with (
        pytest.raises(OvertakenError, match="while this job was at work"),
        job("prepare/covid", None),
    ):
        meddle()
    assert not key.exists()
