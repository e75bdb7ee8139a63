"""results/claims.csv: every verdict of every study, once, as it stands in its study's table."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from labbook.errors import LabbookError
from labbook.evaluate.all_claims import ADDED, _standing, false_discovery_rates, write_claims
from labbook.verdicts import ALPHA
from tests import made_claims, made_results


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_rows_of_all_studies_in_order(tmp_path: Path) -> None:
    folders = made_results.everything(tmp_path / "results")
    write_claims(folders, tmp_path / "claims.csv")
    expected = [row for folder in folders for row in read(folder / "verdicts.csv")]
    assert len(expected) == 3 + 2 + 2 + 2 + 1 + 3 + len(made_claims.every_form())
    found = read(tmp_path / "claims.csv")
    assert [{k: v for k, v in row.items() if k not in ADDED} for row in found] == expected
    text = (tmp_path / "claims.csv").read_text()
    for folder in folders:  # no digit lost: rows are copied as they are written
        lines = (folder / "verdicts.csv").read_text().splitlines()[1:]
        assert all(f"\n{line}," in text or "\n" in line for line in lines)
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
    assert (tmp_path / "claims.csv").read_text() == ",".join((*made_claims.COLUMNS, *ADDED)) + "\n"


def write_verdicts(folder: Path, *rows: tuple[str, str, str]) -> Path:
    folder.mkdir(parents=True)
    lines = [f"{name},{verdict},0.0001,{p}\n" for name, verdict, p in rows]
    (folder / "verdicts.csv").write_text("id,verdict,p,p_holm\n" + "".join(lines))
    return folder


def test_what_stands_is_asked_over_the_whole_page(tmp_path: Path) -> None:
    first = write_verdicts(
        tmp_path / "a",
        ("A1", "supported", "0.001"),
        ("A2", "refuted", "0.04"),
        ("A3", "supported", ""),  # an exact count leaves nothing to chance
    )
    many = [(f"B{i}", "undecided", "0.5") for i in range(8)]
    second = write_verdicts(tmp_path / "b", *many, ("B9", "not judged", ""))
    write_claims([first, second], tmp_path / "claims.csv")
    rows = {row["id"]: row for row in read(tmp_path / "claims.csv")}
    assert [rows[name]["stands"] for name in ("A1", "A2", "A3", "B0")] == ["yes", "no", "", ""]
    assert float(rows["A1"]["q"]) == pytest.approx(0.001 * 10)  # of ten tests
    assert float(rows["A2"]["q"]) == pytest.approx(0.04 * 10 / 2)
    assert rows["A3"]["q"] == rows["B9"]["q"] == ""
    write_claims([first], tmp_path / "alone.csv")
    assert {row["stands"] for row in read(tmp_path / "alone.csv")} == {"yes", ""}


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=12))
def test_rates_are_those_of_statsmodels(p: list[float]) -> None:
    values = np.array(p, float)
    q, tested = false_discovery_rates(values), ~np.isnan(values)
    assert (np.isnan(q) == ~tested).all()
    if tested.any():
        assert q[tested] == pytest.approx(multipletests(values[tested], method="fdr_bh")[1])
    # by the definition: what is rejected at a rate is a step-up procedure
    for level in (0.05, 0.2):
        ordered = np.sort(values[tested])
        small = np.flatnonzero(ordered <= level * np.arange(1, len(ordered) + 1) / len(ordered))
        number = small[-1] + 1 if len(small) else 0
        assert np.sum(q[tested] <= level * (1 + 1e-12)) >= number


@given(st.lists(st.tuples(st.floats(0, 0.2), st.booleans()), min_size=1, max_size=12))
def test_what_stands_is_decided(found: list[tuple[float, bool]]) -> None:
    """Whatever their p before the study's correction: what its study left open does not stand."""
    rows = [
        {
            "verdict": "supported" if p < ALPHA else "undecided",
            "p": repr(p / 10 if small else p), "p_holm": repr(p),
        }
        for p, small in found
    ]  # fmt: skip
    q = false_discovery_rates(np.array([p for p, _ in found]))
    for (p, _), rate, end in zip(found, q, _standing(rows), strict=True):
        expected = ("yes" if rate <= ALPHA else "no") if p < ALPHA else ""
        assert end == f"{float(rate)!r},{expected}"
        assert p <= rate  # so a rate of 5 % includes the study's own


def test_a_table_that_ends_within_a_text_is_refused(tmp_path: Path) -> None:
    folder = write_verdicts(tmp_path / "a", ("A1", "supported", "0.1"))
    (folder / "verdicts.csv").write_text('id,verdict,p\n"A1,supported,0.1\n')
    with pytest.raises(LabbookError, match="ends within a text"):
        write_claims([folder], tmp_path / "claims.csv")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    folders = made_results.everything(tmp_path / "results")[:2]
    (folders[1] / "verdicts.csv").write_text("id,verdict\nC1,supported\n")
    with pytest.raises(LabbookError, match=r"function-depth/verdicts\.csv: its columns are not"):
        write_claims(folders, tmp_path / "claims.csv")
    assert not (tmp_path / "claims.csv").exists()


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabbookError, match=r"none/verdicts\.csv: cannot be read"):
        write_claims([tmp_path / "none"], tmp_path / "claims.csv")
