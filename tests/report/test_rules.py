"""The rules that the page has (scripts/rules.js) and those that judge claims give the same."""

import json
import shutil
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.claims.by_seed import write_pairs
from labbook.evaluate.claims.forms import times
from labbook.evaluate.claims.judge import judge, write_verdicts
from labbook.evaluate.statistics.intervals import holm
from labbook.measures import is_ratio
from labbook.params.claims import Claim
from labbook.report.page.explorable import explorable
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults, read_results
from tests.conftest import ROOT, lacks
from tests.made_results import everything
from tests.made_study import FakePrepared, claim, made_results, recipe

SCRIPTS = ROOT / "src/labbook/report/page/scripts"
MODULES = ("chances.js", "tests_of_seeds.js", "rules.js")
SEEDS = 12
GRID = [(0, 1), (0, 7), (0, SEEDS), (1, SEEDS), (2, 7)]  # places of what is moved, first seeds
OF, PLACES = {"of": {"x": 1}}, [{"x": 1}, {"x": 2}, {"x": 3}]
BETTER = {"better": {"x": 1}, "than": {"x": 2}}
DIVERGED = {**OF, "ended": "diverged"}
# Claims, the setting that is moved, and what to; the first are the page's own.
TWO_SIDES = (
    (claim("a", "b", name="better", margin=0.2), "margin", (0.2, 0.02, 0.7)),
    (claim("ab", "cd", name="several", margin=0.2), "margin", (0.2, 0.02, 0.6)),
    (claim("a", "b", name="least", at_least=0.1), "at_least", (0.1, 0.001, 0.4)),
    (claim(sides="ab", alike=PLACES[:2], name="alike"), "margin", (0.05, 0.1, 0.6)),
    (claim(sides="abc", order=PLACES, name="order"), "margin", (0.05, 0.5, 0.2)),
)
MORE = (
    (claim(sides="abcd", more_than=BETTER, name="gain"), "margin", (0.05, 0.9, 0.3)),
    (claim(sides="a", level={**OF, "above": 0.9}, name="above"), "above", (0.9, 1.0, 0.5)),
    (claim(sides=["ab"], level={**OF, "below": 1}, name="below"), "below", (1, 0.7, 0.9)),
    (claim(sides="a", share={**DIVERGED, "below": 0.5}, name="share"), "below", (0.5, 0.1, 0.9)),
    (
        claim(sides=["abc"], share={**DIVERGED, "above": 0.1}, name="shares"),
        "above", (0.1, 0.01, 0.6),
    ),
)  # fmt: skip


SPLIT = FakePrepared().split(0)


def _draw(spread=0.2, **means):
    draw = np.random.default_rng(3)
    split = draw.normal(0, 1, SEEDS)
    return {
        label: np.exp(spread * (split + draw.normal(0, 1, SEEDS))) * means.get(label, 1.0)
        for label in "abcd"
    }


def _errors():
    """Errors by label and seed, of every kind of trouble."""
    ties = {k: np.round(v, 1) for k, v in _draw(0.1, a=0.9).items()}
    odd = _draw(a=0.7)
    odd["b"][4] = 400.0
    still = {k: np.full(SEEDS, 0.5 if k == "a" else 1.0) for k in "abcd"}
    none = {**dict.fromkeys("bcd", np.full(SEEDS, 0.9)), "a": np.zeros(SEEDS)}
    equal = dict.fromkeys("abcd", np.full(SEEDS, 0.9))
    made = [_draw(a=0.75, b=0.9), _draw(0.02, b=1.01), ties, odd, still, none, equal]
    failed = {k: v.tolist() for k, v in _draw(a=0.6).items()}
    for label, seed in ("b1", "b8", "d5", "a8"):
        failed[label][int(seed)] = None
    return [{k: v.tolist() for k, v in one.items()} for one in made] + [failed]


def _accuracies():
    some = _errors()
    for values in (some[2], some[-1]):
        yield {k: [v and round(min(1, 0.7 * v), 2) for v in row] for k, row in values.items()}
    yield dict.fromkeys("abcd", [1.0] * SEEDS)


def _moved(one, name, value):
    """The claim with another margin or bound."""
    block = one.block.model_dump(exclude_unset=True)
    if name in ("above", "below"):
        block = {**block, one.form: {**block[one.form], name: value}}
    else:
        block[name] = value
    return replace(one, block=Claim.model_validate(block))


