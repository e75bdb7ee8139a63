"""`labbook check`: is params.yaml right?"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labbook.data.kinds import KINDS
from labbook.errors import LabbookError, texts_of
from labbook.params.datasets import Dataset
from labbook.params.engines import left_to_torch
from labbook.params.load import VARIABLE, params_path, read_params, refusal
from labbook.params.messages import Mistake
from labbook.params.over_datasets import told_once
from labbook.params.rounds import Rounds
from labbook.paths import leads_outside
from labbook.plan.plan import Plan, make_plan
from labbook.provenance.dvc_records import TRACKED, way_to
from labbook.wording import count, listing

if TYPE_CHECKING:
    from labbook.data.numbers import Numbers
    from labbook.data.remarks import Splits

HELP = "Validate params.yaml; all mistakes at once."


def run(options: argparse.Namespace) -> None:
    """Validate params.yaml, and what it says of expressions, local tables and their columns.

    Raises `LabbookError` with all mistakes that can be known before anything is made.
    """
    reading = read_params(params_path())
    plan = make_plan(reading.sound)
    mistakes, remarks = check_data(plan, plan.params.datasets)
    if mistakes := [*reading.mistakes, *mistakes]:
        raise refusal(reading.source, mistakes)
    for line in [*said(plan), *remarks]:
        print(line)


def said(plan: Plan) -> Iterator[str]:
    """What a file without a mistake has in it, and what is not as usual about it."""
    params = plan.params
    recipes = [run.recipe for run in plan.runs.values()]
    combinations = sum(len(study.combinations) for study in plan.studies.values())
    yield (
        f"{params_path()}: valid. {count(len(plan.studies), 'study', 'studies')}, "
        f"{count(combinations, 'combination')}, {count(len(plan.runs), 'run')} in "
        f"{count(len(plan.packs), 'pack')}{_tunings(plan)}."
    )
    if params_path().resolve() != TRACKED.resolve():  # DVC would do nothing, without a word
        yield f"That file is read as {VARIABLE} is set to it; `dvc` reads {TRACKED} all the same."
    yield from left_to_torch(params.engine, params.device, recipes)
    yield from _without_a_claim(plan)


def _without_a_claim(plan: Plan) -> Iterator[str]:
    """Studies whose seeds are in rounds, though nothing asks for those of later ones."""
    given = plan.params.seeds
    idle = [
        f"{study.name} ({len(study.seeds)})"
        for study in plan.studies.values()
        if isinstance(study.block.seeds or given, Rounds) and not study.claims
    ]
    if idle:
        yield (
            "No claim asks for the seeds of later rounds, so these train the first ones alone: "
            f"{listing(idle)}. Write a claim, or a fixed number of seeds."
        )


def _tunings(plan: Plan) -> str:
    """How many tunings there are, and how many steps they have together."""
    if not plan.tunings:
        return ""
    steps = sum(tuning.size for tuning in plan.tunings.values())
    return f"; {count(len(plan.tunings), 'tuning')} in {count(steps, 'step')}"


def check_data(plan: Plan, names: Iterable[str]) -> tuple[list[Mistake], list[str]]:
    """What cannot be, of the expressions and tables of these data sets, and what is odd there."""
    mistakes: list[Mistake] = []
    remarks: list[str] = []
    for name in names:
        dataset = plan.params.datasets[name]
        if wrong := list(_check_source(name, dataset)):
            mistakes += wrong
            continue
        try:
            wrong, odd = _check_numbers(plan, name)
        except LabbookError as error:
            mistakes += [Mistake(("datasets", name), text) for text in texts_of(error)]
        else:
            mistakes += wrong
            remarks += [f"datasets.{name}: {text}" for text in odd]
    return told_once(plan.params, mistakes), remarks


def _check_source(name: str, dataset: Dataset) -> Iterator[Mistake]:
    """Settings in a language of their own that say nothing, and an absent file of one's own."""
    for setting, read in KINDS[dataset.kind].languages.items():
        try:
            read(getattr(dataset, setting))
        except LabbookError as error:
            yield Mistake(("datasets", name, setting), str(error))
    for path in map(Path, dataset.own_files.values()):
        at = ("datasets", name, dataset.setting_of(str(path)))
        if not (path.exists() if dataset.has_images else path.is_file()):
            what = "file or folder" if dataset.has_images else "file"
            text = f"no {what} {path} in {Path.cwd()}; a path is seen from the folder of "
            yield Mistake(at, f"{text}params.yaml. {way_to(str(path))}".strip())
        elif leads_outside(path):
            text = f"{path} leads out of this folder by a link, and a study's data belong to it. "
            yield Mistake(at, text + "Put a copy of the file itself there.")


def _check_numbers(plan: Plan, name: str) -> tuple[list[Mistake], Sequence[str]]:
    """What combinations ask of a data set in vain, and what is odd about it.

    Raises `LabbookError` where the table does not hold what the block says, or has too few rows.
    """
    from labbook.data.prepare import split_seed, stratified
    from labbook.data.remarks import remarks

    dataset = plan.params.datasets[name]
    numbers, odd = KINDS[dataset.kind].preview(dataset)
    if numbers is None:
        return [], odd
    splits = {seed: split_seed(dataset, numbers, seed) for seed in plan.seeds_of(name)}
    mistakes = list(_missing_columns(plan, name, numbers, splits))
    mistakes += _thresholds(plan, name, numbers)
    if splits:
        odd = [*remarks(numbers, splits, stratified(dataset, numbers)), *odd]
    return mistakes, odd


def _thresholds(plan: Plan, dataset: str, numbers: "Numbers") -> Iterator[Mistake]:
    """Thresholds that are asked for of more than two classes."""
    for name, study in plan.studies.items():
        several = len(numbers.classes) > 2 and study.dataset == dataset
        if several and study.block.threshold:
            text = f"is for two classes, and the data have {len(numbers.classes)}; leave it out."
            yield Mistake(("studies", name, "threshold"), text)


def _missing_columns(
    plan: Plan, dataset: str, numbers: "Numbers", splits: "Splits"
) -> Iterator[Mistake]:
    """Combinations that ask for what a data set does not have, one of each kind."""
    from labbook import models
    from labbook.data.select import check_features, check_training_rows

    for name, study in plan.studies.items():
        seen: set[str] = set()
        for combination in study.combinations if study.dataset == dataset else ():
            features = combination.recipe.features
            try:
                check_features(features, numbers)
                if numbers.kind == "images":  # which may be too small for the poolings
                    shape = (1, *numbers.features.shape[1:])
                    models.build(combination.recipe.model, shape, len(numbers.classes))
                for seed in study.seeds:
                    target = numbers.target[splits[seed]["train"]]
                    check_training_rows(features.method, target, seed, numbers.table)
            except LabbookError as error:
                if str(error) not in seen:
                    seen.add(str(error))
                    yield Mistake(("studies", name, "vary"), f"with {combination.label}: {error}")
