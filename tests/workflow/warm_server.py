"""A server that forks for each Python program that is asked for: see warm.py.

It has loaded the libraries but nothing of labbook: each program has the code of its own folder, so
that edits of it count. Where the folder's code is sure to answer, another server, forked from the
first, has imported what every job needs of it. What was edited since is imported anew.
"""

import atexit
import gc
import importlib
import marshal
import os
import random
import runpy
import select
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pydantic

LIBRARIES = """
configobj dvc.api dvc.cli.parser dvc.cachemgr dvc.commands.repro dvc.data_cloud dvc.dirs
dvc.repo.artifacts dvc.repo.datasets dvc.repo.index dvc.repo.open_repo dvc.repo.plots
dvc.repo.reproduce dvc.repo.stage dvc_data.index.checkout dvc_render dulwich.ignore dulwich.index
dulwich.line_ending dulwich.patch filelock fsspec.implementations.memory jinja2 llvmlite.binding
matplotlib.backends.backend_agg matplotlib.backends.backend_svg matplotlib.figure matplotlib.style
networkx numpy pandas PIL.JpegImagePlugin PIL.PngImagePlugin psutil pyarrow.pandas_compat
pydantic.dataclasses pydantic.functional_serializers pygit2 ruamel.yaml safetensors.numpy
scipy.stats sklearn.feature_selection smart_open snakemake.cli snakemake.profiles
snakemake.report.html_reporter snakemake.storage snakemake_executor_plugin_cluster_generic
snakemake_executor_plugin_slurm statistics statsmodels.stats.multitest statsmodels.stats.power
statsmodels.stats.proportion
"""
EVERY_JOB = ("labbook.cli", "labbook.commands.job", "labbook.running.jobs")  # imports these
LIBRARY_PATH = list(sys.path)
FOLDERS = 4  # whose code is kept loaded


Place = tuple[str, ...]


class Request(NamedTuple):
    """A program that somebody waits for at the other end of `connection`."""

    connection: socket.socket
    sent: bytes
    streams: list[int]

    @property
    def place(self) -> Place | None:
        """Folder and settings, where it is the folder's code that answers; else None."""
        _, folder, environment, *_ = marshal.loads(self.sent)
        first = Path(folder, environment.get("PYTHONPATH", "").partition(os.pathsep)[0])
        if first != Path(folder, "src") or not first.is_dir():
            return None
        ours = {k: v for k, v in environment.items() if k.startswith(("LABBOOK_", "PYTHON"))}
        return folder, *(f"{name}={ours[name]}" for name in sorted(ours))

    def close(self) -> None:
        """Leave it to another process."""
        self.connection.close()
        for stream in self.streams:
            os.close(stream)


