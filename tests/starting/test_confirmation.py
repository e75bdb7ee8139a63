"""Studies that look again: they ask the same on fresh seeds, and no line of the file is touched."""

import difflib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labbook.errors import LabbookError
from labbook.history.rule import AFTER, BEFORE
from labbook.history.said import Said
from labbook.history.stated import stated
from labbook.params import limits
from labbook.params.load import params_path
from labbook.params.source import read_source
from labbook.provenance.graph import Graph
from labbook.starting.confirmation import chosen, confirmations, in_words, text_with
from tests.conftest import ROOT, copy_project

pytestmark = pytest.mark.thorough
FILES = ("params.yaml", "full.yaml", "quick.yaml", "tests/tiny.yaml", "tests/two_studies.yaml")


def found(said: str = AFTER, verdict: str = "supported", **row: Any) -> list[Said]:
    """All claims of params.yaml as if they were found in results."""
    claims = stated(read_source(params_path()).document)
    return [Said(one, {"verdict": verdict, "fresh_seeds": "", **row}, said, "") for one in claims]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("confirm") / "project")


@pytest.fixture
def book(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The current folder is a project under no git; `use` gives it another params.yaml."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))

    def use(text: str) -> Graph:
        Path("params.yaml").write_text(text)
        return Graph.load()

    return SimpleNamespace(use=use)


@pytest.mark.parametrize("name", FILES)
def test_every_claim_of_the_shipped_files_can_be_confirmed(
    book: SimpleNamespace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "full.yaml":  # extends params.yaml
        book.use((ROOT / "params.yaml").read_text())
        Path("full.yaml").write_text((ROOT / name).read_text())
        monkeypatch.setenv("LABBOOK_PARAMS", "full.yaml")
        graph = Graph.load()
    else:
        graph = book.use((ROOT / name).read_text())
    path, claims = params_path(), found()
    old = path.read_text()
    made = confirmations(graph, claims, path)
    new = text_with(path, made)  # compares tests
    assert path.read_text() == old
    # Not a line of what stood there is another one, comments included.
    changes = difflib.ndiff(old.splitlines(), new.splitlines())
    assert not [line for line in changes if line.startswith("- ")]
    before = {study.name: study for study in graph.plan.studies.values()}
    path.write_text(new)
    after = Graph.load().plan.studies
    assert sum(len(one.claims) for one in made) == len(claims)
    for one in made:
        study, was = after[one.name], before[one.claims[0].claim.study]
        assert not {*study.seeds} & {seed for s in before.values() for seed in s.seeds}
        assert len(study.seeds) == len(was.seeds)
        assert not study.rivals
        needed = {label for said in one.claims for label in said.claim.labels}
        assert one.combinations == len(study.combinations) == len(needed)
        assert one.runs == len(study.runs)
        recipes = [c.recipe for c in was.combinations if c.label in needed]
        assert [c.recipe for c in study.combinations] == recipes
    path.write_text(old)


def test_more_seeds_where_an_undecided_claim_needs_them(book: SimpleNamespace) -> None:
    graph = book.use((ROOT / "quick.yaml").read_text())
    for needs, many in (("", 20), ("31", 31), ("7", 20), ("inf", 20), (str(10**6), limits.SEEDS)):
        claims = found(verdict="undecided", fresh_seeds=needs)
        for one in confirmations(graph, claims[:1], params_path()):
            assert one.seeds == tuple(range(100, 100 + many))
            assert f"2 combinations, seeds 100 to {99 + many}, {2 * many:,} runs" in in_words(one)


def test_which_claims_are_looked_at_again(book: SimpleNamespace) -> None:
    book.use((ROOT / "quick.yaml").read_text())
    claims = found()
    ids = [one.claim.id for one in claims]
    assert [one.claim.id for one in chosen(claims, [])] == ids
    assert [one.claim.id for one in chosen(claims, [ids[1], ids[1]])] == ids[1:2]
    assert chosen(found(verdict="undecided"), []) == []
    assert chosen(found(BEFORE), []) == []
    for wrong, names, words in (
        (claims, ["nobody"], f"no such claim. It has: {', '.join(ids)}"),
        (found(BEFORE), ids[:1], "was said before its runs"),
        (found(verdict=""), ids[:1], "has no verdict yet"),
    ):
        with pytest.raises(LabbookError, match=words):
            chosen(wrong, names)


def test_a_name_that_is_taken_and_a_claim_that_is_there(book: SimpleNamespace) -> None:
    graph = book.use((ROOT / "quick.yaml").read_text())
    claims = {one.claim.id: one for one in found()}
    for id_, name in (("best", "boston-rate-confirm"), ("slow", "boston-rate-confirm-2")):
        (one,) = confirmations(graph, [claims[id_]], params_path())
        assert one.name == name
        graph = book.use(text_with(params_path(), [one]))
    assert "best" not in [one.claim.id for one in chosen(found(), [])]
    with pytest.raises(LabbookError, match="there already: the claim best-confirm"):
        chosen(found(), ["best"])


def test_nothing_is_written_that_would_not_be_right(book: SimpleNamespace) -> None:
    text = (ROOT / "quick.yaml").read_text()
    graph = book.use(text)
    made = confirmations(graph, found()[:1], params_path())
    for wrong, words in (  # the file, changed meanwhile
        (text.replace("epochs: 200", "epochs: 300"), "would not ask the same"),
        (text.replace("id: slow", "id: best-confirm"), "is taken by a claim"),
    ):
        Path("params.yaml").write_text(wrong)
        with pytest.raises(LabbookError, match=words):
            text_with(params_path(), made)
    assert list(Path().glob(".labbook-*")) == []
