"""What is odd about a data set, in sentences for people: nothing is refused for it."""

from collections.abc import Iterator, Mapping

import numpy as np

from labbook.data.column_remarks import column_remarks
from labbook.data.numbers import Numbers, constant, still_parts
from labbook.data.reading.names import some
from labbook.data.row_remarks import row_remarks
from labbook.data.splits import PART_COUNT
from labbook.data.target import all_numbers
from labbook.wording import count

MANY_CLASSES = 30  # numbers as classes: more of them may be a quantity

Splits = Mapping[int, Mapping[str, np.ndarray]]  # by seed, as `fit_seed` gives them


def remarks(numbers: Numbers, splits: Splits, stratified: bool) -> tuple[str, ...]:
    """All that there is to say, of the data as a whole and of these splits."""
    sentences = list(numbers.told)
    if numbers.task == "classification":
        sentences += _of_classes(numbers, splits, stratified)
    else:
        sentences += _of_quantities(numbers, splits)
    if numbers.encodings:  # a file's columns
        sentences += [*column_remarks(numbers), *row_remarks(numbers, splits)]
    return tuple(sentences)


def _of_classes(numbers: Numbers, splits: Splits, stratified: bool) -> Iterator[str]:
    """Numbers that are hardly classes, classes with few rows, parts with few rows."""
    names = numbers.classes
    if numbers.kind == "table" and len(names) > MANY_CLASSES and all_numbers(names):
        yield (
            f"{numbers.target_name} has {len(names)} classes, all of them numbers. If it "
            "is a quantity, set `task: regression`."
        )
    free = len(numbers.target) - numbers.fixed - numbers.fixed_valid
    parts = PART_COUNT - bool(numbers.fixed) - bool(numbers.fixed_valid)
    rows = np.bincount(numbers.target[:free], minlength=len(names))
    rare = [name for name, n in zip(names, rows, strict=True) if 0 < n < parts]
    if rare:
        text = f"{count(len(rare), 'class', 'classes')} with fewer than {parts} rows: {some(rare)}."
        how = "one row is trained on, and chance decides about another"
        yield f"{text} Of each, {how}." if stratified else text
    first = next(iter(splits.values()), {})
    for part, words in (("train", "training"), ("valid", "validation"), ("test", "test")):
        if part in first and len(first[part]) < len(names):
            yield (
                f"The {words} part has {count(len(first[part]), 'row')} for "
                f"{len(names)} classes: it cannot have all of them in one seed."
            )


def _of_quantities(numbers: Numbers, splits: Splits) -> Iterator[str]:
    """A target that does not vary where it is learned from."""
    name, target = numbers.target_name, numbers.target
    if constant(target):
        yield (
            f"{name} is {np.median(target):.6g} in all {len(target):,} rows: there "
            "is nothing to learn, and R2 has no value."
        )
    elif still := still_parts(target, (split["train"] for split in splits.values())):
        yield (
            f"{name} does not vary in the training part of {still} of {count(len(splits), 'seed')}:"
            " nothing can be learned there, and a target that does not vary is not scaled."
        )
