"""Studies that look again: they ask the same on fresh seeds, and no line of the file is touched."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labbook.documents import parse
from labbook.errors import LabbookError
from labbook.history.rule import AFTER, BEFORE, When
from labbook.history.said import Said
from labbook.history.stated import stated
from labbook.params import limits
from labbook.params.load import params_path
from labbook.params.sampling import Sample
from labbook.params.source import read_source
from labbook.plan.studies import StudyPlan
from labbook.provenance.graph import Graph
from labbook.starting.confirmation import (
    Confirmation,
    chosen,
    confirmations,
    in_words,
    text_with,
)
from tests.conftest import ROOT, copy_project

pytestmark = pytest.mark.thorough
FILES = ("params.yaml", "full.yaml", "quick.yaml", "tests/tiny.yaml", "tests/two_studies.yaml")


def found(said: str = AFTER, verdict: str = "supported", **row: Any) -> list[Said]:
    """All claims of params.yaml as if they were found in results."""
    claims = stated(read_source(params_path()).document)
    return [
        Said(one, {"verdict": verdict, "fresh_seeds": "", **row}, When(said, "")) for one in claims
    ]


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


def labels_needed(was: StudyPlan, one: Confirmation) -> set[str]:
    """Those that its claims rest on; all of a sample for the best of so many draws."""
    claims = {claim.id: claim.block for claim in was.claims}
    tuned = any(claims[said.claim.id].tuned is not None for said in one.claims)
    if tuned and isinstance(was.block.vary, Sample):
        return {each.label for each in was.combinations}
    return {label for said in one.claims for label in said.claim.labels}


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
    lines = iter(new.splitlines())
    assert all(line in lines for line in old.splitlines())  # in this order
    before = {study.name: study for study in graph.plan.studies.values()}
    path.write_text(new)
    after = Graph.load().plan.studies
    assert sum(len(one.claims) for one in made) == len(claims)
    for one in made:
        study, was = after[one.name], before[one.claims[0].claim.study]
        used = [s.seeds for s in before.values() if s.dataset == study.dataset]
        assert not {*study.seeds} & {seed for seeds in used for seed in seeds}
        assert len(study.seeds) == len(was.seeds)
        assert not study.rivals
        assert not study.controls.combinations
        needed = labels_needed(was, one)
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


SEVERAL = """\
seeds: 8
controls: false
datasets:
  line: {kind: function, expression: x, low: 0, high: 1, points: 60, split: {valid: 20, test: 20}}
  curve: {kind: function, expression: x ** 2, low: 0, high: 1, points: 60, split: {valid: 20, test: 20}}
recipes:
  line:
    dataset: line
    model: {kind: mlp, hidden: [4]}
    optimizer: {kind: sgd, rate: 0.1}
    training: {batch: 20, epochs: 2}
studies:
  usual:
    question: Does Adam win?
    recipe: line
    datasets: [line, curve]
    vary: {optimizer.kind: [sgd, adam, rmsprop]}
    set: {training.epochs: 3}
    controls: true
    claims:
      - {id: adam, sentence: Adam wins., reported: yes, better: {optimizer.kind: adam}, than: {optimizer.kind: sgd}}
  usual-on-line-confirm:
    question: Is this name taken?
    recipe: line
    vary: {optimizer.rate: [0.1, 0.2]}
"""


def test_a_claim_on_one_of_several_data_sets(book: SimpleNamespace) -> None:
    graph = book.use(SEVERAL)
    claims = found()
    assert [one.claim.id for one in claims] == ["adam-on-line", "adam-on-curve"]
    made = confirmations(graph, claims, params_path())
    assert [one.name for one in made] == ["usual-on-line-confirm-2", "usual-on-curve-confirm"]
    after = book.use(text_with(params_path(), made)).plan.studies["usual-on-curve-confirm"]
    assert after.dataset == "curve"
    assert after.block.set == {"dataset": "curve", "training.epochs": 3}
    assert len(after.runs) == made[1].runs == 16
    (claim,) = after.claims
    assert (claim.id, claim.sentence) == ("adam-on-curve-confirm", "On curve: Adam wins.")
    assert claim.reported is None


def test_a_name_that_a_study_of_one_of_several_data_sets_has_is_taken(
    book: SimpleNamespace,
) -> None:
    graph = book.use(SEVERAL[: SEVERAL.index("  usual-on-")].replace("curve", "line-confirm"))
    assert "usual-on-line-confirm" in graph.plan.studies
    (one,) = confirmations(graph, found()[:1], params_path())
    assert one.name == "usual-on-line-confirm-2"


SAMPLE = """\
seeds: 8
controls: true
datasets:
  line: {kind: function, expression: x, low: 0, high: 1, points: 60, split: {valid: 20, test: 20}}
recipes:
  line:
    dataset: line
    model: {kind: mlp, hidden: [4]}
    optimizer: {kind: sgd, rate: 0.1}
    training: {batch: 20, epochs: 2}
studies:
  methods:
    question: Which method is better, each at its best of three?
    recipe: line
    vary:
      sample: 45
      of: {optimizer.kind: [sgd, adam, rmsprop], optimizer.rate: {low: 0.001, high: 0.1, log: true}}
    controls: false
    claims:
      - {id: tuned, sentence: Adam wins., better: {optimizer.kind: adam}, than: {optimizer.kind: sgd}, tuned: 3}
      - {id: usual, sentence: Adam wins on average., better: {optimizer.kind: adam}, than: {optimizer.kind: sgd}}
"""


def test_the_best_of_so_many_draws_is_confirmed_with_its_sample(book: SimpleNamespace) -> None:
    """A list of what it drew would be another question: nothing tells what other draws give."""
    graph = book.use(SAMPLE)
    tuned, usual = found()
    for claims, many in (([tuned], 45), ([usual], 30), ([tuned, usual], 45)):
        graph = book.use(SAMPLE)
        (one,) = confirmations(graph, claims, params_path())
        assert one.combinations == many
        study = book.use(text_with(params_path(), [one])).plan.studies["methods-confirm"]
        assert isinstance(study.block.vary, Sample) == (many == 45)
        assert len(study.runs) == one.runs == 8 * many  # no controls, although the file wants them
    document = parse(SAMPLE)
    drawn = [dict(one.settings) for one in graph.plan.studies["methods"].combinations]
    document["studies"]["methods"]["vary"] = drawn
    listed = [claim.test for claim in stated(document)]
    assert listed[0] != tuned.claim.test
    assert listed[1] == usual.claim.test


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
