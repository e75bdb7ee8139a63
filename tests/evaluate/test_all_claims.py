"""results/claims.csv: every verdict of every study, once, as it stands in its study's table."""

import csv
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.evaluate.all_claims import write_claims
from tests import made_claims, made_results


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_rows_of_all_studies_in_order(tmp_path: Path) -> None:
    folders = made_results.everything(tmp_path / "results")
    write_claims(folders, tmp_path / "claims.csv")
    expected = [row for folder in folders for row in read(folder / "verdicts.csv")]
    assert len(expected) == 3 + 2 + 2 + 2 + 1 + 3 + len(made_claims.every_form())
    assert read(tmp_path / "claims.csv") == expected
    assert [row["study"] for row in expected[:4]] == ["covid-width"] * 3 + ["function-depth"]


def test_a_sentence_with_commas_quotes_and_lines_stays_whole(tmp_path: Path) -> None:
    said = 'He said "yes", or\n"no".'
    made = made_results.covid(verdicts=(), claims=(made_claims.claim("C1", said, "supported"),))
    folders = [made_results.write(made, tmp_path / str(i)) for i in range(2)]
    write_claims(folders, tmp_path / "claims.csv")
    assert [row["sentence"] for row in read(tmp_path / "claims.csv")] == [said, said]


def test_studies_without_claims_give_a_head(tmp_path: Path) -> None:
    folder = made_results.write(made_results.covid(verdicts=()), tmp_path)
    write_claims([folder], tmp_path / "claims.csv")
    assert (tmp_path / "claims.csv").read_text() == ",".join(made_claims.COLUMNS) + "\n"


def test_other_columns_are_refused(tmp_path: Path) -> None:
    folders = made_results.everything(tmp_path / "results")[:2]
    (folders[1] / "verdicts.csv").write_text("id,verdict\nC1,supported\n")
    with pytest.raises(LabbookError, match=r"function-depth/verdicts\.csv: its columns are not"):
        write_claims(folders, tmp_path / "claims.csv")
    assert not (tmp_path / "claims.csv").exists()


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabbookError, match=r"none/verdicts\.csv: cannot be read"):
        write_claims([tmp_path / "none"], tmp_path / "claims.csv")
