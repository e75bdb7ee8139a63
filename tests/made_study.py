"""A made study: run files with given metrics, and a data set that is held in memory."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from labbook.evaluate.claims.judge import judge
from labbook.evaluate.study_runs import StudyRuns, read_study_runs
from labbook.models import build, forward
from labbook.models.initialisation import initial_weights
from labbook.models.losses import predictions as log_probabilities
from labbook.params.claims import Claim
from labbook.params.combinations import Combination
from labbook.params.models import Mlp
from labbook.params.studies import Recipe, Study
from labbook.plan.studies import ClaimPlan, StudyPlan
from labbook.training.runfile import DIVERGED, STOPPED, RunRecord, run_path, write_run

ROWS, COLUMNS = 30, 3
CLASSES = ("cat", 'dog, "big"', "cow")


@dataclass
class FakePrepared:
    """What labbook.data.prepared.Prepared offers, over random numbers."""

    task: str = "regression"
    edition: str = "real"
    columns: int = COLUMNS
    unlabelled_rows: int = 0
    mean: float = 10.0  # of the target
    kind = "table"
    target_name = "cases.2"
    target_column = "cases"
    id_column = "id"
    log_target = False
    remarks = ()
    encodings = ()

    def __post_init__(self):
        draw = np.random.default_rng(1)
        self.feature_names = tuple(f"x{i}" for i in range(self.columns))
        self.features = draw.normal(5, 2, (ROWS, self.columns))
        self.classes = CLASSES if self.task == "classification" else ()
        self.target = draw.normal(10, 3, ROWS)
        if self.task == "classification":
            self.target = np.arange(ROWS) % 3
        self.unlabelled = None
        if self.unlabelled_rows:
            self.unlabelled = draw.normal(5, 2, (self.unlabelled_rows, self.columns))
        self.unlabelled_ids = tuple(f"n,{i}" for i in range(self.unlabelled_rows))

    def split(self, seed):
        order = np.random.default_rng(seed).permutation(ROWS).astype(np.int32)
        train, valid, test = np.sort(order[:18]), np.sort(order[18:25]), np.sort(order[25:])
        x = self.features[train]
        numbers = {"target_mean": self.mean, "target_scale": 2.0}
        return SimpleNamespace(
            train=train, valid=valid, test=test, mean=x.mean(0), scale=x.std(0),
            fill=np.median(x, 0), **numbers,
        )  # fmt: skip

    def part(self, seed, part, columns):
        split = self.split(seed)
        x = self.unlabelled if part == "unlabelled" else self.features[getattr(split, part)]
        return self.inputs_of(x, seed, columns), None

    def inputs_of(self, features, seed, columns=None):
        split = self.split(seed)
        x = (features - split.mean) / split.scale
        x = x if columns is None else x[:, columns]
        return x.astype(np.float32)

    def original(self, y, seed):
        return y * 2.0 + self.mean

    def in_network_units(self, y, seed):
        return (y - self.mean) / 2.0


def recipe(**settings):
    block = {
        "dataset": "made", "model": {"kind": "mlp", "hidden": [4]},
        "optimizer": {"kind": "adam", "rate": 0.01}, "training": {"batch": "all", "epochs": 50},
    }  # fmt: skip
    return Recipe.model_validate(block | settings)


def claim(
    better=None,
    than=None,
    metric="valid_mse",
    name="c1",
    sentence="It is better.",
    sides=None,
    **test,
):
    """A claim about combinations by their labels, each of one letter: "ab" are two."""
    sides = tuple(map(tuple, (better, than) if sides is None else sides))
    if not {*test} & {"order", "alike", "matters", "share", "level", "exact"}:
        test = {"better": {"x": 1}, "than": {"x": 2}} | test
    block = Claim.model_validate({"id": name, "sentence": sentence, "reported": "1.0"} | test)
    return ClaimPlan(name, sentence, "1.0", metric, block.form, sides, block)


def made_run(prepared, run_id, seed, value, task, epochs=20, whole=True):
    """A run whose metrics follow from `value`; None for one that diverged.

    Unless `whole` it has no weights and predictions, which take their time.
    """
    names = ("mse", "mae", "r2") if task == "regression" else ("accuracy", "cross_entropy")
    metrics = {
        f"{part}_{name}": float("nan") for part in ("train", "valid", "test") for name in names
    }
    if value is None:
        curves = {"train_loss": np.array([1.0, np.nan]), "valid_loss": np.array([1.0, np.inf])}
        return RunRecord(run_id, {"seed": seed}, DIVERGED, 2, 0, metrics, curves=curves)
    shift = {"train": -0.01, "valid": 0.0, "test": 0.02}
    metrics = {name: value + shift[name.split("_")[0]] for name in metrics}
    layers = (("linear", (1,), prepared.columns + 1),)
    falling = np.geomspace(10, value if value > 0 else 1, epochs)
    curves = {"train_loss": falling * 0.9, "valid_loss": falling, "rate": falling * 0 + 0.01}
    if not whole:
        return RunRecord(
            run_id, {"seed": seed}, STOPPED, epochs, epochs - 5, metrics, layers=layers,
            curves=curves,
        )  # fmt: skip
    outputs = 1 if task == "regression" else len(CLASSES)
    network = build(Mlp(hidden=[4]), (prepared.columns,), outputs)
    weights = initial_weights(network, seed)
    predictions = {}
    for part in ("valid", "test", "unlabelled"):
        if part == "unlabelled" and prepared.unlabelled is None:
            continue
        given = forward(network, weights, prepared.part(seed, part, None)[0])
        found = log_probabilities(given, task)
        predictions[part] = prepared.original(found, seed) if task == "regression" else found
    layers = (("linear", (outputs,), outputs * (prepared.columns + 1)),)
    return RunRecord(
        run_id, {"seed": seed}, STOPPED, epochs, epochs - 5, metrics, layers=layers,
        curves=curves,
        weights=weights,
        predictions=predictions,
    )  # fmt: skip


def make_study(folder: Path, values, **options):
    """`made_results` as read from run files in `folder`."""
    made = made_results(values, whole=True, **options)
    for place, run_id in made.study.runs.items():
        write_run(run_path(folder, run_id), made.records[place])
    return read_study_runs(made.study, made.prepared, made.selections, folder)


def made_results(
    values, *, claims=(), metric=None, task="regression", edition="real",
    settings=None, prepared=None, selections=None, epochs=20, base=None, ended=None, vary=None,
    whole=False,
):  # fmt: skip
    """StudyRuns of runs with these values, without files: {label: [of seed 0, of seed 1, ...]}.

    `base` is the recipe of all combinations, or of each by its label.
    """
    prepared = prepared or FakePrepared(task, edition)
    seeds = tuple(range(len(next(iter(values.values())))))
    names = {label: f"{i:02d}" for i, label in enumerate(values)}
    runs = {(label, seed): f"{names[label]}{seed:04d}" for label in values for seed in seeds}
    records = {}
    for (label, seed), run_id in runs.items():
        length = epochs[label][seed] if isinstance(epochs, dict) else epochs
        record = made_run(prepared, run_id, seed, values[label][seed], task, length, whole)
        if ended:
            how = ended[label]
            record = replace(record, ended=how if isinstance(how, str) else how[seed])
        records[label, seed] = record
    default = "valid_mse" if task == "regression" else "valid_accuracy"
    block = {"question": "Which?", "recipe": "made", "vary": vary or {"optimizer.rate": [0.1]}}
    settings = settings or {label: {"optimizer.rate": 0.1} for label in values}
    recipes = base if isinstance(base, dict) else dict.fromkeys(values, base or recipe())
    study = StudyPlan(
        name="made", block=Study.model_validate(block), dataset="made", task=task,
        combinations=tuple(Combination(name, settings[name], recipes[name]) for name in values),
        seeds=seeds, runs=runs, reference=next(iter(values)), metric=metric or default,
        claims=tuple(claims),
    )  # fmt: skip
    return StudyRuns(study, prepared, selections or {}, Path("nowhere"), records)


def judged(values, *claims, **options):
    """What `judge` makes of claims about runs with these values, as `made_results` makes them."""
    return judge(made_results(values, claims=claims, **options))
