"""What to try next: each suggestion, pasted into params.yaml, is accepted and does what it says."""

import io
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from ruamel.yaml import YAML

from labbook.evaluate.choice import Choice
from labbook.evaluate.curves.diagnosis import Diagnosis
from labbook.evaluate.curves.mean_curves import CurveShape
from labbook.evaluate.next.edges import next_value, ways
from labbook.evaluate.next.suggestions import Evidence, suggest, suggestion_entries
from labbook.evaluate.statistics.power import MOST_SEEDS
from labbook.params.load import load_params
from labbook.plan.plan import make_plan
from tests.conftest import ROOT

PLAIN = YAML(typ="safe", pure=True)
COLUMNS = 88


class Case:
    """A study of the shipped params.yaml with some results, and what is suggested."""

    def __init__(self, folder, block, recipe=None):
        self.path = folder / "params.yaml"
        self.document = PLAIN.load((ROOT / "params.yaml").read_text())
        self.document["recipes"]["covid"].update(recipe or {})
        block = {"question": "Which?", "recipe": "covid", **block}
        self.document["studies"] = {"case": block}
        self.plan = self.load()

    def load(self):
        buffer = io.StringIO()
        YAML(typ="safe", pure=True).dump(self.document, buffer)
        self.path.write_text(buffer.getvalue())
        return make_plan(load_params(self.path)).studies["case"]

    def results(self):
        labels = {one.label: one for one in self.plan.combinations}
        prepared = SimpleNamespace(features=np.zeros((10, COLUMNS)))
        return SimpleNamespace(study=self.plan, prepared=prepared, combinations=labels)

    def evidence(self, best=None, judged=(), unfinished=()):
        choice = None
        if best is not None:
            matching = (
                c.label for c in self.plan.combinations if best.items() <= c.settings.items()
            )
            choice = Choice(next(matching), 0)
        found = [
            Diagnosis(c.label, "unfinished" if i in unfinished else "good", CurveShape(8, 0, 0))
            for i, c in enumerate(self.plan.combinations)
        ]
        return Evidence(self.results(), choice, judged, found)

    def paste(self, evidence):
        """The plan of the study once every suggestion is pasted, one after the other."""
        for entry in suggestion_entries(evidence):
            [(name, settings)] = PLAIN.load(entry["yaml"])["studies"].items()
            assert name == "case"
            assert entry["reason"].endswith(".")
            self.document["studies"]["case"].update(settings)
            self.load()  # each by itself is accepted
        self.plan = self.load()
        return self.plan


def judgement(name, more, verdict="undecided"):
    return SimpleNamespace(claim=SimpleNamespace(id=name), fresh_seeds=more, verdict=verdict)


def values(plan, path):
    return list(dict.fromkeys(repr(c.settings[path]) for c in plan.combinations))


EDGES = [
    # path, values, the best, the value that is added
    ("optimizer.rate", [0.1, 0.01, 0.001, 0.0001], 0.1, 1.0),
    ("optimizer.rate", [0.1, 0.01, 0.001, 0.0001], 0.0001, 1e-5),
    ("optimizer.rate", [0.1, 0.01, 0.001], 0.01, None),
    ("training.batch", [32, 64, 128], 128, 256),
    ("training.batch", [128, 64, 32], 32, 16),
    ("features.k", [16, 20, 24], 24, 28),
    ("features.k", [60, 70, 80], 80, None),  # there are 88 columns
    ("features.k", [1, 3], 1, None),
    ("optimizer.weight_decay", [0, 0.001, 0.1], 0, None),
    ("model.dropout", [0.0, 0.5], 0.5, None),
    ("model.dropout", [0.0, 0.2, 0.4], 0.4, 0.6),
    ("model.hidden", [[16], [64, 64]], [64, 64], [128, 128]),
    ("model.hidden", [[16, 8], [64, 64]], [16, 8], [8, 4]),
    ("model.hidden", [[16], [32], [64, 64]], [32], None),
    ("model.batch_norm", [False, True], True, None),
    ("model.activation", ["relu", "tanh"], "tanh", None),
    ("optimizer.kind", ["sgd", "adam"], "adam", None),
]


