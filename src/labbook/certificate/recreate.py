"""Makes recorded runs again, from the data on, in a temporary copy, and compares their bits.

A run's id follows from its data, its recipe, its seed, its engine's code and libraries, and not
from its study. So the copy is asked for one small study for each combination wanted and for
nothing else, and each of its jobs is the copy's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labbook.certificate.compare import DIFFERENT, IDENTICAL, Comparison, compare_runs
from labbook.certificate.copies import Copy, copy_of
from labbook.certificate.environment import LOCK, others, python_of
from labbook.certificate.lock import md5
from labbook.certificate.places import Asked, Place, find, places_of
from labbook.data.edition import EDITION
from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.graph import RUNS
from labbook.history.state import State, Workspace
from labbook.recorded import RAW, NotInCacheError
from labbook.runs import RunRecord, read_run, run_path

UP_TO_RUNS = ("prepare", "select", "train")


@dataclass(frozen=True)
class Recreated:
    """A run made again: its place, its id now, how it compares, and both records' metrics."""

    place: Place
    run: str
    comparison: Comparison
    made: RunRecord
    recorded: RunRecord | None


@dataclass(frozen=True)
class Outcome:
    """All that was made again; `champion` says of each file of a champion how it compares."""

    runs: tuple[Recreated, ...]
    champion: Mapping[str, str]
    note: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything is another than what was recorded."""
        outcomes = [run.comparison.outcome for run in self.runs]
        return DIFFERENT in outcomes or DIFFERENT in self.champion.values()


def recreate(
    what: str,
    state: State,
    *,
    seeds: Sequence[int] = (),
    output: Path | None = None,
    environment: bool = False,
) -> Outcome:
    """Make again what `what` means in `state`; see `places.find`. Keeps the files in `output`.

    Raises `LabbookError` where it cannot be made, and where other libraries are installed than the
    commit asks for, unless `environment` allows to install them beside.
    """
    if output is not None and output.exists() and any(output.iterdir()):
        raise LabbookError(f"{output}: is not empty; name a new folder for --output.")
    with copy_of(state) as copy:
        asked, studies = _ask(copy, what, seeds, environment)
        runs = tuple(remake(copy, asked.places, studies))
        champion, note = _champion(copy, asked, runs, studies) if asked.champion else ({}, "")
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
    put = [_put_raw(copy, name, *asked["nodes"][f"download/{name}"]) for name in datasets]
    if not all(put):
        asked = copy.inventory()  # run ids follow from the editions
    copy.jobs(asked["nodes"], *UP_TO_RUNS)
    made = asked["studies"]
    for name, wanted in _groups(places).items():
        ids = {seed: run for _, seed, run in made[name]["runs"]}
        for place in wanted:
            yield _compared(copy, place, ids[place.seed])


def _ask(
    copy: Copy, what: str, seeds: Sequence[int], environment: bool
) -> tuple[Asked, Mapping[str, Any]]:
    """What is meant, and the studies of the copy; `copy.python` is then one that suits it."""
    everything = copy.ask()
    asked = find(what, everything["studies"], copy.state, seeds)
    committed = not isinstance(copy.state, Workspace)
    if committed and _choose_python(copy, asked, everything, environment):
        everything = copy.ask()
        asked = find(what, everything["studies"], copy.state, seeds)
    return asked, everything["studies"]


def _choose_python(copy: Copy, asked: Asked, everything: Mapping[str, Any], install: bool) -> bool:
    """Whether another Python has to run the copy, with the libraries of its lock file."""
    lock = (copy.state.read(LOCK) or b"").decode()
    ids = _ids(everything["studies"])
    wanted = {ids[place.study, place.label, place.seed] for place in asked.places}
    libraries = {n: v for run in wanted for n, v in everything["libraries"][run].items()}
    found = others(lock, libraries)
    if not found:
        return False
    if not install:
        raise LabbookError(
            f"{LOCK} of {copy.state.name} names other libraries than those installed: "
            f"{', '.join(found)}. Runs follow from them, so their bits cannot be promised here. "
            "--environment installs those of the commit beside, into .labbook/environments, and "
            "makes the runs with them."
        )
    copy.python = python_of(lock)
    return True


def _ids(studies: Mapping[str, Any]) -> dict[tuple[str, str, int], str]:
    return {
        (study, label, seed): run
        for study, about in studies.items()
        for label, seed, run in about["runs"]
    }


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


def _put_raw(copy: Copy, dataset: str, key: str, key_file: str) -> bool:
    """Put a data set's raw files there as they were recorded; else download the same edition.

    Returns whether nothing had to be downloaded. Raises `LabbookError` for another edition.
    """
    folder = f"{RAW}/{dataset}/"
    recorded = [path for path in copy.state.files if path.startswith(folder)]
    edition = copy.folder / folder / EDITION
    there = [copy.put(path) for path in recorded]
    before = edition.read_bytes() if edition.exists() else None
    path = copy.folder / key_file
    if recorded and all(there) and path.exists() and path.read_text().splitlines()[0] == key:
        return True
    copy.put_table(copy.tables.get(dataset))
    copy.job(f"download/{dataset}")
    if before is not None and edition.read_bytes() != before:
        raise LabbookError(
            f"{dataset}: {copy.state.name} was made from another edition of the data than can be "
            f"had now, and its raw files are not in DVC's cache. `dvc fetch --all-commits` may get "
            "them; `labbook data` tells of editions."
        )
    return False


def _compared(copy: Copy, place: Place, run: str) -> Recreated:
    made = run_path(copy.folder / RUNS, run)
    path = run_path(RUNS, place.recorded).as_posix()
    recorded = None
    try:
        content = copy.recorded(path)
    except NotInCacheError:
        same = copy.state.files[path] == md5(made.read_bytes())
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
        recorded = _read(kept)
    return Recreated(place, run, comparison, read_run(made), recorded)


def _read(path: Path) -> RunRecord | None:
    try:
        return read_run(path)
    except LabbookError:
        return None


def _champion(
    copy: Copy, asked: Asked, runs: Sequence[Recreated], studies: Mapping[str, Any]
) -> tuple[dict[str, str], str]:
    """Evaluate the champion's study again, with its run made again and the others as recorded."""
    study = str(asked.champion)
    ids = _ids(studies)
    places = places_of(study, studies, copy.state)
    made_again = {run.run for run in runs}
    for place in places:
        if place.recorded != ids[study, place.label, place.seed]:
            return (
                {},
                "its study was made by other code or libraries, so only its run was made again",
            )
        path = run_path(RUNS, place.recorded)
        if place.recorded not in made_again and not copy.put(path.as_posix()):
            return {}, f"{path} is not here, so only its run was made again, and not its evaluation"
    document = dict(copy.document)
    document["studies"] = {study: copy.document["studies"][study]}
    copy.write_params(document)
    copy.jobs(copy.inventory()["nodes"], *UP_TO_RUNS, "evaluate")
    folder = f"results/{study}/champion/"
    made = {path.name for path in (copy.folder / folder).iterdir()}
    recorded = {Path(path).name for path in copy.state.files if path.startswith(folder)}
    return {name: _same(copy, folder + name) for name in sorted(made | recorded)}, ""


def _same(copy: Copy, path: str) -> str:
    made, total = copy.folder / path, copy.state.files.get(path)
    if total is None or not made.exists():
        return DIFFERENT
    same = (
        made.read_bytes() == copy.state.read(path)
        if isinstance(copy.state, Workspace)
        else md5(made.read_bytes()) == total
    )
    return IDENTICAL if same else DIFFERENT


def _keep(copy: Copy, runs: Sequence[Recreated], champion: str | None, output: Path) -> None:
    for run in runs:
        content = run_path(copy.folder / RUNS, run.run).read_bytes()
        write_bytes(run_path(output, run.run), content)
    if champion is not None:
        for path in (copy.folder / "results" / champion / "champion").iterdir():
            write_bytes(output / "champion" / path.name, path.read_bytes())
