"""`labbook check`: what can be said of params.yaml and of local tables before anything runs."""

import numpy as np
import pytest

from labbook.cli import main
from labbook.data.kinds import table

HEAD = "size;staff;region;sales"
TABLE = "{{kind: table, path: tables/shops.csv, delimiter: ;, target: {target}, {table}, split: {split}}}"
BLOCK = """
seeds: 6
controls: false
datasets:
  shops: {dataset}
recipes:
  shops:
    dataset: shops
    features: {features}
    model: {{kind: linear}}
    optimizer: {{kind: adam, rate: 0.02}}
    training: {{batch: 32, epochs: 40}}
studies:
  shops-k:
    question: How many columns are enough?
    recipe: shops
    vary: {vary}
{more}"""
DEFAULTS = {
    "target": "sales", "table": "categorical: [region]", "split": "{valid: 0.2, test: 0.2}",
    "features": "{method: f_regression, k: 3}", "vary": "{features.k: [2, 5, 10]}", "more": "",
}  # fmt: skip


def rows(count=60):
    draw = np.random.default_rng(18)
    return [f"{i};{draw.integers(20)};{'NESW'[i % 4]};{draw.normal():.3f}" for i in range(count)]


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Runs `labbook check` on a table and settings; its exit code, and what it says."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tables").mkdir()

    def run(lines, end="\n", **changes):
        settings = DEFAULTS | changes
        settings.setdefault("dataset", TABLE.format(**settings))
        table = "\n".join([HEAD, *lines]) + end
        (tmp_path / "tables/shops.csv").write_bytes(table.encode())
        (tmp_path / "params.yaml").write_text(BLOCK.format(**settings))
        code = main(["check"])
        return code, "".join(capsys.readouterr())

    return run


K = {"vary": "{features.k: [2, 3]}"}
NAMED = "[{features: {method: names, names: [size, stuff]}}, {features: {method: all}}]"
SCORED = {"features": "{method: mutual_info, k: 2}", **K}


@pytest.mark.parametrize(
    ("more", "changes", "words"),
    [
        ([], {}, "studies.shops-k.vary: with k 10: features.k: 10 columns asked for, and tables/shops.csv has 6 beside the target (size, staff, region=E, region=N, region=S, region=W). Use k up to 6"),
        ([], {"vary": NAMED}, "tables/shops.csv has no column 'stuff'. Nearest names: staff"),
        (["61;3"], K, "datasets.shops: tables/shops.csv, line 62: has 2 fields"),
        ([], SCORED | {"split": "{valid: 40, test: 40}"}, "60 rows are too few: train 0, valid 40, test 40"),
        ([], SCORED | {"table": "drop: [regio]"}, "'regio', which `drop` names"),
        ([], SCORED | {"table": "missing: median"}, "text where a number is needed: column 'region'"),
        ([], SCORED | {"table": "categorical: [region], task: classification"}, "It looks like a quantity"),
        ([], {"table": "drop: [region, size], categorical: [region]"}, "datasets.shops: the column 'region' is under `categorical` and `drop`; keep one of them"),
    ],
)  # fmt: skip
def test_what_a_table_does_not_give(check, more, changes, words):
    code, said = check([*rows(), *more], **changes)
    assert code != 0
    assert words in " ".join(said.split())
    assert "Traceback" not in said
    assert "safetensors" not in said


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("missing: refuse", "That is the target: if its values are classes, set `task: classification`"),
        ("categorical: [region]", "the column 'region' is under `target` and `categorical`; keep one of them; if the target has classes, `task: classification` is all that it needs"),
        ("drop: [region]", "the column 'region' is under `target` and `drop`; keep one of them"),
        ("task: classification", None),
    ],
)  # fmt: skip
def test_the_advice_for_a_text_target_leads_out(check, table, words):
    """A target of text was to be listed under `categorical` or `drop`, which changed nothing."""
    code, said = check(
        rows(),
        target="region",
        table=table,
        features="{method: all}",
        vary="{optimizer.rate: [0.1]}",
    )
    assert (code == 0) == (words is None)
    assert (words or "valid.") in said
    assert "`categorical` or" not in said


def test_a_threshold_is_for_two_classes(check):
    settings = {"target": "region", "table": "task: classification", "features": "{method: all}"}
    settings |= {"vary": "{optimizer.rate: [0.1]}", "more": "    threshold: valid"}
    code, said = check(rows(), **settings)
    assert code != 0
    assert "studies.shops-k.threshold: is for two classes, and the data have 4; leave" in said
    two = [line.replace(";E;", ";N;").replace(";W;", ";S;") for line in rows()]
    assert check(two, **settings)[0] == 0


