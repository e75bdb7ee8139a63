"""Figures: what is drawn of which study, byte-equal, escaped, readable by machines."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from labbook.errors import LabbookError
from labbook.report.figures import FIGURES
from labbook.report.figures.confusion import draw_confusion
from labbook.report.figures.curves import draw_curves
from labbook.report.figures.metric import BEST, MOST_ROWS, draw_metric, shown_labels
from labbook.report.figures.study import draw, draw_study
from labbook.report.study_results import read_results
from tests import made_results
from tests.conftest import ROOT

pytestmark = pytest.mark.thorough

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: bytes) -> str:
    return " ".join(
        "".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")
    )


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (made_results.covid, ["metric", "curves", "predicted"]),
        (made_results.function, ["metric", "curves", "fit"]),
        (made_results.images, ["metric", "curves", "confusion"]),
    ],
)
@pytest.mark.parametrize("n", [8, 1])
def test_each_kind_of_study_has_its_figures(kind, names, n, tmp_path) -> None:
    drawn = draw(read_results(made_results.write(kind(n=n), tmp_path)))
    assert [one.name for one in drawn] == names
    for one in drawn:
        assert one.caption.endswith(".")
        assert one.alt
        assert len(one.svg) < 200_000
        width, height = struct.unpack(">II", one.png[16:24])
        assert width > 400
        assert height > 150
        ElementTree.fromstring(one.svg)
    assert ("single seed" in drawn[0].caption) == (n == 1)
    if kind is made_results.covid:
        assert "hidden 32-16-8  ·  best" in texts(drawn[0].svg)
        assert "hidden 64-16  ·  reference" in texts(drawn[0].svg)


def test_a_confusion_of_gathered_classes_is_drawn_and_said(tmp_path: Path) -> None:
    folder = made_results.write(made_results.images(), tmp_path)
    names = [*map(str, range(30)), "(267 other classes)"]
    rows = ["combination,part,true,predicted,count"]
    for true in names:
        for predicted in [*names, "(another of these)"]:
            cases = 9 if true == predicted else int((true, predicted) == ("3", "5"))
            cases = 7 if predicted == "(another of these)" and true == names[-1] else cases
            rows.append(f"kernel 7,test,{true},{predicted},{cases}")
    (folder / "confusion.csv").write_text("\n".join(rows) + "\n")
    drawn = draw_confusion(read_results(folder))
    assert drawn is not None
    assert "287 predictions of test rows, summed over seeds; 8 of them wrong" in drawn.caption
    assert "Shown are the 30 classes that are confused most on validation rows." in drawn.caption
    assert "The most frequent mistake: 3 taken for 5, 1 time." in drawn.caption
    assert len(drawn.svg) < 400_000


def test_files_and_index_and_no_stale_figures(tmp_path: Path) -> None:
    folder = made_results.write(made_results.covid(), tmp_path)
    (folder / "figures").mkdir()
    (folder / "figures/fit.svg").write_text("old")
    (folder / "figures/fit.png").write_text("old")
    draw_study(folder)
    index = json.loads((folder / "figures/index.json").read_text())
    files = {one[kind] for one in index for kind in ("svg", "png")} | {"index.json"}
    assert {path.name for path in (folder / "figures").iterdir()} == files
    assert set(index[0]) == {"name", "title", "caption", "alt", "svg", "png"}


def test_diverged_runs_are_shown_as_such(tmp_path: Path) -> None:
    drawn = draw(read_results(made_results.write(made_results.boston(), tmp_path)))
    assert "✕ 8 of 8 diverged" in texts(drawn[0].svg)
    assert "✕ 2 of 8 diverged" in texts(drawn[0].svg)
    assert "10 runs diverged and have no value" in drawn[0].caption
    assert "all runs diverged" in texts(drawn[1].svg)
    assert "logarithmic" in texts(drawn[0].svg)
    lost = made_results.boston(means={"rate 1": None}, diverged={"rate 1": 8})
    drawn = draw(read_results(made_results.write(lost, tmp_path / "lost")))
    assert "metric" not in [one.name for one in drawn]


def test_importance_is_drawn_where_it_is_known(tmp_path: Path) -> None:
    shares = {"optimizer.rate": (0.61, 0.5, 0.72), "chance": (0.39, 0.28, 0.5)}
    made = made_results.covid(importance=shares)
    drawn = {one.name: one for one in draw(read_results(made_results.write(made, tmp_path)))}
    one = drawn["importance"]
    assert "optimizer.rate: 61 % (50 to 72); chance: 39 % (28 to 50)" in one.alt
    assert "95 % intervals" in one.caption
    assert "optimizer.rate" in texts(one.svg)
    made.importance = {k: (share, float("nan"), float("nan")) for k, (share, *_) in shares.items()}
    drawn = {one.name: one for one in draw(read_results(made_results.write(made, tmp_path)))}
    assert "optimizer.rate: 61 %; chance: 39 %" in drawn["importance"].alt
    assert "too few seeds" in drawn["importance"].caption


def test_hostile_labels_stay_text(tmp_path: Path) -> None:
    means = {made_results.HOSTILE + str(i): 1.0 + i for i in range(12)}
    shares = {made_results.HOSTILE: (0.6, 0.4, 0.8)}
    made = made_results.covid(means=means, unfinished={}, importance=shares)
    for one in draw(read_results(made_results.write(made, tmp_path))):
        assert b"<script" not in one.svg
        assert "<script>" in texts(one.svg)
        assert "\u202e" not in one.svg.decode()


def test_users_settings_are_neither_used_nor_changed(tmp_path: Path) -> None:
    results = read_results(made_results.write(made_results.images(), tmp_path))
    plain = draw(results)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert draw(results) == plain
        assert mpl.rcParams["font.size"] == 30


CODE = """
import sys
from pathlib import Path
from labbook.report.figures.study import draw_study
draw_study(Path(sys.argv[1]))
"""


def test_equal_bytes_elsewhere(tmp_path: Path) -> None:
    contents = []
    for place, (zone, language) in enumerate(
        [("UTC", "C.UTF-8"), ("Asia/Kathmandu", "tr_TR.UTF-8")]
    ):
        folder = made_results.write(made_results.function(), tmp_path / str(place))
        settings = {"TZ": zone, "LC_ALL": language, "PYTHONPATH": str(ROOT / "src")}
        settings |= {"PYTHONHASHSEED": str(place), "HOME": str(tmp_path)}
        subprocess.run([sys.executable, "-c", CODE, folder], env=os.environ | settings, check=True)
        files = sorted((folder / "figures").iterdir())
        contents.append({path.name: path.read_bytes() for path in files})
    assert contents[0] == contents[1]
    assert len(contents[0]) == 7


def test_a_table_without_its_columns_is_named(tmp_path: Path) -> None:
    folder = made_results.write(made_results.covid(), tmp_path)
    (folder / "curves.csv").write_text("combination,epoch\na,1\n")
    with pytest.raises(LabbookError, match=r"curves\.csv: no column train_mean"):
        draw_study(folder)


def test_registry_is_a_plain_dict() -> None:
    assert list(FIGURES) == [
        "metric", "published", "importance", "curves", "predicted", "fit", "confusion",
    ]  # fmt: skip


def test_of_many_combinations_some_curves_are_shown(tmp_path: Path) -> None:
    means = {f"rate {i}": 1.0 + ((7 * i) % 40) / 10 for i in range(40)}
    folder = made_results.write(made_results.covid(means=means), tmp_path)
    drawing = draw_curves(read_results(folder))
    assert drawing is not None
    assert "Shown are 12 of 40 combinations, from best to worst." in drawing.caption
    assert "rate 0:" in drawing.alt  # the best
    assert "rate 17:" in drawing.alt  # the worst: 7 * 17 is 39 modulo 40


def test_of_very_many_combinations_the_best_and_some_others_are_rows(tmp_path: Path) -> None:
    means = {f"rate {i}": 1.0 + ((7 * i) % 100) / 10 for i in range(100)}
    folder = made_results.write(made_results.covid(means=means, n=2), tmp_path)
    results = read_results(folder)
    shown = shown_labels(results)
    rows = [row for row in results.table("combinations") if row["metric"] == results.metric]
    order = [row["combination"] for row in sorted(rows, key=lambda row: float(row["mean"]))]
    ranks = [order.index(label) for label in shown]
    assert ranks == sorted(ranks)
    assert set(range(BEST)) <= set(ranks)
    assert max(ranks) == 99
    assert {results.reference, results.chosen} <= set(shown)
    assert MOST_ROWS <= len(shown) <= MOST_ROWS + 1
    drawing = draw_metric(results)
    assert drawing is not None
    assert f"Shown are {len(shown)} of 100 combinations by rank" in drawing.caption
