"""The page's scripts: joined to one, small, and the only one that the page lets run."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

from labbook.report.page.numbers import block_of_numbers
from labbook.report.page.page import page_of
from labbook.report.page.scripts import joined_scripts
from labbook.report.study_results import read_results
from tests import made_results

MOST_BYTES = 40_000


def test_modules_are_joined_what_is_needed_first(tmp_path: Path) -> None:
    texts = {
        "main": '// @ts-check\n/** Starts. */\n\nimport { two } from "./b.js";\nimport {\n  one,\n} from "./a.js";\n\ntwo(one);\n',
        "a": "/**\n * @param {string} x\n */\nexport const one = 'https://x'; // stays\n",
        "b": 'import { one } from "./a.js";\nexport function two(x) {\n  // why\n  return one + x;\n}\n',
        "c": "never();\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.js").write_text(text)
    assert joined_scripts(tmp_path) == (
        "const one = 'https://x'; // stays\nfunction two(x) {\nreturn one + x;\n}\ntwo(one);\n"
    )


def test_our_scripts_are_small_and_whole() -> None:
    script = joined_scripts()
    assert len(script.encode()) <= MOST_BYTES
    assert not re.search(r"^(import|export)\b", script, re.M)
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
