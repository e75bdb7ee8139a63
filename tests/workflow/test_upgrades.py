"""A newer version of a library re-runs what it can change and nothing else.

The newer version is a made-up record of an installation, found before the real one.
"""

import re
import sys
from pathlib import Path

import pytest

from labbook.history.outcome import LOCKS
from tests.workflow.finished import Finished, assert_equal, assert_recorded, dvc, kinds, ran
from tests.workflow.project import Project

AFTER_TRAINING = {"train", "evaluate", "claims", "figures", "report"}
CHANGED = {  # library -> the rules whose results it can change
    "jinja2": {"report"},
    "snakemake": set(),
    "dvc": set(),
    "torch": set(),  # the runs of this project are trained by the engine compiled
    "matplotlib": {"figures", "report"},
    "statsmodels": {"evaluate", "claims", "figures", "report"},
    "numba": AFTER_TRAINING,
    "scikit-learn": {"select"} | AFTER_TRAINING,
    "numpy": {"download", "prepare", "select", "describe"} | AFTER_TRAINING,
}


def upgrade(project: Project, library: str, folder: Path) -> None:
    """As `pip install --upgrade` does it, but for the library itself: that one stays."""
    record = folder / library / f"{library.replace('-', '_')}-99.0.dist-info"
    record.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: {library}\nVersion: 99.0\n"
    (record / "METADATA").write_text(text)
    project.environment["PYTHONPATH"] = str(record.parent)
    for lock in (project.folder / name for name in LOCKS):
        pin = re.compile(rf"(?m)^{library}==[^ \n]*")
        lock.write_text(pin.sub(f"{library}==99.0", lock.read_text()))
    texts = "".join((project.folder / name).read_text() for name in LOCKS)
    assert f"\n{library}==99.0" in texts


def test_an_upgrade_asks_for_what_it_can_change(place: Project, tmp_path: Path) -> None:
    kept = {name: (place.folder / name).read_text() for name in LOCKS}
    asked = {}
    for library in CHANGED:
        upgrade(place, library, tmp_path)
        asked[library] = place.stale()
        for name, text in kept.items():
            (place.folder / name).write_text(text)
    assert asked == CHANGED
    upgrade(place, "matplotlib", tmp_path / "again")  # as Snakemake itself plans it
    show = "import importlib.metadata as m; print(m.version('matplotlib'))"
    assert place.run(sys.executable, "-c", show).stdout.strip() == "99.0"
    assert set(place.jobs()) == CHANGED["matplotlib"]


@pytest.mark.parametrize("library", ["snakemake", "jinja2"])
def test_dvc_calls_its_stages_which_find_just_that(
    finished: Finished, place: Project, tmp_path: Path, library: str
) -> None:
    """The lock files are what the stages depend on."""
    upgrade(place, library, tmp_path)
    trained = place.trained()
    assert kinds(ran(place, lambda: dvc(place))) == CHANGED[library]
    assert place.trained() == trained
    assert_recorded(place)
    if library == "snakemake":
        assert_equal(finished.origin, place)


def test_an_upgrade_of_torch_trains_what_torch_trains(place: Project, tmp_path: Path) -> None:
    place.edit("seeds: 2", "engine: torch\nseeds: 2")
    assert place.stale() == AFTER_TRAINING
    place.make()
    assert place.stale() == set()
    upgrade(place, "torch", tmp_path)
    assert place.stale() == AFTER_TRAINING
