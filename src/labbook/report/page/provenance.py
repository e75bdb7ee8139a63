"""What the data look like, and what everything was made from: for provenance.html.j2."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from labbook.report.page.histogram import histogram_graphic
from labbook.report.page.rule_graph import rule_graph
from labbook.report.page.strip import strip_graphic
from labbook.report.page.study import EDITIONS, Edition
from labbook.verdicts import STAND_IN
from labbook.wording import NOTHING, PART_WORDS, count, listing, number, percent, short

MOST_COLUMNS = 100  # of a table that the page shows; description.json has all
MOST_CLASSES = 100
MOST_NAMED = 20  # columns that are left out, and seeds
WIDEST = 40  # characters of a level in a sentence
NUMBERS = ("min", "q25", "median", "q75", "max", "mean", "deviation")
# What each rule makes.
MAKES = {
    "download": "the files as they came, real or a stand-in",
    "prepare": "numbers, a split for each seed, what is fitted on its training part",
    "select": "chosen columns, for each split on its training part",
    "rivals": "what simpler models predict on the same splits",
    "train": "runs: weights, curves, predictions",
    "look": "which combinations of a study get more seeds",
    "evaluate": "a study’s tables, verdicts and champion",
    "figures": "a study’s figures",
    "describe": "what a data set looks like",
    "tune": "what a step of a tuning finds, decides and asks for",
    "tuned": "a tuning’s page and figures",
    "claims": "the verdicts of all studies together",
    "report": "this page",
}


def provenance_of_page(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """What the template calls datasets and made, from what the job of the report knows.

    `provenance` has the `datasets` as their description.json says, what `made_from` gives and the
    `keys` of nodes by name; or nothing, and then the page says nothing of it.
    """
    keys = provenance.get("keys") or {}
    datasets = [data_view(one, keys) for one in provenance.get("datasets") or ()]
    return {"datasets": datasets, "made": provenance_view(provenance) if keys else None}


def data_view(about: Mapping[str, Any], keys: Mapping[str, str] | None = None) -> dict[str, Any]:
    """All that the page says about a data set; `about` is what its description.json says."""
    target, edition, columns = about["target"], str(about["edition"]), about["columns"]
    trained = about["split"]["parts"]["train"]
    of_numbers = "median" in target
    return {
        "name": about["name"],
        "edition": EDITIONS.get(edition, Edition(edition, edition)),
        "stand_in": edition == STAND_IN,
        "note": about["note"],
        "facts": _facts(about),
        "seen": f"Of the {count(trained, 'training row')} of the first split, that of seed "
        f"{about['seed']}. Its validation and test rows have no part in these figures.",
        "target": target["name"],
        "target_row": _row(target | {"kind": "target"}) if of_numbers else None,
        "columns": [_row(column) for column in columns[:MOST_COLUMNS]],
        "more_columns": max(0, len(columns) - MOST_COLUMNS),
        "classes": _classes(about, trained),
        "more_classes": max(0, len(about["classes"]) - MOST_CLASSES),
        "files": [(f["name"], f"{f['bytes']:,}", f["sha256"]) for f in about["files"]],
        "remarks": about["remarks"],
        "key": (keys or {}).get(f"prepare/{about['name']}", ""),
    }


def provenance_view(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """How everything was made: labbook's version, rules with code and libraries, the page's key."""
    jobs = provenance["jobs"]
    above = {job["kind"]: job["from"] for job in jobs}
    words: dict[str, str] = {}
    for kind in above:
        number_of = sum(job["count"] for job in jobs if job["kind"] == kind)
        words[kind] = count(number_of, "run" if kind == "train" else "job")
    return {
        "labbook": provenance["labbook"],
        "key": provenance["keys"]["report"],
        "graph": rule_graph(above, words),
        "rules": [_rule(job) for job in jobs],
    }


def _rule(job: Mapping[str, Any]) -> dict[str, str]:
    by = f" ({job['engine']})" if job["engine"] else ""
    versions = (f"{name} {version}" for name, version in sorted(job["libraries"].items()))
    return {
        "name": job["kind"] + by,
        "makes": MAKES.get(job["kind"], ""),
        "count": count(job["count"], "run" if job["kind"] == "train" else "job"),
        "from": listing(job["from"]) or NOTHING,
        "code": job["code"] or NOTHING,
        "libraries": ", ".join(versions) or NOTHING,
    }


def _facts(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Size, target and split, as names and texts."""
    split, shape = about["split"], about["row_shape"]
    if about["kind"] == "images":
        columns = f"images of {shape[1]} × {shape[2]} pixels"
    else:
        columns = f"{count(len(about['columns']), 'column')} used"
        if shape[0] != len(about["columns"]):
            columns += f", which become {count(shape[0], 'number')}"
    parts = [f"{split['parts'][part]:,} {name}" for part, name in PART_WORDS.items()]
    facts = [
        ("Size", f"{count(about['rows'], 'row')}; {columns}"),
        ("Predicted", _target(about)),
        ("Split", f"{' · '.join(parts)} rows. {' '.join(split['how'])}"),
        ("Seeds", _seeds(split["seeds"])),
    ]
    if about["unlabelled"]:
        rows = count(about["unlabelled"], "row")
        facts.append(("Unlabelled", f"{rows} without a target, for the champion to predict"))
    if left_out := about["left_out"]:
        facts.append(("Left out", _first(left_out)))
    return facts


