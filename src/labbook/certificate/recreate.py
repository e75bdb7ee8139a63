"""Makes recorded runs again, from the data on, in a temporary copy, and compares their bits."""

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labbook.certificate.check import Check
from labbook.certificate.compare import DIFFERENT, IDENTICAL
from labbook.certificate.copies import UP_TO_RUNS, Copy, copy_of
from labbook.certificate.places import Place, find, ids_of, places_of
from labbook.certificate.remake import Recreated, remake
from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.history.outcome import LOCKS, libraries
from labbook.history.state import State, Workspace
from labbook.identity.code import digest
from labbook.paths import RUNS
from labbook.provenance.dvc_records import NotInCacheError, md5
from labbook.training.runfile import run_path


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
            ids = ids_of(studies)
            runs = {ids[place.study, place.label, place.seed] for place in asked.places}
            installed = {n: v for run in runs for n, v in everything["libraries"][run].items()}
            refuse_other_libraries(state.name, libraries(state), installed)
        recreated = remake(copy, asked.places, studies)
        champion: dict[str, str] = {}
        note = ""
        if asked.champion is not None:
            made = {run.run for run in recreated}
            note = _evaluate_again(copy, asked.champion, made, studies)
            champion = {} if note else _compare_champion(copy, asked.champion)
        if output is not None:
            _keep(copy, recreated, asked.champion if champion else None, output)
    return Outcome(tuple(recreated), champion, note)


def refuse_other_libraries(
    commit: str, pinned: Mapping[str, str], installed: Mapping[str, str]
) -> None:
    """Raise `LabbookError` where runs follow from libraries that the commit pins otherwise."""
    others = [
        f"{name} {pinned[name]} (installed: {version})"
        for name, version in sorted(installed.items())
        if pinned.get(name, version) != version
    ]
    if others:
        raise LabbookError(
            f"{LOCKS[0]} of {commit} names other libraries than those installed: "
            f"{', '.join(others)}. Runs follow from them, so their bits cannot be promised here. "
            f"Install what {' and '.join(LOCKS)} of the commit pin into an environment of their "
            'own, and run the same command with its Python: docs/certificate.md, "Other '
            'libraries", has the five lines.'
        )


def _evaluate_again(copy: Copy, study: str, made: set[str], studies: Mapping[str, Any]) -> str:
    """Evaluate a study again, with the runs `made` again and the others as recorded.

    Returns why that could not be done, or nothing.
    """
    ids = ids_of(studies)
    for place in places_of(study, studies, copy.state):
        if place.recorded != ids[study, place.label, place.seed]:
            return "its study was made by other code or libraries, so only its run was made again"
        path = run_path(RUNS, place.recorded)
        if place.recorded not in made and not copy.put(path.as_posix()):
            return f"{path} is not here, so only its run was made again, and not its evaluation"
    name = studies[study]["asked"]
    copy.write_params({**copy.document, "studies": {name: copy.document["studies"][name]}})
    needed = _upstream(f"evaluate/{study}", copy.inventory()["upstream"])
    copy.jobs(needed, *UP_TO_RUNS, "rivals", "evaluate")
    return ""


def _upstream(node: str, upstream: Mapping[str, Sequence[str]]) -> list[str]:
    """A node and all that it follows from, in the order in which they can be made."""
    needed = {node}
    for name in reversed(list(upstream)):  # those upstream come first
        if name in needed:
            needed.update(upstream[name])
    return [name for name in upstream if name in needed]


def _compare_champion(copy: Copy, study: str) -> dict[str, str]:
    """How each file of a champion compares with the recorded one."""
    folder = f"results/{study}/champion/"
    names = {path.name for path in (copy.folder / folder).iterdir()}
    # Other files in its folder are the user's own; its comparison tells of a damaged list.
    with suppress(NotInCacheError, AttributeError, TypeError):
        names |= set(copy.state.json(f"{folder}champion.json").get("sums", {}))

    def is_same(path: str) -> bool:
        """Whether a file was made again to the same bytes."""
        made, total = copy.folder / path, copy.state.files.get(path)
        if total is None or not made.exists():
            return False
        if isinstance(copy.state, Workspace):
            return made.read_bytes() == copy.state.read(path)
        return md5(made.read_bytes()) == total

    return {name: IDENTICAL if is_same(folder + name) else DIFFERENT for name in sorted(names)}


def _keep(copy: Copy, runs: Sequence[Recreated], champion: str | None, output: Path) -> None:
    for run in runs:
        content = run_path(copy.folder / RUNS, run.run).read_bytes()
        write_bytes(run_path(output, run.run), content)
    if champion is not None:
        for path in (copy.folder / "results" / champion / "champion").iterdir():
            write_bytes(output / "champion" / path.name, path.read_bytes())


def seed_of(check: Check) -> int:
    """A seed that follows from all files: equal results, equal draws, and nobody chooses them."""
    return int(digest(sorted((path.as_posix(), s) for path, s in check.sums.items()))[:8], 16)


def draw(check: Check, count: int, seed: int) -> list[Place]:
    """`count` different runs of the packs that are whole (all, where there are fewer).

    Raises `LabbookError` where there is none.
    """
    whole = {path for node in check.whole for path in node.extras}
    graph = check.graph
    studies = {} if graph is None else {name: graph.study(name) for name in graph.plan.studies}
    places: dict[str, Place] = {}
    for name, study in studies.items():
        for (label, number), run in study.runs.items():
            if run_path(RUNS, run) in whole:
                places.setdefault(run, Place(name, label, number, run))
    if not places:
        raise LabbookError("No whole run is here that could be made again: run snakemake first.")
    ids = sorted(places)
    return [places[run] for run in random.Random(seed).sample(ids, min(count, len(ids)))]


def recreate_sample(places: Sequence[Place]) -> list[Recreated]:
    """Make these runs of the workspace again, in a temporary folder, and compare them."""
    with copy_of(Workspace()) as copy:
        studies = copy.ask()["studies"]
        return remake(copy, places, studies)
