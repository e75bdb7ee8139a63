"""Imports run one way, and what must be quick imports nothing slow."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labbook.params.engines import ENGINES
from tests.conftest import ROOT, TINY, clean_environment

pytestmark = pytest.mark.thorough

SOURCE = ROOT / "src/labbook"
# Lower folders first: a module imports only from its own line or from those above it here.
HOUSE = [
    {"errors"},
    {"addresses", "files", "languages", "metrics", "processor", "streams", "verdicts"},
    {"formulas"},
    {"measures"},
    {"curve_metrics", "documents", "paths", "tensors", "wording"},
    {"identity"},
    {"params"},
    {"data"},
    {"rivals"},
    {"models"},
    {"training"},
    {"engines"},
    {"plan"},
    {"evaluate"},
    {"tuning"},
    {"prediction"},
    {"report"},
    {"provenance"},
    {"history"},
    {"housekeeping"},
    {"running"},
    {"looking"},
    {"certificate"},
    {"starting"},
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


def test_imports_run_one_way() -> None:
    for path in sorted(SOURCE.rglob("*.py")):
        part = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        assert part in ORDER, f"say in HOUSE where {part} stands"
        above = [name for name in imports(path) - {"__version__"} if ORDER[name] > ORDER[part]]
        assert not above, f"{path} imports what is above it: {above}"


# Folder of labbook, what no file in it may say, and files of which that does not hold.
NEVER = [
    # They read run files, and nothing else of training.
    ("report", r"from labbook\.(models|training(?!\.runfile )|engines)\b", ()),
    # Numba is slow to import, and no part of a job whose machine code is there.
    ("", r"labbook\.engines\.compiled\.kernels|import numba", ("kernels/", "build.py")),
    ("", "import snakemake", ()),
    # Figures are numbers and words; report/paper/ draws them, and the page does.
    ("report/figures", r"matplotlib|labbook\.report\.(paper|page)\b", ("draw.py",)),
    *(
        (f"engines/{engine}", rf"labbook\.engines\.({'|'.join(sorted({*ENGINES, 'choice'} - {engine}))})\b", ())
        for engine in ENGINES
    ),
]  # fmt: skip


@pytest.mark.parametrize(("folder", "text", "but"), NEVER)
def test_no_file_imports_what_it_must_not(folder: str, text: str, but: tuple[str, ...]) -> None:
    for path in (SOURCE / folder).rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        assert any(word in name for word in but) or not re.search(text, path.read_text()), path


def modules_after(program: str) -> set[str]:
    text = f"import sys\n{program}\nprint(*sys.modules)"
    environment = clean_environment(PYTHONPATH=str(ROOT / "src"), LABBOOK_PARAMS=str(TINY))
    ran = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


SLOW = ("torch", "pandas", "sklearn", "scipy", "matplotlib", "numba")
NOT_FOR_TABLES = tuple(name for name in SLOW if name != "pandas")  # which reads one's own
NOT_FOR_READING = ("torch", "numba", "sklearn")  # prediction is by labbook.models


@pytest.mark.parametrize(
    ("program", "slow"),
    [
        ("from labbook.provenance.graph import Graph; Graph.load()", SLOW),
        ("from labbook.cli import main; main(['check'])", NOT_FOR_TABLES),
        ("from labbook.cli import main; main(['verify'])", SLOW),
        ("import labbook.running.jobs", SLOW),
        ("import labbook.engines.choice, labbook.training.pack, labbook.models", SLOW),
        ("import labbook.engines.compiled.engine", SLOW),
        ("import labbook.evaluate.study", NOT_FOR_READING),
        ("import labbook.prediction.ensemble, labbook.prediction.rows", NOT_FOR_READING),
        ("import labbook.prediction.export.card_page", NOT_FOR_READING),
        ("import labbook.report.figures.draw", NOT_FOR_READING),
        ("import labbook.report.page.page", NOT_FOR_READING),
        ("import labbook.looking.part_page, labbook.looking.show", NOT_FOR_READING),
        ("import labbook.looking.log_page, labbook.looking.state", SLOW),  # after each snakemake
    ],
)
def test_what_must_be_quick_imports_nothing_slow(program: str, slow: tuple[str, ...]) -> None:
    assert not modules_after(program) & set(slow)


def test_parsing_the_snakefile_imports_nothing_slow(project: Path) -> None:
    """Forget what plugins of Snakemake have imported; look what the Snakefile then imports."""
    text = (project / "Snakefile").read_text()
    forget = "for name in [n for n in sys.modules if n.partition('.')[0] in SLOW]:\n    del sys.modules[name]\n"
    look = "assert not {n.partition('.')[0] for n in sys.modules} & set(SLOW), 'slow imports'\n"
    for more, fails in (("", False), ("import scipy", True)):
        (project / "Snakefile").write_text(
            f"import sys\nSLOW = {SLOW}\n{forget}{text}\n{more}\n{look}"
        )
        command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet"]
        ran = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
        assert (ran.returncode != 0) == fails, ran.stdout + ran.stderr
        assert ("slow imports" in ran.stdout + ran.stderr) == fails


def test_the_tour_names_files_that_are_there() -> None:
    text = (ROOT / "docs/tour.md").read_text()
    rows = re.findall(r"^\| (`[^|]+) \|", text, flags=re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert [name for name in names if not (SOURCE / name).exists()] == []
    assert 10 <= sum(name.count("/") >= 1 and name.endswith(".py") for name in names) <= 14
    rooms = {name.rstrip("/") for name in names if name.endswith("/")}
    assert rooms == {path.parent.name for path in SOURCE.glob("*/__init__.py")}


def test_the_page_of_agreement_names_tests_that_are_there() -> None:
    """docs/agreement.md: a file under tests/, and then names of tests in it, or the ends of such."""
    text = (ROOT / "docs/agreement.md").read_text()
    for file, names in re.findall(r"`([\w/]+\.py)`((?:[:,] `[a-z]\w+`)*)", text):
        if not file.startswith("provenance/checksums"):
            code = (ROOT / "tests" / file).read_text()
            missing = [
                n for n in re.findall(r"`(\w+)`", names) if not re.search(rf"def \w*{n}", code)
            ]
            assert missing == [], f"{file}: {missing}"
