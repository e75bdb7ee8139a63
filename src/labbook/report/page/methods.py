"""What was done, as a paragraph to cite: the recipe, what varied, the seeds, the tests."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labbook.files import read_json
from labbook.measures import is_ratio
from labbook.report.page.recipe_words import block_words, recipe_sentence, training_sentences
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults
from labbook.verdicts import ALPHA
from labbook.wording import (
    MEDIAN,
    PART_WORDS,
    count,
    listing,
    mean_name,
    metric_name,
    percent,
    plain,
    sentence,
)

MOST_VALUES = 8  # of a setting that varies; of more only the least and the greatest
SWITCHED = {"true": "on", "false": "off"}
REDRAW = "training.redraw"


def methods(results: StudyResults) -> list[str]:
    """The paragraph's sentences: what was trained, the recipe, what varied, how it was judged."""
    recipe = results.about.get("recipe") or {}
    sentences = [
        _trained(results),
        *_rows(results),
        *_scaled(results),
        recipe_sentence(results, recipe),
    ]
    sentences += [*training_sentences(results, recipe), _varied(results), *_in_rounds(results)]
    sentences += [_judged(results)]
    return [text for text in sentences if text]


def _in_rounds(results: StudyResults) -> Iterator[str]:
    """How seeds were added, where claims were judged at several looks."""
    looks = [row.get("look", "").partition(" of ")[2] for row in results.verdicts]
    if of := next((number for number in looks if number), ""):
        yield (
            f"Seeds were added in rounds, with a look at the claims after each, {of} looks at "
            "most: a claim that was decided kept its verdict, and only combinations of undecided "
            "ones got more seeds."
        )
        yield (
            "Each look spends its share of the 5 %, so intervals of these claims are wider than "
            "95 % ones, and hold although their number of seeds follows from results."
        )


def made_by(provenance: Mapping[str, Any]) -> list[str]:
    """By which versions all studies were made, as `provenance_of_page` knows them."""
    if "labbook" not in provenance:
        return []
    used = [job["libraries"] for job in provenance["jobs"] if job["kind"] == "train"]
    libraries = {name: version for one in used for name, version in one.items()}
    names = [f"{name} {version}" for name, version in sorted(libraries.items())]
    trained = f"; runs were trained with {listing(names)}" if names else ""
    return [f"Made by labbook {provenance['labbook']}{trained}."]


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


def _rows(results: StudyResults) -> Iterator[str]:
    """The split, what chance decides in training, and on which rows things are fitted."""
    sizes = results.about.get("sizes") or {}
    if not (
        parts := [f"{sizes[part]:,} {name}" for part, name in PART_WORDS.items() if part in sizes]
    ):
        return
    used = sum(sizes.values())  # a data set may have a `sample`
    of = f"{used:,} of the rows" if used < results.about["data"]["rows"] else "the rows"
    yield f"For each seed {of} were split into {listing(parts)} rows."
    if len(_values_of(results, REDRAW)) > 1:
        yield (
            "Combinations have the split of their seed in common, and what chance decides in "
            f"training but for what {REDRAW} names."
        )
    elif chance := list(_drawn(results)):
        verb = "was" if chance == ["the order of batches"] else "were"
        yield f"{sentence(listing(chance))} {verb} drawn anew with each seed."
    yield (
        "What is fitted to data (scaling, missing values, categories, the choice of features) was "
        "fitted on the training rows of the split alone."
    )


def _drawn(results: StudyResults) -> Iterator[str]:
    """What every seed draws for training, as far as any combination needs it."""
    if set(_values_of(results, "model.initialisation")) != {"zero"}:
        yield "first weights"
    if set(_values_of(results, "training.batch")) != {"all"}:
        yield "the order of batches"


def _values_of(results: StudyResults, setting: str) -> list[str]:
    """The values of a setting: those that vary, or the one of the recipe."""
    if setting in (results.about.get("varies") or ()):
        return list(dict.fromkeys(row.get(setting, "") for row in results.combinations))
    block, _, name = setting.partition(".")
    return [str(((results.about.get("recipe") or {}).get(block) or {}).get(name, ""))]


def _scaled(results: StudyResults) -> Iterator[str]:
    """To what inputs and target were scaled, as the champion's were."""
    path = results.folder / "champion" / "champion.json"
    about = (read_json(path) if path.exists() else {}).get("preprocessing")
    if not about:
        return
    columns = about.get("columns") or [about]
    varying = [one for one in columns if math.isfinite(as_number(one["scale"]))]
    scaled = [one for one in varying if (one["mean"], one["scale"]) != (0, 1)]
    to = "scaled to mean 0 and standard deviation 1"
    if not scaled:
        yield "Inputs were not scaled."
    elif len(scaled) < len(varying):
        yield f"Inputs were {to}, but for columns of 0 and 1."
    else:
        yield f"Inputs were {to}."
    if about["classes"]:
        return
    target = "the logarithm of the target" if about["log_target"] else "the target"
    whether = "" if (about["target_mean"], about["target_scale"]) != (0, 1) else "not "
    yield f"{sentence(target)} was {whether}{to if not whether else 'scaled'}."


def _varied(results: StudyResults) -> str:
    texts = []
    for name in results.about.get("varies") or ():
        values = _values_of(results, name)
        if len(values) > 1:
            texts.append(f"{plain(name)} ({_shown(values)})")
    return f"Varied {'was' if len(texts) == 1 else 'were'} {listing(texts)}." if texts else ""


def _shown(values: Sequence[str]) -> str:
    """The values of a setting; of many numbers the least and the greatest."""
    if len(values) <= MOST_VALUES:
        return listing(map(_told, values))
    ordered = sorted(values, key=as_number)
    if not all(math.isfinite(as_number(value)) for value in values):
        return f"{len(values)} values"
    return f"{len(values)} values from {plain(ordered[0])} to {plain(ordered[-1])}"


def _told(value: str) -> str:
    """A value as the table of combinations has it, in words: `cosine (first 300)`, `none`."""
    if value.startswith("{"):
        try:
            return block_words(json.loads(value)) or "none"
        except ValueError:
            return plain(value)
    return SWITCHED.get(value, plain(value)) or "none"


def _judged(results: StudyResults) -> str:
    """By which metric, which means and intervals, and how comparisons are tested."""
    metric = results.metric
    text = f"Figures of {metric_name(metric)} are {mean_name(is_ratio(metric))}s over seeds"
    if any(row.get("mark", "").startswith(MEDIAN) for row in results.means.values()):
        text += " (medians where runs missed the goal)"
    if results.about.get("single_seed"):
        return f"{text}; with one seed there is no interval and no test."
    text += " with 95\N{NO-BREAK SPACE}% intervals"
    if len(results.labels) == 1 or results.of_one_setting:  # none is compared, none is chosen
        return f"{text}."
    choice = metric_name(results.choice_metric)
    return (
        f"{text}; settings were compared in pairs of the same seed, p values corrected (Holm) and "
        f"judged at {percent(ALPHA)}; the model was chosen by {choice}, and test rows had no part "
        "in the choice."
    )