def _target(about: Mapping[str, Any]) -> str:
    name = str(about["target"]["name"] or "the class")
    classes = len(about["classes"])
    return f"{name}, one of {classes} classes" if classes else f"{name}, a quantity"


def _seeds(seeds: Sequence[int]) -> str:
    """How many splits there are, and of which seeds."""
    in_a_row = list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))) and len(seeds) > 2
    which = f"{seeds[0]} to {seeds[-1]}" if in_a_row else _first(map(str, seeds))
    return f"{count(len(seeds), 'split')}: {which}"


def _first(names: Any) -> str:
    """The first of many names, and how many more there are."""
    every = list(names)
    more = len(every) - MOST_NAMED
    shown = [short(name, WIDEST) for name in every[:MOST_NAMED]]
    return listing([*shown, f"{more} more"]) if more > 0 else listing(shown)


def _row(column: Mapping[str, Any]) -> dict[str, Any]:
    """A column of the data as a row of the page's table: numbers, or in words its levels."""
    levels = column.get("levels")
    counts = {"counts": [n for _, n in levels or ()], "values": range(len(levels or ()))}
    return {
        "name": column["name"],
        "kind": column["kind"],
        "missing": f"{column['missing']:,}",
        "distinct": f"{column['distinct']:,}",
        "levels": None if levels is None else _levels(levels, column["others"]),
        "numbers": [number(column.get(name)) for name in NUMBERS],
        "graphic": histogram_graphic(column["histogram"] if levels is None else counts),
    }


def _levels(levels: Sequence[Sequence[Any]], others: int) -> str:
    named = [f"{short(level, WIDEST)} {rows:,}" for level, rows in levels]
    return ", ".join([*named, *([f"others {others:,}"] if others else [])]) or NOTHING


def _classes(about: Mapping[str, Any], trained: int) -> list[dict[str, Any]]:
    """Rows and share of each class, and a picture of some of its images."""
    images = about["images"] or {"classes": [], "height": 0, "width": 0}
    pictures = dict(images["classes"])
    most = max((rows for _, rows in about["classes"]), default=0)
    return [
        {
            "name": name,
            "rows": f"{rows:,}",
            "share": percent(rows / trained),
            "length": round(100 * rows / most) if most else 0,
            "strip": _strip(pictures.get(name, ()), images, name),
        }
        for name, rows in about["classes"][:MOST_CLASSES]
    ]


def _strip(pictures: Sequence[str], images: Mapping[str, Any], name: str) -> Markup:
    label = f"{count(len(pictures), 'image')} of the class {short(name, WIDEST)}"
    return strip_graphic(pictures, images["height"], images["width"], label)