def _numbers(results, folder):
    """What the page gets to know, by id, as JSON has it."""
    write_pairs(results, write_verdicts(results, folder / "verdicts.csv"), folder / "pairs.csv")
    told = json.dumps(explorable(StudyResults(folder, {})), allow_nan=False)
    return {one["id"]: one for one in json.loads(told)}


def _make(values, claims, task="regression", **options):
    prepared = FakePrepared(task)
    prepared.split = lambda seed: SPLIT
    return made_results(values, claims=claims, task=task, prepared=prepared, **options)


def _asked(folder, values, asked, make=_make):
    """Cases for the page, and how each is judged: claims, what they are moved to, first seeds."""
    numbers = _numbers(make(values, claims=[one for one, *_ in asked]), folder)
    for place, n in GRID:
        few = {label: row[:n] for label, row in values.items()}
        moved = [_moved(one, name, to[place]) for one, name, to in asked]
        judged = judge(make(few, claims=moved))
        for (one, name, to), expected in zip(asked, judged, strict=True):
            others = [other.outcome for other in judged if other is not expected]
            families = [[o.p for o in others], [o.p_alike for o in others]]
            families = [[p for p in family if p == p] for family in families]
            by_ratio = name in ("margin", "at_least") and is_ratio(one.metric)
            shown = to[place] + 1 if by_ratio else to[place]
            yield (numbers[one.id] | {"others": families}, shown, n), expected


RUN = """
import { readFileSync, writeFileSync } from "node:fs";
import { judged } from "./rules.js";
import { quantileOfT } from "./chances.js";
const told = JSON.parse(readFileSync(0, "utf8")).map((one) => {
  const { verdict, p, alike, samples } = judged(...one);
  const { n, mean, deviation, values, test } = samples[0];
  const half = quantileOfT(n - 1) * deviation / Math.sqrt(n);
  const known = test !== "r" && values.every(Number.isFinite);
  return [verdict, p, alike, ...(known ? [mean, mean - half, mean + half] : [null])];
});
writeFileSync(1, JSON.stringify(told));
"""


FLIP = """
import { readFileSync, writeFileSync } from "node:fs";
import { flip, judged } from "./rules.js";
const told = JSON.parse(readFileSync(0, "utf8")).map(([claim, margin, seeds, steps]) => {
  const verdictAt = (at) => judged(claim, at, seeds).verdict;
  const { at, verdict } = flip(verdictAt, verdictAt(margin), margin, steps, 40);
  return [at, verdict];
});
writeFileSync(1, JSON.stringify(told));
"""


def _found(cases):
    """Verdict, both p, mean and interval of each case, by the page's rules."""
    return [(told, *map(as_number, numbers)) for told, *numbers in _run(RUN, cases)]


def _run(script, cases):
    """What a script makes of cases, in one process of node."""
    node = shutil.which("node")
    if node is None:
        lacks("there is no node, which runs the page's scripts")
    with TemporaryDirectory() as folder:
        for name in MODULES:
            shutil.copy(SCRIPTS / name, folder)
        Path(folder, "package.json").write_text('{"type": "module"}')
        Path(folder, "run.js").write_text(script)
        given = json.dumps(cases)
        command = [node, f"{folder}/run.js"]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _check(cases, least):
    """The page says what evaluation says, of at least so many cases, of all verdicts."""
    cases = list(cases)
    assert len(cases) >= least
    assert {e.verdict for _, e in cases} == {"supported", "refuted", "undecided"}
    found = _found([case for case, _ in cases])
    for (verdict, p, alike, *interval), (case, expected) in zip(found, cases, strict=True):
        place = (case, p, alike, expected)
        outcome, (effect, likeness) = expected.outcome, case[0]["others"]
        assert verdict == expected.verdict, place
        p_effect, p_alike = _corrected(outcome.p, effect), _corrected(outcome.p_alike, likeness)
        assert p == pytest.approx(p_effect, rel=1e-7, abs=1e-14, nan_ok=True), place
        assert alike == pytest.approx(p_alike, rel=1e-7, abs=1e-14, nan_ok=True), place
        if case[0]["form"] in ("better", "more_than", "alike") and not np.isnan(interval).any():
            ends = np.exp(interval) if case[0]["ratio"] else interval
            told = (outcome.effect, outcome.low, outcome.high)
            assert ends == pytest.approx(told, rel=1e-7, abs=1e-12, nan_ok=True), place


