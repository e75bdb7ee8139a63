"""What the rows to be predicted are called in the table of predictions."""

from collections.abc import Sequence

import numpy as np

from labbook.data.reading.names import some
from labbook.data.table_file import TableFile
from labbook.params.tables import Table

PLAIN = "id"  # the column's name where rows are numbered


def candidates(dataset: Table, names: Sequence[str]) -> list[str]:
    """Columns of a file with these names that may say what its rows are called."""
    if dataset.id is not None:
        return [dataset.id]
    return [name for name in dataset.drop if name in names]


def identifiers(dataset: Table, rest: TableFile) -> tuple[str, tuple[str, ...], list[str]]:
    """The column's name for people, each row's identifier, and what there is to say about it.

    Without `id` it is the dropped column whose values are all different, if there is just one.
    """
    if dataset.id is not None:
        return rest.written[dataset.id], tuple(rest.texts[dataset.id]), []
    named = candidates(dataset, list(rest.texts))
    unique = [name for name in named if _names_rows(rest.texts[name])]
    if len(unique) == 1:
        return rest.written[unique[0]], tuple(rest.texts[unique[0]]), []
    numbers = tuple(map(str, range(rest.rows)))
    if not named:
        return PLAIN, numbers, []
    which = f"{some(unique)} are all" if unique else f"{some(named)} is not"
    sentence = (
        f"{rest.source}: its rows are numbered from 0 in the table of predictions: of the columns "
        f"under `drop` {which} different in every row. Set `id` to the column that names them."
    )
    return PLAIN, numbers, [sentence]


def _names_rows(texts: np.ndarray) -> bool:
    """Whether every row has a text of its own."""
    return len(set(texts)) == len(texts) and "" not in texts
