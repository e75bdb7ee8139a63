"""What was done, as a paragraph to cite: the recipe, what varied, the seeds, the tests."""

from collections.abc import Iterator, Mapping
from typing import Any

from labbook.measures import is_ratio
from labbook.report.study_results import StudyResults
from labbook.verdicts import ALPHA
from labbook.wording import (
    PART_WORDS,
    count,
    listing,
    mean_name,
    metric_name,
    percent,
    plain,
)

MOST_VALUES = 8  # of a setting that varies; of more the first and the last
NAMES = {"rate": "learning rate", "hidden": "hidden layers", "batch": "batch size"}
OWN = ("epochs", "patience", "stalled", "tolerance", "loss", "batch", "redraw")  # said in words


def methods(results: StudyResults) -> list[str]:
    """The paragraph's sentences: what was trained, the recipe, what varied, how it was judged."""
    recipe = results.about.get("recipe") or {}
    sentences = [_trained(results), _rows(results), _recipe(results, recipe)]
    sentences += [_training(recipe.get("training") or {}), _varied(results), _judged(results)]
    return [text for text in sentences if text]


def _trained(results: StudyResults) -> str:
    data, seeds = results.about["data"], count(len(results.about.get("seeds") or ()), "seed")
    combinations = count(len(results.labels), "combination")
    shape = count(data["columns"], "input column")
    if data.get("kind") == "images":
        shape = f"images of {' × '.join(str(size) for size in data['shape'])} pixels"
    target = plain(data.get("target") or "the class")
    return (
        f"{combinations} of settings {'was' if len(results.labels) == 1 else 'were'} trained with "
        f"{seeds} each ({count(len(results.runs), 'run')}) on {plain(data['name'])}: "
        f"{count(data['rows'], 'row')}, {shape}, to predict {target}."
    )


def _rows(results: StudyResults) -> str:
    sizes = results.about.get("sizes") or {}
    parts = [f"{sizes[part]:,} {name}" for part, name in PART_WORDS.items() if part in sizes]
    if not parts:
        return ""
    return (
        f"Each seed drew its own split into {listing(parts)} rows, its own first weights and order "
        "of batches; what is fitted to data (scaling, missing values, categories, the choice of "
        "features) was fitted on the training rows of the split alone."
    )


def _recipe(results: StudyResults, recipe: Mapping[str, Any]) -> str:
    blocks = []
    for name in ("features", "model", "optimizer", "schedule"):
        block = recipe.get(name)
        if isinstance(block, Mapping):
            blocks.append(f"{name} {_block(block)}")
    if not blocks:
        return ""
    return f"The reference, {plain(results.reference)}, has {'; '.join(blocks)}."


def _block(block: Mapping[str, Any]) -> str:
    """`sgd (learning rate 0.01, momentum 0.9)`: what is set, without what is off."""
    head = block.get("kind") or block.get("method") or ""
    parts = [
        f"{NAMES.get(key, key.replace('_', ' '))} {_value(setting)}"
        for key, setting in block.items()
        if key not in ("kind", "method") and setting not in (None, False, 0, [], {})
    ]
    return f"{plain(head)} ({', '.join(parts)})" if parts else plain(head)


def _value(setting: Any) -> str:
    if isinstance(setting, bool):
        return "yes"
    if isinstance(setting, int | float):
        return f"{setting:g}"
    if isinstance(setting, list):
        return "-".join(map(_value, setting))
    if isinstance(setting, Mapping):
        return _block(setting)
    return plain(setting)


def _training(training: Mapping[str, Any]) -> str:
    """How long training lasts, what ends it, and which weights are kept."""
    if not training:
        return ""
    batch, epochs = training.get("batch"), training.get("epochs")
    size = "full batches" if batch == "all" else f"batches of {batch} rows"
    parts = [f"Training ran in {size} for at most {count(epochs or 0, 'epoch')}"]
    parts += list(_endings(training))
    loss = f"; the loss is {plain(training['loss'])}" if training.get("loss") else ""
    kept = "The weights of the epoch with the lowest validation loss were kept"
    others = {key: value for key, value in training.items() if key not in OWN}
    extra = _block(others).strip(" ()")
    return f"{listing(parts, 'and')}{loss}. {kept}{f' ({extra})' if extra else ''}."


def _endings(training: Mapping[str, Any]) -> Iterator[str]:
    if patience := training.get("patience"):
        yield f"ended after {count(patience, 'epoch')} without a lower validation loss"
    if (tolerance := training.get("tolerance")) is not None:
        yield f"ended where the loss reached {_value(tolerance)}"
    if training.get("stalled"):
        yield "ended where the loss stalled"


def _varied(results: StudyResults) -> str:
    texts = []
    for name in results.about.get("varies") or ():
        values = list(dict.fromkeys(row.get(name, "") for row in results.combinations))
        shown = listing(map(plain, values))
        if len(values) > MOST_VALUES:
            shown = f"{len(values)} values from {plain(values[0])} to {plain(values[-1])}"
        texts.append(f"{plain(name)} ({shown})")
    return f"Varied {'was' if len(texts) == 1 else 'were'} {listing(texts)}." if texts else ""


def _judged(results: StudyResults) -> str:
    """By which metric, which means and intervals, and how comparisons are tested."""
    metric = results.metric
    text = f"Figures of {metric_name(metric)} are {mean_name(is_ratio(metric))}s over seeds"
    if results.about.get("single_seed"):
        return f"{text}; with one seed there is no interval and no test."
    return (
        f"{text} with 95\N{NO-BREAK SPACE}% intervals; settings were compared in pairs of the same "
        f"seed, p values corrected (Holm) and judged at {percent(ALPHA)}; the model was chosen by "
        f"{metric_name(results.choice_metric)}, and test rows had no part in the choice."
    )
