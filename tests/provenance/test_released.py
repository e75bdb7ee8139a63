"""An upgrade of labbook costs nobody their trainings, and changes no number unseen."""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import get_args

import pytest

from labbook import processor
from labbook.models import LAYERS
from labbook.params.augment import Augment
from labbook.params.features import Features
from labbook.params.load import load_params
from labbook.params.models import Activation, Cnn, Initialisation
from labbook.params.settings import SETTINGS_OF
from labbook.plan.studies import make_plan
from labbook.provenance.ingredients import code_digests, released
from tests import golden
from tests.conftest import ROOT, clean_environment

CHOICES = {
    "activation": set(get_args(Activation)),
    "initialisation": set(get_args(Initialisation)),
    "pooling": set(get_args(Cnn.model_fields["pooling"].annotation)),
    "batch_norm": {False, True},
}
RUN_IDS = (
    "from labbook.provenance.graph import Graph; print(*sorted(Graph.load().run_ids.values()))"
)
RELEASE = """
import json
from labbook.provenance.ingredients import RELEASED, code_digests, released
RELEASED.write_text(json.dumps({**released(), "code": code_digests()}))
"""


@pytest.mark.parametrize("part", golden.PARTS)
def test_the_numbers_are_those_of_their_version(part: str) -> None:
    version = released()["versions"][part]
    assert golden.problem(part, version, golden.read(part), golden.measure(part)) is None
    assert golden.read(part)["version"] == version, "run `make golden`"


def test_the_released_code_is_the_code_that_is_here() -> None:
    changed = dict(code_digests().items() ^ released()["code"].items())
    assert not changed, (
        "code of runs was edited: `make golden` compares its numbers and releases it"
    )


def test_golden_runs_make_every_choice() -> None:
    """Code that none of them uses could change, and be released, with nobody comparing numbers."""
    params = load_params(ROOT / "tests/golden.yaml")
    recipes = [run.recipe for run in make_plan(params).runs.values()]
    made = {
        **{name: {getattr(r.model, name, None) for r in recipes} for name in CHOICES},
        "optimizer": {r.optimizer.kind for r in recipes},
        "method": {r.features.method for r in recipes},
        "model": {r.model.kind for r in recipes},
    }
    wanted = {
        **CHOICES,
        "optimizer": set(SETTINGS_OF["optimizer"]),
        "method": set(get_args(Features.model_fields["method"].annotation)),
        "model": set(LAYERS),
    }
    for name, choices in wanted.items():
        assert choices <= made[name], name
    augment = [r.training.augment for r in recipes if r.training.augment is not None]
    unused = {
        name for name, field in Augment.model_fields.items()
        if all(getattr(block, name) == field.default for block in augment)
    }  # fmt: skip
    assert unused <= {"mixup", "erase_share"}  # mixup trains on torch alone


def edited(numbers: golden.Numbers, factor: float) -> golden.Numbers:
    changed = deepcopy(numbers)
    entry = changed[max(changed)]
    entry["bits"] = "0" * 64
    entry["sizes"] = {name: size * factor for name, size in entry["sizes"].items()}
    return changed


@pytest.mark.parametrize("here", [True, False])
def test_numbers_and_versions_change_together(here: bool) -> None:
    recorded = golden.read("compiled")
    version, numbers = recorded["version"], recorded["numbers"]
    recorded["processors"] = [processor.name() if here else "another processor"]
    rounded, changed = edited(numbers, 1 + 1e-6), edited(numbers, 1.1)
    said = golden.problem("compiled", version, recorded, rounded)
    assert (said is not None) == here
    said = golden.problem("compiled", version, recorded, changed)
    assert said is not None
    assert said.endswith("raise the version of compiled.")
    assert golden.problem("compiled", version + 1, recorded, changed) is None
    said = golden.problem("compiled", version + 1, recorded, numbers)
    assert said is not None
    assert said.endswith("the numbers are those of before.")
    said = golden.problem("compiled", version - 1, recorded, changed)
    assert said is not None
    assert "has been before" in said


def run_ids(project: Path) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", RUN_IDS], capture_output=True, text=True, cwd=project,
        env=clean_environment(PYTHONPATH=str(project / "src")), check=True,
    )  # fmt: skip
    return set(ran.stdout.split())


def test_moved_and_renamed_code_keeps_the_ids_once_it_is_released(project: Path) -> None:
    before = run_ids(project)
    package = project / "src/labbook"
    (package / "training/stopping.py").rename(package / "training/ends.py")
    for path in package.rglob("*.py"):
        text = path.read_text()
        path.write_text(text.replace("labbook.training.stopping", "labbook.training.ends"))
    assert not run_ids(project) & before  # one's own edit, until its numbers are compared
    environment = clean_environment(PYTHONPATH=str(project / "src"))
    subprocess.run([sys.executable, "-c", RELEASE], cwd=project, env=environment, check=True)
    assert run_ids(project) == before
    file = package / "provenance/released.json"
    release = json.loads(file.read_text())
    release["versions"]["compiled"] += 1
    file.write_text(json.dumps(release))
    assert not run_ids(project) & before
    release["versions"]["compiled"] -= 1
    file.write_text(json.dumps(release))
    text = (package / "training/ends.py").read_text()
    assert "LAST_SHARE = 0.1" in text
    (package / "training/ends.py").write_text(text.replace("LAST_SHARE = 0.1", "LAST_SHARE = 0.2"))
    assert not run_ids(project) & before