def test_what_is_odd_is_said_of_a_valid_file(check):
    assert check(rows(), vary="{features.k: [2, 5, 6]}")[0] == 0
    flat = [line.rpartition(";")[0] + ";14.62" for line in rows()]
    code, said = check(flat, **K)
    assert code == 0
    assert "valid." in said
    assert "datasets.shops: sales is 14.62 in all 60 rows: there is nothing to learn" in said


@pytest.mark.parametrize(
    ("last", "end", "told"),
    [("0.12", "", True), ("0.12", "\n", False), ("0.12", "\r\n", False), ('"0.12"', "", False)],
)
def test_a_table_whose_last_line_does_not_end_is_told(check, last, end, told):
    """0.12 of 0.1234 is a number, too: a file that was cut off there was valid without a word."""
    code, said = check([*rows(), f"60;3;N;{last}"], end, **K)
    assert code == 0
    assert ("if the file was cut off, its last value ('0.12') is wrong" in said) == told


def test_a_large_table_is_left_to_prepare(check, monkeypatch):
    monkeypatch.setattr(table, "MOST_BYTES", 100)
    code, said = check([*rows(), "61;3"])
    assert code == 0
    assert "datasets.shops: a large table, to be read when it is prepared." in said


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        ("{kind: table, package: boston, target: MEDV, split: {valid: 84, test: 84}}", "boston.csv has 13"),
        ("{kind: function, expression: x, low: 0, high: 1, points: 50, split: {valid: 9, test: 9}}", "the function's points has 1"),
    ],
)  # fmt: skip
def test_columns_of_data_that_are_made_or_packaged(check, dataset, words):
    code, said = check(rows(), dataset=dataset, vary="{features.k: [1, 20]}")
    assert code != 0
    assert words in said


CLAIMS = """    claims:
      - {id: few, sentence: More than one., better: {features.k: 2}, than: {features.k: 4}}
      - {id: none, sentence: No test.}
      - {id: few, sentence: Again., better: {features.k: 2}, than: {features.k: 10}}
  shops-rate: {question: Rate?, recipe: shop, vary: {optimizer.rate: [0.1]}}
  shops-wrong: {questoin: Which?, recipe: shops, vary: {optimizer.rate: [fast]}}
"""


def test_all_mistakes_of_file_and_tables_are_told_at_once(check):
    """They came in turns: blocks first, then what they say of each other, then the table."""
    lines = [*rows(58), "58;;N;1.0", "59;two;S;much"]
    code, said = check(lines, table="categorical: [regio], drop: [siz]", more=CLAIMS)
    assert code != 0
    assert [line.split(": ")[1] for line in said.splitlines()[1:]] == [
        "datasets.shops",  # `drop`
        "datasets.shops",  # `categorical`
        "studies.shops-k.claims[0].than",
        "studies.shops-k.claims[1]",
        "studies.shops-k.claims[2].id",
        "studies.shops-rate.recipe",
        "studies.shops-wrong.question",
        "studies.shops-wrong.questoin",
    ]
    code, said = check(lines, table="categorical: [region], missing: refuse")
    assert code != 0
    assert "has 1 empty fields, by column: 'staff' 1" in said
    assert (
        "column 'staff', line 61: 'two'. 1 field is 'two': if that stands for an unknown value"
        in said
    )
    assert "column 'sales', line 61: 'much'." in said
    assert "That is the target" in said


@pytest.mark.parametrize(
    ("table", "split", "words"),
    [
        ("drop: [region]", "{train: 3, valid: 9, test: 9}", "(3 rows): it looks at three neighbours"),
        ("drop: [region], task: classification", "{train: 4, valid: 9, test: 9}", "a class with two rows"),
    ],
)  # fmt: skip
def test_too_few_training_rows_for_a_score_are_known_at_once(check, table, split, words):
    """`labbook check` was content, and the selection failed."""
    lines = [f"{i};{i % 7};N;{i % 20}" for i in range(60)]
    changes = {"features": "{method: mutual_info, k: 1}", "vary": "{features.k: [1, 2]}"}
    code, said = check(lines, table=table, split=split, **changes)
    assert code != 0
    assert "studies.shops-k.vary: with k 1: features.method: mutual_info cannot score" in said
    assert words in said
    enough = split.replace("train: 3", "train: 4").replace("train: 4, valid", "train: 40, valid")
    assert check(lines, table=table, split=enough, **changes)[0] == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("seeds: {from: 6, to: 12, until: decided}", "the first ones alone: shops-k (6)."),
        (
            "seeds: {from: 6, to: 12, until: decided}\n    claims: [{id: more, sentence: 3 beat 2., "
            "better: {features.k: 3}, than: {features.k: 2}}]",
            "",
        ),
    ],
)
def test_seeds_in_rounds_that_no_claim_asks_for_are_named(check, more, words) -> None:
    code, said = check(rows(), more=f"    {more}\n", **K)
    assert code == 0, said
    assert words in " ".join(said.split())
    assert ("the first ones alone" in said) == bool(words)
