"""An upgrade of labbook costs nobody their trainings, and changes no number unseen."""

import json
from copy import deepcopy
from pathlib import Path
from typing import get_args

import pytest

from labbook import processor
from labbook.identity import code
from labbook.models import LAYERS
from labbook.params.augment import Augment
from labbook.params.features import Features
from labbook.params.load import load_params
from labbook.params.models import Activation, Cnn, Initialisation
from labbook.params.settings import SETTINGS_OF
from labbook.plan.plan import make_plan
from labbook.provenance import job_code
from labbook.provenance.graph import Graph
from labbook.provenance.job_code import code_digests, released
from tests import golden
from tests.conftest import ROOT

CHOICES = {
    "activation": set(get_args(Activation)),
    "initialisation": set(get_args(Initialisation)),
    "pooling": set(get_args(Cnn.model_fields["pooling"].annotation)),
    "batch_norm": {False, True},
}


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
    for engine in golden.ENGINES:
        tiny = {f"tiny sample: {name}" for name in golden.TINY}
        assert tiny <= golden.read(engine)["numbers"].keys()
    augment = [r.training.augment for r in recipes if r.training.augment is not None]
    unused = {
        name for name, field in Augment.model_fields.items()
        if all(getattr(block, name) == field.default for block in augment)
    }  # fmt: skip
    assert unused <= {"mixup", "erase_share"}  # mixup trains on torch alone


@pytest.mark.parametrize("here", [True, False])
def test_numbers_and_versions_change_together(here: bool) -> None:
    recorded = golden.read("compiled")
    version, numbers = recorded["version"], recorded["numbers"]
    recorded["processors"] = [processor.name() if here else "another processor"]

    def edited(factor: float) -> golden.Numbers:
        changed = deepcopy(numbers)
        entry = changed[max(changed)]
        entry["bits"] = "0" * 64
        entry["sizes"] = {name: size * factor for name, size in entry["sizes"].items()}
        return changed

    for change, factor, expected in (
        (0, 1 + 1e-6, "" if here else None),
        (0, 1.1, "raise the version of compiled."),
        (1, 1.1, None),
        (1, 1.0, "the numbers are those of before."),
        (-1, 1.1, "has been before"),
    ):
        measured = numbers if factor == 1 else edited(factor)
        problem = golden.problem("compiled", version + change, recorded, measured)
        assert (problem is None) == (expected is None), problem
        assert (expected or "") in (problem or "")


def test_what_is_measured_for_the_first_time_is_no_change() -> None:
    recorded = golden.read("compiled")
    version, numbers = recorded["version"], deepcopy(recorded["numbers"])
    numbers["another"] = numbers[max(numbers)]
    assert golden.problem("compiled", version, recorded, numbers) is None
    del numbers[max(recorded["numbers"])]
    assert "raise the version" in (golden.problem("compiled", version, recorded, numbers) or "")


def test_moved_and_renamed_code_keeps_the_ids_once_it_is_released(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = project / "src/labbook"
    file = package / "provenance/released.json"
    monkeypatch.setattr(code, "ROOT", package)
    monkeypatch.setattr(job_code, "RELEASED", file)
    plan = Graph.load().plan

    def run_ids() -> set[str]:
        code.forget_code()
        released.cache_clear()
        return set(Graph(plan).run_ids.values())

    def release(version: int) -> None:
        versions = {**released()["versions"], "compiled": version}
        file.write_text(json.dumps({"versions": versions, "code": code_digests()}))

    version = released()["versions"]["compiled"]
    release(version)
    before = run_ids()
    (package / "training/stopping.py").rename(package / "training/ends.py")
    for path in package.rglob("*.py"):
        text = path.read_text()
        path.write_text(text.replace("labbook.training.stopping", "labbook.training.ends"))
    assert not run_ids() & before  # one's own edit, until its numbers are compared
    release(version)
    assert run_ids() == before
    release(version + 1)
    assert not run_ids() & before
    release(version)
    text = (package / "training/ends.py").read_text()
    assert "LAST_SHARE = 0.1" in text
    (package / "training/ends.py").write_text(text.replace("LAST_SHARE = 0.1", "LAST_SHARE = 0.2"))
    assert not run_ids() & before
    monkeypatch.undo()
    code.forget_code()
    released.cache_clear()
