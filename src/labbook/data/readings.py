"""What is odd about a table as it is read, before there is a split: sentences for people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from labbook.data.columns import Encoding
from labbook.data.encodings import empty_fields
from labbook.data.reading.names import some
from labbook.data.spelling import spellings, written_alike
from labbook.data.table_file import TableFile
from labbook.data.target import all_numbers, unseen_classes
from labbook.params.tables import Table
from labbook.wording import count

FEW_LEVELS = 10  # numbers as categories: up to here they are as likely codes


def told(
    dataset: Table, encodings: Sequence[Encoding], parts: Sequence[TableFile]
) -> Iterator[str]:
    """All that there is to say of the columns and of files of fixed rows."""
    yield from unseen_classes(dataset.target, parts)
    for one in encodings:
        if one.kind == "category":
            yield from _of_category(dataset, one, parts)


def _of_category(dataset: Table, one: Encoding, parts: Sequence[TableFile]) -> Iterator[str]:
    name = one.name
    if groups := written_alike(one.levels):
        yield (
            f"{name} has categories that differ only in how they are written, and count as "
            f"different: {spellings(groups)}. Write each in one way."
        )
    known = set(parts[0].texts[name])
    for part in parts[1:]:
        unseen = Counter(text for text in part.texts[name] if text and text not in known)
        if unseen:
            yield (
                f"{part.source}: {count(sum(unseen.values()), 'row')} with a category of {name} "
                f"that {parts[0].source} lacks ({some(sorted(unseen))}), which tells a model "
                "nothing."
            )
    if len(one.levels) > FEW_LEVELS and all_numbers(one.levels):
        yield (
            f"{name} has {len(one.levels)} categories, all of them numbers. If it is a quantity, "
            "take it out of `categorical`."
        )
    empty = sum(empty_fields(part, name) for part in parts)
    if empty and not one.indicator and not one.filled:
        yield (
            f"{name}: {count(empty, 'empty field')} are none of its categories. Set "
            f"`missing_category: own` to make them one; or, if NA or None is a value there, "
            f"`missing_marks: {{{name}: []}}`."
        )
