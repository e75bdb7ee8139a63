"""Random edits, in any order: afterwards the results are those of a fresh run of what is asked.

After each step three things must hold. All that an independent fresh project makes of the same
params.yaml, code and edition of the data is there, equal to the byte. Exactly the runs were trained
that had never been there. And no job ran that the edit cannot concern; a second time none does.

`LABBOOK_EXAMPLES=200 pytest tests/workflow/test_random_edits.py` tries more orders than the few of
every day. A failing order is printed as it is: to shorten it would take hours.
"""

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import copy_project
from tests.workflow.finished import kinds
from tests.workflow.project import Project
from tests.workflow.small import mirrored, whole_runs

EXAMPLES = int(os.environ.get("LABBOOK_EXAMPLES", "1"))
STEPS = 12 if EXAMPLES == 1 else None  # of an order; all of it in the long form
COVID = """\
  covid:
    question: Do all columns do?
    recipe: covid
    vary: {optimizer.rate: [0.01, 0.02]}
"""
PARAMS = """\
seeds: 2
controls: false
datasets:
  curve: {kind: function, expression: "x ** 2", low: -1, high: 1, points: 60, noise: 0.1, split: {valid: 0.2, test: 0.2}}
  slope: {kind: function, expression: "2 * x", low: -1, high: 1, points: 50, split: {valid: 0.2, test: 0.2}}
DATArecipes:
  curve:
    dataset: curve
    model: {kind: linear}
    optimizer: {kind: sgd, rate: 0.1}
    training: {batch: all, epochs: 3}
  covid:
    dataset: covid
    features: {method: f_regression, k: 3}
    model: {kind: linear}
    optimizer: {kind: sgd, rate: 0.01}
    training: {batch: all, epochs: 3}
studies:
  curve:
    question: Which rate is best?
    recipe: curve
    vary: {optimizer.rate: [0.1, 0.2]}
    controls: true
    claims:
      - {id: larger, sentence: The larger model has two parameters., exact: {of: {optimizer.rate: 0.2}, parameters: 2}}
  usual:
    question: Which model is larger, whatever the data?
    recipe: curve
    datasets: [curve, slope]
    vary: {training.epochs: [1, 2]}
    claims:
      - {id: usual, sentence: It has two parameters., exact: {of: {training.epochs: 1}, parameters: 2}}
packs: {size: 2}
report: {title: "Edits"}
"""
CODE = "src/labbook"
JUDGED = {"evaluate", "claims", "figures", "report"}
ALL = {"download", "prepare", "select", "rivals", "train", "describe"} | JUDGED


class Edited(Project):
    """A project that is edited step by step, and what is known about it."""

    def __init__(self, folder: Path, mirror: Path) -> None:
        super().__init__(folder)
        self.mirror = mirror
        self.kept: list[Path] = []  # copies of earlier states, as commits would keep them

    def toggle(self, file: str, one: str, other: str) -> None:
        """Put one text in the place of another, whichever is there."""
        forward = one in (self.folder / file).read_text()
        self.edit(*((one, other) if forward else (other, one)), file)

    def keep(self) -> None:
        """What a commit with DVC keeps of the state."""
        to = self.folder.with_name(f"kept-{len(self.kept)}")
        to.mkdir()
        shutil.copy(self.folder / "params.yaml", to)
        for top in ("src", "data", "results"):
            shutil.copytree(self.folder / top, to / top)
        self.kept.append(to)

    def back(self, chance: random.Random) -> None:
        """To an earlier state, as `git checkout` and `dvc checkout` go: files of any age."""
        if not self.kept:
            return
        kept = chance.choice(self.kept)
        shutil.copy(kept / "params.yaml", self.folder)
        log = (self.folder / "results/log").rename(self.folder / "log")
        for top in ("src", "data", "results"):
            shutil.rmtree(self.folder / top)
            shutil.copytree(kept / top, self.folder / top)
        shutil.rmtree(self.folder / "results/log")
        log.rename(self.folder / "results/log")
        for top in ("data", "results"):
            for path in sorted((self.folder / top).rglob("*")):
                age = chance.randrange(10**8)
                os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))


Edit = Callable[[Edited, random.Random], None]


def params(one: str, other: str) -> Edit:
    return lambda edited, chance: edited.toggle("params.yaml", one, other)


def code(file: str, one: str, other: str) -> Edit:
    return lambda edited, chance: edited.toggle(f"{CODE}/{file}", one, other)


def mirror(edited: Edited, chance: random.Random) -> None:
    if edited.environment.pop("LABBOOK_MIRROR", None) is None:
        edited.environment["LABBOOK_MIRROR"] = str(edited.mirror)


def edition(edited: Edited, chance: random.Random) -> None:
    which = chance.choice(["real", "stand-in"])
    assert "Traceback" not in edited.run("labbook", "data", "covid", which, ok=False).stdout


def tidy(edited: Edited, chance: random.Random) -> None:
    edited.run("labbook", "tidy", "--yes")


def lose(*patterns: str) -> Edit:
    """Remove one thing, a folder or a file, whatever it is."""

    def remove(edited: Edited, chance: random.Random) -> None:
        found = sorted(path for pattern in patterns for path in edited.folder.glob(pattern))
        path = chance.choice([path for path in found if "log" not in path.parts])
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return remove


