"""A copy of a project's code in a temporary folder: what is run there leaves the project alone."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from labbook.certificate import inventory
from labbook.data.own_files import members
from labbook.errors import LabbookError
from labbook.files import write_bytes, write_text
from labbook.history import git as commits
from labbook.history.state import State, Workspace
from labbook.identity.code import ROOT
from labbook.params.load import VARIABLE, params_path
from labbook.params.source import read_source
from labbook.paths import EDITION, RAW, is_inside, leads_outside, lies_in
from labbook.provenance.dvc_records import NotInCacheError, md5

MIRROR = "LABBOOK_MIRROR"
JOBS = """\
import sys
from labbook.cli import main
for node in sys.argv[1:]:
    if main(["job", node]):
        sys.exit(f"{node}: not done.")
"""
UP_TO_RUNS = ("prepare", "select", "train")  # the kinds of jobs that make runs from raw data


@dataclass
class Copy:
    """A folder with the code of `state`. `document` is params.yaml in whole, and `own` has the
    paths of each data set's files that are the user's own.
    """

    folder: Path
    state: State
    document: Mapping[str, Any]
    own: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def write_params(self, document: Mapping[str, Any]) -> None:
        """Let the copy ask for this and nothing else. The order stays: labels follow from it."""
        write_text(self.folder / "params.yaml", json.dumps(document, indent=1))

    def inventory(self) -> dict[str, Any]:
        """What the copy asks for, as its own code sees it. Raises `LabbookError`."""
        text = Path(inventory.__file__).read_text(encoding="utf-8")
        ran = self._run("-c", text, capture_output=True)
        if ran.returncode:
            lines = ran.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
            raise LabbookError(
                f"{self.state.name}: its code cannot tell what it asks for: {lines[-1]} "
                "Check out that commit and run `labbook check` there."
            )
        return dict(json.loads(ran.stdout))

    def ask(self) -> dict[str, Any]:
        """The inventory of all that params.yaml asks for, with the editions that were recorded."""
        for path in self.state.files:
            if path.startswith(f"{RAW}/") and path.endswith(EDITION):
                self.put(path)  # run ids follow from it
        everything = self.inventory()
        self.own = everything["paths"]
        return everything

    def jobs(self, nodes: Iterable[str], *kinds: str) -> None:
        """Make those of the nodes that are of these kinds; upstream ones come first.

        One process does all jobs; what they say goes to standard error. Raises `LabbookError`.
        """
        wanted = [node for node in nodes if node.partition("/")[0] in kinds]
        if wanted and self._run("-c", JOBS, *wanted, stdout=sys.stderr).returncode:
            raise LabbookError(
                f"{self.state.name} could not be made again; the message of its job is above."
            )

    def recorded(self, path: str) -> bytes | None:
        """A recorded file of data or results: of this folder if the same, else from the cache.

        None where the state has none. Raises `NotInCacheError` where it is not here, or damaged.
        """
        if isinstance(self.state, Workspace) or path not in self.state.files:
            return self.state.read(path)
        total, file = self.state.files[path], Path(path)
        if file.is_file() and md5(file.read_bytes()) == total:
            return file.read_bytes()
        content = self.state.read(path)
        if content is None or md5(content) != total:
            raise NotInCacheError(f"{path} of {self.state.name} is damaged in DVC's cache.")
        return content

    def put(self, path: str) -> bool:
        """Put a recorded file of data or results in its place; False where it cannot be had."""
        try:
            content = self.recorded(path)
        except NotInCacheError:
            return False
        if content is not None:
            self._write(path, content)
        return content is not None

    def put_own(self, path: str) -> None:
        """Put a file or folder of one's own there; a commit's copy has it already."""
        if not isinstance(self.state, Workspace) or leads_outside(Path(path)):
            return
        if Path(path).is_file():
            self._write(path, Path(path).read_bytes())
        elif Path(path).is_dir():
            for name, file in members(Path(path)).items():
                self._write(f"{path}/{name}", file.read_bytes())

    def _write(self, path: str, content: bytes) -> None:
        if not lies_in(self.folder / path, self.folder):
            raise LabbookError(
                f"{path} of {self.state.name}: leads out of the copy's folder; nothing was written."
            )
        write_bytes(self.folder / path, content)

    def _run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
        environment = kept | {"PYTHONPATH": str(self.folder / "src")}
        mirror = kept.get(MIRROR)
        if mirror and "://" not in mirror:
            environment[MIRROR] = str(Path(mirror).expanduser().absolute())
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            check=False,
            stdin=subprocess.DEVNULL,
            **options,
        )


@contextmanager
def copy_of(state: State) -> Iterator[Copy]:
    """A copy of the workspace or of a commit, which is removed at the end, come what may."""
    with _ended_by_signals(), tempfile.TemporaryDirectory(prefix="labbook-") as name:
        folder = Path(name, "project").resolve()
        folder.mkdir()
        path = params_path()
        if isinstance(state, Workspace):
            shutil.copytree(
                ROOT, folder / "src/labbook", ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            _unpack(state, folder)
            path = folder / path
        copy = Copy(folder, state, read_source(path).document)
        copy.write_params(copy.document)
        yield copy


def _unpack(state: State, folder: Path) -> None:
    """Put a commit's files into a folder. Nothing is checked out, so git has nothing to forget.

    But for links that lead out of the folder: what is put there later would follow them.
    """
    with tarfile.open(fileobj=io.BytesIO(commits.archive(state.commit))) as archive:
        if hasattr(tarfile, "data_filter"):  # since Python 3.11.4
            archive.extraction_filter = _without_ways_out
            archive.extractall(folder)
        else:
            members = [member for member in archive if member.isdir() or member.isfile()]
            inside = [member for member in members if is_inside(member.name.rstrip("/"))]
            archive.extractall(folder, inside)


def _without_ways_out(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does: what is temporary is removed."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
