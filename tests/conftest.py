"""Fixtures for all tests: parameters, and a project in a folder of its own."""

import compileall
import json
import os
import shutil
import signal
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from labbook.history.outcome import LOCKS
from labbook.identity.code import MEMORY, code_digest
from labbook.params.document import Params
from labbook.params.load import load_params
from labbook.provenance.job_code import CODE, code_digests

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

IN_CI = "LABBOOK_CI" in os.environ  # .ci/run has installed all that tests use


def pytest_configure(config: pytest.Config) -> None:
    """Compile the code once: programs under test, and copies of the project, need not do it."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(ROOT / "src", quiet=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives the whole chain, and let it begin, so that no worker ends alone with it.

    By the names of the files, folders mixed: so workers seldom wait for the same finished project.
    Then the files with thorough tests; short ones at the end, which fill what is left of the time.
    """
    thorough = {item.path for item in items if item.get_closest_marker("thorough")}
    for item in items:
        if item.path.relative_to(ROOT / "tests").parts[0] in ("workflow", "remotes"):
            item.add_marker("slow")
    places = {item: "~" if item.path in thorough else "~~" for item in items}
    places |= {item: item.path.name for item in items if item.get_closest_marker("slow")}
    items.sort(key=places.__getitem__)


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


@cache
def code_as_read() -> str:
    """What labbook remembers of its code (identity/syntax.py): right wherever the same text lies."""
    code_digests()
    for modules in CODE.values():
        code_digest(*modules)
    return json.dumps(MEMORY._known)


def remember_code(folder: Path) -> None:
    """Let labbook know in a folder what it would read of its code first, for seconds."""
    (folder / ".labbook").mkdir()
    (folder / ".labbook/code.json").write_text(code_as_read())


def copy_project(folder: Path, params: Path = TINY) -> Path:
    """A project with nothing done yet: what a clone has, and `params` as its params.yaml.

    The code is compiled already, and read: its jobs are many, and the first would do it anew.
    """
    folder.mkdir(parents=True)
    for name in ("Snakefile", "dvc.yaml", ".dvcignore", ".gitattributes", ".gitignore", *LOCKS):
        shutil.copy(ROOT / name, folder)
    hidden = shutil.ignore_patterns("*.egg-info", "*.pyc.*")  # the latter: being written
    for name in ("src", "profiles", "tables", "tests/tables"):
        shutil.copytree(ROOT / name, folder / name, ignore=hidden)
    shutil.copy(params, folder / "params.yaml")
    remember_code(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a tiny project in which nothing has been done."""
    folder = copy_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


def lacks(what: str) -> NoReturn:
    """Skip a test for what this machine lacks; where .ci/run installs it all, the test fails."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)


def clean_environment(**more: str) -> dict[str, str]:
    """The environment for a program under test: one thread, no analytics, no settings of ours.

    The code of the folder that it runs in answers, with the vector units that the tests have.
    """
    ours = {k for k in os.environ if k.startswith(("LABBOOK_", "PYTEST_"))} - {"LABBOOK_AVX2"}
    kept = {k: v for k, v in os.environ.items() if k not in ours}
    names = {"GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "n@example.org"}
    names |= {"GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "n@example.org"}
    return {**kept, **names, "DVC_NO_ANALYTICS": "1", "LABBOOK_SRC": "1", **more}
