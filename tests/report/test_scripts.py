"""The page's script: made of its modules, small, and the only one that the page lets run."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

from labbook.report.page.numbers import block_of_numbers
from labbook.report.page.page import page_of
from labbook.report.page.script import BUNDLE, page_script
from labbook.report.study_results import read_results
from tests import made_results
from tests.page.build import first_line

MOST_BYTES = 65_000  # after esbuild; the aim is 40,000


def test_the_script_is_made_of_the_modules_as_they_are() -> None:
    assert BUNDLE.read_text(encoding="utf-8").startswith(first_line() + "\n"), "run make scripts"


def test_the_script_is_small_and_whole() -> None:
    script = page_script()
    assert len(script.encode()) <= MOST_BYTES
    assert "</script" not in script


def test_the_page_lets_no_other_script_run(tmp_path: Path) -> None:
    page = page_of("x", [read_results(made_results.write(made_results.boston(), tmp_path))])
    [script] = re.findall(r'<script type="module">(.*?)</script>', page, re.S)
    told = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{told}';" in policy


def test_the_block_has_the_numbers_of_every_study(tmp_path: Path) -> None:
    results = read_results(made_results.write(made_results.boston(), tmp_path))
    data = json.loads(gzip.decompress(base64.b64decode(block_of_numbers([results]))))
    study = data["studies"]["boston-rate"]
    assert study["labels"] == results.labels
    assert study["labels"][study["chosen"]] == results.chosen
    assert study["labels"][study["reference"]] == results.reference
    assert {len(values) for values in study["settings"].values()} <= {len(results.labels)}
