"""The page's scripts write numbers as Python does."""

import json
import shutil
import subprocess
from pathlib import Path

import labbook.report.page
from labbook import wording
from tests.conftest import lacks

MODULE = Path(labbook.report.page.__file__).parent / "scripts/wording.js"
NUMBERS = [
    0.0, 0.5, 2.5, 0.125, 12.345, -0.98765, 1234.5, 9.9951, 999.6, 1e7, 12345678.0, -2.5e-5,
    0.00099999, 0.0010004, 65536.0, -12.0, 1e-12, 0.0625, 25.0,
]  # fmt: skip
MEANS = [
    (0.97312, 0.93199, 1.01425), (1234.0, 1200.0, 1268.0), (2e-5, 1e-5, 3e-5), (5.0, 5.0, 5.0),
    (0.0, -0.5, 0.5), (-3.25, -40.0, 33.5), (1.5e8, 1.4e8, 1.6e8), (0.0999, 0.0899, 0.1099),
]  # fmt: skip


def test_numbers_and_intervals_are_written_alike() -> None:
    node = shutil.which("node")
    if node is None:
        lacks("there is no node, which runs the page's scripts")
    told = f"console.log(JSON.stringify([{NUMBERS}.map(number), {json.dumps(MEANS)}.map(digits)]));"
    run = subprocess.run(
        [node, "--input-type=module"], input=MODULE.read_text() + told,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    numbers, intervals = json.loads(run.stdout)
    assert numbers == [wording.number(value) for value in NUMBERS]
    assert intervals == [[*wording.digits(*mean)[:3]] for mean in MEANS]