# What is done, and the kinds of jobs that it may concern.
EDITS: dict[str, tuple[Edit, set[str]]] = {
    "rate": (params("[0.1, 0.2]", "[0.1, 0.3, 0.2]"), ALL),
    "seeds": (params("seeds: 2", "seeds: 3"), ALL),
    "epochs": (params("epochs: 3", "epochs: 4"), {"train"} | JUDGED),
    "points": (params("points: 60", "points: 61"), ALL),
    "columns": (params("k: 3", "k: 2"), ALL - {"download", "prepare"}),
    "title": (params('"Edits"', '"Others"'), {"report"}),
    "controls": (params("controls: true", "controls: null"), {"train"} | JUDGED),
    "question": (params("whatever the data", "on any data"), JUDGED),
    "data sets": (params("[curve, slope]", "[slope, curve]"), {"train"} | JUDGED),
    "sentence": (params("It has", "There are"), JUDGED),
    "study": (params(f"{COVID}packs:", "packs:"), ALL),
    "comment": (code("training/run.py", "from collections", "# a comment\nfrom collections"), set()),
    "training code": (code("training/record.py", 'float("nan")', 'float("NaN")'), ALL),
    "preparing code": (code("data/fitted.py", "float(values.std())", "2 * float(values.std())"), ALL - {"download"}),
    "judging code": (code("evaluate/study_json.py", "MOST_FEATURES = 20", "MOST_FEATURES = 2"), JUDGED),
    "drawing code": (code("report/paper/style.py", '"grid.linewidth": 0.7', '"grid.linewidth": 0.95'), {"figures", "report"}),
    "page": (code("report/page/style/base.css", "line-height: 1.2;", "line-height: 1.25;"), {"report"}),
    "words": (code("languages/zh.toml", '"supported" = "成立"', '"supported" = "得到支持"'), {"report"}),
    "mirror": (mirror, set()),
    "edition": (edition, ALL - {"download"}),
    "tidy": (tidy, set()),
    "lose a run": (lose("results/runs/*"), {"train"} | JUDGED),
    "lose a result": (lose("results/*", "results/*/*", "results/*/*/*"), ALL - {"download"}),
    "lose data": (lose("data/*/*", "data/*/*/*"), ALL),
    "back": (lambda edited, chance: edited.back(chance), set()),
}  # fmt: skip


class Oracle:
    """What a fresh project makes of a state; each state is made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[tuple[str, bool], dict[str, bytes]] = {}

    def results(self, edited: Edited) -> dict[str, bytes]:
        state = hashlib.sha256((edited.folder / "params.yaml").read_bytes())
        for path in sorted((edited.folder / CODE).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                state.update(path.read_bytes())
        edition = edited.folder / "data/raw/covid/edition.json"
        real = edition.exists() and json.loads(edition.read_text())["edition"] == "real"
        if (state.hexdigest(), real) not in self.known:
            fresh = Project(copy_project(self.folder / f"fresh-{len(self.known)}"))
            if real:
                fresh.environment["LABBOOK_MIRROR"] = str(edited.mirror)
            shutil.copytree(edited.folder / "src", fresh.folder / "src", dirs_exist_ok=True)
            shutil.copy(edited.folder / "params.yaml", fresh.folder)
            fresh.make()
            self.known[state.hexdigest(), real] = fresh.results()
        return self.known[state.hexdigest(), real]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the first state, finished; beside it a mirror with the real data."""
    folder = tmp_path_factory.mktemp("edits")
    project = Project(copy_project(folder / "begun"))
    text = PARAMS.replace("DATA", mirrored(folder / "mirror"))
    (project.folder / "params.yaml").write_text(text)
    project.make()
    return project


@pytest.fixture(scope="module")
def oracle(begun: Project) -> Oracle:
    return Oracle(begun.folder.parent)


def follow(edited: Edited, oracle: Oracle, concerned: set[str]) -> None:
    """Let the stale jobs run, and look at what they did."""
    runs, trained = whole_runs(edited), len(edited.trained())
    done = kinds(edited.make())
    assert done <= concerned, f"needless jobs: {done - concerned}"
    expected, results = oracle.results(edited), edited.results()
    different = [name for name, content in expected.items() if results.get(name) != content]
    assert not different, f"stale or wrong: {different}"
    wanted = {Path(name).stem for name in expected if name.startswith("results/runs/")}
    assert sorted(edited.trained()[trained:]) == sorted(wanted - runs)


@given(order=st.permutations([*EDITS, "back", "lose data"]), seed=st.integers(0, 10**6))
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
def test_any_order_of_edits(oracle: Oracle, begun: Project, order: list[str], seed: int) -> None:
    folder = oracle.folder / "edited"
    shutil.rmtree(folder, ignore_errors=True)
    for kept in oracle.folder.glob("kept-*"):
        shutil.rmtree(kept)
    begun.copy(folder)
    edited, chance = Edited(folder, oracle.folder / "mirror"), random.Random(seed)
    for number, name in enumerate(order[:STEPS]):
        edit, concerned = EDITS[name]
        edit(edited, chance)
        try:
            follow(edited, oracle, concerned)
        except AssertionError as error:
            raise AssertionError(f"after {order[: number + 1]}, seed {seed}: {error}") from error
        edited.keep()
