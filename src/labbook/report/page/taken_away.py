"""What the page says of predictions for new rows: intervals, their coverage, the ensemble."""

from collections.abc import Iterator, Mapping
from typing import Any

from labbook.report.page.answer import estimate
from labbook.report.result_tables import as_number
from labbook.wording import metric_name, number, sentence

LEVEL = 0.9  # that `labbook predict` takes if no other is given


def taken_away_view(study: str, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Sentences and commands; None of a champion that was written before there were predictions."""
    if not isinstance(record.get("rows"), Mapping):
        return None
    images = record["rows"].get("kind") == "images"
    new = "images.idx" if images else "new.csv"
    return {
        "commands": [
            f"labbook predict {study} {new} -o out.csv",
            f"labbook export {study} -o model.onnx",
            f"labbook recreate {study}/champion",
        ],
        "sentences": [*_coverage(record), *_ensemble(record)],
    }


def _coverage(record: Mapping[str, Any]) -> Iterator[str]:
    conformal = record.get("conformal") or {}
    kept = [one for one in conformal.get("coverage", []) if one.get("level") == LEVEL]
    if not kept or kept[0].get("mean") is None:
        return
    one = kept[0]
    of_classes = record.get("task") == "classification"
    width = number(as_number(one.get("width")))
    what = "Sets of classes" if of_classes else "Intervals"
    size = f"{width} classes on average" if of_classes else f"on average {width} wide"
    yield (
        f"{what} of 90\N{NO-BREAK SPACE}% by split conformal prediction ({size}): the share of "
        f"test rows whose truth they hold is {estimate(one)}; rows of different seeds overlap, so "
        "that interval is rather too narrow."
    )


def _ensemble(record: Mapping[str, Any]) -> Iterator[str]:
    found = record.get("ensemble")
    if not isinstance(found, Mapping):
        return
    name, gain = sentence(metric_name(found["metric"])), found["gain"]
    single, mean = (number(as_number(found[key])) for key in ("single", "together"))
    low, high = (number(as_number(gain[key])) for key in ("low", "high"))
    yield (
        f"With --ensemble, the mean of several seeds: {name} {mean} in place of {single} of single "
        f"runs on the same {gain['n']:,} test rows, better by {number(as_number(gain['mean']))} "
        f"(95\N{NO-BREAK SPACE}% interval over rows {low} to {high}). Of each row only runs "
        f"count that had it among their test rows, {number(found['members'])} of {found['of']} on "
        "average."
    )
