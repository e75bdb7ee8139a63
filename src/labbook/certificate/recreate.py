"""Makes recorded runs again, from the data on, in a temporary copy, and compares their bits.

A run's id follows from its data, its recipe, its seed, its engine's code and libraries, and not
from its study. So the copy is asked for one small study for each combination wanted and for
nothing else, and each of its jobs is the copy's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labbook import processor
from labbook.certificate.champion import evaluate_again
from labbook.certificate.check import is_as_its_job_left_it
from labbook.certificate.compare import DIFFERENT, IDENTICAL, ROUNDING, Comparison, compare_runs
from labbook.certificate.copies import UP_TO_RUNS, Copy, copy_of
from labbook.certificate.places import Asked, Place, find, ids_of
from labbook.certificate.raw import put_raw
from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.history.outcome import LOCKS, libraries
from labbook.history.state import State, Workspace
from labbook.paths import RUNS
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


@dataclass(frozen=True)
class Outcome:
    """All that was made again; `champion` says of each file of a champion how it compares.

    `note` says why a champion that was asked for is not among it.
    """

    runs: tuple[Recreated, ...]
    champion: Mapping[str, str]
    note: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything is another than what was recorded and should be the same."""
        return any(run.is_finding for run in self.runs) or DIFFERENT in self.champion.values()

    @property
    def incomplete(self) -> bool:
        """Whether of a champion only its run was made again."""
        return bool(self.note)


def recreate(
    what: str, state: State, *, seeds: Sequence[int] = (), output: Path | None = None
) -> Outcome:
    """Make again what `what` means in `state`; see `places.find`. Keeps the files in `output`.

    Raises `LabbookError` where it cannot be made, and where other libraries are installed than the
    commit asks for.
    """
    if output is not None and output.exists() and any(output.iterdir()):
        raise LabbookError(f"{output}: is not empty; name a new folder for --output.")
    with copy_of(state) as copy:
        everything = copy.ask()
        studies = everything["studies"]
        asked = find(what, studies, state, seeds)
        if not isinstance(state, Workspace):
            _refuse_other_libraries(copy, asked, everything)
        runs = tuple(remake(copy, asked.places, studies))
        made = {run.run for run in runs}
        champion, note = (
            evaluate_again(copy, asked.champion, made, studies) if asked.champion else ({}, "")
        )
        if output is not None:
            _keep(copy, runs, asked.champion if champion else None, output)
    return Outcome(runs, champion, note)


def remake(copy: Copy, places: Sequence[Place], studies: Mapping[str, Any]) -> Iterable[Recreated]:
    """Train the runs of these places again in the copy, and compare each with what is recorded."""
    document = dict(copy.document)
    document["studies"] = _small_studies(copy, places, studies)
    copy.write_params(document)
    asked = copy.inventory()
    datasets = sorted({studies[place.study]["dataset"] for place in places})
    put = [put_raw(copy, name, *asked["nodes"][f"download/{name}"]) for name in datasets]
    if not all(put):
        asked = copy.inventory()  # run ids follow from the editions
    copy.jobs(asked["nodes"], *UP_TO_RUNS)
    made = asked["studies"]
    for name, wanted in _groups(places).items():
        ids = {seed: run for _, seed, run in made[name]["runs"]}
        for place in wanted:
            yield _compared(copy, place, ids[place.seed])


def _refuse_other_libraries(copy: Copy, asked: Asked, everything: Mapping[str, Any]) -> None:
    """Raise `LabbookError` where runs follow from libraries that the commit pins otherwise."""
    pinned, ids = libraries(copy.state), ids_of(everything["studies"])
    runs = {ids[place.study, place.label, place.seed] for place in asked.places}
    installed = {n: v for run in runs for n, v in everything["libraries"][run].items()}
    if others := other_libraries(pinned, installed):
        raise LabbookError(
            f"{LOCKS[0]} of {copy.state.name} names other libraries than those installed: "
            f"{', '.join(others)}. Runs follow from them, so their bits cannot be promised here. "
            f"Install what {' and '.join(LOCKS)} of the commit pin into an environment of their "
            'own, and run the same command with its Python: docs/certificate.md, "Other '
            'libraries", has the five lines.'
        )


def other_libraries(pinned: Mapping[str, str], installed: Mapping[str, str]) -> list[str]:
    """Libraries that a lock pins to another version than the one installed, in words."""
    return [
        f"{name} {pinned[name]} (installed: {version})"
        for name, version in sorted(installed.items())
        if pinned.get(name, version) != version
    ]


def _groups(places: Sequence[Place]) -> dict[str, list[Place]]:
    """Places by combination, under the name of the small study that asks for them."""
    groups: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        groups.setdefault((place.study, place.label), []).append(place)
    return {f"again-{number}": group for number, group in enumerate(groups.values())}


def _small_studies(
    copy: Copy, places: Sequence[Place], studies: Mapping[str, Any]
) -> dict[str, Any]:
    """A study for each combination: its recipe, its settings and the seeds wanted; no claims."""
    small = {}
    for name, wanted in _groups(places).items():
        study = wanted[0].study
        block = copy.document["studies"][study]
        kept = {key: block[key] for key in ("question", "recipe", "set") if block.get(key)}
        settings = studies[study]["combinations"][wanted[0].label]
        small[name] = kept | {"vary": [settings], "seeds": [place.seed for place in wanted]}
    return small


def _compared(copy: Copy, place: Place, run: str) -> Recreated:
    made = run_path(copy.folder / RUNS, run)
    path = run_path(RUNS, place.recorded)
    recorded = None
    try:
        content = copy.recorded(path.as_posix())
    except NotInCacheError:
        same = copy.state.files[path.as_posix()] == md5(made.read_bytes())
        comparison = Comparison(
            IDENTICAL if same else DIFFERENT,
            note="by its sum alone: the recorded file is not in DVC's cache, or damaged there",
        )
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
            comparison = Comparison(
                DIFFERENT, note="the recorded file is damaged: see `labbook verify`"
            )
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


def _keep(copy: Copy, runs: Sequence[Recreated], champion: str | None, output: Path) -> None:
    for run in runs:
        content = run_path(copy.folder / RUNS, run.run).read_bytes()
        write_bytes(run_path(output, run.run), content)
    if champion is not None:
        for path in (copy.folder / "results" / champion / "champion").iterdir():
            write_bytes(output / "champion" / path.name, path.read_bytes())
