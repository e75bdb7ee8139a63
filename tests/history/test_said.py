"""Said before or after: the rule on made histories, and a look again on fresh seeds."""

import csv
import json
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError

from labbook.documents import parse
from labbook.history.ancestry import Ancestry
from labbook.history.git import Commit, head_hash
from labbook.history.made import PERHAPS, RECORDED, TRAINED, Evidence, Made
from labbook.history.rule import AFTER, BEFORE, NOT_KNOWN, NOT_RUN, Judge
from labbook.history.said import runs_of
from labbook.history.settings import document as block_by_block
from labbook.history.state import _parsed
from labbook.history.stated import Stated, highest_seed, stated
from labbook.params.load import load_params
from labbook.provenance.graph import Graph
from labbook.training.costlog import LOG, write_line
from labbook.training.runfile import CONVERGED, RunRecord
from tests.conftest import ROOT
from tests.made_history import MadeProject, here

__all__ = ["here"]
pytestmark = pytest.mark.thorough

PARAMS = """\
# A book of one study.
seeds: {seeds}
datasets:
  line: {{kind: function, expression: x, low: 0, high: 1, points: 60, split: {{valid: 20, test: 20}}}}
recipes:
  line:
    dataset: line
    model: {{kind: mlp, hidden: [4]}}
    optimizer: {{kind: sgd, rate: 0.1}}
    training: {{batch: 20, epochs: {epochs}}}
studies:
  rate:  # a comment that stays
    question: Which rate?
    recipe: line
    vary: {{optimizer.rate: [0.1, 0.01, 0.001]}}
    metric: valid_mse
"""
CLAIMS = """\
    claims:
      - id: best  # of two
        sentence: A tenth is better.
        reported: 1 against 2
        better: {optimizer.rate: 0.1}
        than: {optimizer.rate: 0.01}
"""
OTHERS = """\
      - {id: all, sentence: A tenth is best., better: {optimizer.rate: 0.1}}
"""


def text(claims: str = "", seeds: int = 8, epochs: int = 5) -> str:
    return PARAMS.format(seeds=seeds, epochs=epochs) + claims


