"""What params.yaml is to say: the lines of a data set, a recipe and a first study."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labbook.starting.column import Column
from labbook.starting.few import FOLDED_ROWS, FOLDS, rare_classes
from labbook.starting.guess import Guess, form_settings
from labbook.starting.study_of import SEEDS, TEST, VALID, Sizes, sizes_of
from labbook.starting.yaml_lines import Line, commented, listed, mapped, setting
from labbook.wording import count, plain

RARE = 5  # categories with fewer rows are pooled


@dataclass(frozen=True)
class Files:
    """The user's files, as params.yaml names them."""

    path: str
    test: str | None = None
    unlabelled: str | None = None


def lines_of(guess: Guess, files: Files, name: str, study: str) -> dict[str, list[Line]]:
    """The lines of all three, by block."""
    return {
        "datasets": dataset_lines(name, guess, files),
        "recipes": recipe_lines(name, name, guess),
        "studies": study_lines(study, name, guess),
    }


def dataset_lines(name: str, guess: Guess, files: Files) -> list[Line]:
    """The block under `datasets`."""
    rows = count(guess.look.rows, "row")
    seen = rows if guess.look.whole else f"the first {rows} were looked at"
    lines = [Line(1, f"{name}:"), setting(2, "kind", "table")]
    lines.append(setting(2, "path", files.path, f"{seen}, {count(len(guess.columns), 'column')}"))
    for role, path in (("test", files.test), ("unlabelled", files.unlabelled)):
        if path is not None:
            lines.append(setting(2, role, path))
    for key, value in form_settings(guess.look.form).items():
        lines.append(setting(2, key, value, guess.look.reasons.get(key, "")))
    return [*lines, *_target(guess), *_columns(guess), *_missing(guess), *_split(guess, files)]


def _target(guess: Guess) -> Iterator[Line]:
    target = guess.target
    yield setting(2, "target", target.name)
    yield setting(2, "task", target.task, target.reason)
    if target.task == "regression":
        yield setting(2, "standardise_target", True, "metrics stay in its own units")
    if target.log:
        why = f"to learn its logarithm ({target.log}): take away the #"
        yield commented(setting(2, "log_target", True, why))


def _columns(guess: Guess) -> Iterator[Line]:
    for column in guess.of("id"):
        yield setting(2, "id", column.name, column.reason)
    yield from listed(2, "drop", ((c.name, _why(c)) for c in guess.of("drop")))
    yield from listed(2, "categorical", ((c.name, _levels(c)) for c in guess.of("categorical")))
    if any(_has_rare(column, guess) for column in guess.of("categorical")):
        yield setting(2, "rare", RARE, "some categories have fewer rows and are one together")
    ordinal = [(c.name, list(c.levels), c.reason) for c in guess.of("ordinal")]
    yield from mapped(2, "ordinal", ordinal)
    yield from mapped(2, "dates", ((c.name, _dates(c), c.reason) for c in guess.of("dates")))
    for column in guess.columns:
        if column.warning and column.role != "drop":
            yield Line(2, "", column.warning)


def _why(column: Column) -> str:
    words = {"empty", "constant", "duplicate", "text", "identifier"}
    return f"{column.kind}: {column.reason}" if column.kind in words else column.reason


def _levels(column: Column) -> str:
    shown = ", ".join(plain(level)[:30] for level in column.levels[:5])
    return f"{count(column.distinct, 'category', 'categories')}: {shown}" + (
        ", ..." if column.distinct > 5 else ""
    )


def _has_rare(column: Column, guess: Guess) -> bool:
    counts = Counter(value for value in guess.look.texts[column.name] if value)
    return len(counts) > 2 and min(counts.values()) < RARE


def _dates(column: Column) -> dict[str, object]:
    format_ = {"format": column.format} if column.format else {}
    return {**format_, "parts": list(column.parts)}


def _missing(guess: Guess) -> Iterator[Line]:
    """What stands in for empty fields, if there are any."""
    empty = [c for c in guess.of("feature", "ordinal", "dates", "categorical") if c.missing]
    if not empty:
        return
    fields = count(sum(column.missing for column in empty), "empty field")
    yield setting(2, "missing", "median", f"{fields} in {count(len(empty), 'column')}")
    if any(column.role == "categorical" for column in empty):
        yield setting(2, "missing_category", "own", "an unknown category is one of its own")


def _split(guess: Guess, files: Files) -> Iterator[Line]:
    yield Line(2, "split:")
    yield setting(3, "valid", VALID, "chooses epochs and models")
    yield setting(3, "test", "fixed" if files.test else TEST, "for the last look")
    if guess.look.rows < FOLDED_ROWS and not files.test and not guess.time:
        yield commented(
            setting(3, "folds", FOLDS, "of so few rows, in place of `test`: all are tested")
        )
    if guess.group:
        why = "rows of one stay together in one part: take this away only if they are independent"
        yield setting(3, "group", guess.group, why)
    elif guess.maybe_group:
        why = "if rows that share it are alike, they must not be in two parts: take away the #"
        yield commented(setting(3, "group", guess.maybe_group, why))
    if guess.time:
        yield setting(3, "time", guess.time, "the last rows are the test")
    elif guess.maybe_time:
        why = "to test on the last rows, as when the future is predicted: take away the #"
        yield commented(setting(3, "time", guess.maybe_time, why))


def recipe_lines(name: str, dataset: str, guess: Guess) -> list[Line]:
    """The block under `recipes`."""
    sizes = sizes_of(guess.look.rows)
    training = {"batch": sizes.batch, "epochs": sizes.epochs, "patience": sizes.patience}
    return [
        Line(1, f"{name}:", f"for about {count(guess.look.rows, 'row')}"),
        setting(2, "dataset", dataset),
        setting(2, "features", {"method": "all"}),
        setting(2, "model", {"kind": "mlp", "hidden": [sizes.widths[1]], "activation": "relu"}),
        setting(2, "optimizer", {"kind": "adam", "rate": sizes.rate}),
        *_training(training, guess),
    ]


def _training(training: Mapping[str, int], guess: Guess) -> Iterator[Line]:
    """In a line, unless there is a setting to propose."""
    if not (rare := rare_classes(guess)):
        yield setting(2, "training", dict(training))
        return
    yield Line(2, "training:")
    for name, value in training.items():
        yield setting(3, name, value)
    why = f"few rows of a class ({rare}): take away the #"
    yield commented(setting(3, "class_weights", "balanced", why))


def study_lines(name: str, recipe: str, guess: Guess) -> list[Line]:
    """The block under `studies`."""
    sizes = sizes_of(guess.look.rows)
    question = f"How wide should a network be that predicts {plain(guess.target.name)}?"
    return [
        Line(1, f"{name}:"),
        setting(2, "question", question),
        setting(2, "recipe", recipe),
        setting(2, "vary", {"model.hidden": [[width] for width in sizes.widths]}),
        setting(2, "seeds", SEEDS, "trainings of each width, each with a split of its own"),
        Line(2, "claims:", "what you expect, written down before the results"),
        *_claim(name, sizes, 1, 0),
        *_claim(name, sizes, 2, 1),
    ]


def _claim(study: str, sizes: Sizes, wide: int, narrow: int) -> list[Line]:
    more, less = sizes.widths[wide], sizes.widths[narrow]
    return [
        Line(3, f"- id: {study}-{more}"),
        setting(4, "sentence", f"A hidden layer of {more} predicts better than one of {less}."),
        setting(4, "better", {"model.hidden": [more]}),
        setting(4, "than", {"model.hidden": [less]}),
    ]
