"""Each rule by itself, for real, on the inputs that its upstream made; and the DAG's shape."""

import itertools
import re
import shutil
from pathlib import Path

import pytest

from tests.workflow.conftest import Project

# rule -> what it makes, one target each
TARGETS = {
    "download": "data/raw/boston/key",
    "prepare": "data/prepared/leaves.safetensors",
    "select": "data/selected/covid/f_regression-4.json",
    "train": "results/packs/function-degree-000.json",
    "evaluate": "results/digits-kernel/study.json",
    "claims": "results/claims.csv",
    "figures": "results/boston-rate/figures/index.json",
    "report": "results/report.html",
}


def remove(folder: Path, target: str) -> None:
    """Remove a target with its key; the runs, too, of a pack."""
    path = folder / target
    if target.startswith("results/packs"):
        for run in (folder / "results/runs").iterdir():
            run.unlink()
    if path.parent.name == "figures" or target.startswith("data/raw"):
        shutil.rmtree(path.parent)
    else:
        path.unlink()


@pytest.mark.parametrize("rule", TARGETS)
def test_a_rule_makes_the_same_again(done: Project, rule: str) -> None:
    target = TARGETS[rule]
    before = done.results()
    remove(done.folder, target)
    output = done.snakemake(target)
    assert (done.folder / target).exists(), output
    after = done.results()
    for name in after:
        assert after[name] == before[name], f"{name} differs"
    log = done.folder / "results/log" / rule
    assert log.exists() or rule in ("claims", "report")


def test_the_dag_in_order(new: object, done: Project) -> None:
    shutil.rmtree(done.folder / "data")
    shutil.rmtree(done.folder / "results")
    jobs = done.jobs()
    assert jobs == {
        "download": 5, "prepare": 5, "select": 11, "train": 12, "evaluate": 6, "claims": 1, "figures": 6,
        "report": 1,
    }  # fmt: skip


def test_the_rule_graph(done: Project) -> None:
    text = done.run("snakemake", "--rulegraph", "--forceall").stdout
    names = dict(re.findall(r'(\d+)\[label = "([\w ]+)"', text))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", text)}
    chain = ["download", "prepare", "select", "train", "evaluate", "figures", "report", "all"]
    assert set(itertools.pairwise(chain)) <= edges
    assert {("evaluate", "claims"), ("claims", "report")} <= edges
    order = {name: number for number, name in enumerate(chain)} | {"claims": chain.index("figures")}
    assert all(order[a] < order[b] for a, b in edges)


def test_lint(done: Project) -> None:
    """One environment, locked, serves all rules: the only advice of Snakemake's not taken."""
    output = done.run("snakemake", "--lint", ok=False).stdout
    advice = set(re.findall(r"^    \* (.*)$", output, flags=re.MULTILINE))
    assert advice <= {"Specify a conda environment or container for each rule.:"}, output


def test_every_rule_has_a_log_and_a_benchmark_and_no_script() -> None:
    root = Path(__file__).parents[2]
    for path in (root / "workflow/rules").glob("*.smk"):
        text = path.read_text()
        assert len(text.splitlines()) < 130
        for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]:
            if not rule.startswith("all_"):
                assert "    log:" in rule
                assert "    benchmark:" in rule
                assert "    shell:" in rule
        assert not re.search(r"^    (run|script):", text, flags=re.MULTILINE)
    assert len((root / "Snakefile").read_text().splitlines()) < 60
