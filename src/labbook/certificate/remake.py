"""Trains recorded runs again in a copy of the project, and compares each with what is recorded.

A run's id follows from its data, its recipe, its seed, its engine's code and libraries, and not
from its study. So the copy is asked for one small study for each combination wanted and for
nothing else, and each of its jobs is the copy's own.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from labbook import processor
from labbook.certificate.check import is_as_its_job_left_it
from labbook.certificate.compare import DIFFERENT, IDENTICAL, ROUNDING, Comparison, compare_runs
from labbook.certificate.copies import UP_TO_RUNS, Copy
from labbook.certificate.places import Place
from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.history.state import Workspace
from labbook.paths import EDITION, RAW, RUNS
from labbook.provenance.dvc_records import NotInCacheError, md5
from labbook.training.costlog import read_lines
from labbook.training.runfile import RunRecord, read_run, run_path


@dataclass(frozen=True)
class Recreated:
    """A run made again: its place, its id now, how it compares, and both records' metrics.

    `here` says whether it was recorded on this kind of processor; None where no log tells.
    """

    place: Place
    run: str
    comparison: Comparison
    made: RunRecord
    recorded: RunRecord | None
    here: bool | None = None

    @property
    def is_finding(self) -> bool:
        """Whether it is another than it should be: on one kind of processor, by a single bit."""
        outcome, edited = self.comparison.outcome, self.comparison.identity
        return outcome == DIFFERENT or (outcome == ROUNDING and bool(self.here) and not edited)


def remake(copy: Copy, places: Sequence[Place], studies: Mapping[str, Any]) -> list[Recreated]:
    """Train the runs of these places again in the copy, and compare each with what is recorded."""
    groups: dict[tuple[str, str], list[Place]] = {}  # by combination
    for place in places:
        groups.setdefault((place.study, place.label), []).append(place)
    small: dict[str, dict[str, Any]] = {}  # its recipe, its settings, the seeds wanted; no claims
    for number, ((study, label), group) in enumerate(groups.items()):
        about = studies[study]
        block = copy.document["studies"][about["asked"]]
        small[f"again-{number}"] = {
            **{key: block[key] for key in ("question", "recipe") if block.get(key)},
            **_set(about, block),
            **_asked(about, label),
            "seeds": [place.seed for place in group],
        }
    copy.write_params({**copy.document, "studies": small})
    asked = copy.inventory()
    datasets = sorted({studies[place.study]["dataset"] for place in places})
    put = [_put_raw(copy, name, *asked["nodes"][f"download/{name}"]) for name in datasets]
    if not all(put):
        asked = copy.inventory()  # run ids follow from the editions
    copy.jobs(asked["nodes"], *UP_TO_RUNS)
    recreated = []
    for name, ((study, label), group) in zip(small, groups.items(), strict=True):
        wanted = label if label in _controls(studies[study]) else None
        runs, controls = asked["studies"][name]["runs"], _controls(asked["studies"][name])
        ids = {
            seed: run
            for one, seed, run in runs
            if one == wanted or (wanted is None and one not in controls)
        }
        recreated += [_compared(copy, place, ids[place.seed]) for place in group]
    return recreated


def _set(about: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    """What a study sets in all combinations; its data set too, where its block names several."""
    data = {} if block.get("datasets") is None else {"dataset": about["dataset"]}
    settings = {**data, **(block.get("set") or {})}
    return {"set": settings} if settings else {}


def _asked(about: Mapping[str, Any], label: str) -> dict[str, Any]:
    """What a small study says to have the runs of one combination, or control, of a study.

    A control comes with its reference. Older commits know no controls, nor a word for them.
    """
    if label in _controls(about):
        return {"vary": [about["combinations"][about["reference"]]], "controls": True}
    without = {} if about.get("controls") is None else {"controls": False}
    return {"vary": [about["combinations"][label]], **without}


def _controls(about: Mapping[str, Any]) -> Sequence[str]:
    """Labels of a study's controls, which are trained only with it."""
    return about.get("controls") or ()


def _put_raw(copy: Copy, dataset: str, key: str, key_file: str) -> bool:
    """Put a data set's raw files there as they were recorded; else download the same edition.

    Returns whether nothing had to be downloaded. Raises `LabbookError` for another edition.
    """
    folder = f"{RAW}/{dataset}/"
    recorded = [path for path in copy.state.files if path.startswith(folder)]
    edition = copy.folder / folder / EDITION
    put = [copy.put(path) for path in recorded]
    before = edition.read_bytes() if edition.exists() else None
    path = copy.folder / key_file
    if recorded and all(put) and path.exists() and path.read_text().splitlines()[0] == key:
        return True
    for own in copy.own.get(dataset, ()):
        copy.put_own(own)
    copy.jobs([f"download/{dataset}"], "download")
    if before is not None and edition.read_bytes() != before:
        raise LabbookError(
            f"{dataset}: {copy.state.name} was made from another edition of the data than can be "
            "had now, and its raw files are not in DVC's cache. `dvc fetch --all-commits` may get "
            "them; `labbook data` tells of editions."
        )
    return False


def _compared(copy: Copy, place: Place, run: str) -> Recreated:
    made, path = run_path(copy.folder / RUNS, run), run_path(RUNS, place.recorded)
    recorded = None
    try:
        content = copy.recorded(path.as_posix())
    except NotInCacheError:
        same = copy.state.files[path.as_posix()] == md5(made.read_bytes())
        note = "by its sum alone: the recorded file is not in DVC's cache, or damaged there"
        comparison = Comparison(IDENTICAL if same else DIFFERENT, note=note)
    else:
        if content is None:
            raise LabbookError(
                f"{path}: {copy.state.name} has no such run, so there is nothing to compare with. "
                "`labbook verify` says what is missing."
            )
        kept = copy.folder.parent / "recorded" / made.name
        write_bytes(kept, content)
        comparison = compare_runs(made, kept)
        if isinstance(copy.state, Workspace) and not is_as_its_job_left_it(path):
            note = "the recorded file is damaged: see `labbook verify`"
            comparison = Comparison(DIFFERENT, note=note)
        with suppress(LabbookError):
            recorded = read_run(kept)
    again = read_run(made)
    return Recreated(place, run, comparison, again, recorded, recorded_here(place.recorded, again))


def recorded_here(run: str, made: RunRecord) -> bool | None:
    """Whether the log has a run as trained on this kind of processor; None where it is silent.

    And None of what a GPU trains: its bits do not follow from the processor.
    """
    kind = read_lines().get(run, {}).get("processor")
    if kind is None or made.identity.get("device") == "cuda":
        return None
    return bool(kind == processor.name())