@pytest.mark.parametrize(("path", "tried", "best", "added"), EDGES)
def test_beyond_the_edge(tmp_path, path, tried, best, added):
    case = Case(tmp_path, {"vary": {path: tried}})
    evidence = case.evidence({path: best})
    assert len(suggest(evidence)) == (added is not None)
    size = sum if isinstance(best, list) else float
    way = 0 if added is None else int(np.sign(size(added) - size(best)))
    assert ways(evidence.results, evidence.choice) == (
        {path.rpartition(".")[2]: way} if way else {}
    )
    after = values(case.paste(evidence), path)
    assert after == [repr(v) for v in [*tried, *([added] if added is not None else [])]]


def test_an_edge_of_a_block_that_the_best_recipe_lacks(tmp_path):
    block = {"recipe": "digits", "vary": {"training.augment.mixup": [0.0, 0.2]}}
    assert suggest(Case(tmp_path, block).evidence({"training.augment.mixup": 0.0})) == []


def test_two_edges_are_one_suggestion(tmp_path):
    block = {"vary": {"optimizer.rate": [0.01, 0.001], "training.batch": [64, 128]}}
    case = Case(tmp_path, block)
    evidence = case.evidence({"optimizer.rate": 0.01, "training.batch": 128})
    [one] = suggest(evidence)
    assert "optimizer.rate 0.01 (try 0.1), training.batch 128 (try 256)" in one.reason
    assert len(case.paste(evidence).combinations) == 9


def test_lists_of_settings_and_studies_without_a_best_have_no_edge(tmp_path):
    case = Case(tmp_path, {"vary": [{"optimizer.rate": 0.1}, {"optimizer.rate": 0.01}]})
    assert suggest(case.evidence({"optimizer.rate": 0.1})) == []
    case = Case(tmp_path, {"vary": {"optimizer.rate": [0.1, 0.01]}})
    assert suggest(case.evidence(None)) == []


def test_drawn_ranges_grow_at_the_end_where_the_best_is(tmp_path):
    rate = {"low": 1e-4, "high": 1e-2, "log": True}
    batch = {"low": 16, "high": 256, "log": True, "whole": True}
    block = {"vary": {"sample": 12, "of": {"optimizer.rate": rate, "training.batch": batch}}}
    case = Case(tmp_path, block)
    highest = max(c.settings["optimizer.rate"] for c in case.plan.combinations)
    evidence = case.evidence({"optimizer.rate": highest})
    middle = next(c for c in case.plan.combinations if c.settings["optimizer.rate"] == highest)
    reasons = " ".join(one.reason for one in suggest(evidence))
    assert "drawn anew" in reasons
    of = case.paste(evidence).block.vary.of
    assert of["optimizer.rate"].high == 0.0316
    assert of["optimizer.rate"].low == 1e-4
    [entry] = suggestion_entries(evidence)
    assert "\n        optimizer.rate: {low: 0.0001, high: 0.0316, log: true}" in entry["yaml"]
    at_edge = middle.settings["training.batch"] < 16 * 16**0.1
    assert (of["training.batch"].low < 16) == at_edge
    middling = Case(tmp_path, block)
    rates = sorted(c.settings["optimizer.rate"] for c in middling.plan.combinations)
    between = [
        c.settings for c in middling.plan.combinations
        if c.settings["optimizer.rate"] in rates[2:-2] and 30 < c.settings["training.batch"] < 130
    ]  # fmt: skip
    assert suggest(middling.evidence(dict(between[0]))) == []


