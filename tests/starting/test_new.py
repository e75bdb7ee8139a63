"""`labbook new` for a table: what it writes, what it leaves alone, what it says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labbook.cli import main
from labbook.documents import parse

RANDOM = np.random.default_rng(1)
ROWS = 60
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `labbook new` in a folder with tables/houses.csv; its output, or its refusal."""
    monkeypatch.chdir(tmp_path)
    Path("tables").mkdir()
    write("tables/houses.csv")

    def ran(*arguments: str, code: int = 0) -> str:
        assert main(["new", *arguments]) == code, capsys.readouterr().err
        captured = capsys.readouterr()
        return captured.err if code else captured.out

    return ran


def write(path: str, rows: int = ROWS, target: bool = True, **columns: list[Any]) -> None:
    """A table of houses: rooms, an area with gaps, a heating, dates, and what they cost."""
    area = RANDOM.normal(100, 20, rows).round(1)
    table: dict[str, list[Any]] = {
        "rooms": (area // 20).astype(int).tolist(),
        "area": ["" if row == 7 else value for row, value in enumerate(area.tolist())],
        "heating": [("gas", "oil", "wood")[row % 3] for row in range(rows)],
        "sold": [f"{1 + row % 28:02}.{1 + row % 12:02}.2024" for row in range(rows)],
        **({"price": (2 * area + RANDOM.normal(0, 9, rows)).round(1).tolist()} if target else {}),
        **columns,
    }
    lines = [
        ",".join(table),
        *(",".join(map(str, row)) for row in zip(*table.values(), strict=True)),
    ]
    Path(path).write_text("\n".join(lines) + "\n")


def block(kind: str = "datasets", name: str = "houses") -> dict[str, Any]:
    found: dict[str, Any] = parse(Path("params.yaml").read_text())[kind][name]
    return found


def test_a_first_study_is_written_and_is_right(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    output = run("tables/houses.csv", "--target", "price")
    assert "one 0/1 column for each of 3" in output
    assert "labbook check" in output
    assert block() == {
        "kind": "table", "path": "tables/houses.csv", "target": "price", "task": "regression",
        "standardise_target": True, "categorical": ["heating"],
        "dates": {"sold": {"format": "%d.%m.%Y", "parts": ["month", "weekday", "elapsed"]}},
        "missing": "median", "split": {"valid": 0.2, "test": 0.2},
    }  # fmt: skip
    assert block("studies", "houses-width")["seeds"] == 8
    assert "# time: sold" in Path("params.yaml").read_text()
    assert main(["check"]) == 0, capsys.readouterr().err


def test_what_is_there_already_stays_byte_for_byte_and_names_get_numbers(run: Run) -> None:
    run("tables/houses.csv", "--target", "price")
    before = Path("params.yaml").read_bytes()
    run("tables/houses.csv", "--target", "rooms")
    after = Path("params.yaml").read_bytes()
    assert block(name="houses-2")["target"] == "rooms"
    kept = iter(after.splitlines())
    assert all(line in kept for line in before.splitlines())
    run("tables/houses.csv", "--target", "area", "--name", "areas", code=1)


def test_a_dry_run_shows_all_and_writes_nothing(run: Run) -> None:
    output = run("tables/houses.csv", "--target", "price", "--dry-run")
    assert "standardise_target: true" in output
    assert not Path("params.yaml").exists()


def test_without_a_target_the_columns_are_listed(run: Run) -> None:
    output = run("tables/houses.csv")
    assert [name in output for name in ("rooms", "heating", "--target NAME")] == [True] * 3
    assert not Path("params.yaml").exists()


REFUSED = [
    (["tables/houses.csv", "--target", "prize"], "the nearest are price"),
    (["tables/houses.csv", "--target", "9"], "there are rooms, area"),
    (["tables/houses.csv", "--target", "sold"], "is a date (%d.%m.%Y)"),
    (["tables/houses.csv", "--target", "area"], "empty in 1 of 60 rows"),
    (["tables/marks.csv", "--target", "price"], "empty (or k.A.) in 2 of 60 rows"),
    (["tables/marks.csv", "--target", "ticked"], "the other answer than x, write a word there"),
    (["tables/shares.csv", "--target", "share"], "numbers with a sign or unit"),
    (["tables/house.csv", "--target", "price"], "no such file"),
    (["tables/house.csv"], "no such file"),
    (["../outside.csv", "--target", "price"], "cp ../outside.csv tables/"),
    (["tables/houses.csv", "--target", "price", "--group", "town"], "has no column 'town'"),
    (["tables/houses.csv", "--target", "price", "--name", "a b"], "allowed are the letters"),
    (["tables/houses.csv", "--target", "price", "--test", "tables/none.csv"], "no such file"),
]


@pytest.mark.parametrize(("arguments", "text"), REFUSED)
def test_what_cannot_be_is_refused_with_a_way_out(
    run: Run, arguments: list[str], text: str
) -> None:
    write("../outside.csv")
    write("tables/shares.csv", share=[f"{row}%" for row in range(ROWS)])
    write("tables/marks.csv", price=["k.A.", "k.A.", *range(ROWS - 2)], ticked=["", "x"] * 30)
    assert text in run(*arguments, code=1)
    assert sorted(path.name for path in Path().iterdir()) == ["tables"]


def test_a_target_may_be_named_by_its_number(run: Run) -> None:
    run("tables/houses.csv", "--target", "5")
    assert block()["target"] == "price"


def test_other_files_are_the_test_and_what_is_to_be_predicted(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write("tables/last.csv", 20)
    write("tables/next.csv", 5, target=False)
    run(
        "tables/houses.csv",
        "--target",
        "price",
        "--test",
        "tables/last.csv",
        "--new",
        "tables/next.csv",
    )
    assert (block()["test"], block()["unlabelled"]) == ("tables/last.csv", "tables/next.csv")
    assert block()["split"]["test"] == "fixed"
    assert main(["check"]) == 0, capsys.readouterr().err


def test_empty_fields_of_the_other_files_count(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = [row % 7 + 0.5 for row in range(ROWS)]
    write("tables/whole.csv", area=whole)
    write("tables/next.csv", 5, target=False, area=[1.5, "", 2.5, 3.5, ""])
    run("tables/whole.csv", "--target", "price", "--new", "tables/next.csv")
    assert block(name="whole")["missing"] == "median"
    assert main(["check"]) == 0, capsys.readouterr().err


def test_rows_of_a_person_stay_together(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write("tables/visits.csv", patient=[f"P{row // 4}" for row in range(ROWS)])
    output = run("tables/visits.csv", "--target", "price")
    assert "stay together" in output
    assert block(name="visits")["split"]["group"] == "patient"
    assert block(name="visits")["drop"] == ["patient"]
    assert main(["check"]) == 0, capsys.readouterr().err


def test_group_and_time_as_asked_for(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write("tables/shops.csv", shop=[row // 4 for row in range(ROWS)])
    run("tables/shops.csv", "--target", "price", "--group", "shop", "--time", "sold")
    assert block(name="shops")["split"] == {
        "valid": 0.2,
        "test": 0.2,
        "group": "shop",
        "time": "sold",
    }
    assert main(["check"]) == 0, capsys.readouterr().err


def test_a_column_that_gives_the_target_away_is_told(run: Run) -> None:
    prices = RANDOM.normal(300, 50, ROWS).round(2)
    write(
        "tables/taxes.csv",
        price=prices.tolist(),
        tax=(0.19 * prices).round(2).tolist(),
        euro=(prices * 2).tolist(),
    )
    output = run("tables/taxes.csv", "--target", "price")
    assert "tax gives the target away" in output
    assert block(name="taxes")["drop"] == ["euro"]


def test_a_table_cannot_control_a_terminal_or_break_the_file(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b[31mred: [#"
    write("tables/evil.csv", **{evil: [f"{row % 2}\x1b]0x\x07 - {{" for row in range(ROWS)]})
    output = run("tables/evil.csv", "--target", "price")
    assert "\x1b" not in output
    assert block(name="evil")["categorical"] == ["heating", evil]
    assert main(["check"]) == 0, capsys.readouterr().err


def test_a_class_that_is_called_none_is_a_class(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    severity = [("None", "Mild", "Severe")[row % 3] for row in range(ROWS)]
    write("tables/ill.csv", severity=severity, area=["?", *range(ROWS - 1)])
    run("tables/ill.csv", "--target", "severity")
    marks = block(name="ill")["missing_marks"]
    assert marks["severity"] == []
    assert "?" in marks["area"]
    assert main(["check"]) == 0, capsys.readouterr().err


def test_a_line_that_names_the_target_is_a_header(run: Run) -> None:
    lines = ["province,2020,2021,2022", *(f"p{row},{row},{row + 1},{row**2}" for row in range(20))]
    Path("tables/wide.csv").write_text("\n".join(lines))
    run("tables/wide.csv", "--target", "2021", "--name", "wide")
    assert block(name="wide")["target"] == "2021"


@pytest.mark.parametrize("rows", [12, 120, 1200])
def test_sizes_fit_the_number_of_rows(
    run: Run, rows: int, capsys: pytest.CaptureFixture[str]
) -> None:
    write("tables/some.csv", rows)
    run("tables/some.csv", "--target", "price")
    training = block("recipes", "some")["training"]
    assert training["patience"] < training["epochs"]
    assert training["batch"] <= rows
    assert main(["check"]) == 0, capsys.readouterr().err


def test_a_folder_of_pictures_is_a_data_set_of_images(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    for row in range(40):
        folder = Path("tables/pets", ("cat", "dog")[row % 2])
        folder.mkdir(parents=True, exist_ok=True)
        pixels = RANDOM.integers(0, 255, (8, 8)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{row}.png")
    run("tables/pets")
    assert block(name="pets")["kind"] == "images"
    assert main(["check"]) == 0, capsys.readouterr().err


def test_a_folder_with_other_files_is_left_alone(run: Run) -> None:
    assert "labbook new ." in run("tables", code=1)
    assert [path.name for path in Path("tables").iterdir()] == ["houses.csv"]


UNFIT = [
    ({"heating": ["gas"] * ROWS, "one": ["a"] * ROWS}, ["--target", "one"], "single class 'a'"),
    ({"price": ["JA", "ja", "no"] * (ROWS // 3)}, ["--target", "price"], "only in how they are"),
    ({}, ["--target", "price", "--test", "tables/short.csv"], "has no column 'area'"),
]


@pytest.mark.parametrize("also", [[], ["--dry-run"]])
@pytest.mark.parametrize(("columns", "arguments", "text"), UNFIT)
def test_what_check_refuses_is_not_written(
    run: Run, columns: dict[str, list[Any]], arguments: list[str], text: str, also: list[str]
) -> None:
    Path("tables/short.csv").write_text("rooms,price\n" + "1,2\n" * 9)
    run("tables/houses.csv", "--target", "price")
    before = Path("params.yaml").read_bytes()
    write("tables/unfit.csv", **columns)
    refusal = run("tables/unfit.csv", *arguments, *also, code=1)
    assert text in refusal
    assert "Nothing was written" in refusal
    assert ".labbook-" not in refusal
    assert Path("params.yaml").read_bytes() == before


def test_an_earlier_mistake_of_another_data_set_is_told_as_such(run: Run) -> None:
    run("tables/houses.csv", "--target", "price")
    write("tables/more.csv")
    Path("tables/houses.csv").unlink()
    output = run("tables/more.csv", "--target", "price")
    assert "more is right, but what was in the file before is not" in output
    assert "no file tables/houses.csv" in output
    assert ".labbook-" not in output
    assert block(name="more")["target"] == "price"


EARLIER = [("engine: foo\n", 0, "found the text 'foo'"), ("bogus: 1\n", 1, "bogus")]


@pytest.mark.parametrize(("line", "code", "text"), EARLIER)
def test_a_mistake_of_the_file_is_told(run: Run, line: str, code: int, text: str) -> None:
    """Where other parts can be checked without it, the new one is written."""
    Path("params.yaml").write_text(line)
    assert text in run("tables/houses.csv", "--target", "price", code=code)
    assert (Path("params.yaml").read_text() == line) == bool(code)


def test_beside_other_studies_it_says_how_to_run_one_alone(run: Run) -> None:
    assert "alone" not in run("tables/houses.csv", "--target", "price")
    output = run("tables/houses.csv", "--target", "rooms", "--name", "rooms")
    assert "snakemake --cores 2 results/rooms-width/study.json" in output
    assert "LABBOOK_PARAMS=mine.yaml" in output


def test_codes_and_boxes_that_are_ticked_are_categories(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    towns = [("01001", "01002", "20000")[row % 3] for row in range(ROWS)]
    boxes = ["x" if row % 4 else "" for row in range(ROWS)]
    write("tables/boxes.csv", town=towns, box=boxes)
    assert "1 for x, 0 where it is empty" in run("tables/boxes.csv", "--target", "price")
    assert block(name="boxes")["categorical"] == ["heating", "town", "box"]
    run("tables/boxes.csv", "--target", "town", "--name", "towns")
    assert block(name="towns")["task"] == "classification"
    assert main(["check"]) == 0, capsys.readouterr().err


@pytest.mark.filterwarnings("error")
def test_a_number_beyond_measure_is_refused_without_noise(run: Run) -> None:
    write("tables/large.csv", rooms=["1e300", *range(ROWS - 1)])
    assert "1e+300 is too large" in run("tables/large.csv", "--target", "price", code=1)


FOLDS = "# folds: 4"


@pytest.mark.parametrize(("rows", "folds", "warned"), [(24, 1, 1), (60, 1, 0), (240, 0, 0)])
def test_few_rows_are_told(run: Run, rows: int, folds: int, warned: int) -> None:
    write("tables/few.csv", rows)
    output = run("tables/few.csv", "--target", "price")
    assert Path("params.yaml").read_text().count(FOLDS) == folds
    assert output.count("first try") == warned


def test_proposed_folds_and_class_weights_are_right(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write("tables/ill.csv", ill=[("no", "yes")[row % 15 == 0] for row in range(ROWS)])
    assert "Few rows of a class: yes 4 of 60 rows" in run("tables/ill.csv", "--target", "ill")
    text = Path("params.yaml").read_text()
    text = text.replace("# class_weights", "class_weights").replace(FOLDS, FOLDS[2:])
    Path("params.yaml").write_text("".join(
        line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("test:")
    ))  # fmt: skip
    assert block("recipes", "ill")["training"]["class_weights"] == "balanced"
    assert block(name="ill")["split"] == {"valid": 0.2, "folds": 4}
    assert main(["check"]) == 0, capsys.readouterr().err


def test_classes_of_equal_shares_are_not_few(run: Run) -> None:
    write("tables/digits.csv", 240, digit=[f"d{row % 12}" for row in range(240)])
    assert "Few rows" not in run("tables/digits.csv", "--target", "digit")
    assert "class_weights" not in Path("params.yaml").read_text()
