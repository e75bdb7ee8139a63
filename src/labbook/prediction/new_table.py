"""The columns of a new file that a champion needs, read as training read them."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from labbook.data.columns import Encoding, needed
from labbook.data.reading.names import names_like, some
from labbook.data.table_file import TableFile, read_table
from labbook.errors import LabbookError
from labbook.params.tables import Form
from labbook.prediction.champion import Champion
from labbook.wording import count

T = TypeVar("T")
SHOWN = 8  # columns or classes named in one sentence


def refuse_missing(
    champion: Champion, wanted: Sequence[str], names: Sequence[str], source: str
) -> None:
    """Raise `LabbookError` where a column is not there that the model looks at."""
    missing = [name for name in wanted if name not in names]
    if not missing:
        return
    by_place = ""
    if not champion.about.rows.form.header:
        by_place = (
            " The file has no header, so columns are known by their place: the target's column has "
            "to be there, too, and may be empty."
        )
    raise LabbookError(
        f"{source}: has no column {missing[0]!r}, which the model looks at"
        f"{f' (nor {some(missing[1:])})' if len(missing) > 1 else ''}. "
        f"{names_like(missing[0], list(names))}{by_place}{_as_read(champion.about.rows.form)} "
        "Nothing was written."
    )


def _as_read(form: Form) -> str:
    """A sentence on how the file was read, where that is not as it usually is."""
    usual = Form()
    told = [
        f"{name}: {value!r}"
        for name, value in form
        if name in ("delimiter", "encoding", "skip_lines", "comment", "sheet")
        and value != getattr(usual, name)
    ]
    return f" It was read like the study's file ({', '.join(told)})." if told else ""


def others(champion: Champion, names: Sequence[str]) -> list[str]:
    """A sentence on columns that the model has never heard of."""
    known = {one.name for one in champion.encodings}
    known |= {champion.about.rows.target, champion.about.preprocessing.target}
    others = [name for name in names if name not in known and name != champion.about.rows.id]
    if not others:
        return []
    return [f"not used, since the model was trained without: {few_names(others)}."]


def few_names(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def read_columns(
    champion: Champion,
    path: Path,
    used: Sequence[Encoding],
    names: Sequence[str],
    told: list[str],
) -> TableFile:
    """The columns that are needed; with the target where it is there and can be read."""
    about = champion.about
    numbers, texts = needed(used)
    if about.rows.id in names and about.rows.id is not None:
        texts.append(about.rows.id)
    form, source, target = about.rows.form, str(path), about.preprocessing.target
    if target not in names:
        return _features_alone(path, champion, numbers, texts)
    of_classes = about.task == "classification"
    more = ([*numbers], [*texts, target]) if of_classes else ([*numbers, target], [*texts])
    try:
        return read_table(path, form, numbers=more[0], texts=more[1], source=source)
    except LabbookError as error:
        table = _features_alone(path, champion, numbers, texts)
        told.append(f"the target's column is not looked at: {error}")
        return table


def _features_alone(
    path: Path, champion: Champion, numbers: Sequence[str], texts: Sequence[str]
) -> TableFile:
    form, source = champion.about.rows.form, str(path)
    return as_trained(lambda: read_table(path, form, numbers=numbers, texts=texts, source=source))


def as_trained(step: Callable[[], T]) -> T:
    """What `step` gives; to what it refuses is added that no setting can be changed here."""
    try:
        return step()
    except LabbookError as error:
        raise LabbookError(
            f"{error} For a prediction the settings are those that the model was trained with: "
            "correct the file, or leave such fields empty. Nothing was written."
        ) from error


def target_of(champion: Champion, table: TableFile, told: list[str]) -> np.ndarray | None:
    """The target (rows,) as the data set has it, NaN or -1 where unknown; None without one."""
    name = champion.about.preprocessing.target
    if name in table.numbers:
        values = table.numbers[name]
        return values if np.isfinite(values).any() else None
    if name not in table.texts:
        return None
    return numbers_of_classes(champion, table.texts[name].tolist(), told)


def numbers_of_classes(
    champion: Champion, texts: Sequence[str], told: list[str]
) -> np.ndarray | None:
    """Class numbers (rows,), -1 where unknown; None where no row has one. Unknown ones are told."""
    number = {label: place for place, label in enumerate(champion.classes)}
    values = np.fromiter((number.get(text, -1) for text in texts), np.int64, len(texts))
    unknown = Counter(text for text in texts if text and text not in number)
    if unknown:
        told.append(
            f"{count(unknown.total(), 'row')} of classes that the model does not know: "
            f"{few_names(sorted(unknown))}."
        )
    return values if (values >= 0).any() else None
