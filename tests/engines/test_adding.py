"""docs/adding.md is enough: an optimiser that it lets one add trains in every engine."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from labbook.params.engines import ENGINES
from tests.conftest import ROOT, clean_environment

# A mean gradient with its bias corrected, by a helper: not in torch.optim.
FORMULA = """
def of_toy(c):
    return single(c.rate), single(c.weight_decay), single(c.beta1), single(1.0 - c.beta1_power)


def toy_mean(m, g, kept):
    return fma(kept, m - g, g)


def toy(w, g, m, n):
    rate, decay, kept, correction = n
    g = fma(decay, w, g)
    m = toy_mean(m, g, kept)
    return fma(-rate, m / correction, w), m


"""
BLOCK = '''
class Toy(_Optimizer):
    """A toy."""

    kind: Literal["toy"] = "toy"
    beta1: Rate = Field(0.9, description="How much of the mean gradient is kept.")


'''
PARAMS = """\
device: cpu
seeds: 2
controls: false
datasets:
  curve: {kind: function, expression: "x ** 2", low: -1, high: 1, points: 60, noise: 0.1, split: {valid: 0.2, test: 0.2}}
recipes:
  curve:
    dataset: curve
    model: {kind: mlp, hidden: [8], activation: tanh}
    optimizer: {kind: toy, rate: 0.1, weight_decay: 0.01}
    training: {batch: 16, epochs: 30}
studies:
  toy: {question: Does it fall?, recipe: curve, vary: {optimizer.beta1: [0.5, 0.9]}}
"""
TRAIN = """
import sys
from pathlib import Path
from labbook.provenance.graph import Graph
from labbook.running.jobs import JOBS
text = Path("toy.yaml").read_text()
for engine in sys.argv[1:]:
    Path("params.yaml").write_text(f"engine: {engine}\\n{text}")
    for name in Graph.load().names:
        kind, _, rest = name.partition("/")
        if kind in ("download", "prepare", "select", "train"):
            node = Graph.load().node(name)
            JOBS[kind](Graph.load(), rest, node.inputs, node.outputs)
    for (label, seed), key in sorted(Graph.load().plan.studies["toy"].runs.items()):
        print(engine, Graph.load().run_ids[key])
"""

HALTING = """
from labbook.engines.torch import engine
from labbook.training import watch
watch.CHECKPOINT_SECONDS = 0.0
class Halt(Exception):
    pass
def halt(self):
    raise Halt
watch.Watch.go_on = halt
from labbook.training import pack
whole = pack.train_pack
def again(*given, **more):
    while True:
        try:
            return whole(*given, **more)
        except Halt:
            pass
pack.train_pack = again
"""


def add(file: Path, before: str, text: str) -> None:
    """Put `text` before the line that begins with `before`."""
    content = file.read_text()
    assert f"\n{before}" in content
    file.write_text(content.replace(f"\n{before}", f"{text}{before}", 1))


def test_a_toy_optimiser_by_the_page_alone(project: Path) -> None:
    """A formula, its entry, a block, its name: what the page's line says, and nothing else."""
    (line,) = [
        line
        for line in (ROOT / "docs/adding.md").read_text().splitlines()
        if line.startswith("| an optimiser |")
    ]
    assert line.split("`")[1::2] == [
        "OPTIMIZERS", "engines/optimizers.py", "params/training.py", "Optimizer", "params/training.py",
    ]  # fmt: skip
    package = project / "src/labbook"
    add(package / "engines/optimizers.py", "OPTIMIZERS: ", FORMULA)
    add(
        package / "engines/optimizers.py",
        '    "adamw": ',
        '\n    "toy": Optimizer(of_toy, toy),\n',
    )
    add(package / "params/training.py", "Optimizer = Annotated", BLOCK)
    add(package / "params/training.py", "    Sgd | Momentum", "\n    Toy | ")
    (project / "toy.yaml").write_text(PARAMS)
    weights = train(project, *ENGINES)
    runs = {path.name: path.read_bytes() for path in (project / "results/runs").iterdir()}
    (project / "results/runs").rename(project / "whole")
    train(project, "torch", before=HALTING)  # each run stops at every epoch and is taken up again
    for path in (project / "results/runs").iterdir():
        assert path.read_bytes() == runs[path.name]
    for engine, runs in weights.items():
        for run, reference in zip(runs, weights["torch"], strict=True):
            assert run.keys() == reference.keys()
            for name, array in run.items():
                np.testing.assert_allclose(
                    array, reference[name], rtol=1e-3, atol=1e-5, err_msg=engine
                )
    losses = [run["curves/train_loss"] for run in weights["torch"]]
    assert all(curve[-1] < 0.8 * curve[0] for curve in losses)


def train(project: Path, *engines: str, before: str = "") -> dict[str, list[dict[str, np.ndarray]]]:
    """The runs of the study by each engine, in order."""
    environment = clean_environment(
        PYTHONPATH=str(project / "src"), LABBOOK_KERNELS=str(project / "kernels")
    )
    ran = subprocess.run(
        [sys.executable, "-c", before + TRAIN, *engines],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    runs: dict[str, list[dict[str, np.ndarray]]] = {engine: [] for engine in engines}
    for engine, run in map(str.split, ran.stdout.splitlines()):
        runs[engine].append(load_file(project / f"results/runs/{run}.safetensors"))
    assert {len(each) for each in runs.values()} == {4}
    return runs
