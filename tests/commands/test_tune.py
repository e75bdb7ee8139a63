"""`labbook tune`: how far tunings came, and what they chose written into params.yaml."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from labbook.cli import main
from labbook.files import write_json
from labbook.params.load import load_params
from labbook.plan.tunings import SIX_STEPS
from labbook.provenance.graph import Foreseen
from tests.conftest import copy_project

RATE, DECAY = 0.00316, 1e-4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("tune") / "project")


@pytest.fixture
def book(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The current folder is a project with a tuning of boston whose steps `made` makes."""
    monkeypatch.chdir(folder)
    written = Path("params.yaml").read_text()
    block = "tune: # what labbook chooses\n  good: {recipe: boston, set: {optimizer.rate: 1e-7}}\n"
    Path("params.yaml").write_text(written + block)
    stale: list[Any] = []
    monkeypatch.setattr(Foreseen, "to_run", lambda *of: stale)
    results = Path("results/tune/good")

    def made(
        steps: int = len(SIX_STEPS), stopped: str = "", verdict: str = "better", rate: float = RATE
    ) -> None:
        recipe = load_params(Path("params.yaml")).recipes["boston"].model_dump(mode="json")
        if rate == RATE:  # else what the recipe has already
            recipe["optimizer"] |= {"rate": RATE, "weight_decay": DECAY}
        for number, step in enumerate(SIX_STEPS[:steps], 1):
            last = number == steps
            decided = {"recipe": recipe, "verdict": verdict} if step == "curves" else {}
            document = {"step": step, "said": "", "rows": [], "decided": decided, "asked": []}
            document["stopped"] = stopped if last else ""
            write_json(results / f"{number}-{step}.json", document)

    yield SimpleNamespace(made=made, stale=stale, results=results)
    Path("params.yaml").write_text(written)
    for path in results.glob("*.json"):
        path.unlink()


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(["tune", *arguments])
    out = capsys.readouterr()
    assert bool(code) == bool(out.err)
    return out.err or out.out


def test_how_far_a_tuning_came(book, capsys) -> None:
    book.stale.append(SimpleNamespace(name="tune/good/1-initial-loss"))
    assert "0 of 6 steps  run: dvc repro, or snakemake results/tune/good/report.html" in said(
        capsys
    )
    book.made(3)
    assert "3 of 6 steps  not done (before a change; run: dvc repro" in said(capsys)
    book.stale.clear()
    book.made()
    assert "good    boston  6 of 6 steps  better, compared with boston" in said(capsys)
    book.made(2, stopped="None of the remedies helps.")
    assert "stopped at tiny-sample" in said(capsys)


def test_what_was_chosen_is_written_into_the_recipe(book, capsys) -> None:
    book.made()
    before = Path("params.yaml").read_text()
    text = said(capsys, "apply", "good", "--dry-run")
    assert "optimizer.rate: 0.05 -> 0.00316" in text
    assert "optimizer.weight_decay: 0.0 -> 0.0001" in text
    assert Path("params.yaml").read_text() == before
    assert "Written" in said(capsys, "apply", "good")
    after = Path("params.yaml").read_text()
    optimizer = load_params(Path("params.yaml")).recipes["boston"].optimizer
    assert (optimizer.rate, optimizer.weight_decay) == (RATE, DECAY)
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    changed = [old for old, new in pairs if old != new]
    assert changed == ["    optimizer: {kind: sgd, rate: 0.05}"]
    assert yaml.safe_load(before)["studies"] == yaml.safe_load(after)["studies"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ({"steps": 2, "stopped": "None of the remedies helps."}, "None of the remedies helps."),
        ({"steps": 4}, "its steps are not done"),
        ({"verdict": "worse"}, "worse than boston on test rows"),
        ({"rate": 0.05}, "chose what boston has already; nothing to write"),
    ],
)
def test_nothing_is_written_where_nothing_was_chosen(book, capsys, make, words) -> None:
    book.made(**make)
    before = Path("params.yaml").read_text()
    assert words in said(capsys, "apply", "good")
    assert Path("params.yaml").read_text() == before


def test_what_equals_the_compared_recipe_and_not_the_start_is_written(book, capsys) -> None:
    book.made(verdict="same by construction")
    assert "Written" in said(capsys, "apply", "good")


def test_results_of_before_a_change_are_not_written(book, capsys) -> None:
    book.made()
    book.stale.append(SimpleNamespace(name="tune/good/4-coarse"))
    assert "run: dvc repro" in said(capsys, "apply", "good")


def test_a_tuning_has_to_be_named_and_there(book, capsys) -> None:
    assert "with one of: good" in said(capsys, "apply")
    assert 'did you mean "good"?' in said(capsys, "apply", "goodd")


def test_a_file_without_tunings(book, capsys) -> None:
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(text[: text.index("tune:")])
    assert "no block `tune`" in said(capsys)


def test_check_counts_tunings(book, capsys) -> None:
    assert main(["check"]) == 0
    assert "; 1 tuning in 6 steps." in capsys.readouterr().out
