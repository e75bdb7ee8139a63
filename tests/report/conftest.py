"""One book for all tests of the report: studies of every kind, their figures drawn once."""

from pathlib import Path

import pytest

from labbook.report.figures.draw import draw_study
from tests import made_results


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of the studies by name. To be read only."""
    folders = made_results.everything(tmp_path_factory.mktemp("book") / "results")
    for folder in folders:
        draw_study(folder)
    return {folder.name: folder for folder in folders}
