"""Rivals: pure functions of training rows, in the form of run files, whatever a split leaves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labbook.data.prepare import prepare
from labbook.data.prepared import Prepared, read_prepared
from labbook.errors import LabbookError
from labbook.files import write_json, write_text
from labbook.metrics import METRICS
from labbook.params.tables import Table
from labbook.rivals import fit
from labbook.rivals.constant import FLOOR
from labbook.rivals.file import NAMES, PARTS, TUNED, read_rivals
from labbook.rivals.models import TRIED

ROWS = 90


def data(folder: Path, target: list[str], rows: int = ROWS, seeds: int = 1, **more) -> Prepared:
    """A table of two columns, as prepare makes it."""
    draw = np.random.default_rng(0)
    lines = [
        f"{a:.3f},{b:.3f},{y}"
        for (a, b), y in zip(draw.normal(size=(rows, 2)), target, strict=True)
    ]
    write_text(folder / "table.csv", "a,b,y\n" + "\n".join(lines) + "\n")
    write_json(folder / "edition.json", {"edition": "own", "note": "", "files": {}})
    block = {
        "kind": "table",
        "path": "table.csv",
        "target": "y",
        "split": {"valid": 0.2, "test": 0.2},
    }
    prepare(Table.model_validate(block | more), folder, range(seeds), folder / "p.safetensors")
    return read_prepared(folder / "p.safetensors")


def quantities(folder: Path, **more) -> Prepared:
    draw = np.random.default_rng(0)
    x, noise = draw.normal(size=(ROWS, 2)), np.random.default_rng(1).normal(size=ROWS)
    return data(
        folder,
        [f"{50 + 9 * a + 2 * b + e / 2:.3f}" for (a, b), e in zip(x, noise, strict=True)],
        **more,
    )


def classes(folder: Path, target: list[str], rows: int = ROWS, **more) -> Prepared:
    return data(folder, target, rows, task="classification", **more)


def test_equal_data_equal_bytes_and_all_is_read_again(tmp_path: Path) -> None:
    prepared = quantities(tmp_path, seeds=2)
    for name in ("one", "two"):
        fit.write_rivals(prepared, [0, 1], tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    rivals = read_rivals(tmp_path / "one", [1])
    assert rivals.names == NAMES["regression"]
    assert set(rivals.libraries) == {"numpy", "scikit-learn", "scipy"}
    again = fit.rivals_of(prepared, 1)
    for (name, _, part), array in rivals.predictions.items():
        assert np.array_equal(array, again[name, part])


def test_targets_are_in_original_units_and_a_line_is_found(tmp_path: Path) -> None:
    prepared = quantities(tmp_path, standardise_target=True)
    true = prepared.target[prepared.split(0).test]
    errors = {
        name: float(np.mean((predicted - true) ** 2))
        for (name, part), predicted in fit.rivals_of(prepared, 0).items() if part == "test"
    }  # fmt: skip
    assert min(errors, key=errors.__getitem__) == "a straight line"
    assert max(errors, key=errors.__getitem__) == "the constant"
    assert errors["a straight line"] < 0.5


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_no_rival_sees_more_than_training_rows(tmp_path: Path, task: str) -> None:
    """With all other targets turned, every prediction stays as it is."""
    target = ["no" if i % 3 else "yes" for i in range(ROWS)]
    made = quantities(tmp_path) if task == "regression" else classes(tmp_path, target)
    others = np.setdiff1d(np.arange(ROWS), made.split(0).train)
    turned = made.target.copy()
    turned[others] = turned[others][::-1]
    before, after = fit.rivals_of(made, 0), fit.rivals_of(replace(made, target=turned), 0)
    for place, predicted in before.items():
        assert np.array_equal(predicted, after[place]), place


@pytest.mark.parametrize(
    ("target", "split"),
    [
        (["a"] * 30 + ["b"] * 30 + ["c"] * 30, {}),
        (["a"] * 89 + ["b"], {}),  # one row of a class, in training
        (["a"] * 60 + ["b"] * 29 + ["c"], {"stratify": False}),
        (["a", "b"] * 4, {"train": 4, "valid": 2, "test": 2}),  # fewer rows than neighbours
    ],
)
def test_every_split_has_probabilities_of_all_classes(tmp_path: Path, target, split) -> None:
    split = {"valid": 0.2, "test": 0.2} | split
    prepared = classes(tmp_path, target, len(target), split=split)
    for (_, part), predicted in fit.rivals_of(prepared, 0).items():
        assert predicted.shape == (len(getattr(prepared.split(0), part)), len(prepared.classes))
        assert predicted.dtype == np.float32
        shares = np.exp(predicted.astype(float))
        assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
        assert shares.min() > FLOOR / 2


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_target_that_does_not_vary_leaves_the_constant(tmp_path: Path, task: str) -> None:
    made = quantities(tmp_path) if task == "regression" else classes(tmp_path, ["a", "b", "b"] * 30)
    still = made.target.copy()
    still[made.split(0).train] = 1
    found = fit.rivals_of(replace(made, target=still), 0)
    for name in NAMES[task]:
        for part in PARTS:
            assert np.array_equal(found[name, part], found["the constant", part])


def test_a_large_table_s_neighbours_are_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    prepared = quantities(tmp_path)
    whole = fit.rivals_of(prepared, 0)
    monkeypatch.setattr(fit, "MOST_ROWS", 20)
    drawn, again = fit.rivals_of(prepared, 0), fit.rivals_of(prepared, 0)
    for name in NAMES["regression"][:2]:
        assert np.array_equal(whole[name, "test"], drawn[name, "test"])
    assert not np.array_equal(
        whole["nearest neighbours", "test"], drawn["nearest neighbours", "test"]
    )
    assert all(np.array_equal(drawn[place], again[place]) for place in drawn)


def loss_of(case: fit.Case, settings: dict, part: str) -> float:
    """The mean squared error of a model with these settings on a part's rows."""
    target = case.prepared.target[getattr(case.prepared.split(case.seed), part)]
    return float(np.mean((case.predicted(case.fitted(settings), part) - target) ** 2))