def _corrected(p, others):
    return holm(np.array([p, *others]))[0]


def test_the_page_judges_as_evaluation_does(tmp_path):
    cases = [
        case
        for i, values in enumerate(_errors())
        for case in _asked(tmp_path / f"{i}", values, TWO_SIDES + MORE)
    ]
    asked = [(replace(one, metric="valid_accuracy"), *rest) for one, *rest in TWO_SIDES + MORE]
    make = partial(_make, task="classification")
    for i, values in enumerate(_accuracies()):
        cases += _asked(tmp_path / f"of rows {i}", values, asked, make)
    _check(cases, 500)


def test_the_page_judges_epochs_to_a_goal_as_evaluation_does(tmp_path, monkeypatch):
    monkeypatch.setattr(times, "factor_interval", lambda *_: (1.0, 1.0, 1.0))  # takes long
    budget = 60
    base = recipe(training={"batch": "all", "epochs": budget, "tolerance": 1e-3})

    def make(epochs, claims):
        ended = {
            label: ["converged" if one < budget else "budget used up" for one in row]
            for label, row in epochs.items()
        }
        values = {label: [1.0] * len(row) for label, row in epochs.items()}
        return _make(values, claims, epochs=epochs, ended=ended, base=base)

    asked = [(replace(one, metric="epochs"), *rest) for one, *rest in TWO_SIDES]
    draw, cases = np.random.default_rng(1), []
    for i, means in enumerate([(30, 45, 50, 55), (40, 42, 40, 41)]):
        epochs = {
            label: np.minimum(budget, mean * draw.lognormal(0, 0.2, SEEDS)).astype(int).tolist()
            for label, mean in zip("abcd", means, strict=True)
        }
        epochs["b"][0] = budget  # so that also few seeds have one that did not get there
        cases += _asked(tmp_path / f"{i}", epochs, asked, make)
    _check(cases, 50)


def test_further_seeds_keep_mean_and_spread_or_come_in_turn(tmp_path):
    claims = [TWO_SIDES[0][0], MORE[3][0]]
    values = _draw(a=0.8, b=0.85)
    numbers = _numbers(_make(values, claims), tmp_path / "t")["better"]
    gains = np.log(values["b"] / values["a"])
    t = gains.mean() / (gains.std(ddof=1) / np.sqrt(20))
    ((_, p, *_),) = _found([(numbers | {"others": [[], []]}, 1.2, 20)])
    assert p == pytest.approx(2 * stats.t.sf(abs(t), 19))

    failed = _errors()[-1]
    few = {label: row[:5] for label, row in failed.items()}  # which have no test
    twice = {label: row + row for label, row in few.items()}
    for values, more in ((failed, {k: v + v[:3] for k, v in failed.items()}), (few, twice)):
        numbers = _numbers(_make(values, claims), tmp_path / "r")
        told = [numbers[one.id] | {"others": [[], []]} for one in claims]
        found = _found([(one, one["margin"], len(more["a"])) for one in told])
        for (_, p, *_), expected in zip(found, judge(_make(more, claims)), strict=True):
            assert p == pytest.approx(expected.outcome.p)


def test_the_page_gives_back_the_verdicts_of_its_tables(tmp_path):
    told = [
        (one, row["verdict"])
        for folder in everything(tmp_path)
        for results in [read_results(folder)]
        for one, row in zip(explorable(results), results.verdicts, strict=True)
    ]
    movable = [(one, verdict) for one, verdict in told if "whyNot" not in one]
    assert len(movable) > 15
    found = _found([(one, one["margin"], one["seeds"]) for one, _ in movable])
    assert [verdict for verdict, *_ in found] == [verdict for _, verdict in movable]
    assert all(one["whyNot"] for one, _ in told if "whyNot" in one)


def test_where_a_verdict_flips_it_is_another_on_the_other_side(tmp_path):
    one, name, _ = TWO_SIDES[0]
    values = _errors()[1]
    numbers = _numbers(_make(values, [one]), tmp_path)["better"]
    ((at, verdict),) = _run(FLIP, [(numbers, 1.2, SEEDS, [1.15, 1.1, 1.05, 1.001])])
    sides = [judge(_make(values, [_moved(one, name, at * by - 1)])) for by in (1 + 1e-9, 1 - 1e-9)]
    assert [side[0].verdict for side in sides] == ["refuted", verdict]
    assert verdict == "undecided"
