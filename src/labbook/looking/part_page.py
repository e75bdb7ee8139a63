"""The page of the studies that are finished, while others lack: results/report.html, in part.

It has no key file, so to Snakemake, DVC and `labbook verify` there is no report as long as it is
there, and a later job writes the whole one in its place.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from labbook.errors import LabbookError
from labbook.evaluate.all_claims import write_claims
from labbook.evaluate.datasets_table import write_over_datasets
from labbook.files import guarded, read_bytes, remove, write_bytes
from labbook.looking.missing import missing_studies, missing_tunings
from labbook.looking.state import State
from labbook.looking.tunings import tuning_states
from labbook.paths import RESULTS
from labbook.plan.plan import Question
from labbook.provenance.checksums import read_key_file, remember
from labbook.provenance.locks import turn_if_free
from labbook.provenance.nodes_of_tunings import step_files
from labbook.provenance.ownership import replace_own_alone
from labbook.report.missing import MissingStudy
from labbook.report.page.page import write_report

REPORT = "report"  # the job whose page it is


class NothingFinishedError(LabbookError):
    """No study is finished, so a page would show nothing."""


@dataclass(frozen=True)
class Part:
    """A page of what there is: of which studies, and what it lacks."""

    page: bytes
    studies: list[str]
    missing: list[MissingStudy]


def part_of(state: State) -> Part:
    """The page of the studies that are finished. Raises `NothingFinishedError`."""
    if not state.finished:
        raise NothingFinishedError(
            "No study is finished yet, so there is nothing for a page to show: `labbook show` says "
            "how far each is."
        )
    missing = missing_studies(state) + missing_tunings(tuning_states(state).values())
    with TemporaryDirectory(prefix="labbook-") as place:
        folder = Path(place)
        tables = _tables(state, folder)
        folders = [RESULTS / name for name in state.finished]
        asked, out = state.graph.plan.params.report, folder / "report.html"
        write_report(
            asked.title, folders, out, folder / "metrics.json", *tables,
            missing=missing, language=asked.language,
            tunings={name: step_files(state.graph.plan.tunings[name]) for name in state.tunings},
        )  # fmt: skip
        return Part(read_bytes(out), state.finished, missing)


def _tables(state: State, folder: Path) -> tuple[Path, Path]:
    """The tables of all claims of what is finished, written into a folder; what fails is empty."""
    claims, over_datasets = folder / "claims.csv", folder / "datasets.csv"
    folders = {name: RESULTS / name for name in state.finished}
    with suppress(LabbookError):  # then it is among what lacks
        write_claims(list(folders.values()), claims)
        write_over_datasets(_whole(state.graph.plan.questions, folders), folders, over_datasets)
    return claims, over_datasets


def _whole(questions: Sequence[Question], folders: Mapping[str, Path]) -> list[Question]:
    """The questions of several data sets of which every study is finished."""
    return [q for q in questions if all(study in folders for study in q.studies.values())]


def write_part(*, ended: bool = False) -> Part | None:
    """Write the page of what there is to results/report.html; None where the whole one is there.

    `ended`: the work has ended, so nothing is in the making. Raises `NothingFinishedError`, and
    `BusyError` while the whole page is being written.
    """
    state = State(ended=ended)
    if state.whole:
        return None
    part, node = part_of(state), state.graph.node(REPORT)
    with turn_if_free(REPORT):
        recorded = read_key_file(node.key_file)
        if recorded.key == node.key and not ended:
            return None  # it was made meanwhile
        remember(recorded.sums)  # of a clone: the page that lies there is labbook's own
        if recorded.key is not None:
            remove(node.key_file)
        with guarded(replace_own_alone):
            write_bytes(node.outputs[0], part.page)
    return part
