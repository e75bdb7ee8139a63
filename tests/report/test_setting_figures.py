"""Figures of settings, shares and classes: which studies have them, and their numbers."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

from labbook.report.figures.axes import axis_of, beyond
from labbook.report.figures.chance import chance_figure
from labbook.report.figures.confusion import confusion_figure
from labbook.report.figures.effects import axes_figure
from labbook.report.figures.features import features_figure
from labbook.report.figures.figure import Bars, Cells, Dots, Figure, Mark, Parallel, Pictures
from labbook.report.figures.grid import grid_figure
from labbook.report.figures.importance import importance_figure
from labbook.report.figures.mistaken import mistaken_figure
from labbook.report.figures.parallel import parallel_figure
from labbook.report.figures.permutation import permutation_figure
from labbook.report.figures.scatter import scatter_figure
from labbook.report.study_results import StudyResults, read_results

METRIC = "valid_mse"
Setting = dict[str, Any]


def study(
    folder: Path, combinations: list[tuple[Setting, float | None]], about: Any = None, **tables: Any
) -> StudyResults:
    """Results of combinations with these settings and means, and of further tables."""
    settings = list(combinations[0][0])
    labels = [" ".join(map(str, values.values())) for values, _ in combinations]
    rows, runs = [], []
    for label, (values, mean) in zip(labels, combinations, strict=True):
        ends = ["", "", ""] if mean is None else [mean, mean * 0.9, mean * 1.1]
        rows.append({"combination": label, **values, "metric": METRIC, "n": 4})
        rows[-1] |= dict(zip(("mean", "low", "high"), ends, strict=True))
        ended = "diverged" if mean is None else "stopped early"
        runs.append({"combination": label, "seed": 0, "ended": ended, METRIC: mean})
    for name, table in ({"combinations": rows, "runs": runs} | tables).items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    known = {label: mean for label, (_, mean) in zip(labels, combinations, strict=True) if mean}
    best = min(known, key=lambda label: known[label])
    json_file = {
        "name": "made", "metric": METRIC, "reference": labels[0], "data": {"kind": "table"},
        "varies": settings, "seeds": [0, 1, 2, 3], "chosen": {"label": best},
    } | (about or {})  # fmt: skip
    (folder / "study.json").write_text(json.dumps(json_file))
    return read_results(folder)


def marks(figure: Figure | None, kind: type[Mark], panel: int = 0) -> Any:
    assert figure is not None
    return [mark for mark in figure.panels[panel].marks if isinstance(mark, kind)]


def importance(**shares: float) -> list[Setting]:
    others = {"together": "together", "chance": "chance"}
    return [
        {"setting": name, "kind": others.get(name, "setting"), "share": share, "low": share - 0.01,
         "high": share + 0.01, "n": 4, "method": "analysis of variance", "scale": "log"}
        for name, share in shares.items()
    ]  # fmt: skip


GRID = [
    ({"rate": rate, "batch": batch}, None if (rate, batch) == (1, 64) else rate * 10 + batch / 16)
    for batch in (64, 16)
    for rate in (1, 0.1, 0.01)
]  # means 1.1 to 14, of the largest rate and batch none


def test_shares_are_sorted_and_what_no_setting_explains_comes_last(tmp_path: Path) -> None:
    rows = importance(rate=0.2, batch=0.5, together=0.1, chance=0.3)
    figure = importance_figure(study(tmp_path, GRID, importance=rows))
    assert figure is not None
    assert figure.panels[0].y.names == ["batch", "rate", "settings acting together", "chance"]
    (bars,) = marks(figure, Bars)
    assert bars.length == pytest.approx([50, 20, 10, 30])
    assert bars.high == pytest.approx([51, 21, 11, 31])
    assert bars.colors == ["main", "main", "dots", "dots"]


def test_sources_of_chance_are_drawn_alike(tmp_path: Path) -> None:
    shares = {"split": 0.3, "training": 0.7, "initialisation": 0.2, "batch order": 0.4}
    rows = [
        {"source": name, "metric": METRIC, "scale": "ratio", "share": share, "low": 0, "high": 1,
         "spread": 1, "spread_low": 1, "spread_high": 1, "n": 20}
        for name, share in (shares | {"everything": 1.0}).items()
    ]  # fmt: skip
    (bars,) = marks(chance_figure(study(tmp_path, GRID, chance=rows)), Bars)
    assert bars.length == pytest.approx([70, 30, 40, 20])
    assert bars.colors == ["main", "main", "dots", "dots"]


def test_a_grid_has_its_numbers_in_their_order_and_marks_the_best(tmp_path: Path) -> None:
    labels = ["0.01 16", "0.1 16", "1 16"]
    best = [
        {"combination": " ".join(map(str, values.values())), "metric": METRIC, "parameters": 1,
         "epochs": 1, "recommended": "no", "may_be_best": "no"}
        for values, _ in GRID
    ]  # fmt: skip
    for row in best:
        row["may_be_best"] = "yes" if row["combination"] in labels[:2] else "no"
    about = {"best_set": {"why": "", "in_set": 2, "of": 6}}
    figure = grid_figure(study(tmp_path, GRID, about, best_set=best))
    assert figure is not None
    (cells,) = marks(figure, Cells)
    assert figure.panels[0].x.names == ["0.01", "0.1", "1"]
    assert figure.panels[0].y.names == ["16", "64"]
    assert cells.texts == [["1.10 ★", "2 ☆", "11"], ["4.10", "5", "diverged"]]
    assert cells.shades[0] == pytest.approx([1, 1 - math.log10(2 / 1.1), 0])  # 1.1, 2 and 11
    assert math.isnan(cells.shades[1][2])
    assert cells.combinations == [[5, 4, 3], [2, 1, 0]]
    assert "may be the best" in cells.readouts[0][1]


@pytest.mark.parametrize("gone", [1, 3])
def test_a_list_with_gaps_is_no_grid(tmp_path: Path, gone: int) -> None:
    assert grid_figure(study(tmp_path, GRID[:-gone])) is None


def test_effects_of_settings_come_by_importance_with_every_combination(tmp_path: Path) -> None:
    rows = [
        {"setting": name, "value": value, "metric": METRIC, "mean": mean, "low": mean - 1,
         "high": mean + 1, "n": 4, "over": "seeds", "combinations": known}
        for name, value, mean, known in (
            ("rate", "1", 11, 1), ("rate", "0.1", 4, 2), ("rate", "0.01", 3, 2),
            ("batch", "64", 7, 2), ("batch", "16", 5, 3),
        )
    ]  # fmt: skip
    shares = importance(rate=0.2, batch=0.5)
    figure = axes_figure(study(tmp_path, GRID, marginals=rows, importance=shares))
    assert figure is not None
    assert [panel.x.label for panel in figure.panels] == ["batch", "rate"]
    singles, means = marks(figure, Dots, panel=1)
    assert figure.panels[1].x.names == ["0.01", "0.1", "1"]
    assert [*zip(means.x, means.y, strict=True)] == [(2, 11), (1, 4), (0, 3)]
    assert singles.combinations == [2, 5, 1, 4, 3]
    assert len(set(singles.x)) == 5  # of one value beside each other
    assert means.texts[0] == "mean of 1 combination"  # its numbers are read out beside
    assert singles.texts[0] == "95 % interval 3.69 to 4.51"
    assert "1 combination has no value" in figure.caption
    assert "those that lack some of them are not alike" in figure.caption
    assert "over seeds" in figure.caption
    whole = [row | {"combinations": 6 // (3 if row["setting"] == "rate" else 2)} for row in rows]
    figure = axes_figure(study(tmp_path, GRID, marginals=whole))
    assert figure is not None
    assert "means are alike in all else" in figure.caption
    assert axes_figure(study(tmp_path, GRID, marginals=[rows[0] | {"metric": "other"}])) is None


def drawn(number: int) -> list[tuple[Setting, float | None]]:
    """Drawn combinations of a rate, a batch and a kind; the first has no value."""
    return [
        (
            {"rate": round(10 ** (-1 - i / 10), 5), "batch": 2**i, "kind": "ab"[i % 2]},
            None if i == 0 else 1.0 + i,
        )
        for i in range(number)
    ]


DRAWN = {"drawn": {"rate": "log", "batch": "linear"}}


def test_drawn_settings_are_scattered_on_the_scale_that_they_were_drawn_on(tmp_path: Path) -> None:
    shares = importance(kind=0.1, rate=0.5, batch=0.2)
    results = study(tmp_path, drawn(13), DRAWN, importance=shares)
    figure = scatter_figure(results)
    assert figure is not None
    assert [(panel.x.label, panel.x.log) for panel in figure.panels] == [
        ("rate", True), ("batch", False),
    ]  # fmt: skip
    first, second = marks(figure, Dots)  # by the setting that has no panel
    assert figure.legend == {"a": first.color, "b": second.color}
    assert first.color != second.color
    assert [*zip(first.x, first.y, first.combinations, strict=True)][:2] == [
        (0.0631, 3.0, 2), (0.03981, 5.0, 4),
    ]  # fmt: skip
    for values, _ in (only := drawn(13)):
        del values["kind"]
    (dots,) = marks(scatter_figure(study(tmp_path, only, DRAWN, importance=shares)), Dots, panel=1)
    assert dots.shades == pytest.approx([1 - i / 12 for i in range(1, 13)])  # the larger the rate
    assert scatter_figure(study(tmp_path, drawn(12), DRAWN)) is None  # eleven have a value
    assert scatter_figure(study(tmp_path, drawn(13))) is None  # nothing was drawn


def test_a_wild_combination_does_not_set_the_axis_and_is_counted(tmp_path: Path) -> None:
    rows = [(values, 9e6 if i == 5 else mean) for i, (values, mean) in enumerate(drawn(20))]
    marginals = [
        {"setting": "kind", "value": kind, "metric": METRIC, "mean": 11, "low": 9, "high": 14,
         "n": 9, "over": "combinations", "combinations": known}
        for kind, known in (("a", 9), ("b", 10))
    ]  # fmt: skip
    results = study(tmp_path, rows, DRAWN, marginals=marginals)
    for figure in (scatter_figure(results), axes_figure(results)):
        assert figure is not None
        axis = figure.panels[0].y
        assert axis.log
        assert axis.low == pytest.approx(2 / 1.3)
        assert axis.high == pytest.approx(20 * 1.3)
        words = "1 combination lies beyond the picture, the farthest at 9,000,000."
        assert words in figure.caption
    tame = scatter_figure(study(tmp_path, drawn(20), DRAWN))
    assert tame is not None
    assert "beyond" not in tame.caption


def test_a_wild_negative_value_does_not_set_the_axis() -> None:
    values = [0.9, 0.8, 0.85, 0.4, -8e5]
    axis = axis_of("test R²", values)
    assert axis.low == pytest.approx(0.375)
    assert axis.high == pytest.approx(0.925)
    assert "farthest at −800,000" in beyond(axis, values)


def test_many_combinations_of_many_settings_are_lines(tmp_path: Path) -> None:
    shares = importance(kind=0.1, rate=0.5, batch=0.2)
    results = study(tmp_path, drawn(13), DRAWN, importance=shares)
    figure = parallel_figure(results)
    (lines,) = marks(figure, Parallel)
    assert [axis.label for axis in lines.axes] == ["kind", "batch", "rate", "validation MSE"]
    assert lines.combinations == [*range(12, 0, -1)]  # the best over the others
    assert lines.shades == pytest.approx([i / 11 for i in range(12)])
    assert lines.axes[0].names == ["a", "b"]
    assert lines.values[-1] == pytest.approx([1.0 + i for i in range(12, 0, -1)])
    assert figure is not None
    assert "1 combination without a value" in figure.caption
    assert parallel_figure(study(tmp_path, drawn(12), DRAWN)) is None
    assert parallel_figure(study(tmp_path, GRID)) is None


def test_confusion_is_shares_of_the_true_class(tmp_path: Path) -> None:
    counts = {"a": (95, 5), "b": (1, 2999)}
    rows = [
        {"combination": "0.01 16", "part": "test", "true": true, "predicted": name, "count": n}
        for true, both in counts.items()
        for name, n in zip("ab", both, strict=True)
    ]
    figure = confusion_figure(study(tmp_path, GRID, confusion=rows))
    (cells,) = marks(figure, Cells)
    assert cells.values[0] == pytest.approx([0.95, 0.05])
    assert cells.texts == [["95.0", "5.0"], ["<0.1", "99.9"]]
    assert cells.shades[0] == pytest.approx([0.95, 1.0])  # wrong ones by the most frequent
    assert cells.wrong == [[False, True], [True, False]]
    assert cells.readouts[0][1].endswith("5 of 100 predictions")
    assert figure is not None
    assert "in 1 split" in figure.caption
    assert "a taken for b, in 5" in figure.caption


def test_columns_that_were_selected(tmp_path: Path) -> None:
    best = [{"feature": "x", "score": 2.0, "chosen": 4}, {"feature": "y", "score": 3, "chosen": 1}]
    chosen = {"label": "0.01 16", "features": {"method": "f", "k": 3, "splits": 4, "best": best}}
    figure = features_figure(study(tmp_path, GRID, {"chosen": chosen}))
    (often,), (scores,) = marks(figure, Bars), marks(figure, Bars, panel=1)
    assert (often.length, scores.length) == ([4, 1], [2, 3])
    assert features_figure(study(tmp_path, GRID)) is None


def test_columns_that_a_network_needs_come_first(tmp_path: Path) -> None:
    effects = {"a": (1.1, 0.9), "b": (3.0, 2.0), "c": (1.5, 1.2)}
    rows = [
        {"column": name, "metric": METRIC, "scale": "ratio", "effect": effect, "low": low,
         "high": effect + 1, "n": 4}
        for name, (effect, low) in effects.items()
    ]  # fmt: skip
    figure = permutation_figure(study(tmp_path, GRID, permutation=rows))
    assert figure is not None
    assert figure.panels[0].y.names == ["b", "c", "a"]
    needed, unsure = marks(figure, Dots)
    assert (needed.x, needed.y, unsure.x, unsure.y) == ([3.0, 1.5], [0, 1], [1.1], [2])


@pytest.mark.parametrize(
    ("pixels", "inks"),
    [
        (
            "0 0 0 255 0 0",
            [[0, 0, 0], [255, 0, 0], [0, 0, 0]],
        ),  # light on dark: drawn dark on light
        ("255 255 255 8 255 255", [[0, 0, 0], [255, 0, 0], [0, 0, 0]]),
    ],
)
def test_mistaken_images_are_drawn_dark_on_light(tmp_path: Path, pixels: str, inks) -> None:
    rows = [{"true": "3", "predicted": "5", "wrong": 2, "n": 3, "width": 3, "pixels": pixels}]
    (pictures,) = marks(mistaken_figure(study(tmp_path, GRID, mistaken=rows)), Pictures)
    assert pictures.pixels == [[ink for row in inks for ink in row]]  # made square
    assert pictures.side == 3
    assert pictures.captions == ["3 → 5 (2 of 3)"]
