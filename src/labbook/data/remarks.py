"""What is odd about a data set, in sentences for people: nothing is refused for it."""

from collections.abc import Iterator, Mapping

import numpy as np

from labbook.data.csv_file import some
from labbook.data.kinds.table import all_numbers
from labbook.data.numbers import Numbers, constant, still_parts
from labbook.data.splits import PARTS
from labbook.wording import count

MANY_CLASSES = 30  # numbers as classes: more of them may be a quantity

Splits = Mapping[int, Mapping[str, np.ndarray]]  # by seed, as `fit_seed` gives them


def remarks(numbers: Numbers, splits: Splits, stratified: bool) -> tuple[str, ...]:
    """All that there is to say, of the data as a whole and of these splits."""
    if numbers.task == "classification":
        return (*_quantity(numbers), *_rare(numbers, stratified), *_narrow(numbers, splits))
    return tuple(_still(numbers, splits))


def _quantity(numbers: Numbers) -> Iterator[str]:
    many = len(numbers.classes) > MANY_CLASSES
    if numbers.kind == "table" and many and all_numbers(numbers.classes):
        yield (
            f"{numbers.target_name} has {len(numbers.classes)} classes, all of them numbers. If it "
            "is a quantity, set `task: regression`."
        )


def _rare(numbers: Numbers, stratified: bool) -> Iterator[str]:
    """Classes with too few rows for every part."""
    free = len(numbers.target) - numbers.fixed
    parts = PARTS - bool(numbers.fixed)
    rows = np.bincount(numbers.target[:free], minlength=len(numbers.classes))
    rare = [name for name, n in zip(numbers.classes, rows, strict=True) if n < parts]
    if rare:
        text = f"{count(len(rare), 'class', 'classes')} with fewer than {parts} rows: {some(rare)}."
        how = "one row is trained on, and chance decides about another"
        yield f"{text} Of each, {how}." if stratified else text


def _narrow(numbers: Numbers, splits: Splits) -> Iterator[str]:
    """Parts with fewer rows than there are classes."""
    first = next(iter(splits.values()), {})
    for part, words in (("train", "training"), ("valid", "validation"), ("test", "test")):
        if part in first and len(first[part]) < len(numbers.classes):
            yield (
                f"The {words} part has {count(len(first[part]), 'row')} for "
                f"{len(numbers.classes)} classes: it cannot have all of them in one seed."
            )


def _still(numbers: Numbers, splits: Splits) -> Iterator[str]:
    """A target that does not vary where it is learned from."""
    name, target = numbers.target_name, numbers.target
    if constant(target):
        yield (
            f"{name} is {np.median(target):.6g} in all {len(target):,} rows: there "
            "is nothing to learn, and R2 has no value."
        )
        return
    still = still_parts(target, (split["train"] for split in splits.values()))
    if still:
        yield (
            f"{name} does not vary in the training part of {still} of {count(len(splits), 'seed')}:"
            " nothing can be learned there, and a target that does not vary is not scaled."
        )