class Server:
    """Forks for each request that comes by `source`, until that or standard input ends."""

    def __init__(self, source: socket.socket, python: str) -> None:
        self.source = source
        self.python = python
        self.code: dict[str, tuple[int, int]] = {}  # labbook's loaded files and their marks
        self.is_first = bool(source.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        self.waiting: dict[int, socket.socket] = {}  # for the end of a process, by its descriptor
        self.others: dict[Place, socket.socket] = {}  # servers with the code of a folder

    def serve(self) -> None:
        is_open = True
        while is_open or self.waiting:
            sources = [self.source, sys.stdin] if is_open else []
            ready = select.select([*sources, *self.waiting], [], [])[0]
            for end in self.waiting.keys() & set(ready):
                _tell(end, self.waiting.pop(end))
            if sys.stdin in ready:
                return
            if self.source in ready:
                request = self._take()
                is_open = self.is_first or request is not None
                if request is not None:
                    self._hand_on(request)
                    request.close()

    def _take(self) -> Request | None:
        """What is asked for; None where who asked is gone."""
        if self.is_first:
            connection, _ = self.source.accept()
            sent, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
        else:
            sent, streams, _, _ = socket.recv_fds(self.source, 1 << 20, 4)
            connection = socket.socket(fileno=streams.pop()) if streams else self.source
        return Request(connection, sent, streams) if sent else None

    def _hand_on(self, request: Request) -> None:
        """To a server with the code of the folder, or to a new process."""
        place = request.place if self.is_first else None
        if place is not None:
            passed = [*request.streams, request.connection.fileno()]
            try:
                socket.send_fds(self._other(place, request), [request.sent], passed)
                return
            except OSError:  # that server is gone
                self.others.pop(place).close()
        process = os.fork()
        if process == 0:
            self._let_go()
            _answer(request, self.python, self.code)
        self.waiting[os.pidfd_open(process)] = request.connection.dup()

    def _other(self, place: Place, request: Request) -> socket.socket:
        """The way to a server that has loaded a folder's code; the oldest may make room for it."""
        if place not in self.others:
            if len(self.others) == FOLDERS:
                self.others.pop(next(iter(self.others))).close()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if os.fork() == 0:
                ours.close()
                self._let_go()
                _serve_folder(theirs, request, self.python)
            theirs.close()
            self.others[place] = ours
        return self.others[place]

    def _let_go(self) -> None:
        """Close in a new process what is not its own."""
        for end in self.waiting:
            os.close(end)
        for one in (self.source, *self.waiting.values(), *self.others.values()):
            one.close()


def serve(address: str, python: str) -> None:
    """Load the libraries, and serve."""
    for name in LIBRARIES.split():
        importlib.import_module(name)
    pydantic.create_model("First", number=(int, 1))  # looks for plugins among all libraries
    assert not _labbook()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(address)
    listener.listen(100)
    print("ready", flush=True)
    Server(listener, python).serve()


def _serve_folder(source: socket.socket, request: Request, python: str) -> NoReturn:
    """Load what every job needs of the code of the request's folder, and serve programs there."""
    try:
        _become(request)
        request.close()
        server = Server(source, python)
        server.code = _load()
        server.serve()
    except BaseException:  # also of a program that could not begin
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _labbook() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "labbook"]


def _load() -> dict[str, tuple[int, int]]:
    """Import what every job needs of a folder's code; its files. Broken code is left to programs."""
    try:
        for name in EVERY_JOB:
            importlib.import_module(name)
    except BaseException:
        _forget()
    gc.freeze()
    files = (getattr(sys.modules[name], "__file__", None) for name in _labbook())
    return {path: _mark(path) for path in files if path}


def _forget() -> None:
    for name in _labbook():
        del sys.modules[name]


def _mark(path: str) -> tuple[int, int]:
    """What Python goes by, too, where it has compiled a file before."""
    try:
        found = Path(path).stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _tell(end: int, connection: socket.socket) -> None:
    """The exit code of a process that has ended, to who asked for it and may be gone."""
    ended = os.waitid(os.P_PIDFD, end, os.WEXITED)
    os.close(end)
    with suppress(OSError), connection:
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        connection.send(str(code % 256).encode())


def _become(request: Request) -> list[str]:
    """Take over folder, environment and streams of a program; its words."""
    words, folder, environment, umask, _ = marshal.loads(request.sent)
    os.chdir(folder)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    above = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [folder, *map(os.path.abspath, above), *LIBRARY_PATH]
    if any(Path(path, "sitecustomize.py").exists() for path in above):  # Python imports it first
        importlib.import_module("sitecustomize")
    return words


def _join(request: Request) -> None:
    """Be in the process group of who asks, or alone where that is of another session.

    Who is gone by then has got a signal that this process has not: end, too.
    """
    try:
        os.setpgid(0, marshal.loads(request.sent)[-1])
    except OSError:
        os.setsid()
    with suppress(BlockingIOError):
        if not request.connection.recv(1, socket.MSG_DONTWAIT):
            os._exit(1)


def _answer(request: Request, python: str, code: dict[str, tuple[int, int]]) -> NoReturn:
    """Run in this process the program that is asked for, and end it, whatever is raised."""
    ended = 120  # as of a Python that cannot write what is left in its buffers
    try:
        _join(request)
        for number, stream in enumerate(request.streams):
            os.dup2(stream, number)
        request.close()
        words = _become(request)
        random.seed()
        if any(_mark(path) != mark for path, mark in code.items()):
            _forget()
        importlib.invalidate_caches()
        sys.executable = python
        ended = _run(words)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(ended)


def _run(words: list[str]) -> int:
    """Do what Python does with these words; the exit code."""
    code: Any = 0
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif words[0] == "-c":
            sys.argv = ["-c", *words[2:]]
            exec(words[1], {"__name__": "__main__"})
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as ended:
        code = ended.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0


if __name__ == "__main__":
    serve(*sys.argv[1:])
