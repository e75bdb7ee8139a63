"""Each rule by itself, for real, on the inputs that its upstream made; and the DAG's shape."""

import itertools
import re
import shutil
from collections.abc import Callable

from tests.conftest import ROOT
from tests.workflow.finished import kinds, ran
from tests.workflow.project import Project

# Of each rule one target; none is made from another but the last, from what "claims" makes.
TARGETS = {
    "download": "data/raw/boston/key",
    "prepare": "data/prepared/leaves.safetensors",
    "select": "data/selected/covid/f_regression-4.json",
    "rivals": "results/rivals/leaves.safetensors",
    "train": "results/packs/function-degree-000.json",
    "evaluate": "results/digits-kernel/study.json",
    "figures": "results/boston-rate/figures/index.json",
    "describe": "results/data/leaves/description.json",
    "claims": "results/claims.csv",
    "report": "results/report.html",
}


COUNTING_TIMERS = """
import sys, threading
from snakemake.cli import main
begun = []
class Timer(threading.Timer):
    def start(self):
        begun.append(self.interval)
        super().start()
threading.Timer = Timer
try:
    main(sys.argv[1:])
finally:
    print("timers:", len(begun), flush=True)
"""


def test_snakemake_is_not_woken_again_and_again(new: Callable[..., Project]) -> None:
    """Each job would begin a timer, and each timer another: a third of a core after a thousand jobs."""
    arguments = ("--cores", "1", "data/raw/boston/key")
    assert "timers: 0\n" in new().run("python", "-c", COUNTING_TIMERS, *arguments).stdout


def test_each_rule_makes_the_same_again(done: Project) -> None:
    before = done.results()
    for target in TARGETS.values():
        path = done.folder / target
        if path.parent.name == "figures" or target.startswith("data/raw"):
            shutil.rmtree(path.parent)
        else:
            path.unlink()
    for row in done.table("results/function-degree/runs.csv"):
        (done.folder / f"results/runs/{row['run']}.safetensors").unlink()
    jobs = ran(done, lambda: done.snakemake(*TARGETS.values()))
    assert kinds(jobs) == set(TARGETS)
    after = done.results()
    assert [name for name in after if after[name] != before[name]] == []
    assert set(TARGETS.values()) <= set(after)


def test_the_dag_in_order(new: Callable[..., Project]) -> None:
    assert new().jobs() == {
        "download": 5, "prepare": 5, "select": 11, "rivals": 1, "train": 13, "evaluate": 6, "claims": 1, "figures": 6,
        "describe": 5, "report": 1,
    }  # fmt: skip


def test_the_rule_graph(tiny_done: Project) -> None:
    text = tiny_done.run("snakemake", "--rulegraph", "--forceall").stdout
    names = dict(re.findall(r'(\d+)\[label = "([\w ]+)"', text))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", text)}
    chain = ["download", "prepare", "select", "train", "evaluate", "figures", "report", "all"]
    assert set(itertools.pairwise(chain)) <= edges
    others = {
        ("evaluate", "claims"),
        ("claims", "report"),
        ("prepare", "rivals"),
        ("rivals", "evaluate"),
        ("prepare", "describe"),
        ("describe", "report"),
    }
    assert others <= edges
    beside = {"claims": chain.index("figures"), "rivals": chain.index("train")}
    beside["describe"] = chain.index("select")
    order = {name: number for number, name in enumerate(chain)} | beside
    assert all(order[a] < order[b] for a, b in edges)


def test_lint(tiny_done: Project) -> None:
    """One environment, locked, serves all rules: the only advice of Snakemake's not taken."""
    output = tiny_done.run("snakemake", "--lint", ok=False).stdout
    advice = set(re.findall(r"^    \* (.*)$", output, flags=re.MULTILINE))
    assert advice <= {"Specify a conda environment or container for each rule.:"}, output


def test_every_rule_has_a_log_and_a_benchmark_and_no_script() -> None:
    for path in (ROOT / "src/labbook/workflow/rules").glob("*.smk"):
        text = path.read_text()
        assert len(text.splitlines()) < 130
        for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]:
            if not rule.startswith("all_"):
                assert "    log:" in rule
                assert "    benchmark:" in rule
                assert "    shell:" in rule
        assert not re.search(r"^    (run|script):", text, flags=re.MULTILINE)
    assert len((ROOT / "src/labbook/workflow/Snakefile").read_text().splitlines()) < 60
