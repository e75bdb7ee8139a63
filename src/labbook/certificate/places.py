"""What people ask to have made again: a run, a combination, a champion."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from labbook.errors import LabbookError
from labbook.history.state import State
from labbook.params.messages import nearest
from labbook.provenance.dvc_records import NotInCacheError
from labbook.wording import count

CHAMPION = "champion"
SHORTEST = 4  # digits of a run id that are enough if no other begins with them


@dataclass(frozen=True)
class Place:
    """A run by where it stands; `recorded` is the id of the run that was recorded there."""

    study: str
    label: str
    seed: int
    recorded: str


@dataclass(frozen=True)
class Asked:
    """The runs to make again; `champion` names the study whose champion is meant."""

    places: tuple[Place, ...]
    champion: str | None = None


def find(what: str, studies: Mapping[str, Any], state: State, seeds: Sequence[int] = ()) -> Asked:
    """The places that `what` means, in the `studies` of an inventory.

    A run id or its beginning; `<study>/<combination>`, for all seeds or those of `seeds`; or
    `<study>/champion`. Raises `LabbookError` with what there is and the nearest of it.
    """
    study, slash, label = what.partition("/")
    if not slash and study not in studies:
        return Asked((_run(what, studies, state),))
    if study not in studies:
        raise LabbookError(f"{what}: no study {study} in {state.name}; {nearest(study, studies)}.")
    if label == CHAMPION:
        about = state.json(f"results/{study}/champion/champion.json")
        if not about:
            raise LabbookError(f"{study}: {state.name} has no champion yet: run snakemake first.")
        if about["combination"] is None:
            raise LabbookError(f"{study}: has no champion: {about['why']}")
        place = Place(study, about["combination"], about["seed"], about["run"])
        return Asked((place,), champion=study)
    labels = [*studies[study]["combinations"], *(studies[study].get("controls") or ())]
    if label not in labels:
        close = get_close_matches(label, [CHAMPION, *labels], 1, cutoff=0.5)
        question = f' Did you mean "{study}/{close[0]}"?' if close else ""
        choices = [f'  "{study}/{name}"' for name in (CHAMPION, *labels)]  # a line each: commas
        head = f"{study}/{label}: {state.name} has no such thing.{question} There are:"
        raise LabbookError("\n".join([head, *choices]))
    places = [place for place in places_of(study, studies, state) if place.label == label]
    by_seed = {place.seed: place for place in places}
    if unknown := [str(seed) for seed in seeds if seed not in by_seed]:
        raise LabbookError(
            f"{what}: no run with seed {', '.join(unknown)}; its seeds: "
            f"{', '.join(map(str, by_seed))}."
        )
    return Asked(tuple(by_seed[seed] for seed in seeds or by_seed))


def places_of(study: str, studies: Mapping[str, Any], state: State) -> list[Place]:
    """All places of a study. What its table of runs does not tell has the id of today."""
    try:
        table = (state.read(f"results/{study}/runs.csv") or b"").decode()
    except NotInCacheError:
        table = ""
    rows = csv.DictReader(io.StringIO(table))
    ids = {(row["combination"], int(row["seed"])): row["run"] for row in rows}
    return [
        Place(study, label, seed, ids.get((label, seed), run))
        for label, seed, run in studies[study]["runs"]
    ]


def ids_of(studies: Mapping[str, Any]) -> dict[tuple[str, str, int], str]:
    """The ids that runs have today, by study, combination and seed."""
    return {
        (study, label, seed): run
        for study, about in studies.items()
        for label, seed, run in about["runs"]
    }


def _run(what: str, studies: Mapping[str, Any], state: State) -> Place:
    digits = what.lower()
    places = [place for study in studies for place in places_of(study, studies, state)]
    fitting = {
        place.recorded: place for place in reversed(places) if place.recorded.startswith(digits)
    }
    if len(fitting) == 1 and len(digits) >= SHORTEST:
        return next(iter(fitting.values()))
    if set(digits) - set("0123456789abcdef"):
        raise LabbookError(
            f"{what}: neither a study of {state.name} nor the id of a run; "
            f"{nearest(what, studies)}. Write <run id>, <study>/<combination> or <study>/champion."
        )
    if fitting:
        few = ", ".join(sorted(fitting)[:5])
        raise LabbookError(
            f"{what}: {count(len(fitting), 'run begins', 'runs begin')} so ({few}); "
            "give more digits."
        )
    raise LabbookError(
        f"{what}: no run of {state.name} has this id. Its runs are in results/<study>/runs.csv; "
        "that of another commit is found with --commit."
    )
