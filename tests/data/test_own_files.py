"""Tables of one's own in several files: for training, validation, test, and to predict."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from labbook.data.fetching.download import download
from labbook.data.kinds.table import KIND
from labbook.data.prepare import split_seed
from labbook.errors import LabbookError
from labbook.params.tables import Table

FIXED = {"valid": "fixed", "test": "fixed"}
FILES = {
    "path": "number,size,price\n1,2,10\n2,3,11\n3,4,12\n4,5,13\n",
    "valid": "price,number,size\n20,5,6\n21,6,7\n",
    "test": "number,price,size\n7,30,8\n",
    "unlabelled": "size,number\n9,008\n10,009\n11,010\n",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tables").mkdir()
    for role, text in FILES.items():
        Path(f"tables/{role}.csv").write_text(text)


def table(**settings) -> Table:
    paths = {role: f"tables/{role}.csv" for role in FILES}
    return Table(**paths | {"target": "price", "id": "number", "split": FIXED} | settings)


def get(dataset: Table) -> None:
    download("prices", dataset, Path("raw"), mirror=None, stand_ins=True)


def test_rows_of_each_file_are_a_part_of_their_own() -> None:
    dataset = table()
    get(dataset)
    seen, _ = KIND.preview(dataset)
    for numbers in (KIND.read(dataset, Path("raw")), seen):
        assert numbers.features[:, 0].tolist() == [2, 3, 4, 5, 6, 7, 8]
        assert numbers.target.tolist() == [10, 11, 12, 13, 20, 21, 30]
        assert numbers.unlabelled[:, 0].tolist() == [9, 10, 11]
        assert numbers.unlabelled_ids == ("008", "009", "010")
        parts = split_seed(dataset, numbers, 3)
        assert {name: rows.tolist() for name, rows in parts.items()} == {
            "train": [0, 1, 2, 3], "valid": [4, 5], "test": [6],
        }  # fmt: skip


def test_a_test_file_alone() -> None:
    dataset = table(valid=None, unlabelled=None, split={"valid": 1, "test": "fixed"})
    numbers, _ = KIND.preview(dataset)
    assert (numbers.fixed, numbers.fixed_valid) == (1, 0)
    parts = split_seed(dataset, numbers, 0)
    assert parts["test"].tolist() == [4]
    assert sorted(np.concatenate([parts["train"], parts["valid"]])) == [0, 1, 2, 3]


@pytest.mark.parametrize("role", list(FILES))
def test_messages_name_the_file_and_the_setting(role: str) -> None:
    dataset = table()
    path = Path(f"tables/{role}.csv")
    path.write_text(path.read_text().replace("size", "length"))
    with pytest.raises(LabbookError) as caught:
        KIND.preview(dataset)
    assert "has no column" in str(caught.value)
    if role != "path":  # whose columns are what the others lack
        assert str(path) in str(caught.value)
        assert f"`{role}` names" in str(caught.value)
    path.write_text(
        FILES[role].replace("8", "b").replace("9", "b").replace("6", "b").replace("4", "b")
    )
    with pytest.raises(LabbookError, match=f"tables/{role}.csv"):
        KIND.preview(dataset)
    path.unlink()
    with pytest.raises(LabbookError) as caught:
        get(dataset)
    assert f"tables/{role}.csv: cannot be read" in str(caught.value)
    assert f"datasets.prices.{role}" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"test": "tables/path.csv"}, r"`path` and `test` name the same tables/path\.csv"),
        ({"valid": "./tables//test.csv"}, "`valid` and `test` name the same"),
        ({"split": {"valid": 1, "test": "fixed"}}, r"`valid`, the file of these rows, and split\.valid: fixed need"),
        ({"test": None}, r"`test`, the file of these rows, and split\.test: fixed need each other"),
        ({"test": "../test.csv"}, "lies outside of this folder"),
        ({"test": "/etc/test.csv"}, "lies outside of this folder"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit(settings, words) -> None:
    with pytest.raises(ValidationError, match=words):
        table(**settings)


def test_the_test_rows_may_be_predicted_as_rows_without_a_target() -> None:
    numbers, _ = KIND.preview(table(unlabelled="tables/test.csv"))
    assert (numbers.unlabelled == numbers.features[-1:]).all()


def test_where_files_lie_is_no_part_of_an_identity() -> None:
    other = {role: f"elsewhere/my {role}.csv" for role in FILES}
    assert table(**other).identity() == table().identity()
    fewer = table(unlabelled=None)
    assert fewer.identity() != table().identity()
