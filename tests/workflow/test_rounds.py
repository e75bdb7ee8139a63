"""Seeds in rounds, by the real commands: who gets more, the same bytes, at rest, edits."""

from pathlib import Path

import pytest

from labbook.files import read_json
from tests.workflow.adapting import (
    DATA,
    killed_then_ended,
    made_with_other_hashes,
    project_of,
    trained_twice,
)
from tests.workflow.finished import assert_equal
from tests.workflow.project import Project, made_once

PARAMS = f"""\
seeds: {{from: 6, to: 20, until: decided}}
{DATA}
studies:
  plain:
    question: Is a rate of 0.1 better than one of 0.01?
    recipe: curve
    vary: {{optimizer.rate: [0.1, 0.01, 0.012]}}
    claims:
      - {{id: large, sentence: Far better., better: {{optimizer.rate: 0.1}}, than: {{optimizer.rate: 0.01}}}}
      - {{id: small, sentence: A little better., better: {{optimizer.rate: 0.012}}, than: {{optimizer.rate: 0.01}}, margin: 0.0001}}
  shared: # some of its runs are those of the other study, in other rounds
    question: Is a rate of 0.1 better than one of 0.09?
    recipe: curve
    seeds: {{from: 8, to: 16}}
    vary: {{optimizer.rate: [0.1, 0.09]}}
    claims: [{{id: alike, sentence: Alike., better: {{optimizer.rate: 0.1}}, than: {{optimizer.rate: 0.09}}, margin: 0.0001}}]
"""


@pytest.fixture(scope="session")
def in_rounds(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after one `snakemake`, shared by all: do not change."""
    make = lambda folder: project_of(folder, PARAMS).snakemake()  # noqa: E731
    return Project(made_once(tmp_path_factory, "rounds", make))


def test_only_combinations_of_undecided_claims_get_more_seeds(in_rounds: Project) -> None:
    look = read_json(in_rounds.folder / "results/plain/looks/1.json")
    assert {one["id"]: one["verdict"] for one in look["claims"]} == {
        "large": "supported",
        "small": "undecided",
    }
    assert look["going_on"] == ["rate 0.01", "rate 0.012"]
    rows = {row["id"]: row for row in in_rounds.table("results/claims.csv")}
    assert rows["large"]["n"] == "6"
    assert rows["large"]["look"] == "1 of 3"
    assert int(rows["small"]["n"]) > 6
    # 6 and 2 x 6 of the first look, and what two combinations got; 8 x 2 of the other study, of
    # which 6 are there already.
    further = int(rows["small"]["n"]) - 6
    other = int(rows["alike"]["n"])
    assert len(in_rounds.trained()) == 3 * 6 + 2 * further + 2 * other - 6
    assert {row["seed"] for row in in_rounds.table("results/plain/runs.csv")} == set("012345")


def test_a_second_run_is_idle_and_nothing_lies_about(in_rounds: Project, tmp_path: Path) -> None:
    copy = in_rounds.copy(tmp_path / "copy")
    assert not copy.jobs()
    copy.run("labbook", "fresh")
    assert "Nothing to tidy" in copy.run("labbook", "tidy").stdout
    assert "nothing to train" in copy.run("labbook", "plan").stdout


def test_a_kill_and_other_workers_give_the_same_bytes(in_rounds: Project, tmp_path: Path) -> None:
    other = project_of(tmp_path / "other", PARAMS)
    killed_then_ended(other, 20)
    assert not trained_twice(other)
    assert_equal(in_rounds, other)


def test_other_hashes_give_the_same_bytes(in_rounds: Project, tmp_path: Path) -> None:
    assert_equal(in_rounds, made_with_other_hashes(tmp_path / "other", PARAMS))


def test_the_plan_says_what_at_most_is_to_come(tmp_path: Path) -> None:
    said = project_of(tmp_path / "new", PARAMS).run("labbook", "plan").stdout
    assert "28 different runs" in said  # 3 x 6 and 2 x 8, of which 6 are the same
    assert "At most 48 runs more where claims stay undecided" in said


def test_an_edit_runs_what_depends_on_it(in_rounds: Project, tmp_path: Path) -> None:
    """Words make no look and no training anew; a bound of a claim makes its look anew."""
    copy = in_rounds.copy(tmp_path / "copy")
    copy.edit("A little better.", "Slightly better.")
    assert set(copy.jobs()) == {"evaluate", "figures", "claims", "report"}
    copy.edit("margin: 0.0001}}\n  shared".replace("}}", "}"), "margin: 0.5}\n  shared")
    assert copy.jobs()["look"] >= 1
    before = set(copy.trained())
    copy.snakemake()
    assert set(copy.trained()) == before  # a wider margin asks for no further seeds
    assert not copy.jobs()


def test_more_rounds_train_only_what_is_new(in_rounds: Project, tmp_path: Path) -> None:
    copy = in_rounds.copy(tmp_path / "copy")
    copy.edit("from: 6, to: 20", "from: 6, to: 24")
    copy.snakemake("results/plain/study.json")
    assert not trained_twice(copy)
    rows = {row["id"]: row for row in copy.table("results/plain/verdicts.csv")}
    assert rows["large"]["look"] == "1 of 3"
    assert rows["large"]["share"] == "0.25"  # 6 of 24 seeds, not of 20
