"""Imports run one way, and what must be quick imports nothing slow."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labbook.params.engines import ENGINES
from tests.conftest import ROOT, TINY, clean_environment

SOURCE = ROOT / "src/labbook"
# Lower folders first: a module imports only from its own line or from those above it here.
HOUSE = [
    {"errors"},
    {"addresses", "files", "metrics", "processor", "streams", "verdicts", "wording"},
    {"curve_metrics", "documents", "paths", "tensors"},
    {"identity"},
    {"params"},
    {"data"},
    {"models"},
    {"training"},
    {"engines"},
    {"plan"},
    {"evaluate"},
    {"report"},
    {"provenance"},
    {"history"},
    {"housekeeping"},
    {"running"},
    {"certificate"},
    {"commands"},
    {"cli", "__main__", "__init__"},
]
ORDER = {name: line for line, names in enumerate(HOUSE) for name in names}


def imports(path: Path) -> set[str]:
    """The parts of labbook that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [
                f"{node.module}.{n.name}" if node.module == "labbook" else node.module
                for n in node.names
            ]
            found |= {name.split(".")[1] for name in names if name.startswith("labbook.")}
    return found


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE))
)
def test_imports_run_one_way(path: Path) -> None:
    part = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    assert part in ORDER, f"say in HOUSE where {part} stands"
    for imported in imports(path) - {"__version__"}:
        assert ORDER[imported] <= ORDER[part], f"{path.name} imports {imported}, which is above it"


def test_figures_and_report_never_train() -> None:
    """They read run files, and nothing else of training."""
    for path in (SOURCE / "report").rglob("*.py"):
        text = path.read_text().replace("from labbook.training.runfile ", "")
        assert not re.search(r"from labbook\.(models|training|engines)\b", text), path


def test_engines_do_not_import_each_other() -> None:
    for engine in ENGINES:
        for path in (SOURCE / "engines" / engine).rglob("*.py"):
            text = path.read_text()
            others = [f"labbook.engines.{one}" for one in (*ENGINES, "choice") if one != engine]
            assert not [one for one in others if one in text], path


def test_only_the_build_imports_the_kernels() -> None:
    """Numba is slow to import, and no part of a job whose machine code is there."""
    for path in SOURCE.rglob("*.py"):
        if path.parent.name != "kernels" and path.name != "build.py":
            assert "labbook.engines.compiled.kernels" not in path.read_text(), path
            assert "import numba" not in path.read_text(), path


def test_the_package_does_not_import_snakemake() -> None:
    for path in SOURCE.rglob("*.py"):
        assert "import snakemake" not in path.read_text(), path


def modules_after(program: str) -> set[str]:
    text = f"import sys\n{program}\nprint(*sys.modules)"
    environment = clean_environment(PYTHONPATH=str(ROOT / "src"), LABBOOK_PARAMS=str(TINY))
    ran = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    "program",
    [
        "from labbook.provenance.graph import Graph; Graph.load()",
        "from labbook.cli import main; main(['check'])",
        "from labbook.cli import main; main(['verify'])",
        "import labbook.running.jobs",
        "import labbook.engines.choice, labbook.training.pack, labbook.models.forward",
        "import labbook.engines.compiled.engine",
    ],
)
def test_planning_imports_neither_torch_nor_pandas(program: str) -> None:
    loaded = modules_after(program)
    assert not loaded & set(SLOW)


@pytest.mark.parametrize("job", ["evaluate.study", "report.figures.draw", "report.page.page"])
def test_what_only_reads_runs_imports_no_torch(job: str) -> None:
    """Evaluation predicts by labbook.models.forward: it must not wait for torch, nor need it."""
    assert not modules_after(f"import labbook.{job}") & {"torch", "numba", "sklearn"}


SLOW = ("torch", "pandas", "sklearn", "scipy", "matplotlib", "numba")


def test_parsing_the_snakefile_imports_neither_torch_nor_pandas(project: Path) -> None:
    """Forget what plugins of Snakemake have imported; look what the Snakefile then imports."""
    text = (project / "Snakefile").read_text()
    forget = "for name in [n for n in sys.modules if n.partition('.')[0] in SLOW]:\n    del sys.modules[name]\n"
    look = "assert not {n.partition('.')[0] for n in sys.modules} & set(SLOW), 'slow imports'\n"
    (project / "Snakefile").write_text(f"import sys\nSLOW = {SLOW}\n{forget}{text}\n{look}")
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet"]
    ran = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (project / "Snakefile").write_text(
        f"import sys\nSLOW = {SLOW}\n{forget}{text}\nimport scipy\n{look}"
    )
    ran = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
    assert "slow imports" in ran.stdout + ran.stderr


def test_the_tour_names_files_that_are_there() -> None:
    text = (ROOT / "docs/tour.md").read_text()
    rows = re.findall(r"^\| (`[^|]+) \|", text, flags=re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert [name for name in names if not (SOURCE / name).exists()] == []
    assert 10 <= sum(name.count("/") >= 1 and name.endswith(".py") for name in names) <= 14
    rooms = {name.rstrip("/") for name in names if name.endswith("/")}
    assert rooms == {path.parent.name for path in SOURCE.glob("*/__init__.py")}