def test_seeds_for_claims_that_fresh_seeds_would_decide(tmp_path):
    case = Case(tmp_path, {"vary": {"features.k": [20, 40, 30]}})
    judged = [judgement("A", 5), judgement("B", 17), judgement("C", math.inf), judgement("D", None),
              judgement("E", 9, "supported")]  # fmt: skip
    evidence = case.evidence({"features.k": 30}, judged)
    [one] = suggest(evidence)
    assert one.reason.startswith("Claims A and B are undecided; about 17 fresh seeds, judged by")
    assert case.paste(evidence).seeds == tuple(range(100, 117))


@pytest.mark.parametrize("old", [8, [7, 11], [100, 101, 102], [250, 3], 120])
def test_fresh_seeds_are_others_than_those_that_were_seen(tmp_path, old):
    """At least six, and none of the old ones: those were chosen to be looked at by their result."""
    case = Case(tmp_path, {"vary": {"features.k": [20, 40, 30]}, "seeds": old})
    seen = set(case.plan.seeds)
    evidence = case.evidence({"features.k": 30}, [judgement("A", 3)])
    assert suggest(evidence)[0].reason.startswith("Claim A is undecided; about 6 fresh seeds")
    seeds = case.paste(evidence).seeds
    assert len(seeds) == 6
    assert not seen & set(seeds)


def test_as_many_seeds_are_suggested_as_the_reason_of_a_claim_names(tmp_path):
    """200 are the most that are looked at, and were named but not suggested."""
    case = Case(tmp_path, {"vary": {"features.k": [20, 40, 30]}})
    [one] = suggest(case.evidence({"features.k": 30}, [judgement("A", MOST_SEEDS)]))
    assert len(one.settings["seeds"]) == MOST_SEEDS
    none = [judgement("A", math.inf), judgement("B", 4, "refuted")]
    assert suggest(case.evidence({"features.k": 30}, none)) == []


def test_a_longer_budget_keeps_what_is_set(tmp_path):
    block = {"vary": {"features.k": [20, 40, 30]}, "set": {"optimizer.rate": 0.02}}
    case = Case(tmp_path, block)
    evidence = case.evidence({"features.k": 30}, unfinished=(0, 2))
    [one] = suggest(evidence)
    assert one.reason.startswith("2 combinations were still improving when the budget of 3000")
    recipe = case.paste(evidence).combinations[0].recipe
    assert (recipe.training.epochs, recipe.optimizer.rate) == (6000, 0.02)


def test_a_budget_that_varies_is_not_set_too(tmp_path):
    case = Case(tmp_path, {"vary": {"training.epochs": [500, 1000]}})
    evidence = case.evidence({"training.epochs": 1000}, unfinished=(1,))
    [one] = suggest(evidence)
    assert one.settings == {"vary": {"training.epochs": [500, 1000, 2000]}}
    case.paste(evidence)


def test_all_kinds_pasted_together(tmp_path):
    case = Case(tmp_path, {"vary": {"optimizer.rate": [0.01, 0.001]}})
    evidence = case.evidence({"optimizer.rate": 0.001}, [judgement("A", 4)], unfinished=(0, 1))
    assert len(suggest(evidence)) == 3
    plan = case.paste(evidence)
    assert (len(plan.combinations), len(plan.seeds)) == (3, 6)
    assert plan.combinations[0].recipe.training.epochs == 6000


EXPECTED = """\
studies:
  no:
    vary:
      features.k: [8, 16, 32]
      model.activation: [relu, tanh]
"""


def test_an_odd_name_and_a_text_survive_the_snippet(tmp_path):
    case = Case(tmp_path, {"vary": {"model.activation": ["relu", "tanh"], "features.k": [8, 16]}})
    evidence = case.evidence({"features.k": 16, "model.activation": "tanh"})
    plan = replace(evidence.results.study, name="no")  # YAML 1.1 would read a truth value
    evidence.results.study = plan
    [entry] = suggestion_entries(evidence)
    assert entry["yaml"] == EXPECTED


def test_next_value_needs_two():
    assert next_value([0.1], 0.1) is None
    assert next_value([0.1, 0.1], 0.1) is None
