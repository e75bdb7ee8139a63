"""`labbook tune`: how far tunings came, and what they chose written into params.yaml."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from labbook.cli import main
from labbook.files import write_json
from labbook.looking.state import Failure, State
from labbook.params.load import load_params
from labbook.plan.tunings import NUMBERS, SIX_STEPS
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
    stale: list[str] = []
    monkeypatch.setattr(
        State,
        "is_fresh",
        lambda self, node: node.startswith(("tune/", "tuned/")) and node not in stale,
    )
    results = Path("results/tune/good")

    def made(
        steps: int = len(SIX_STEPS),
        stopped: str = "",
        verdict: str = "better",
        rate: float = RATE,
        n: int = 8,
        **more: object,
    ) -> None:
        recipe = load_params(Path("params.yaml")).recipes["boston"].model_dump(mode="json")
        if rate == RATE:  # else what the recipe has already
            recipe["optimizer"] |= {"rate": RATE, "weight_decay": DECAY}
        for place, step in enumerate(SIX_STEPS[:steps], 1):
            last = place == steps
            decided = {
                "finalists": {"variant": "start", "rate": rate, "weight_decay": DECAY},
                "curves": {"recipe": recipe, "verdict": verdict, "n": n, **more},
            }.get(step, {})
            document = {"step": step, "said": "", "rows": [], "decided": decided, "asked": []}
            document["stopped"] = stopped if last else ""
            write_json(results / f"{NUMBERS[step]}-{step}.json", document)

    yield SimpleNamespace(made=made, stale=stale, results=results)
    Path("params.yaml").write_text(written)
    for path in results.glob("*.json"):
        path.unlink()


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(["tune", *arguments])
    out = capsys.readouterr()
    assert bool(code) == bool(out.err)
    return out.err or out.out


def test_how_far_a_tuning_came(book, capsys, monkeypatch) -> None:
    way = "To make good: snakemake --cores 2 results/tune/good/report.html"
    text = said(capsys)
    assert "good    boston  rate and weight decay  0 of 6  not made yet" in text
    assert way in text
    book.made(3)
    assert "3 of 6  not done yet" in said(capsys)
    book.stale.append("tune/good/2-tiny-sample")
    assert "1 of 6  1 step was made before a change" in said(capsys)
    monkeypatch.setenv("LABBOOK_PARAMS", "./params.yaml")
    assert way in said(capsys)  # the usual file, however it is named
    Path("my own.yaml").write_text(Path("params.yaml").read_text())
    monkeypatch.setenv("LABBOOK_PARAMS", "my own.yaml")
    assert "To make good: LABBOOK_PARAMS='my own.yaml' snakemake --cores 2" in said(capsys)
    book.stale.clear()
    book.made()
    text = said(capsys)
    assert "6 of 6  better, compared with boston" in text
    assert "To make" not in text
    book.made(2, stopped="None of the remedies helps.")
    assert "stopped at tiny-sample" in said(capsys)


def test_in_the_making_is_only_what_is_at_work(book, capsys, monkeypatch) -> None:
    book.made(2)
    for at_work, words in (
        ("train/tune.good.tiny-sample-3", "2 of 6  in the making"),
        ("tune/good/3-rate", "2 of 6  in the making"),
        ("tune/other/3-rate", "2 of 6  not done yet"),
    ):
        monkeypatch.setattr("labbook.looking.state.jobs_at_work", lambda at_work=at_work: {at_work})
        assert words in said(capsys)


def test_show_has_tunings_beside_studies(book, capsys) -> None:
    book.made(3)
    assert main(["show"]) == 0
    text = capsys.readouterr().out
    assert "good    boston  rate and weight decay  3 of 6  not done yet" in text
    assert "  good: not done yet. To make it: snakemake" in text


def test_one_tuning_is_shown_step_by_step(book, capsys) -> None:
    for made, words in (
        ({"steps": 3}, ("3-rate:", "3 of 6 steps: not done yet", "To make it: snakemake")),
        ({}, ("6 of 6 steps: better", "labbook tune apply good", "results/tune/good/report.html")),
        ({"verdict": "worse"}, ("6 of 6 steps: worse",)),
        ({"verdict": "undecided", "n": 0}, ("6 of 6 steps: undecided",)),
        (
            {"verdict": "same by construction", "rate": 0.05},
            ("6 of 6 steps: same", "compared with boston: rate 0.05, weight decay 0.0001"),
        ),
    ):
        book.made(**made)
        assert main(["show", "good"]) == 0
        text = " ".join(capsys.readouterr().out.split())  # as wide as the console is
        assert all(word in text for word in words)
        assert ("labbook tune apply" in text) == (made == {})  # else there is nothing to write
    assert main(["show", "goodd"]) == 1
    assert 'did you mean "good"?' in capsys.readouterr().err


def test_a_tuning_without_its_page_is_not_whole(book, capsys, monkeypatch) -> None:
    book.made()
    book.stale.append("tuned/good")
    assert "6 of 6  its page is not made yet" in said(capsys)
    assert main(["show"]) == 0
    text = capsys.readouterr().out
    assert "  good: its page is not made yet. To make it: snakemake" in text
    assert main(["show", "good"]) == 0
    assert "All of it" not in capsys.readouterr().out
    failure = Failure("tuned/good", "no space left")
    monkeypatch.setattr(State, "failures_above", lambda self, node: [failure])
    assert main(["show", "good"]) == 0
    text = capsys.readouterr().out
    assert "6 of 6 steps: failed" in text
    assert "tuned/good: no space left" in text
    assert "optimizer.rate: 0.05" in said(capsys, "apply", "good", "--dry-run")  # it is chosen


def test_what_was_chosen_is_written_into_the_recipe(book, capsys) -> None:
    book.made()
    before = Path("params.yaml").read_text()
    text = said(capsys, "apply", "good", "--dry-run")
    assert "optimizer.rate: 0.05 -> 0.00316" in text
    assert "optimizer.weight_decay: 0.0 -> 0.0001" in text
    assert Path("params.yaml").read_text() == before
    written = said(capsys, "apply", "good")
    assert "Written" in written
    assert "What good found is of the recipe as it was." in written
    after = Path("params.yaml").read_text()
    optimizer = load_params(Path("params.yaml")).recipes["boston"].optimizer
    assert (optimizer.rate, optimizer.weight_decay) == (RATE, DECAY)
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    changed = [old for old, new in pairs if old != new]
    assert changed == ["    optimizer: {kind: sgd, rate: 0.05}"]
    assert yaml.safe_load(before)["studies"] == yaml.safe_load(after)["studies"]


def test_which_comments_are_lost_is_said(book, capsys) -> None:
    lines = "kind: momentum # as ever", "rate: 0.05 # a guess", "momentum: 0.9 # usual"
    block = "".join(f"\n      {line}" for line in lines)
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(text.replace(" {kind: sgd, rate: 0.05}", block, 1))
    recipe = load_params(Path("params.yaml")).recipes["boston"].model_dump(mode="json")
    book.made(recipe=recipe | {"optimizer": {"kind": "sgd", "rate": RATE}})
    assert "  lost, as its line goes: # usual\n" in said(capsys, "apply", "good")
    text = Path("params.yaml").read_text()
    assert "kind: sgd # as ever\n      rate: 0.00316 # a guess\n" in text


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ({"steps": 2, "stopped": "None of the remedies helps."}, "None of the remedies helps."),
        ({"steps": 4}, "not done yet (4 of 6 steps are made), so nothing is chosen yet"),
        ({"verdict": "worse"}, "worse than boston on test rows"),
        ({"verdict": "undecided", "n": 0}, "all runs of what it chose diverged"),
        ({"rate": 0.05}, "chose what boston has already; nothing to write"),
        ({"learns": False}, "the network that it chose has learnt hardly anything"),
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
    book.stale.append("tune/good/4-coarse")
    text = said(capsys, "apply", "good")
    assert "1 step was made before a change (3 of 6 steps are made)" in text
    assert "To make it: snakemake" in text


def test_a_tuning_has_to_be_named_and_there(book, capsys) -> None:
    assert "with one of: good" in said(capsys, "apply")
    assert 'did you mean "good"?' in said(capsys, "apply", "goodd")
    for wrong in (["goodd"], ["good", "apply"]):
        assert "labbook tune apply NAME, or labbook tune NAME: " in said(capsys, *wrong)


def test_a_tunings_name_shows_it(book, capsys) -> None:
    book.made(3)
    assert main(["show", "good"]) == 0
    shown = capsys.readouterr().out
    assert "3-rate:" in shown
    assert said(capsys, "good") == shown
    assert main(["table", "good"]) == 1
    assert (
        "good is a tuning, which has no such tables: labbook show good" in capsys.readouterr().err
    )


def test_a_file_without_tunings(book, capsys) -> None:
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(text[: text.index("tune:")])
    assert "no block `tune`" in said(capsys)


def test_check_counts_tunings(book, capsys) -> None:
    assert main(["check"]) == 0
    assert "; 1 tuning in 6 steps." in capsys.readouterr().out


def test_an_undecided_choice_is_written_with_its_effect_and_a_caution(book, capsys) -> None:
    effect = {"scale": "ratio", "effect": 1.25, "low": 0.97, "high": 1.61}
    book.made(verdict="undecided", **effect)
    text = said(capsys, "apply", "good")
    assert "good: undecided, compared with boston on test rows: +25\u00a0%" in text
    assert "So it may be worse, too." in text
    assert "Written." in text
