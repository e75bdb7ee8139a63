"""Fixtures for all tests: parameters, and a project in a folder of its own."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from labbook.history.outcome import LOCKS
from labbook.params.document import Params
from labbook.params.load import load_params

ROOT = Path(__file__).parent.parent
TINY = ROOT / "tests/tiny.yaml"

# A shell that starts us in the background ignores Ctrl-C, and programs under test would inherit it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test has a time limit: a busy machine is no fault of the code.
settings.register_profile(
    "labbook", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("labbook")


# The files of tests that take longest, longest first: they begin first, so that no worker is left
# with one of them while the others rest (`--dist loadfile` gives each worker a file at a time).
LONGEST = (
    "workflow/test_experiments.py", "workflow/test_two_at_once.py", "evaluate/test_verdict_table.py",
    "workflow/test_examples.py", "workflow/test_places.py", "workflow/test_cache.py",
    "workflow/test_editions.py", "workflow/test_certificate.py", "workflow/test_random_edits.py",
    "workflow/test_interrupts.py", "workflow/test_other_ways.py", "workflow/test_slurm.py",
    "workflow/test_engines_agree.py", "evaluate/test_calibration.py", "provenance/test_graph.py",
)  # fmt: skip
# Those that `make quick` leaves out, beside what drives the whole chain.
THOROUGH = (
    "bench/test_bench.py", "bench/test_gpu.py", "bench/test_size.py", "certificate/test_lock.py",
    "engines/test_compiled.py", "engines/test_cuda_engine.py", "engines/test_device.py",
    "engines/test_equality.py", "evaluate/test_calibration.py", "evaluate/test_claims.py",
    "evaluate/test_differences.py", "evaluate/test_judge.py", "evaluate/test_kinds.py",
    "evaluate/test_verdict_table.py", "history/test_history.py", "housekeeping/test_prune.py", "plan/test_memory.py",
    "provenance/test_graph.py", "provenance/test_made.py", "provenance/test_outside.py", "report/test_browser.py",
    "report/test_figures.py", "running/test_console.py", "running/test_starter.py", "test_layers.py", "training/test_augmented.py", "training/test_pack.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long, and let the longest files begin."""
    last, places = len(LONGEST), {name: place for place, name in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(ROOT / "tests").as_posix()
        slow = name.startswith(("workflow/", "remotes/"))
        if slow:
            item.add_marker(pytest.mark.slow)
        if name in THOROUGH:
            item.add_marker(pytest.mark.thorough)
        return places.get(name, last + (not slow))

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LABBOOK_PARAMS", "LABBOOK_MIRROR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def tiny() -> Params:
    return load_params(TINY)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """A copy of tests/tiny.yaml in which some texts are replaced by others."""

    def edit(*pairs: tuple[str, str], source: Path = TINY) -> Path:
        text = source.read_text()
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "params.yaml"
        path.write_text(text)
        return path

    return edit


def copy_project(folder: Path, params: Path = TINY) -> Path:
    """A project with nothing done yet: what a clone has, and `params` as its params.yaml."""
    folder.mkdir(parents=True)
    for name in ("Snakefile", "dvc.yaml", ".dvcignore", ".gitattributes", ".gitignore", *LOCKS):
        shutil.copy(ROOT / name, folder)
    for name in ("src", "workflow", "profiles", "tables", "tests/tables"):
        hidden = shutil.ignore_patterns("*.egg-info")
        shutil.copytree(ROOT / name, folder / name, ignore=hidden)
    shutil.copy(params, folder / "params.yaml")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a tiny project in which nothing has been done."""
    folder = copy_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


def clean_environment(**more: str) -> dict[str, str]:
    """The environment for a program under test: one thread, no analytics, no settings of ours.

    The code of the folder that it runs in answers, with the vector units that the tests have.
    """
    ours = {k for k in os.environ if k.startswith(("LABBOOK_", "PYTEST_"))} - {"LABBOOK_AVX2"}
    kept = {k: v for k, v in os.environ.items() if k not in ours}
    names = {"GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "n@example.org"}
    names |= {"GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "n@example.org"}
    return {**kept, **names, "DVC_NO_ANALYTICS": "1", "LABBOOK_SRC": "1", **more}
