"""The rules that the page has (scripts/rules.js) and those that judge claims give the same."""

import json
import math
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.claims.by_seed import write_pairs
from labbook.evaluate.claims.judge import judge, write_verdicts
from labbook.measures import is_ratio
from labbook.params.claims import Claim
from labbook.report.page.explorable import WHY_NOT, explorable
from labbook.report.study_results import StudyResults
from tests.conftest import ROOT
from tests.made_study import claim, made_results, recipe

RULES = ROOT / "src/labbook/report/page/scripts/rules.js"
SEEDS = 12
OF, PLACES = {"of": {"x": 1}}, [{"x": 1}, {"x": 2}, {"x": 3}]
BETTER = {"better": {"x": 1}, "than": {"x": 2}}
# Each form with margins to try, as params.yaml writes them; the first is the page's own.
ASKED = {
    "better": (claim("a", "b", margin=0.2), "margin", (0.2, 0.02, 0.7)),
    "several": (claim("ab", "cd", margin=0.2), "margin", (0.2, 0.6)),
    "at least": (claim("a", "b", at_least=0.1), "at_least", (0.1, 0.001, 0.4)),
    "gain": (claim(sides="abcd", more_than=BETTER), "margin", (0.05, 0.9)),
    "alike": (claim(sides="ab", alike=PLACES[:2]), "margin", (0.05, 0.1, 0.6)),
    "order": (claim(sides="abc", order=PLACES), "margin", (0.05, 0.5)),
}  # fmt: skip
BOUNDED = {
    "above": (claim(sides="a", level={**OF, "above": 0.9}), "above", (0.9, 1.0, 0.5)),
    "below": (claim(sides=["ab"], level={**OF, "below": 1.0}), "below", (1.0, 0.7)),
    "share": (
        claim(sides="a", share={**OF, "ended": "diverged", "below": 0.5}), "below", (0.5, 0.1, 0.9),
    ),
    "shares": (
        claim(sides=["abc"], share={**OF, "ended": "diverged", "above": 0.1}), "above", (0.1, 0.6),
    ),
}  # fmt: skip


def _draw(spread=0.2, **means):
    draw = np.random.default_rng(3)
    split = draw.normal(0, 1, SEEDS)
    return {
        label: np.exp(spread * (split + draw.normal(0, 1, SEEDS))) * means.get(label, 1.0)
        for label in "abcd"
    }


def _data():
    """Values by label and seed, of every kind of trouble."""
    plain, close = _draw(a=0.75, b=0.9), _draw(0.02, b=1.01)
    rounded = {k: np.round(v, 1) for k, v in _draw(0.1, a=0.9).items()}  # ties and zeros
    odd = _draw(a=0.7)
    odd["b"][4] = 400.0
    diverged = {k: [*map(float, v)] for k, v in _draw(a=0.6).items()}
    diverged["b"][1] = diverged["b"][8] = diverged["d"][5] = diverged["a"][8] = None
    still = {k: np.full(SEEDS, 0.5 if k == "a" else 1.0) for k in "abcd"}
    equal = {k: np.full(SEEDS, 0.9) for k in "abcd"}
    made = (plain, close, rounded, odd, diverged, still, equal, {**equal, "a": np.zeros(SEEDS)})
    return [{k: [*v] for k, v in one.items()} for one in made]


def _moved(one, name, value):
    """The claim with another margin or bound."""
    block = one.block.model_dump(exclude_none=True)
    if name in ("above", "below"):
        block = {**block, one.form: {**block[one.form], name: value}}
    else:
        block[name] = value
    if one.form not in ("better", "more_than"):
        block.pop("than")
    return replace(one, block=Claim.model_validate(block))


def _numbers(results, folder):
    """What the page gets to know, as JSON has it."""
    write_pairs(results, write_verdicts(results, folder / "verdicts.csv"), folder / "pairs.csv")
    return json.loads(json.dumps(explorable(StudyResults(folder, {})), allow_nan=False))


def _shown(one, name, value):
    return 1 + value if name in ("margin", "at_least") and is_ratio(one.metric) else value


def _asked(folder, data, asked, seeds=(1, 6, 9, SEEDS), **options):
    """Cases for the page, and what judges them: claims, margins and the first so many seeds."""
    for number, values in enumerate(data):
        for place, (one, name, margins) in enumerate(asked.values()):
            results = made_results(values, claims=[one], **options)
            (numbers,) = _numbers(results, folder / f"{number}-{place}")
            if "whyNot" in numbers:
                continue
            for margin in margins:
                for n in seeds:
                    few = {k: v[:n] for k, v in values.items()}
                    moved = _moved(one, name, margin)
                    (expected,) = judge(made_results(few, claims=[moved], **options))
                    yield (numbers, _shown(one, name, margin), n), expected


def _found(cases):
    """Verdict and both p of each case, by the page's rules."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node, which runs the page's scripts")
    script = (
        f"import {{ judged }} from {json.dumps(RULES.as_uri())};"
        "import { readFileSync, writeFileSync } from 'node:fs';"
        "const cases = JSON.parse(readFileSync(0, 'utf8'));"
        "const told = cases.map((one) => { const { verdict, p, alike } = judged(...one);"
        "return [verdict, p, alike]; });"
        "writeFileSync(1, JSON.stringify(told));"
    )
    command = [node, "--input-type=module", "--no-warnings", "-e", script]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _agree(told, expected):
    verdict, *found = told
    outcome = expected.outcome
    assert verdict == expected.verdict
    for one, other in zip(found, (outcome.p, outcome.p_alike), strict=True):
        assert (math.nan if one is None else one) == pytest.approx(other, rel=1e-7, abs=1e-14, nan_ok=True)


def test_the_page_judges_as_evaluation_does(tmp_path):
    errors = _asked(tmp_path / "e", _data(), ASKED | BOUNDED)
    accuracies = [
        {k: [None if v is None else round(min(1.0, 0.7 * v), 2) for v in values] for k, values in one.items()}
        for one in _data()[:5]
    ] + [{k: [1.0] * SEEDS for k in "abcd"}]
    fine = {
        name: (replace(one, metric="valid_accuracy"), *rest)
        for name, (one, *rest) in (ASKED | BOUNDED).items()
    }
    of_rows = _asked(tmp_path / "a", accuracies, fine, task="classification")
    cases = [*errors, *of_rows]
    assert len(cases) > 500
    for told, (case, expected) in zip(_found([case for case, _ in cases]), cases, strict=True):
        try:
            _agree(told, expected)
        except AssertionError as error:
            raise AssertionError((case, told, expected)) from error