def test_settings_are_chosen_on_validation_rows_alone(tmp_path: Path) -> None:
    """Test rows would choose others, and change nothing by other targets."""
    made = quantities(tmp_path)
    found, chosen = fit.tuned_rivals_of(made, 0)
    elsewhere = 0
    for name, case in fit._cases(made, 0):
        tried = TRIED[name]
        best = {
            part: min(tried, key=lambda settings: loss_of(case, settings, part)) for part in PARTS
        }
        assert chosen[TUNED[name]] == best["valid"]
        again = case.predicted(case.fitted(best["valid"]), "test")
        assert np.array_equal(found[TUNED[name], "test"], again)
        elsewhere += best["test"] != best["valid"]
    assert elsewhere
    turned = made.target.copy()
    turned[made.split(0).test] = turned[made.split(0).test][::-1]
    after, others = fit.tuned_rivals_of(replace(made, target=turned), 0)
    assert others == chosen
    assert all(np.array_equal(found[place], after[place]) for place in found)


def test_tuned_classes_are_no_worse_on_validation_rows(tmp_path: Path) -> None:
    made = classes(tmp_path, ["no" if i % 3 else "yes" for i in range(ROWS)])
    target = made.target[made.split(0).valid]
    plain, (tuned, chosen) = fit.rivals_of(made, 0), fit.tuned_rivals_of(made, 0)
    loss = METRICS["cross_entropy"].formula
    for name in NAMES["classification"][1:]:
        before, after = plain[name, "valid"], tuned[TUNED[name], "valid"]
        assert loss(target, after) <= loss(target, before)
        assert np.array_equal(before, after) or chosen[TUNED[name]]


def test_a_file_has_both_where_both_are_asked_for(tmp_path: Path) -> None:
    made = quantities(tmp_path, seeds=2)
    fit.write_rivals(made, [0], tmp_path / "file", [0, 1])
    plain = read_rivals(tmp_path / "file", [0])
    tuned = read_rivals(tmp_path / "file", [0, 1], tuned=True)
    assert plain.names == NAMES["regression"]
    assert tuned.names == ("the constant", *(TUNED[name] for name in NAMES["regression"][1:]))
    assert tuned.chosen is not None
    assert set(tuned.chosen["a tuned straight line"]) == {"0", "1"}
    with pytest.raises(LabbookError, match="not a whole file of rivals"):
        read_rivals(tmp_path / "file", [1])


@pytest.mark.parametrize("seeds", [[0, 5], [0]])
def test_a_file_that_is_not_whole_is_told(tmp_path: Path, seeds: list[int]) -> None:
    fit.write_rivals(quantities(tmp_path), [0], tmp_path / "file")
    if seeds == [0]:
        (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes()[:-9])
    with pytest.raises(LabbookError, match=r"not a whole file of rivals .* Remove it and run"):
        read_rivals(tmp_path / "file", seeds)


def test_each_seed_draws_for_itself(tmp_path: Path) -> None:
    """Random states, and so forests of the same rows, differ between seeds."""
    prepared = quantities(tmp_path, seeds=2)
    first, second = ({case.state for _, case in fit._cases(prepared, seed)} for seed in (0, 1))
    assert first
    assert not first & second
