"""Labels that differ only in how they are written: blanks, capitals, a full stop."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

SHOWN = 6  # groups in one message


def written_alike(labels: Iterable[str]) -> list[list[str]]:
    """Groups of labels that people would read as one, each sorted; in the order of the first."""
    groups: dict[str, list[str]] = defaultdict(list)
    for label in sorted(set(labels)):
        groups[as_read(label)].append(label)
    return [group for group in groups.values() if len(group) > 1]


def as_read(label: str) -> str:
    """What is left of a label without blanks, capitals and a full stop at its end.

    Of a number its value: 1, 1.0 and 01 are one.
    """
    with suppress(ValueError):
        return repr(float(label))
    return "".join(label.casefold().split()).rstrip(".") or label


def spellings(groups: list[list[str]]) -> str:
    """Such groups in a sentence: 'yes' and 'Yes'; 'no' and 'no.'."""
    shown = "; ".join(" and ".join(repr(label) for label in group) for group in groups[:SHOWN])
    return shown + (f" and {len(groups) - SHOWN} more" if len(groups) > SHOWN else "")
