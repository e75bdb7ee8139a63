"""A recipe in the words of a paragraph: its blocks, and how its training ran."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labbook.report.study_results import StudyResults
from labbook.wording import count, listing, plain

NAMES = {"rate": "learning rate", "hidden": "hidden layers", "batch": "batch size"}
OWN = ("epochs", "patience", "stalled", "tolerance", "loss", "batch")  # said in words
LOSSES = {"mse": "MSE", "cross_entropy": "cross entropy"}
USUAL_LOSS = {"regression": "mse", "classification": "cross_entropy"}


def recipe_sentence(results: StudyResults, recipe: Mapping[str, Any]) -> str:
    """What the reference is: its features, model, optimiser and schedule."""
    blocks = []
    for name in ("features", "model", "optimizer", "schedule"):
        block = recipe.get(name)
        if isinstance(block, Mapping):
            blocks.append(f"{name} {block_words(block)}")
    if not blocks:
        return ""
    return f"The reference, {plain(results.reference)}, has {'; '.join(blocks)}."


def block_words(block: Mapping[str, Any]) -> str:
    """`sgd (learning rate 0.01, momentum 0.9)`: what is set, without what is off."""
    head = plain(block.get("kind") or block.get("method") or "")
    parts = ", ".join(_settings(block))
    return f"{head} ({parts})" if head and parts else head or parts


def _settings(block: Mapping[str, Any], but: Sequence[str] = ("kind", "method")) -> Iterator[str]:
    for key, setting in block.items():
        name = NAMES.get(key, key.replace("_", " "))
        if key in but or setting in (None, False, 0, [], {}):
            continue
        if isinstance(setting, Mapping):
            yield f"{name} ({block_words(setting)})"
        else:
            yield name if setting is True else f"{name} {_value(setting)}"


def _value(setting: Any) -> str:
    if isinstance(setting, int | float):
        return f"{setting:g}"
    if isinstance(setting, list):
        return "-".join(map(_value, setting))
    return plain(setting)


def training_sentences(results: StudyResults, recipe: Mapping[str, Any]) -> Iterator[str]:
    """How long training lasts, what ends it, and which weights are kept."""
    training = recipe.get("training")
    if not training:
        return
    batch, epochs = training.get("batch"), training.get("epochs")
    size = "full batches" if batch == "all" else f"batches of {batch} rows"
    parts = [f"{size} for at most {count(epochs or 0, 'epoch')}"]
    parts += list(_endings(training))
    loss = training.get("loss") or USUAL_LOSS.get(results.about["data"].get("task", ""))
    told = f"; the loss is {LOSSES.get(loss, plain(loss))}" if loss else ""
    varies = any(name.startswith("training.") for name in results.about.get("varies") or ())
    whose = " of the reference" if varies else ""
    yield f"Training{whose} ran in {listing(parts)}{told}."
    if others := list(_settings(training, but=OWN)):
        yield f"Its further settings: {', '.join(others)}."
    yield "The weights of the epoch with the lowest validation loss were kept."


def _endings(training: Mapping[str, Any]) -> Iterator[str]:
    if patience := training.get("patience"):
        yield f"ended after {count(patience, 'epoch')} without a lower validation loss"
    if (tolerance := training.get("tolerance")) is not None:
        yield f"ended where the training loss fell below {_value(tolerance)}"
    if training.get("stalled"):
        yield "ended where the loss stalled"