class Book:
    """A book whose runs and verdicts are made up, in the current folder."""

    def __init__(self, project: MadeProject) -> None:
        self.project = project

    def params(self, *given: Any, **named: Any) -> None:
        self.project.write("params.yaml", text(*given, **named))

    def train(self, seeds: range | None = None, *, log: bool = True) -> None:
        """Files of all runs that are asked for (of these seeds alone), and their lines of the log."""
        graph = Graph.load()
        for run in graph.plan.runs.values():
            id_ = graph.run_ids[run.key]
            path = Path(f"results/runs/{id_}.safetensors")
            if (seeds is None or run.seed in seeds) and not path.exists():
                self.project.write(str(path), id_)
                if log:
                    record = RunRecord(id_, graph.identities[run.key], CONVERGED, 5, 1, {})
                    write_line(record, 1.0, head_hash())

    def verdicts(self, **verdicts: str) -> None:
        """results/claims.csv with these verdicts by id; `undecided` ones need 12 fresh seeds."""
        owners = {c.id: n for n, s in load_params().studies.items() for c in s.claims}
        with Path("results/claims.csv").open("w") as file:
            rows = csv.writer(file)
            rows.writerow(["study", "id", "verdict", "fresh_seeds"])
            for id_, verdict in verdicts.items():
                name = id_.replace("_", "-")
                rows.writerow([owners[name], name, verdict, 12 if verdict == "undecided" else ""])

    def commit(self, words: str = "words") -> str:
        """Commit all but results, as who forgets to record them."""
        self.project.git("add", "-A")
        self.project.git("commit", "-q", "--allow-empty", "-m", words)
        return self.project.git("rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return SimpleNamespace(project=MadeProject(tmp_path_factory.mktemp("said") / "project"))


@pytest.fixture
def book(here: SimpleNamespace) -> Book:
    book = Book(here.project)
    book.params()
    return book


def said(here: SimpleNamespace) -> dict[str, dict[str, Any]]:
    found = json.loads(here.run("said", "--json"))["claims"]
    return {one["claim"]: one for one in found}


def words(here: SimpleNamespace) -> dict[str, str]:
    return {name: one["said"] for name, one in said(here).items()}


# Histories


def test_three_commits(here: SimpleNamespace, book: Book) -> None:
    """A study and its runs; a claim added after a look; its look again on fresh seeds."""
    book.commit("a study")
    book.train()
    first = here.project.commit("its runs", "01")
    assert "has no claims" in here.run("said")
    book.params(CLAIMS + OTHERS)
    assert words(here) == {"best": AFTER, "all": AFTER}  # committed or not
    book.verdicts(best="supported", all="undecided")
    second = here.project.commit("claims", "02")
    found = said(here)
    assert {one["said"] for one in found.values()} == {AFTER}
    assert found["best"]["claim_commit"] == second
    assert found["best"]["runs_commit"] != first  # the log knows of the commit before
    shown = here.run("said")
    assert "only been found, not tested" in shown
    assert "1 claim said after: `labbook confirm`" in shown

    before = Path("params.yaml").read_text()
    assert "best-confirm" in here.run("confirm", "--dry-run")
    assert Path("params.yaml").read_text() == before
    here.run("confirm")
    after = Path("params.yaml").read_text()
    assert after.startswith(before)
    study = load_params().studies["rate-confirm"]
    assert study.seeds == list(range(100, 108))
    assert study.vary == [{"optimizer.rate": 0.1}, {"optimizer.rate": 0.01}]
    assert study.rivals is None  # of a function there are none
    (claim,) = study.claims
    assert (claim.id, claim.reported) == ("best-confirm", None)
    assert "Nothing to confirm" in here.run("confirm")
    assert Path("params.yaml").read_text() == after
    assert said(here)["best"]["confirmation"] == NOT_RUN

    book.commit("what is to be confirmed")
    book.train()
    for verdict, confirmation in (
        ("supported", "confirmed"), ("refuted", "not confirmed: refuted"), ("undecided", "not confirmed: undecided"),
    ):  # fmt: skip
        book.verdicts(best="supported", all="undecided", best_confirm=verdict)
        found = said(here)
        assert found["best-confirm"]["said"] == BEFORE
        assert (found["best"]["said"], found["best"]["confirmation"]) == (AFTER, confirmation)
        assert found["best"]["confirmed_by"] == "best-confirm"
    here.project.commit("confirmed", "03")
    LOG.unlink()  # git alone knows as much
    assert words(here) == {"best": AFTER, "all": AFTER, "best-confirm": BEFORE}


def test_claims_that_are_committed_first_are_said_before(here: SimpleNamespace, book: Book) -> None:
    book.params(CLAIMS)
    book.commit("a claim")
    assert words(here) == {"best": NOT_RUN}
    book.train()
    assert words(here) == {"best": BEFORE}
    assert "its test stood in" in said(here)["best"]["why"]
    here.project.commit("its runs", "01")
    assert words(here) == {"best": BEFORE}
    LOG.unlink()
    assert words(here) == {"best": BEFORE}
    book.verdicts(best="supported")
    assert "was said before" in here.run("confirm", "best", ok=False)


def test_words_and_names_are_not_the_test_but_bounds_and_recipes_are(
    here: SimpleNamespace, book: Book
) -> None:
    book.params(CLAIMS)
    book.commit("a claim")
    book.train()
    here.project.write(
        "params.yaml", text(CLAIMS).replace("is better", "wins").replace("best", "b")
    )
    assert words(here) == {"b": BEFORE}
    margin = CLAIMS + "        margin: 0.2\n"
    book.params(margin)
    assert words(here) == {"best": AFTER}
    book.commit("another margin, after a look")
    assert words(here) == {"best": AFTER}
    book.params(margin, epochs=9)
    book.commit("a longer budget")
    assert words(here) == {"best": NOT_RUN}
    book.train()
    assert words(here) == {"best": BEFORE}


def test_runs_and_claim_in_one_commit_are_not_said_before(
    here: SimpleNamespace, book: Book
) -> None:
    book.params(CLAIMS)
    book.train(log=False)
    here.project.commit("all at once", "01")
    found = said(here)["best"]
    assert found["said"] == AFTER
    assert "by the very commit" in found["why"]


def test_what_nobody_knows_is_not_known(here: SimpleNamespace, book: Book) -> None:
    book.params(CLAIMS)
    book.commit("a claim")
    book.train(log=False)
    assert words(here) == {"best": NOT_KNOWN}  # neither logged nor recorded
    book.verdicts(best="supported")
    assert "Not known of (name those that you want to confirm): best" in here.run("confirm")
    assert "best-confirm" in here.run("confirm", "best", "--dry-run")


def test_without_a_repository_nothing_is_known(
    book: Book, here: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(here.project.folder / "nowhere"))
    book.params(CLAIMS)
    book.train()
    assert json.loads(LOG.read_text().splitlines()[0])["commit"] is None
    (one,) = said(here).values()
    assert (one["said"], one["why"]) == (NOT_KNOWN, "no git repository")


def test_a_training_does_not_need_git(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = book.commit()
    assert head_hash() == commit
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        assert head_hash() is None

    def full() -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr("tempfile.TemporaryFile", full)
        assert head_hash() is None


def test_a_line_of_an_older_labbook_or_a_lost_commit_leaves_it_to_git(
    here: SimpleNamespace, book: Book
) -> None:
    book.params(CLAIMS)
    book.commit("a claim")
    book.train()
    lines = [json.loads(line) for line in LOG.read_text().splitlines()]
    for commit in (None, "0" * 40):
        for line in lines:
            line.pop("asked", None)
            line["commit"] = commit
        LOG.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        assert words(here) == {"best": NOT_KNOWN}
    here.project.commit("its runs", "01")
    assert words(here) == {"best": BEFORE}


def test_to_train_again_after_a_look_changes_nothing(
    here: SimpleNamespace, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where a file was removed, nor where another version gives runs other ids."""
    book.commit("a study")
    book.train()
    book.params(CLAIMS)
    book.commit("a claim")
    for path in Path("results/runs").iterdir():
        path.unlink()
    book.train()
    assert words(here) == {"best": AFTER}
    maker = Graph.maker

    def newer(graph: Graph, *given: str) -> dict[str, Any]:
        return maker(graph, *given) | {"code": "of another version"}

    monkeypatch.setattr(Graph, "maker", newer)
    assert words(here) == {"best": NOT_RUN}
    book.train()
    assert words(here) == {"best": AFTER}


def test_seeds_that_are_added_after_a_look_are_remarked(here: SimpleNamespace, book: Book) -> None:
    book.params(CLAIMS)
    book.commit("a claim")
    book.train()
    assert said(here)["best"]["remark"] is None
    book.params(CLAIMS, seeds=12)
    book.commit("more seeds")
    book.train()
    found = said(here)["best"]
    assert found["said"] == BEFORE
    assert "its seeds, as they are now" in found["remark"]
    assert "who adds seeds after a look finds too much" in here.run("said")


SIX = "    claims:\n" + "".join(
    f"      - {{id: c{n}, sentence: Guess {n}., better: {{optimizer.rate: {a}}}, "
    f"than: {{optimizer.rate: {b}}}}}\n"
    for n, (a, b) in enumerate(permutations(("0.1", "0.01", "0.001"), 2), start=1)
)
ONE = "".join(SIX.splitlines(keepends=True)[:2])


def gone(here: SimpleNamespace) -> dict[str, str]:
    """How each claim that is there no longer went."""
    return {one["claim"]: one["how"] for one in json.loads(here.run("said", "--json"))["dropped"]}


@pytest.mark.parametrize("logged", [True, False])
def test_claims_that_are_dropped_after_their_runs_are_not_forgotten(
    here: SimpleNamespace, book: Book, logged: bool
) -> None:
    """Who states six and takes away the five that failed has one that was said before."""
    book.params(SIX)
    first = book.commit("six guesses")
    book.train(log=logged)
    if not logged:
        here.project.commit("their runs", "01")
    assert gone(here) == {}
    book.params(ONE)
    for _ in range(2):  # committed or not
        assert gone(here) == {f"c{n}": "dropped after its runs" for n in range(2, 7)}
        found = said(here)["c1"]
        assert found["said"] == BEFORE
        assert "5 other claims of its study were dropped or changed after" in found["remark"]
        book.commit("what is left")
    shown = here.run("said")
    assert "dropped after its runs: c2 of rate, Guess 2." in shown
    document = json.loads(here.run("said", "--json"))["dropped"][0]
    assert (document["study"], document["sentence"]) == ("rate", "Guess 2.")
    assert document["stood_in"] == first
    # Nor by another name of the study, nor with the combinations that they were about.
    renamed = text(ONE).replace("  rate:", "  other:")
    here.project.write("params.yaml", renamed)
    assert len(gone(here)) == 5
    if logged:  # git alone knows only ids, and of no combination that is gone
        here.project.write("params.yaml", text(ONE).replace(", 0.001]", "]"))
        assert len(gone(here)) == 5
    book.params()
    assert "dropped after its runs: c1 of rate" in here.run("said")


def test_claims_that_go_before_their_runs_and_others_that_come_after(
    here: SimpleNamespace, book: Book
) -> None:
    book.params(SIX)
    book.commit("six guesses")
    book.params(ONE)
    book.commit("thought again")
    book.train()
    assert gone(here) == {}
    assert said(here)["c1"]["remark"] is None
    book.params(SIX)
    assert said(here)["c1"]["remark"] is None  # they stood in a commit before their runs
    book.params(ONE + OTHERS)
    book.commit("one more, after a look")
    assert gone(here) == {}
    found = said(here)
    assert found["all"]["remark"] is None
    assert found["c1"]["remark"] == "1 other claim of its study was added after its runs"
    here.project.write("params.yaml", text(ONE.replace("0.01}", "0.01}, margin: 0.2")))
    assert gone(here) == {"c1": "changed after its runs"}


def test_what_is_confirmed_has_not_lost_its_others(here: SimpleNamespace, book: Book) -> None:
    """Else who confirms six and takes away the five that fail has confirmed the sixth."""
    book.commit("a study")
    book.train()
    book.params(SIX)
    verdicts = {f"c{n}": "supported" for n in range(1, 7)}
    book.verdicts(**verdicts)
    book.commit("six finds")
    here.run("confirm")
    book.commit("what is to be confirmed")
    book.train()
    book.verdicts(**verdicts, c1_confirm="supported")
    assert said(here)["c1"]["confirmation"] == "confirmed"
    path = Path("params.yaml")
    lines = path.read_text().splitlines(keepends=True)
    second = next(number for number, line in enumerate(lines) if "id: c2-confirm" in line)
    here.project.write("params.yaml", "".join(lines[:second]))
    found = said(here)
    assert len(gone(here)) == 5
    assert found["c1-confirm"]["said"] == BEFORE
    assert found["c1"]["confirmation"] is None


def test_who_looks_again_until_it_is_confirmed_has_not_confirmed(
    here: SimpleNamespace, book: Book
) -> None:
    book.commit("a study")
    book.train()
    book.params(CLAIMS)
    book.commit("a find")
    book.verdicts(best="supported")
    found_in = Path("params.yaml").read_text()
    here.run("confirm")
    book.commit("what is to be confirmed")
    book.train()
    book.verdicts(best="supported", best_confirm="undecided")
    here.project.write("params.yaml", found_in)  # not confirmed: away with it
    book.commit("nothing was ever there")
    book.verdicts(best="supported")
    here.run("confirm")
    assert load_params().studies["rate-confirm"].seeds == list(range(200, 208))
    book.commit("once more")
    book.train()
    book.verdicts(best="supported", best_confirm="supported")
    assert gone(here) == {"best-confirm": "changed after its runs"}
    found = said(here)
    assert "the same test on other seeds was dropped" in found["best-confirm"]["remark"]
    assert found["best"]["confirmation"] is None


def test_fresh_seeds_that_were_not_committed_confirm_nothing(
    here: SimpleNamespace, book: Book
) -> None:
    """Who does not like the answer of some could take others."""
    book.commit("a study")
    book.train()
    book.params(CLAIMS)
    book.verdicts(best="supported")
    book.commit("a claim")
    here.run("confirm")
    book.train()
    book.verdicts(best="supported", best_confirm="supported")
    found = said(here)
    assert found["best-confirm"]["remark"]
    assert found["best"]["confirmation"] is None


def test_a_branch_beside_is_not_known(here: SimpleNamespace, book: Book) -> None:
    book.commit("a study")
    here.project.git("checkout", "-q", "-b", "ideas")
    book.params(CLAIMS)
    book.commit("a claim on a branch")
    here.project.git("checkout", "-q", "main")
    book.project.write("README.md", "another commit\n")
    book.commit("beside")
    book.train()
    here.project.git("merge", "-q", "--no-edit", "ideas")
    assert words(here) == {"best": NOT_KNOWN}
    assert "another branch" in said(here)["best"]["why"]


def test_a_shallow_clone_does_not_accuse(here: SimpleNamespace, book: Book) -> None:
    book.params(CLAIMS)
    book.commit("a claim")
    book.train(log=False)
    here.project.commit("its runs", "01")
    assert words(here) == {"best": BEFORE}
    for depth, word in ((1, NOT_KNOWN), (2, BEFORE)):
        shallow = here.project.folder / ".git/shallow"
        hashes = here.project.git("log", "--format=%H").split()
        shallow.write_text(f"{hashes[depth - 1]}\n")
        assert words(here) == {"best": word}
        shallow.unlink()


def test_a_file_that_extends_another_states_what_both_say(
    here: SimpleNamespace, book: Book
) -> None:
    here.project.write("base.yaml", text(CLAIMS))
    here.project.write("params.yaml", "extends: base.yaml\n")
    first = book.commit("a claim in another file")
    book.train()
    here.project.write("params.yaml", "extends: base.yaml\nseeds: 8\n")
    book.commit("nothing new")
    assert said(here)["best"]["said"] == BEFORE
    assert said(here)["best"]["claim_commit"] == first
    here.project.write("params.yaml", "extends: params.yaml\n")
    book.commit("one that cannot be read")
    here.project.write("params.yaml", "extends: base.yaml\n")
    assert said(here)["best"]["said"] == BEFORE


def test_another_params_file_by_any_path(
    here: SimpleNamespace, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.project.write("mine.yaml", text(CLAIMS))
    book.commit("a claim in a file of its own")
    for path in ("mine.yaml", "./mine.yaml", str(Path("mine.yaml").resolve())):
        monkeypatch.setenv("LABBOOK_PARAMS", path)
        book.train()
        assert words(here) == {"best": BEFORE}


def test_a_claim_that_cannot_be_told_is_not_left_out(
    here: SimpleNamespace, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.params(CLAIMS)
    monkeypatch.setattr("labbook.history.said.stated", lambda whole: [])
    assert words(here) == {"best": NOT_KNOWN}


def test_what_is_not_in_the_cache_is_not_known(here: SimpleNamespace, book: Book) -> None:
    book.train()
    first = here.project.commit("runs", "01")
    book.params(CLAIMS)
    book.commit("a claim")
    LOG.unlink()
    assert words(here) == {"best": AFTER}
    here.project.cached(first).unlink()
    _parsed.cache_clear()
    found = said(here)["best"]
    assert found["said"] == NOT_KNOWN
    for path in Path("results/runs").iterdir():
        path.unlink()
    found = said(here)["best"]
    assert (found["said"], "dvc fetch --all-commits" in found["why"]) == (NOT_KNOWN, True)


# The rule, against a search by hand


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Commit], dict[str, int], Evidence]:
    """Commits, oldest first; in which the test stands; and an evidence."""
    commits: list[Commit] = []
    for number in range(draw(st.integers(1, 8))):
        names = [commit.hash for commit in commits]
        parents = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        commits.append(Commit(f"{number:040}", tuple(parents), "", ""))
    names = [commit.hash for commit in commits]
    holding = dict.fromkeys(draw(st.sets(st.sampled_from(names))), 1)
    how = draw(st.sampled_from([TRAINED, RECORDED, PERHAPS]))
    return commits, holding, Evidence(how, draw(st.sampled_from(names)))


def followed(commit: str, commits: list[Commit]) -> set[str]:
    """All that a commit follows, by a plain search."""
    by_hash = {one.hash: one for one in commits}
    parents = by_hash[commit].parents
    return set(parents).union(*(followed(parent, commits) for parent in parents))


@given(histories())
@settings(max_examples=300)
def test_the_rule_is_that_of_a_search_by_hand(
    drawn: tuple[list[Commit], dict[str, int], Evidence],
) -> None:
    commits, holding, evidence = drawn
    ancestors = Ancestry(commits, holding)
    logged = {"run": evidence.commit} if evidence.how == TRAINED else {}
    recorded = {"run": [evidence.commit]} if evidence.how == RECORDED else {}
    made = Made(frozenset({"run"}), logged, recorded, (), ancestors.commits)
    judge = Judge(ancestors, {"test": 1}, made, shallow=False)
    earlier = followed(evidence.commit, commits)
    seen = earlier | ({evidence.commit} if evidence.how == TRAINED else set())
    firsts = {one for one in holding if not followed(one, commits) & set(holding)}
    if seen & set(holding):
        expected = BEFORE
    elif evidence.how == PERHAPS:
        expected = NOT_KNOWN
    elif all(evidence.commit in followed(one, commits) | {one} for one in firsts):
        expected = AFTER
    else:
        expected = NOT_KNOWN
    assert judge._state("test", evidence) == expected
    assert {one.hash for one in ancestors.firsts(1)} == firsts


# What a claim is


def only(whole: dict[str, Any]) -> Stated:
    (one,) = stated(whole)
    return one


def document(**claim: Any) -> dict[str, Any]:
    whole = parse(text())
    test = {"better": {"optimizer.rate": 0.1}, "than": {"optimizer.rate": 0.01}}
    whole["studies"]["rate"]["claims"] = [{"id": "a", "sentence": "b", **test, **claim}]
    return dict(whole)


def test_what_decides_a_claim() -> None:
    plain = only(document())
    assert plain.labels == ("rate 0.1", "rate 0.01")
    same = [
        document(id="z", sentence="c", reported="d", conditions="e"),
        document(metric="valid_mse"),
        document(better=[{"optimizer.rate": 0.1}, {"optimizer.rate": 0.1}]),
    ]
    renamed = document()
    renamed["datasets"]["other"] = renamed["datasets"].pop("line")
    renamed["recipes"]["line"]["dataset"] = "other"
    renamed["recipes"]["x"] = renamed["recipes"].pop("line")
    renamed["studies"]["y"] = renamed["studies"].pop("rate") | {"recipe": "x"}
    fewer = document()
    fewer["studies"]["rate"]["vary"] = [{"optimizer.rate": 0.01}, {"optimizer.rate": 0.1}]
    more = document()
    more["seeds"] = 20
    for whole in (*same, renamed, fewer, more):
        assert only(whole).test == plain.test
    assert only(more).seeded != plain.seeded
    others = [
        document(margin=0.1), document(at_least=0.1), document(metric="test_mse"),
        document(than="others"), document(better={"optimizer.rate": 0.01}, than={"optimizer.rate": 0.1}),
        document(better=None, than="others", level={"of": {"optimizer.rate": 0.1}, "below": 1}),
        document(better=None, than="others", level={"of": {"optimizer.rate": 0.1}, "below": 2}),
        document(better=None, than="others", alike=[{"optimizer.rate": 0.1}, {"optimizer.rate": 0.01}]),
    ]  # fmt: skip
    for path, value in (("epochs", 6), ("batch", 10)):
        whole = document()
        whole["recipes"]["line"]["training"][path] = value
        others.append(whole)
    whole = document()
    whole["datasets"]["line"]["points"] = 61
    others.append(whole)
    tests = [plain.test, *(only(whole).test for whole in others)]
    assert len(set(tests)) == len(tests)


def test_a_study_that_cannot_be_read_states_nothing_and_the_others_do() -> None:
    whole = document()
    whole["studies"] |= {
        "odd": {"recipe": "line", "vary": 3},
        "none": None,
        "lost": {"recipe": "x"},
    }
    assert [one.study for one in stated(whole)] == ["rate"]
    for odd in ({}, {"studies": 3}, {"studies": None}, {"studies": {"a": {"recipe": []}}}):
        assert stated(odd) == []


@pytest.mark.parametrize("name", ["params.yaml", "full.yaml", "quick.yaml", "tests/tiny.yaml"])
def test_blocks_read_one_by_one_say_what_the_whole_says(name: str) -> None:
    given = (ROOT / name).read_text()
    assert block_by_block(given) == parse(given)
    for odd in ("a: 1\nb: [1,\n2]\n", "a: &x {b: 1}\nc: *x\n", "a:\n  - 1\n  - 2\n"):
        assert block_by_block(odd) == parse(odd)
    for wrong in ("a: [", "- 1\n", "3"):
        with pytest.raises((YAMLError, ValueError)):
            block_by_block(wrong)


def test_the_highest_seed() -> None:
    assert highest_seed({}) == -1
    assert highest_seed({"seeds": 8, "studies": {"a": {"seeds": [3, 40]}, "b": None}}) == 40
    assert highest_seed({"studies": {"a": {"seeds": 8}}}) == 7
    assert highest_seed({"seeds": 8, "tune": {"a": {"seeds": 10}, "b": None}}) == 17
    assert highest_seed({"tune": {"a": {"search": {"budget": 99}}}}) == 31
    assert highest_seed({"tune": {"a": {"seeds": "many"}, "b": 3}}) == -1


def test_a_claim_that_a_look_decided_rests_on_no_later_seeds(
    here: SimpleNamespace, book: Book
) -> None:
    """Another claim had its combinations trained on, before this one stood in a commit."""
    book.params(CLAIMS + OTHERS, seeds="{from: 8, to: 32, until: decided}")
    graph = Graph.load()
    by_id = {claim.id: claim for claim in stated(parse(Path("params.yaml").read_text()))}
    assert len(runs_of(graph, by_id["best"])) == 2 * 8
    names = ["rate 0.1", "rate 0.01", "rate 0.001"]
    for number, verdict in ((1, "supported"), (2, "supported")):
        claims = [{"id": "best", "verdict": verdict}, {"id": "all", "verdict": "undecided"}]
        look = {"claims": claims, "going_on": names}
        here.project.write(f"results/rate/looks/{number}.json", json.dumps(look))
    assert len(runs_of(graph, by_id["best"])) == 2 * 8
    assert len(runs_of(graph, by_id["all"])) == 3 * 32


def test_every_claim_of_the_default_is_stated_also_of_several_data_sets() -> None:
    params = load_params(ROOT / "params.yaml")
    asked = [(name, claim.id) for name, study in params.studies.items() for claim in study.claims]
    said = stated(block_by_block((ROOT / "params.yaml").read_text()))
    assert [(claim.study, claim.id) for claim in said] == asked
    assert ("usual-optimizers-on-covid", "usual-adam-on-covid") in asked
