"""What there is to do is told from tables as they are now, and of the project's own alone."""

import shutil
from pathlib import Path

from labbook.identity.code import file_digest
from labbook.provenance.foreseen import Foreseen
from labbook.provenance.graph import Graph

TABLE = Path("tests/tables/leaves.csv")


def test_an_edited_table_counts_as_it_is_now(finished: Path) -> None:
    before = Graph.load().edition("leaves")
    assert Foreseen.load().edition("leaves") == before
    TABLE.write_text(TABLE.read_text() + "\n")
    assert Foreseen.load().edition("leaves")["files"] == {
        "table.csv": {"sha256": file_digest(TABLE)}
    }
    assert Graph.load().edition("leaves") == before


def test_a_table_outside_of_the_project_is_not_read(finished: Path, tmp_path: Path) -> None:
    """The download refuses it; so nothing follows from it."""
    before = Graph.load().edition("leaves")
    outside = tmp_path / "outside.csv"
    shutil.copy(TABLE, outside)
    outside.write_text(outside.read_text() + "\n")
    TABLE.unlink()
    TABLE.symlink_to(outside)
    assert Foreseen.load().edition("leaves") == before
